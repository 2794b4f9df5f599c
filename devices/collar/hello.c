/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Hello: who is there.  The unit's nonce must never come twice, or an old
 * session could be played again: it is made of the number of this start, which
 * was committed before, the number of the hello, and random bytes.
 */

#include <string.h>

#include "state.h"
#include "text.h"

enum { NONCE_SEED_LEN = 4 + 4 + NONCE_LEN };

static void
nonce_make(struct collar *collar)
{
	const struct board *board = collar->board;
	uint8_t seed[NONCE_SEED_LEN], mac[SECRET_LEN];

	collar->exchange.hellos++;
	put_le32(seed, collar->boot);
	put_le32(seed + 4, collar->exchange.hellos);
	board->ops->random(board->self, seed + 8, NONCE_LEN);
	board->ops->hmac(
	    board->self, collar->nonce_key, seed, sizeof(seed), mac);
	memcpy(collar->exchange.unit_nonce, mac, NONCE_LEN);
}

static int
refuse_version(struct collar *collar)
{
	struct error_detail *detail = &collar->detail;

	detail->version_min = PROTOCOL_VERSION_MIN;
	detail->version_max = PROTOCOL_VERSION_MAX;
	HAVE(detail, ERROR_VERSION_MIN);
	HAVE(detail, ERROR_VERSION_MAX);
	return ST_VERSION;
}

/* Takes the identity over from the record. */
static void
identity_put(const struct collar *collar, struct hello_answer *answer)
{
	const struct unit_record *record = &collar->record;

	answer->hardware_id = record->hardware_id;
	text_copy(answer->firmware_version, sizeof(answer->firmware_version),
	    record->firmware_version);
	if (HAS(record, RECORD_SERIAL)) {
		text_copy(
		    answer->serial, sizeof(answer->serial), record->serial);
		HAVE(answer, HELLO_ANSWER_SERIAL);
	}
	if (HAS(record, RECORD_MODEL)) {
		text_copy(answer->model, sizeof(answer->model), record->model);
		HAVE(answer, HELLO_ANSWER_MODEL);
	}
}

static void
answer_fill(struct collar *collar, const struct hello *hello)
{
	static const uint8_t always[] = { HELLO_ANSWER_NONCE,
		HELLO_ANSWER_UNIT_NONCE, HELLO_ANSWER_VERSION_MIN,
		HELLO_ANSWER_VERSION_MAX, HELLO_ANSWER_VERSION,
		HELLO_ANSWER_RECEIVE_MAX, HELLO_ANSWER_SEND_MAX,
		HELLO_ANSWER_KIND, HELLO_ANSWER_HARDWARE_ID,
		HELLO_ANSWER_FIRMWARE_VERSION, HELLO_ANSWER_SEALED,
		HELLO_ANSWER_CAPABILITIES };
	struct hello_answer *answer = &collar->result.hello;

	answer->nonce = hello->nonce;
	answer->unit_nonce.len = NONCE_LEN;
	memcpy(answer->unit_nonce.at, collar->exchange.unit_nonce, NONCE_LEN);
	answer->version_min = PROTOCOL_VERSION_MIN;
	answer->version_max = PROTOCOL_VERSION_MAX;
	answer->version = PROTOCOL_VERSION_MAX;
	answer->receive_max = PAYLOAD_TO_COLLAR_MAX;
	answer->send_max = PAYLOAD_TO_HOST_MAX;
	answer->kind = KIND_DER;
	answer->sealed = collar_sealed(collar);
	answer->capabilities = collar->board->capabilities;
	identity_put(collar, answer);
	for (size_t i = 0; i < nitems(always); i++)
		HAVE(answer, always[i]);
}

int
on_hello(struct collar *collar)
{
	const struct hello *hello = &collar->args.hello;

	if (hello->version_min > PROTOCOL_VERSION_MAX ||
	    hello->version_max < PROTOCOL_VERSION_MIN)
		return refuse_version(collar);
	if (!collar->request.repeated)
		nonce_make(collar);
	answer_fill(collar, hello);
	collar->exchange.receive_max = hello->receive_max;
	return ST_OK;
}
