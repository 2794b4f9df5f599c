/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A field as a person sees it.
 */
#include "message.h"

#include <string.h>

#include "civil.h"

/* Text under way; a cut pulls the cap in, so nothing follows it. */
struct line {
	char *text;
	size_t len, cap; /* cap leaves room for the NUL */
};

/* The first byte that does not fit ends the line before its character. */
static void
put_char(struct line *line, char c)
{
	if (line->len < line->cap) {
		line->text[line->len++] = c;
		return;
	}
	if (line->cap == 0)
		return;
	if (((uint8_t)c & 0xc0) == 0x80) {
		while (line->len > 1 &&
		    ((uint8_t)line->text[line->len - 1] & 0xc0) == 0x80)
			line->len--;
		line->len--;
	}
	line->cap = 0;
}

static void
put_string(struct line *line, const char *string)
{
	while (*string != '\0')
		put_char(line, *string++);
}

/* At least width digits. */
static void
put_digits(struct line *line, uint64_t value, unsigned width)
{
	char digits[20];
	unsigned len = 0;

	do
		digits[len++] = (char)('0' + value % 10);
	while ((value /= 10) > 0 || len < width);
	while (len > 0)
		put_char(line, digits[--len]);
}

static void
put_hex(struct line *line, uint32_t value, unsigned digits)
{
	while (digits > 0)
		put_char(
		    line, "0123456789abcdef"[value >> (4 * --digits) & 0xf]);
}

static void
put_decimal(struct line *line, int64_t value, unsigned decimals)
{
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
	uint64_t scale = 1;

	for (unsigned i = 0; i < decimals; i++)
		scale *= 10;
	if (value < 0)
		put_char(line, '-');
	put_digits(line, size / scale, 1);
	if (decimals > 0) {
		put_char(line, '.');
		put_digits(line, size % scale, decimals);
	}
}

static void
put_utc(struct line *line, uint64_t s)
{
	struct civil at = civil_from_utc(s);

	put_digits(line, at.year, 4);
	put_char(line, '-');
	put_digits(line, at.month, 2);
	put_char(line, '-');
	put_digits(line, at.day, 2);
	put_char(line, 'T');
	put_digits(line, at.hour, 2);
	put_char(line, ':');
	put_digits(line, at.minute, 2);
	put_char(line, ':');
	put_digits(line, at.second, 2);
	put_char(line, 'Z');
}

static void
put_name(struct line *line, const char *const *names, int64_t value)
{
	int64_t i = 0;

	while (i < value && names[i] != NULL)
		i++;
	if (value >= 0 && names[i] != NULL)
		put_string(line, names[i]);
	else
		put_decimal(line, value, 0);
}

unsigned
field_decimals(const struct field *field)
{
	switch (field->show) {
	case SHOW_DEC1:
		return 1;
	case SHOW_DEC2:
		return 2;
	case SHOW_DEC3:
		return 3;
	case SHOW_DEC5:
		return 5;
	case SHOW_DEC6:
		return 6;
	default:
		return 0;
	}
}

static void
put_number(struct line *line, const struct field *field, int64_t value)
{
	switch (field->show) {
	case SHOW_NAME:
		put_name(line, field->names, value);
		break;
	case SHOW_UTC:
		put_utc(line, (uint64_t)value);
		break;
	case SHOW_UTC_MS:
		put_utc(line, (uint64_t)value / 1000);
		break;
	case SHOW_HEX32:
		put_string(line, "0x");
		put_hex(line, (uint32_t)value, 8);
		break;
	default:
		put_decimal(line, value, field_decimals(field));
	}
}

static void
put_texts(struct line *line, const struct texts *texts)
{
	for (size_t i = 0; i < texts->count && i < TEXTS_MAX; i++) {
		if (i > 0)
			put_char(line, ',');
		put_string(line, texts->at[i]);
	}
}

/* struct octets and struct blob: a length, then that many bytes. */
static void
put_bytes(struct line *line, const uint8_t *bytes)
{
	for (size_t i = 1; i <= bytes[0]; i++)
		put_hex(line, bytes[i], 2);
}

static void
put_ranges(struct line *line, const struct ranges *ranges)
{
	for (size_t i = 0; i < ranges->count && i < RANGES_MAX; i++) {
		if (i > 0)
			put_char(line, ',');
		put_digits(line, ranges->at[i].first, 1);
		put_char(line, '-');
		put_digits(line, ranges->at[i].last, 1);
	}
}

static void
put_field(struct line *line, const struct field *field, const void *body)
{
	switch (field->type) {
	case FIELD_BOOL:
		put_string(line, field_number(field, body) ? "true" : "false");
		break;
	case FIELD_TEXT:
		put_string(line, field_of(field, body));
		break;
	case FIELD_TEXTS:
		put_texts(line, field_of(field, body));
		break;
	case FIELD_OCTETS:
	case FIELD_BLOB:
		put_bytes(line, field_of(field, body));
		break;
	case FIELD_RANGES:
		put_ranges(line, field_of(field, body));
		break;
	default:
		put_number(line, field, field_number(field, body));
	}
}

size_t
field_text(const struct field *field, const void *body, char *text, size_t cap)
{
	struct line line = { .text = text, .cap = cap > 0 ? cap - 1 : 0 };

	if (cap == 0)
		return 0;
	if (field_present(field, body))
		put_field(&line, field, body);
	text[line.len] = '\0';

	return line.len;
}
