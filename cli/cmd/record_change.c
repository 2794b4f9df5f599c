/* SPDX-License-Identifier: BSD-2-Clause */

#include "record_change.h"

#include <string.h>

static json_t *
changes_json(const struct record_changes *changes)
{
	json_t *list = json_array();

	for (size_t i = 0; i < changes->count; i++) {
		const struct field *field = changes->fields[i];
		json_t *one = json_object();

		json_object_set_new(one, "field", json_string(field->name));
		json_object_set_new(
		    one, "old", json_of_field(field, &changes->before));
		json_object_set_new(
		    one, "new", json_of_field(field, &changes->after));
		json_array_append_new(list, one);
	}

	return list;
}

static void
changes_print(
    struct out *out, const struct record_changes *changes, const char *verb)
{
	char raw[160], old[4 * sizeof(raw)], new[4 * sizeof(raw)];

	for (size_t i = 0; i < changes->count; i++) {
		const struct field *field = changes->fields[i];

		field_text(field, &changes->before, raw, sizeof(raw));
		escape(old, sizeof(old), raw);
		field_text(field, &changes->after, raw, sizeof(raw));
		escape(new, sizeof(new), raw);
		out_print(out, "%s%s: \"%s\" -> \"%s\"\n", verb, field->name,
		    old, new);
	}
}

/* Emptying what is empty changes nothing. */
static bool
field_differs(const struct field *field, const struct unit_record *before,
    const struct unit_record *wanted)
{
	char text[8];

	if (!HAS(before, field->key) &&
	    field_text(field, wanted, text, sizeof(text)) == 0)
		return false;

	return !field_equal(field, before, wanted);
}

void
changes_find(struct record_changes *changes, const struct unit_record *before,
    const struct unit_record *wanted)
{
	*changes =
	    (struct record_changes){ .before = *before, .after = *before };
	for (size_t i = 0; i < msg_record.count; i++) {
		const struct field *field = &msg_record.fields[i];

		if (!HAS(wanted, field->key) ||
		    !field_differs(field, before, wanted))
			continue;
		field_copy(field, &changes->after, wanted);
		changes->fields[changes->count++] = field;
	}
}

void
changes_clear(struct record_changes *changes, const struct field *field)
{
	if (!HAS(&changes->before, field->key))
		return;
	LACK(&changes->after, field->key);
	changes->fields[changes->count++] = field;
}

int
changes_preview(struct ctx *ctx, const struct record_changes *changes,
    bool check, const char *move)
{
	bool changed = changes->count > 0 || move != NULL;

	if (ctx->out.format == FORMAT_JSON) {
		json_t *object = json_unit(ctx->client);

		json_preview(object, changed, false);
		json_object_set_new(object, "changes", changes_json(changes));
		out_json(&ctx->out, object);
	} else {
		changes_print(&ctx->out, changes, "would set ");
		if (move)
			out_print(&ctx->out, "would %s\n", move);
		if (!changed)
			out_print(&ctx->out, "nothing would change\n");
		out_print(&ctx->out, "no power would move\n");
	}

	return check && changed
	    ? fail(&ctx->failure, E_WOULD_CHANGE, "something would change")
	    : E_OK;
}

int
changes_answer(struct ctx *ctx, const struct record_changes *changes,
    bool changed, uint64_t begun_ms)
{
	uint64_t elapsed_ms = link_now_ms(client_link(ctx->client)) - begun_ms;
	struct unit_state state;
	int err = read_state(ctx, &state);

	if (err < 0)
		return err;
	if (ctx->out.format == FORMAT_JSON) {
		json_t *object = json_unit(ctx->client);

		json_object_set_new(object, "changed", json_boolean(changed));
		json_object_set_new(object, "changes", changes_json(changes));
		json_object_set_new(object, "status",
		    json_of_field(
			message_field(&msg_unit_state, STATUS_STATUS), &state));
		json_object_set_new(object, "lcd", lcd_json(&state));
		json_object_set_new(
		    object, "elapsed_s", json_real((double)elapsed_ms / 1000));
		out_json(&ctx->out, object);
		return E_OK;
	}
	changes_print(&ctx->out, changes, "");
	if (!changed)
		out_print(&ctx->out, "nothing changed\n");
	out_line(&ctx->out, "Status", "%s",
	    state.status < UNIT_UPDATE_ERROR + 1
		? unit_status_names[state.status]
		: "unknown");
	out_line(&ctx->out, "LCD", "%s%s",
	    state.lcd_blank ? "(blank)" : state.lcd_text,
	    state.lcd_thumbs_up ? "  [thumbs-up]" : "");

	return E_OK;
}

int
find_settable(const char *name, size_t len, const struct field **field,
    struct failure *failure)
{
	for (size_t i = 0; i < msg_record.count; i++) {
		*field = &msg_record.fields[i];
		if (strlen((*field)->name) != len ||
		    memcmp((*field)->name, name, len) != 0)
			continue;
		if ((*field)->writer == ROLE_NOBODY)
			return fail(failure, E_USAGE,
			    "%s is the unit's own: it cannot be set",
			    (*field)->name);
		return E_OK;
	}

	fail(failure, E_USAGE, "\"%.*s\" is no field of the unit record",
	    (int)len, name);

	return fail_hint(
	    failure, "fields are the keys that `collarctl info --json` shows");
}
