/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One field of a message, as its row describes it.  Padding is no more than the
 * number of its bytes.
 */
#include "message.h"

#include <string.h>

#include "model.h"
#include "record.h"

void *
field_in(const struct field *field, void *body)
{
	return (uint8_t *)body + field->at;
}

const void *
field_of(const struct field *field, const void *body)
{
	return (const uint8_t *)body + field->at;
}

static void
set_present(const struct field *field, void *body, bool present)
{
	uint64_t bit = (uint64_t)1 << field->key, *has = body;

	*has = present ? *has | bit : *has & ~bit;
}

static bool
is_number(const struct field *field)
{
	return field->type == FIELD_BOOL || field->type == FIELD_UINT ||
	    field->type == FIELD_INT || field->type == FIELD_PADDING;
}

static int64_t
signed_at(const void *at, size_t size)
{
	switch (size) {
	case 1:
		return *(const int8_t *)at;
	case 2:
		return *(const int16_t *)at;
	case 4:
		return *(const int32_t *)at;
	default:
		return *(const int64_t *)at;
	}
}

int64_t
field_number(const struct field *field, const void *body)
{
	const void *at = field_of(field, body);

	if (field->type == FIELD_INT)
		return signed_at(at, field->size);
	switch (field->size) {
	case 1:
		return *(const uint8_t *)at;
	case 2:
		return *(const uint16_t *)at;
	case 4:
		return *(const uint32_t *)at;
	default:
		return (int64_t)(*(const uint64_t *)at & INT64_MAX);
	}
}

void
field_set_number(const struct field *field, void *body, int64_t value)
{
	void *at = field_in(field, body);

	switch (field->size) {
	case 1:
		*(uint8_t *)at = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)at = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)at = (uint32_t)value;
		break;
	default:
		*(uint64_t *)at = (uint64_t)value;
	}
	set_present(field, body, true);
}

static bool
same_text(const char *a, const char *b)
{
	size_t len = strlen(a);

	return len == strlen(b) && memcmp(a, b, len) == 0;
}

static bool
same_texts(const struct texts *a, const struct texts *b)
{
	for (size_t i = 0; i < a->count && i < TEXTS_MAX; i++)
		if (!same_text(a->at[i], b->at[i]))
			return false;

	return true;
}

bool
field_equal(const struct field *field, const void *a, const void *b)
{
	const uint8_t *left = field_of(field, a), *right = field_of(field, b);

	if (!field_present(field, a) || !field_present(field, b))
		return field_present(field, a) == field_present(field, b);
	if (is_number(field))
		return field_number(field, a) == field_number(field, b);
	if (field->type == FIELD_TEXT)
		return same_text((const char *)left, (const char *)right);
	if (*left != *right) /* all others begin with their count */
		return false;
	if (field->type == FIELD_TEXTS)
		return same_texts(field_of(field, a), field_of(field, b));
	if (field->type == FIELD_RANGES) {
		const struct ranges *ranges = field_of(field, a);
		const struct ranges *others = field_of(field, b);

		return memcmp(ranges->at, others->at,
			   ranges->count * sizeof(ranges->at[0])) == 0;
	}

	return memcmp(left + 1, right + 1, *left) == 0;
}

void
field_copy(const struct field *field, void *to, const void *from)
{
	memcpy(field_in(field, to), field_of(field, from), field->size);
	set_present(field, to, field_present(field, from));
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];

		if (c < 0x20 || c == 0x7f)
			return false;
		if (c == 0xc2 && (uint8_t)text[i + 1] < 0xa0)
			return false; /* U+0080 to U+009F are controls too */
	}

	return cbor_is_utf8(text, len);
}

static bool
is_serial(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    !is_digit(c) && c != '_' && c != '-')
			return false;
	}

	return true;
}

static bool
is_state(const char *text)
{
	for (size_t i = 0; usps_states[i] != NULL; i++)
		if (same_text(text, usps_states[i]))
			return true;

	return false;
}

static bool
is_zip(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (i == 5 ? text[i] != '-' : !is_digit(text[i]))
			return false;

	return len == 5 || len == 10;
}

static bool
text_fits(const struct field *field, const char *text)
{
	size_t len = strlen(text);
	struct model model;

	if ((int64_t)len < field->min || (int64_t)len > field->max)
		return false;
	switch (field->rule) {
	case RULE_PRINTABLE:
		return is_printable(text, len);
	case RULE_SERIAL:
		return is_serial(text, len);
	case RULE_STATE:
		return is_state(text);
	case RULE_ZIP:
		return is_zip(text, len);
	case RULE_MODEL:
		return model_parse(text, &model, NULL) == E_OK;
	default:
		return cbor_is_utf8(text, len);
	}
}

static bool
texts_fit(const struct field *field, const struct texts *texts)
{
	if (texts->count > TEXTS_MAX)
		return false;
	for (size_t i = 0; i < texts->count; i++)
		if (!text_fits(field, texts->at[i]))
			return false;

	return true;
}

static bool
ranges_fit(const struct ranges *ranges)
{
	if (ranges->count > RANGES_MAX)
		return false;
	for (size_t i = 0; i < ranges->count; i++)
		if (ranges->at[i].first > ranges->at[i].last)
			return false;

	return true;
}

static bool
in_range(const struct field *field, int64_t value)
{
	return value >= field->min && value <= field->max;
}

int
field_check(const struct field *field, const void *body)
{
	const void *at = field_of(field, body);
	bool good = true;

	switch (field->type) {
	case FIELD_UINT:
	case FIELD_INT:
	case FIELD_PADDING:
		good = in_range(field, field_number(field, body));
		break;
	case FIELD_TEXT:
		good = text_fits(field, at);
		break;
	case FIELD_TEXTS:
		good = texts_fit(field, at);
		break;
	case FIELD_OCTETS:
	case FIELD_BLOB:
		good = in_range(field, *(const uint8_t *)at);
		break;
	case FIELD_RANGES:
		good = ranges_fit(at);
		break;
	default:
		break;
	}

	return good ? E_OK : E_BAD_VALUE;
}
