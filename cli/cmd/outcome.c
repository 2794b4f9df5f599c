/* SPDX-License-Identifier: BSD-2-Clause */

#include <string.h>

#include "cmd.h"

enum { POLLS_MAX = WORK_MS / WORK_POLL_MS };

static int
parse_id(const char *text, struct octets *id, struct failure *failure)
{
	if (strlen(text) != (size_t)2 * CHANGE_ID_LEN)
		return fail(failure, E_USAGE,
		    "\"%s\" is no id of a change: expected 16 hex digits",
		    text);
	for (size_t i = 0; i < CHANGE_ID_LEN; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return fail(failure, E_USAGE,
			    "\"%s\" is no id of a change: expected 16 hex "
			    "digits",
			    text);
		id->at[i] = (uint8_t)(high << 4 | low);
	}
	id->len = CHANGE_ID_LEN;

	return E_OK;
}

/* The result of the change's answer, by the tables of its op. */
static json_t *
result_json(const struct outcome *outcome)
{
	const struct op *op = op_find(outcome->op);
	struct cbor_in in =
	    cbor_reader(outcome->result.at, outcome->result.len);
	struct message_fault fault;
	union {
		struct record_changed record;
		struct relay_moved relay;
		struct test_state test;
		struct clock_state clock;
		struct error_detail detail;
	} body;
	const struct message *msg = &msg_error_detail;
	json_t *result = json_object();

	json_object_set_new(
	    result, "request", op ? json_string(op->name) : json_null());
	json_object_set_new(result, "status",
	    json_string(outcome->status == ST_OK
		    ? "ok"
		    : error_find(-(int)outcome->status)->code));
	if (op && outcome->status == ST_OK)
		msg = op->result;
	if (msg->size <= sizeof(body) &&
	    message_decode(msg, &in, &body, false, &fault) == E_OK) {
		json_t *fields = json_of(msg, &body, NULL);

		json_object_update_missing(result, fields);
		json_decref(fields);
	}

	return result;
}

static json_t *
outcome_json(
    struct client *client, const char *id, const struct outcome *outcome)
{
	json_t *object = json_unit(client);

	json_object_set_new(object, "id", json_string(id));
	json_object_set_new(object, "outcome",
	    json_string(outcome->outcome <= OUTCOME_RUNNING
		    ? outcome_names[outcome->outcome]
		    : "unknown"));
	if (outcome->outcome == OUTCOME_DONE)
		json_object_set_new(object, "result", result_json(outcome));
	else
		json_object_set_new(object, "result", json_null());
	json_object_set_new(object, "feedback",
	    json_of_field(
		message_field(&msg_outcome, OUTCOME_FEEDBACK), outcome));

	return object;
}

static void
print_text(struct out *out, const struct outcome *outcome)
{
	const struct op *op = op_find(outcome->op);
	const char *name = op ? op->name : "a change";

	switch (outcome->outcome) {
	case OUTCOME_DONE:
		out_print(out, "done: %s was answered %s\n", name,
		    outcome->status == ST_OK
			? "ok"
			: error_find(-(int)outcome->status)->code);
		break;
	case OUTCOME_NOT_SEEN:
		out_print(out,
		    "not seen: the unit knows no such change, or has "
		    "seen eight later ones\n");
		break;
	case OUTCOME_RUNNING:
		out_print(out, "running: %s is still under way\n", name);
		break;
	default:
		out_print(out, "interrupted: %s was cut short%s\n", name,
		    !HAS(outcome, OUTCOME_FEEDBACK) ? ""
			: outcome->feedback == RELAY_SHUT
			? "; the relay's contact is SHUT now"
			: "; the relay's contact is OPEN now");
	}
}

static int
run_outcome(struct ctx *ctx, const struct args *args)
{
	struct outcome_ask ask = { 0 };
	struct outcome outcome;
	int err = parse_id(args->pos[0], &ask.id, &ctx->failure);

	if (err < 0)
		return err;
	HAVE(&ask, OUTCOME_ASK_ID);
	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	for (int polls = 0; polls < POLLS_MAX; polls++) {
		err = client_call(
		    ctx->client, OP_OUTCOME, &ask, &outcome, &ctx->failure);
		if (err < 0)
			return err;
		if (outcome.outcome != OUTCOME_RUNNING)
			break;
		if ((err = link_wait(client_link(ctx->client), WORK_POLL_MS)) <
		    0)
			return fail(&ctx->failure, err, "interrupted");
	}
	if (ctx->out.format == FORMAT_JSON)
		out_json(&ctx->out,
		    outcome_json(ctx->client, args->pos[0], &outcome));
	else
		print_text(&ctx->out, &outcome);

	return E_OK;
}

const struct command cmd_outcome = {
	.name = "outcome",
	.group = "Change",
	.args = "ID",
	.takes = TAKES_TEXT,
	.min = 1,
	.max = 1,
	.flags = COMMAND_DEVICE,
	.help = "what became of a change whose answer was lost",
	.text =
	    "A change whose answer was lost ends with exit status 81 and names "
	    "its id.  The unit remembers its last eight changes, over restarts "
	    "too.",
	.examples = "collarctl -p sim outcome 0123456789abcdef",
	.run = run_outcome,
};
