/* SPDX-License-Identifier: BSD-2-Clause */

#include "exchange.h"

#include "../../proto/cbor.h"
#include "../../proto/civil.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	SENDS_PATIENT = 2, /* from the third on, wait twice as long */
	STATUS_MAX = 99,
	LIMIT_LEN = 48,
};

/*
 * Octets are what collars give and get back: ids of chips, logs and moves.  One
 * that its row does not allow; NULL if there is none.
 */
static const struct field *
octets_astray(const struct message *msg, const void *args)
{
	for (size_t i = 0; i < msg->count; i++) {
		const struct field *field = &msg->fields[i];

		if (field->type == FIELD_OCTETS && field_present(field, args) &&
		    field_check(field, args) != E_OK)
			return field;
	}

	return NULL;
}

int
request_make(struct client *client, struct request *request, enum op_code op,
    const void *args, struct failure *failure)
{
	struct cbor_out out =
	    cbor_writer(request->payload, sizeof(request->payload));
	size_t max =
	    client->known ? client->answer.receive_max : PAYLOAD_FIRST_MAX;
	const struct field *astray;

	request->op = op_find(op);
	astray = octets_astray(request->op->args, args);
	if (astray != NULL)
		return fail(failure, E_PROTOCOL,
		    "%s: the %s that the collar gave is not of its form",
		    request->op->name, astray->name);
	request->seq = ++client->seq;
	envelope_begin(&out, DIR_REQUEST, request->seq, op, false);
	message_encode(request->op->args, args, &out);
	request->len = cbor_len(&out, request->payload);
	if (request->len > 0 && request->len <= max)
		return E_OK;
	if (max > sizeof(request->payload))
		max = sizeof(request->payload);
	fail(failure, E_UNSUPPORTED,
	    "%s: longer than the %zu bytes that the collar takes",
	    request->op->name, max);

	return fail_hint(failure, "change fewer fields at a time");
}

/* The response to the request: 1, 0 (none in time), or as frame_receive. */
static int
request_await(struct client *client, const struct request *request, int ms,
    struct envelope *env, struct failure *failure)
{
	uint64_t end_ms = link_now_ms(client->link) + (uint64_t)ms +
	    (uint64_t)client->babble_ms;
	int err;

	while ((err = frame_receive(client, env, ms, failure)) > 0) {
		if (env->direction == DIR_RESPONSE && env->seq == request->seq)
			return 1;
		if (link_now_ms(client->link) > end_ms)
			return 0;
	}

	return err;
}

/*
 * How long to wait after a send, of the silence that the caller still bears
 * (0: no limit): the last send is given all of it.
 */
static int
send_wait_ms(const struct client *client, unsigned send, bool last, int left_ms)
{
	int ms = answer_ms(client, PAYLOAD_TO_HOST_MAX);

	if (send >= SENDS_PATIENT)
		ms *= 2;

	return left_ms > 0 && (last || ms > left_ms) ? left_ms : ms;
}

int
request_try(struct client *client, const struct request *request, int ms,
    struct envelope *env, struct failure *failure)
{
	int err = frame_send(client, request->payload, request->len, failure);

	if (err != E_OK)
		return err;

	return request_await(client, request, ms, env, failure);
}

int
request_ask(struct client *client, const struct request *request,
    unsigned sends, struct envelope *env, struct failure *failure)
{
	int left_ms = client->timeout_ms;

	for (unsigned i = 0; i < sends; i++) {
		int ms = send_wait_ms(client, i, i + 1 == sends, left_ms);
		int err = request_try(client, request, ms, env, failure);

		if (err != 0)
			return err < 0 ? err : E_OK;
		client->repeats++;
		if (client->timeout_ms > 0 && (left_ms -= ms) <= 0)
			break;
	}

	return fail(failure, E_NO_ANSWER, "%s: the collar does not answer",
	    client->link->port);
}

static const char *
condition_name(uint8_t bit)
{
	for (size_t i = 0; conditions[i].name != NULL; i++)
		if (conditions[i].bit == bit)
			return conditions[i].name;

	return "a condition unknown to this version";
}

/* A limit of the field at fault, as a person writes such a value. */
static void
limit_text(const struct field *field, int64_t limit, char *text, size_t cap)
{
	struct civil at;

	if (field == NULL || field->show != SHOW_UTC || limit < 0) {
		snprintf(text, cap, "%" PRId64, limit);
		return;
	}
	at = civil_from_utc((uint64_t)limit);
	snprintf(text, cap, "%04" PRIu64 "-%02d-%02dT%02d:%02d:%02dZ", at.year,
	    at.month, at.day, at.hour, at.minute, at.second);
}

/* What the detail adds to the error's sentence: " (1 to 32)". */
static void
detail_text(const struct error_detail *detail, const struct field *field,
    char *text, size_t cap)
{
	char min[LIMIT_LEN], max[LIMIT_LEN];

	limit_text(field, detail->min, min, sizeof(min));
	limit_text(field, detail->max, max, sizeof(max));
	text[0] = '\0';
	if (HAS(detail, ERROR_CONDITION))
		snprintf(text, cap, " (%s)", condition_name(detail->condition));
	else if (HAS(detail, ERROR_RETRY_AFTER))
		snprintf(text, cap, ", again in %" PRIu32 " s",
		    detail->retry_after_s);
	else if (HAS(detail, ERROR_MIN) && HAS(detail, ERROR_MAX))
		snprintf(text, cap, " (%s to %s)", min, max);
	else if (HAS(detail, ERROR_VERSION_MIN) &&
	    HAS(detail, ERROR_VERSION_MAX))
		snprintf(text, cap, " (the collar's: %d to %d)",
		    detail->version_min, detail->version_max);
}

static int
refusal(const struct op *op, uint32_t status, const uint8_t *bytes, size_t len,
    struct failure *failure)
{
	const struct error_row *row = error_find(-(int)status);
	struct cbor_in in = cbor_reader(bytes, len);
	struct message_fault fault;
	struct error_detail detail;
	const struct field *field = NULL;
	char extra[2 * LIMIT_LEN + 16];

	if (status > STATUS_MAX || row->err != -(int)status) {
		fail(failure, E_PROTOCOL,
		    "%s: refused with status %" PRIu32
		    ", which this version does not know",
		    op->name, status);
		return fail_hint(failure,
		    "the unit is newer than this program: update collarctl");
	}
	if (status == ST_ACCEPTED)
		return fail(failure, E_PROTOCOL,
		    "%s: accepted, but it is no work to wait for", op->name);
	if (message_decode(&msg_error_detail, &in, &detail, false, &fault) !=
	    E_OK)
		detail = (struct error_detail){ .has = 0 };
	if (HAS(&detail, ERROR_FIELD))
		field = message_field(op->args, detail.field);
	detail_text(&detail, field, extra, sizeof(extra));
	fail(failure, row->err, "%s%s%s: %s%s", op->name,
	    field == NULL ? "" : " ", field == NULL ? "" : field->name,
	    row->sentence, extra);
	failure->detail = detail;
	if (field != NULL)
		snprintf(
		    failure->field, sizeof(failure->field), "%s", field->name);

	return row->err;
}

int
result_read(const struct op *op, uint32_t status, const uint8_t *bytes,
    size_t len, void *result, struct failure *failure)
{
	struct cbor_in in = cbor_reader(bytes, len);
	struct message_fault fault = { .key = 0 };

	if (status != ST_OK)
		return refusal(op, status, bytes, len, failure);
	if (message_decode(op->result, &in, result, false, &fault) != E_OK ||
	    !cbor_done(&in))
		return fail(failure, E_PROTOCOL,
		    "%s: the answer is not understood (%s, byte %zu)", op->name,
		    fault.field == NULL ? "its form" : fault.field->name,
		    fault.offset);

	return E_OK;
}

int
response_read(const struct op *op, const struct envelope *env, void *result,
    struct failure *failure)
{
	return result_read(
	    op, env->what, env->body, env->body_len, result, failure);
}
