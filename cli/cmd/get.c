/* SPDX-License-Identifier: BSD-2-Clause */

#include <string.h>

#include "cmd.h"

/* The fields asked for may lie in the record or in the state of now. */
struct getting {
	struct unit_record record;
	struct unit_state state;
	bool have_record, have_state;
};

static int
find_field(const char *name, const struct field **field, bool *in_record,
    struct failure *failure)
{
	*field = message_find(&msg_record, name);
	*in_record = *field != NULL;
	if (!*field)
		*field = message_find(&msg_unit_state, name);
	if (!*field) {
		fail(failure, E_USAGE, "\"%s\" is no field of a unit", name);
		return fail_hint(failure,
		    "fields are the keys that `collarctl "
		    "info --json` and `status --json` show");
	}

	return E_OK;
}

static int
fetch(struct ctx *ctx, struct getting *got, bool in_record)
{
	int err = E_OK;

	if (in_record && !got->have_record) {
		err = read_record(ctx, &got->record);
		got->have_record = err == E_OK;
	} else if (!in_record && !got->have_state) {
		err = read_state(ctx, &got->state);
		got->have_state = err == E_OK;
	}

	return err;
}

static void
show(struct ctx *ctx, const struct field *field, const void *body,
    json_t *object)
{
	char raw[256], text[4 * sizeof(raw)];

	if (object) {
		json_put(object, field->name, json_of_field(field, body));
		return;
	}
	field_text(field, body, raw, sizeof(raw));
	out_print(&ctx->out, "%s\n", escape(text, sizeof(text), raw));
}

static int
run_get(struct ctx *ctx, const struct args *args)
{
	struct getting got = { 0 };
	const struct field *field;
	json_t *object = NULL;
	bool in_record;
	int err = E_OK;

	for (int i = 0; i < args->npos; i++)
		if ((err = find_field(
			 args->pos[i], &field, &in_record, &ctx->failure)) < 0)
			return err;
	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if (ctx->out.format == FORMAT_JSON)
		object = json_unit(ctx->client);
	for (int i = 0; err == E_OK && i < args->npos; i++) {
		find_field(args->pos[i], &field, &in_record, &ctx->failure);
		err = fetch(ctx, &got, in_record);
		if (err == E_OK)
			show(ctx, field,
			    in_record ? (const void *)&got.record : &got.state,
			    object);
	}
	if (object && err == E_OK)
		out_json(&ctx->out, object);
	else
		json_decref(object);

	return err;
}

const struct command cmd_get = {
	.name = "get",
	.group = "Read",
	.args = "FIELD...",
	.takes = TAKES_FIELD,
	.min = 1,
	.max = -1,
	.flags = COMMAND_DEVICE | COMMAND_BARE,
	.help = "single fields, one bare value a line",
	.text =
	    "Fields are named as in the JSON of `info` and `status`, with dots "
	    "between levels: premises_id, relay.state, measured.voltage_v.  A "
	    "value that is not known is an empty line.",
	.examples = "collarctl -p sim get serial premises_id\n"
		    "collarctl -p sim get relay.feedback",
	.run = run_get,
};
