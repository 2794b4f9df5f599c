/* SPDX-License-Identifier: BSD-2-Clause */

#include "out.h"

#include "../../proto/status.h"

static json_t *
condition_json(uint8_t bit)
{
	for (const struct condition_row *row = conditions; row->name; row++) {
		if (row->bit == bit)
			return json_string(row->name);
	}
	return json_integer(bit);
}

/* What the collar, or the parser, told of it: only what is known. */
static json_t *
detail_json(const struct failure *failure)
{
	const struct error_detail *detail = &failure->detail;
	json_t *object = json_object();

	if (failure->field[0] != '\0')
		json_object_set_new(object, "field", json_text(failure->field));
	for (size_t i = 0; i < msg_error_detail.count; i++) {
		const struct field *field = &msg_error_detail.fields[i];
		json_t *value;

		if (!HAS(detail, field->key) ||
		    (field->key == ERROR_FIELD && failure->field[0] != '\0'))
			continue;
		value = field->key == ERROR_CONDITION
		    ? condition_json(detail->condition)
		    : json_of_field(field, detail);
		json_object_set_new(object, field->name, value);
	}
	if (failure->change_id[0] != '\0')
		json_object_set_new(
		    object, "id", json_string(failure->change_id));
	return object;
}

static json_t *
failure_json(const struct failure *failure, const struct error_row *row,
    const char *hint)
{
	bool unknown = failure->outcome_unknown || failure->err == E_UNKNOWN;
	const char *what = failure->what[0] ? failure->what : row->sentence;
	json_t *error = json_object(), *object = json_object();

	json_object_set_new(error, "code", json_string(row->code));
	json_object_set_new(
	    error, "exit_status", json_integer(row->exit_status));
	json_object_set_new(error, "message", json_text(what));
	json_object_set_new(error, "hint", json_text(hint));
	json_object_set_new(
	    error, "outcome", json_string(unknown ? "unknown" : "not_done"));
	json_object_set_new(error, "detail", detail_json(failure));
	json_object_set_new(object, "error", error);
	return object;
}

void
out_failure(struct out *out, const struct failure *failure, bool json)
{
	const struct error_row *row = error_find(failure->err);
	const char *what = failure->what[0] ? failure->what : row->sentence;
	const char *hint = failure->hint[0] ? failure->hint : row->hint;
	char text[4 * FAILURE_LEN];

	fflush(stdout); /* first what came first, where both go to one file */
	fprintf(stderr, "collarctl: %s", escape(text, sizeof(text), what));
	if (hint[0] != '\0')
		fprintf(stderr, ": %s", escape(text, sizeof(text), hint));
	fputc('\n', stderr);
	if (json && !out->answered)
		out_json(out, failure_json(failure, row, hint));
}
