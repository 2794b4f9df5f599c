/* SPDX-License-Identifier: BSD-2-Clause */

#include <string.h>

#include "cmd.h"

/* The fields asked for may lie in the record or in the state of now. */
struct getting {
	struct unit_record record;
	struct unit_state state;
	bool have_record, have_state;
};

/* Where a field is found: a row of a table, or a key of `status --json` that is
 * made up from several. */
struct place {
	const struct field *field; /* NULL: the key */
	const char *key;
	bool in_record;
};

static const char *const made_up[] = { "kind", "virtual", "conditions",
	"withheld", "transfer", "lcd.meaning", "lcd.action", "clock.drift_s",
	NULL };

static int
find_field(const char *name, struct place *place, struct failure *failure)
{
	size_t i = 0;

	place->field = message_find(&msg_record, name);
	place->in_record = place->field != NULL;
	if (!place->field)
		place->field = message_find(&msg_unit_state, name);
	place->key = name;
	while (made_up[i] && strcmp(made_up[i], name) != 0)
		i++;
	if (place->field || made_up[i])
		return E_OK;
	fail(failure, E_USAGE, "\"%s\" is no field of a unit", name);

	return fail_hint(failure,
	    "fields are the keys that `collarctl "
	    "info --json` and `status --json` show");
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
show_field(struct ctx *ctx, const struct field *field, const void *body,
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

/* The value of a key with dots; borrowed. */
static json_t *
json_at(json_t *object, const char *key)
{
	const char *dot;

	while ((dot = strchr(key, '.')) != NULL) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)(dot - key), key);
		object = json_object_get(object, name);
		key = dot + 1;
	}

	return json_object_get(object, key);
}

static void
print_value(struct out *out, json_t *value)
{
	json_t *one;
	size_t i;

	json_array_foreach(value, i, one)
	    out_print(out, "%s%s", i > 0 ? "," : "", json_string_value(one));
	if (json_is_string(value))
		out_print(out, "%s", json_string_value(value));
	else if (json_is_boolean(value))
		out_print(out, json_is_true(value) ? "true" : "false");
	else if (json_is_real(value))
		out_print(out, "%.0f", json_real_value(value));
	out_print(out, "\n");
}

static void
show_key(struct ctx *ctx, const char *key, const struct unit_state *state,
    json_t *object)
{
	json_t *status = status_json(ctx->client, state);
	json_t *value = json_at(status, key);

	if (object)
		json_put(object, key, json_incref(value));
	else
		print_value(&ctx->out, value);
	json_decref(status);
}

static int
show(struct ctx *ctx, const char *name, struct getting *got, json_t *object)
{
	struct place place;
	int err = find_field(name, &place, &ctx->failure);

	if (err == E_OK)
		err = fetch(ctx, got, place.in_record);
	if (err < 0)
		return err;
	if (!place.field)
		show_key(ctx, place.key, &got->state, object);
	else if (place.in_record)
		show_field(ctx, place.field, &got->record, object);
	else
		show_field(ctx, place.field, &got->state, object);

	return E_OK;
}

static int
run_get(struct ctx *ctx, const struct args *args)
{
	struct getting got = { 0 };
	struct place place;
	json_t *object = NULL;
	int err = E_OK;

	for (int i = 0; i < args->npos; i++)
		if ((err = find_field(args->pos[i], &place, &ctx->failure)) < 0)
			return err;
	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if (ctx->out.format == FORMAT_JSON)
		object = json_unit(ctx->client);
	for (int i = 0; err == E_OK && i < args->npos; i++)
		err = show(ctx, args->pos[i], &got, object);
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
