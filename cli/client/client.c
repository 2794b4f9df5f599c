/* SPDX-License-Identifier: BSD-2-Clause */

#include "exchange.h"

#include "rate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	SENDS = 4,
	BABBLE_MS = 3000,
	AGAIN_MS = 3000, /* that a unit that has gone may stay away */
};

int
random_bytes(uint8_t *buf, size_t len, struct failure *failure)
{
	if (getrandom(buf, len, 0) != (ssize_t)len)
		return fail(failure, E_INTERNAL, "no random bytes to be had");

	return E_OK;
}

static bool
hex_equal(const char *hex, const struct octets *octets)
{
	if (strlen(hex) != 2 * (size_t)octets->len)
		return false;
	for (size_t i = 0; i < octets->len; i++) {
		char want[3];

		snprintf(want, sizeof(want), "%02x", octets->at[i]);
		if (tolower((unsigned char)hex[2 * i]) != want[0] ||
		    tolower((unsigned char)hex[2 * i + 1]) != want[1])
			return false;
	}

	return true;
}

bool
unit_is(const struct hello_answer *unit, const char *name)
{
	const size_t len = sizeof(HARDWARE_PREFIX) - 1;

	if (strncmp(name, HARDWARE_PREFIX, len) == 0 &&
	    hex_equal(name + len, &unit->hardware_id))
		return true;

	return HAS(unit, HELLO_ANSWER_SERIAL) &&
	    strcmp(name, unit->serial) == 0;
}

static int
unit_check(const struct client *client, struct failure *failure)
{
	const struct hello_answer *answer = &client->answer;
	const char *unit = client->unit;
	char name[UNIT_NAME_LEN];

	if (unit[0] == '\0' || unit_is(answer, unit))
		return E_OK;

	return fail(failure, E_WRONG_UNIT, "%s is on %s, not %s",
	    unit_name(name, answer), client->link->port, unit);
}

/*
 * Bytes that are no frames, to the last time that it was asked: another device,
 * or another speed.  Bytes only to the first are an answer that broke off.
 */
static int
hello_silence(
    const struct client *client, uint32_t good, struct failure *failure)
{
	if (client->known || client->heard == client->heard_at_send ||
	    client->rx.good != good)
		return fail(failure, E_NO_ANSWER, "%s: no collar answers",
		    client->link->port);

	return fail(failure, E_PROTOCOL,
	    "%s: what comes from there is not a collar's", client->link->port);
}

static int
hello_check(const struct client *client, const struct hello_answer *answer,
    struct failure *failure)
{
	if (HAS(answer, HELLO_ANSWER_SERIAL) &&
	    field_check(message_field(&msg_hello_answer, HELLO_ANSWER_SERIAL),
		answer) != E_OK)
		return fail(failure, E_PROTOCOL,
		    "%s: the serial number is not of its form",
		    client->link->port);
	if (answer->version < PROTOCOL_VERSION_MIN ||
	    answer->version > PROTOCOL_VERSION_MAX)
		return fail(failure, E_VERSION,
		    "the collar speaks version %d of the protocol, collarctl "
		    "%d to %d",
		    answer->version, PROTOCOL_VERSION_MIN,
		    PROTOCOL_VERSION_MAX);
	if (client->known &&
	    (answer->hardware_id.len != client->answer.hardware_id.len ||
		memcmp(answer->hardware_id.at, client->answer.hardware_id.at,
		    answer->hardware_id.len) != 0))
		return fail(failure, E_WRONG_UNIT,
		    "%s: another unit is there now", client->link->port);

	return E_OK;
}

static bool
is_answer_to(const struct hello *hello, const struct hello_answer *answer)
{
	return answer->nonce.len == NONCE_LEN &&
	    memcmp(answer->nonce.at, hello->nonce.at, NONCE_LEN) == 0;
}

/* Asks until the answer is to this hello, and not to somebody else's. */
static int
hello_ask(struct client *client, const struct hello *hello, unsigned sends,
    struct hello_answer *answer, struct failure *failure)
{
	uint32_t good = client->rx.good;
	struct request request;
	struct envelope env;
	int err;

	err = request_make(client, &request, OP_HELLO, hello, failure);
	if (err != E_OK)
		return err;
	for (unsigned i = 0; i < SENDS; i++) {
		struct failure silence = { .err = E_OK };

		err = request_ask(client, &request, sends, &env, &silence);
		if (err == E_NO_ANSWER && !client->gone)
			return hello_silence(client, good, failure);
		if (err != E_OK) {
			*failure = silence;
			return err;
		}
		err = response_read(request.op, &env, answer, failure);
		if (err != E_OK || is_answer_to(hello, answer))
			return err;
	}

	return fail(failure, E_PROTOCOL,
	    "%s: hello was answered to somebody else", client->link->port);
}

int
client_hello_once(
    struct client *client, unsigned sends, struct failure *failure)
{
	struct hello hello = { .nonce.len = NONCE_LEN,
		.version_min = PROTOCOL_VERSION_MIN,
		.version_max = PROTOCOL_VERSION_MAX,
		.receive_max = PAYLOAD_TO_HOST_MAX };
	struct hello_answer answer = { .has = 0 };
	int err;

	HAVE(&hello, HELLO_NONCE);
	HAVE(&hello, HELLO_VERSION_MIN);
	HAVE(&hello, HELLO_VERSION_MAX);
	HAVE(&hello, HELLO_RECEIVE_MAX);
	err = random_bytes(hello.nonce.at, NONCE_LEN, failure);
	if (err == E_OK)
		err = hello_ask(client, &hello, sends, &answer, failure);
	if (err == E_OK)
		err = hello_check(client, &answer, failure);
	if (err != E_OK)
		return err;
	client->answer = answer;
	client->known = true;

	return E_OK;
}

int
client_hello(struct client *client, struct failure *failure)
{
	rate_fall_back(client);

	return client_hello_once(client, SENDS, failure);
}

/* May it be at another rate?  One that goes on talking is no collar, if there
 * is little time. */
static bool
is_to_find(const struct client *client, int err)
{
	return !client->gone &&
	    (err == E_NO_ANSWER || (err == E_PROTOCOL && client->find_ms == 0));
}

/* Where a rate can be raised, the last host may have left it so. */
static int
hello_first(struct client *client, struct failure *failure)
{
	struct failure silence = { .err = E_OK }, other = { .err = E_OK };
	int err;

	if (client->link->baud_top == 0)
		return client_hello(client, failure);
	err = client_hello_once(client, 1, &silence);
	if (!is_to_find(client, err)) {
		*failure = silence;
		return err;
	}
	err = rate_find(client, &other);
	if ((err == E_NO_ANSWER || err == E_PROTOCOL) && !client->gone) {
		if (client->find_ms == 0)
			return client_hello(client, failure);
		*failure = silence;
		return silence.err;
	}
	if (err != E_OK)
		*failure = other;

	return err;
}

static int
client_begin(struct client *client, struct failure *failure)
{
	uint8_t seed[4];
	int err;

	err = random_bytes(seed, sizeof(seed), failure);
	if (err != E_OK)
		return err;
	memcpy(&client->seq, seed, sizeof(seed));
	client->seq &= INT32_MAX; /* far from running out */
	err = hello_first(client, failure);
	if (err == E_OK)
		err = unit_check(client, failure);

	return err == E_OK && !client->keep_rate ? rate_raise(client, failure)
						 : err;
}

int
client_open(struct client **client, struct link *link,
    const struct client_options *options, struct failure *failure)
{
	struct client *made = calloc(1, sizeof(*made));
	int err;

	if (made == NULL) {
		link_close(&link);
		return fail(failure, E_INTERNAL, "out of memory");
	}
	made->link = link;
	made->timeout_ms = options->timeout_ms;
	made->find_ms = options->find_ms;
	made->keep_rate = options->keep_rate;
	made->babble_ms =
	    options->babble_ms > 0 ? options->babble_ms : BABBLE_MS;
	made->trace = options->trace;
	snprintf(made->unit, sizeof(made->unit), "%s",
	    options->unit == NULL ? "" : options->unit);
	snprintf(made->holder, sizeof(made->holder), "%s",
	    options->holder == NULL || options->holder[0] == '\0'
		? "unknown"
		: options->holder);
	err = client_begin(made, failure);
	if (err != E_OK) {
		client_close(&made);
		return err;
	}
	*client = made;

	return E_OK;
}

void
client_close(struct client **client)
{
	if (*client == NULL)
		return;
	rate_restore(*client);
	link_close(&(*client)->link);
	free(*client);
	*client = NULL;
}

const struct hello_answer *
client_unit(const struct client *client)
{
	return &client->answer;
}

struct link *
client_link(struct client *client)
{
	return client->link;
}

char *
unit_name(char text[UNIT_NAME_LEN], const struct hello_answer *unit)
{
	size_t n;

	if (HAS(unit, HELLO_ANSWER_SERIAL)) {
		snprintf(text, UNIT_NAME_LEN, "%s", unit->serial);
		return text;
	}
	n = (size_t)snprintf(text, UNIT_NAME_LEN, HARDWARE_PREFIX);
	for (size_t i = 0; i < unit->hardware_id.len; i++, n += 2)
		snprintf(text + n, UNIT_NAME_LEN - n, "%02x",
		    unit->hardware_id.at[i]);

	return text;
}

bool
client_is_virtual(const struct client *client)
{
	return (client->answer.capabilities & IS_VIRTUAL) != 0;
}

const uint8_t *
client_change_id(const struct client *client)
{
	return client->change_id;
}

int
client_reconnect(struct client *client)
{
	int ms = AGAIN_MS, err;

	if (!client->gone)
		return E_OK;
	err = link_again(client->link, &ms);
	if (err != E_OK)
		return err == E_INTERRUPTED ? err : E_NO_ANSWER;
	client->gone = false;
	client->input_at = client->input_len = 0;
	frame_rx_give_up(&client->rx);

	return E_OK;
}

static int
call_once(struct client *client, enum op_code op, const void *args,
    void *result, struct failure *failure)
{
	struct request request;
	struct envelope env;
	int err;

	err = request_make(client, &request, op, args, failure);
	if (err == E_OK)
		err = request_ask(client, &request, SENDS, &env, failure);
	if (err != E_OK)
		return err;
	err = response_read(request.op, &env, result, failure);
	client->untold = err != E_OK && client->changed;

	return err;
}

/*
 * A collar that has restarted keeps to the limits from before hello, and
 * refuses what does not fit them.  One that has gone behind a change is waited
 * for: what the change led to is still to be told.
 */
int
client_call(struct client *client, enum op_code op, const void *args,
    void *result, struct failure *failure)
{
	struct failure first = { .err = E_OK };
	int err = call_once(client, op, args, result, &first);

	if (err == E_NO_ANSWER && rate_fall_back(client)) {
		first = (struct failure){ .err = E_OK };
		err = call_once(client, op, args, result, &first);
	}
	if (err == E_UNSUPPORTED ||
	    (err == E_NO_ANSWER && client->gone && client->changed &&
		client_reconnect(client) == E_OK)) {
		err = client_hello(client, failure);
		return err != E_OK
		    ? err
		    : call_once(client, op, args, result, failure);
	}
	if (err != E_OK)
		*failure = first;

	return err;
}
