/* SPDX-License-Identifier: BSD-2-Clause */

#include "diagnostic.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../proto/cbor_head.h"

/* Containers that are open: what is left in each. */
struct level {
	size_t left;
	bool map;
};

/* C0, DEL and C1 would be the terminal's to obey.  After 0xc2 a byte follows:
 * the text is UTF-8. */
static void
print_text(FILE *out, struct cbor_in *in)
{
	size_t len;
	const char *text = cbor_get_text(in, &len);

	putc('"', out);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\u%04x", c);
		else if (c == 0xc2 && (unsigned char)text[i + 1] < 0xa0)
			fprintf(out, "\\u%04x", (unsigned char)text[++i]);
		else
			putc(c, out);
	}
	putc('"', out);
}

static void
print_bytes(FILE *out, struct cbor_in *in)
{
	size_t len;
	const uint8_t *bytes = cbor_get_bytes(in, &len);

	fputs("h'", out);
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%02x", bytes[i]);
	putc('\'', out);
}

/* The argument of a head, which cbor_get_int64 could not hold whole. */
static void
print_negative(FILE *out, struct cbor_in *in)
{
	unsigned more = *in->at & 0x1f;
	unsigned len = more < 24 ? 0 : 1U << (more - 24);
	uint64_t value = len == 0 ? more : 0;

	in->at++;
	while (len-- > 0)
		value = value << 8 | *in->at++;
	if (value == UINT64_MAX)
		fputs("-18446744073709551616", out);
	else
		fprintf(out, "-%" PRIu64, value + 1);
}

static void
print_simple(FILE *out, struct cbor_in *in)
{
	if (cbor_get_null(in))
		fputs("null", out);
	else if (*in->at == 0xf4 || *in->at == 0xf5)
		fputs(cbor_get_bool(in) ? "true" : "false", out);
	else {
		if (*in->at == 0xf7)
			fputs("undefined", out);
		else
			fprintf(out, "simple(%d)", *in->at & 0x1f);
		cbor_skip(in);
	}
}

/* One value that is no container. */
static void
print_value(FILE *out, struct cbor_in *in)
{
	switch ((enum major)(*in->at >> 5)) {
	case MAJOR_UINT:
		fprintf(out, "%" PRIu64, cbor_get_uint64(in, UINT64_MAX));
		break;
	case MAJOR_NEGATIVE:
		print_negative(out, in);
		break;
	case MAJOR_BYTES:
		print_bytes(out, in);
		break;
	case MAJOR_TEXT:
		print_text(out, in);
		break;
	default:
		print_simple(out, in);
	}
}

/* Closes what is used up; true while something is open. */
static bool
close_levels(FILE *out, struct level *levels, int *depth)
{
	while (*depth > 0 && levels[*depth - 1].left == 0) {
		--*depth;
		putc(levels[*depth].map ? '}' : ']', out);
	}

	return *depth > 0;
}

static void
print_separator(FILE *out, const struct level *level, bool first)
{
	if (first)
		return;
	fputs(level->map && level->left % 2 == 1 ? ": " : ", ", out);
}

static void
print_item(FILE *out, struct cbor_in *in)
{
	struct level levels[CBOR_DEPTH + 1];
	bool first = true;
	int depth = 0;

	do {
		if (depth > 0) {
			print_separator(out, &levels[depth - 1], first);
			levels[depth - 1].left--;
		}
		first =
		    *in->at >> 5 == MAJOR_ARRAY || *in->at >> 5 == MAJOR_MAP;
		if (!first) {
			print_value(out, in);
			continue;
		}
		levels[depth].map = *in->at >> 5 == MAJOR_MAP;
		levels[depth].left = levels[depth].map ? 2 * cbor_get_map(in)
						       : cbor_get_array(in);
		putc(levels[depth].map ? '{' : '[', out);
		depth++;
		first = levels[depth - 1].left > 0;
	} while (close_levels(out, levels, &depth));
}

char *
diagnostic_text(const uint8_t *item, size_t len)
{
	struct cbor_in in = cbor_reader(item, len);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_item(out, &in);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}

	return text;
}
