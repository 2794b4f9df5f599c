/* SPDX-License-Identifier: BSD-2-Clause */

#include "parse.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "../proto/model.h"
#include "../proto/record.h"
#include "out/out.h"

static int
refuse(struct failure *failure, const struct field *field, const char *text,
    const char *why)
{
	fail(failure, E_BAD_VALUE, "%s: '%s' %s", field->name, text, why);
	failure->detail.field = field->key;
	HAVE(&failure->detail, ERROR_FIELD);
	snprintf(failure->field, sizeof(failure->field), "%s", field->name);
	return E_BAD_VALUE;
}

static void
failure_limits(struct failure *failure, const struct field *field)
{
	failure->detail.min = field->min;
	failure->detail.max = field->max;
	HAVE(&failure->detail, ERROR_MIN);
	HAVE(&failure->detail, ERROR_MAX);
}

static int
refuse_number(struct failure *failure, const struct field *field,
    const char *text, const char *why)
{
	unsigned decimals = field_decimals(field);
	char min[DECIMAL_LEN], max[DECIMAL_LEN];

	refuse(failure, field, text, why);
	failure_limits(failure, field);
	decimal_text(min, field->min, decimals);
	decimal_text(max, field->max, decimals);
	return fail_hint(failure, "write a number from %s to %s", min, max);
}

/* Digits at *at appended to *value; false if it gets too large for a field. */
static bool
take_digit(const char **at, int64_t *value)
{
	if (*value > INT64_MAX / 10 - 1)
		return false;
	*value = *value * 10 + (*(*at)++ - '0');
	return true;
}

static bool
take_number(const char **at, int64_t *value)
{
	while (**at >= '0' && **at <= '9') {
		if (!take_digit(at, value))
			return false;
	}
	return true;
}

/* "-73.99" with 6 decimals gives -73990000; more decimals must be zeros. */
static bool
parse_decimal(const char *text, unsigned decimals, int64_t *value)
{
	bool negative = *text == '-';
	const char *at = text + (*text == '-' || *text == '+' ? 1 : 0);
	const char *digits = at;

	*value = 0;
	if (!take_number(&at, value) || at == digits)
		return false;
	if (*at == '.' && decimals > 0) {
		for (at++; decimals > 0 && *at >= '0' && *at <= '9';
		     decimals--) {
			if (!take_digit(&at, value))
				return false;
		}
		at += strspn(at, "0");
	}
	for (; decimals > 0; decimals--) {
		if (*value > INT64_MAX / 10)
			return false;
		*value *= 10;
	}
	if (negative)
		*value = -*value;
	return *at == '\0' && at[-1] != '.';
}

static int
set_number(const struct field *field, void *body, const char *text,
    struct failure *failure)
{
	int64_t value;

	if (!parse_decimal(text, field_decimals(field), &value))
		return refuse_number(
		    failure, field, text, "is not such a number");
	if (value < field->min || value > field->max)
		return refuse_number(failure, field, text, "is out of range");
	field_set_number(field, body, value);
	return E_OK;
}

static int
set_name(const struct field *field, void *body, const char *text,
    struct failure *failure)
{
	char list[FAILURE_LEN / 2];
	size_t len = 0;

	for (int i = 0; field->names[i] != NULL; i++) {
		if (strcmp(field->names[i], text) == 0) {
			field_set_number(field, body, i);
			return E_OK;
		}
		if (len < sizeof(list))
			len += (size_t)snprintf(list + len, sizeof(list) - len,
			    "%s%s", i > 0 ? ", " : "", field->names[i]);
	}
	refuse(failure, field, text, "is not one of its values");
	return fail_hint(failure, "write one of: %s", list);
}

static int
set_bool(const struct field *field, void *body, const char *text,
    struct failure *failure)
{
	bool yes = strcmp(text, "true") == 0 || strcmp(text, "yes") == 0;

	if (!yes && strcmp(text, "false") != 0 && strcmp(text, "no") != 0) {
		refuse(failure, field, text, "is neither true nor false");
		return fail_hint(failure, "write true or false");
	}
	*(bool *)field_in(field, body) = yes;
	return E_OK;
}

static int
set_time(const struct field *field, void *body, const char *text,
    struct failure *failure)
{
	uint64_t now_ms = (uint64_t)time(NULL) * 1000, utc_ms;
	int err = parse_time(text, field->name, now_ms, &utc_ms, failure);

	if (err < 0)
		return err;
	if (field->show == SHOW_UTC)
		utc_ms /= 1000;
	if (utc_ms > (uint64_t)field->max)
		return refuse(failure, field, text, "is too late a time");
	field_set_number(field, body, (int64_t)utc_ms);
	return E_OK;
}

static int
set_octets(const struct field *field, void *body, const char *text,
    struct failure *failure)
{
	struct octets octets = { .len = 0 };
	size_t len = strlen(text);
	bool good = len % 2 == 0 && len / 2 <= OCTETS_MAX &&
	    (int64_t)(len / 2) >= field->min &&
	    (int64_t)(len / 2) <= field->max;

	for (size_t i = 0; good && i < len; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		good = high >= 0 && low >= 0;
		octets.at[octets.len++] = (uint8_t)(high * 16 + low);
	}
	if (!good) {
		refuse(failure, field, text, "is not such a number in hex");
		return fail_hint(failure, "write %d to %d hex digits",
		    (int)field->min * 2, (int)field->max * 2);
	}
	*(struct octets *)field_in(field, body) = octets;
	return E_OK;
}

static const char *
rule_hint(const struct field *field)
{
	switch (field->rule) {
	case RULE_SERIAL:
		return "letters, digits, _ and - only";
	case RULE_STATE:
		return "write the postal code of a state, such as IL";
	case RULE_ZIP:
		return "write 5 digits or 5-4, such as 62701 or 62701-0042";
	default:
		return "control characters and broken UTF-8 are not allowed";
	}
}

static int
refuse_length(const struct field *field, const char *text, size_t len,
    struct failure *failure)
{
	refuse(failure, field, text,
	    len == 0                       ? "is empty"
		: len > (size_t)field->max ? "is too long"
					   : "is too short");
	failure_limits(failure, field);
	if (field->rule == RULE_STATE || field->rule == RULE_ZIP)
		return fail_hint(failure, "%s", rule_hint(field));
	return fail_hint(failure, "write %d to %d bytes, not %zu",
	    (int)field->min, (int)field->max, len);
}

static int
refuse_model(
    const struct field *field, const char *text, struct failure *failure)
{
	struct model model;
	struct model_fault fault;

	if (model_parse(text, &model, &fault) == E_OK)
		return refuse(failure, field, text, "is not a model number");
	refuse(failure, field, text, "is not a model number");
	return fail_hint(failure, "%s, at character %zu: write %s", fault.field,
	    fault.offset + 1, fault.expected);
}

/* Nothing that escape would change: no control character, no broken UTF-8. */
static bool
is_printable_utf8(const char *text)
{
	char escaped[4 * 256];

	return strlen(text) < 256 &&
	    strcmp(escape(escaped, sizeof(escaped), text), text) == 0;
}

static int
set_text(const struct field *field, void *body, const char *text,
    struct failure *failure)
{
	size_t len = strlen(text);

	if (len > (size_t)field->max || len >= field->size ||
	    (int64_t)len < field->min)
		return refuse_length(field, text, len, failure);
	memcpy(field_in(field, body), text, len + 1);
	if (is_printable_utf8(text) && field_check(field, body) == E_OK)
		return E_OK;
	if (field->rule == RULE_MODEL)
		return refuse_model(field, text, failure);
	refuse(failure, field, text, "is not allowed");
	return fail_hint(failure, "%s", rule_hint(field));
}

static int
set_texts(const struct field *field, void *body, const char *text,
    struct failure *failure)
{
	struct texts *texts = field_in(field, body);
	const char *at = text;

	memset(texts, 0, sizeof(*texts));
	while (*at != '\0') {
		size_t len = strcspn(at, ",");

		if (texts->count == TEXTS_MAX) {
			refuse(failure, field, text, "has too many parts");
			return fail_hint(
			    failure, "write at most %d", (int)TEXTS_MAX);
		}
		if ((int64_t)len < field->min || len > (size_t)field->max ||
		    (at[len] == ',' && at[len + 1] == '\0')) {
			refuse(
			    failure, field, text, "has a part of bad length");
			return fail_hint(failure, "each is %d to %d bytes long",
			    (int)field->min, (int)field->max);
		}
		memcpy(texts->at[texts->count++], at, len);
		at += len + (at[len] == ',');
	}
	if (is_printable_utf8(text) && field_check(field, body) == E_OK)
		return E_OK;
	refuse(failure, field, text, "is not allowed");
	return fail_hint(failure, "%s", rule_hint(field));
}

static int
set_value(const struct field *field, void *body, const char *text,
    struct failure *failure)
{
	if (field->show == SHOW_NAME && field->names != NULL)
		return set_name(field, body, text, failure);
	if (field->show == SHOW_UTC || field->show == SHOW_UTC_MS)
		return set_time(field, body, text, failure);
	switch (field->type) {
	case FIELD_BOOL:
		return set_bool(field, body, text, failure);
	case FIELD_UINT:
	case FIELD_INT:
		return set_number(field, body, text, failure);
	case FIELD_TEXT:
		return set_text(field, body, text, failure);
	case FIELD_TEXTS:
		return set_texts(field, body, text, failure);
	case FIELD_OCTETS:
		return set_octets(field, body, text, failure);
	default:
		return refuse(failure, field, text, "cannot be typed");
	}
}

int
parse_field(const struct message *msg, const struct field *field, void *body,
    const char *text, struct failure *failure)
{
	int err;

	if (message_field(msg, field->key) == NULL)
		return fail(failure, E_INTERNAL, "%s has no field %s",
		    msg->name, field->name);
	err = set_value(field, body, text, failure);
	if (err == E_OK)
		*(uint64_t *)body |= (uint64_t)1 << field->key;
	return err;
}
