/* SPDX-License-Identifier: BSD-2-Clause */
#include "cbor_head.h"

/* Bytes of the character at `at`, which is not ASCII; 0 if it is not UTF-8. */
static unsigned
utf8_len(const uint8_t *at, const uint8_t *end)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	unsigned more = *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : 3;
	uint32_t code = *at & (0x3fU >> more);

	if (*at < 0xc0 || *at > 0xf7 || (size_t)(end - at) <= more)
		return 0;
	for (unsigned i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3fU);
	}
	if (code < least[more] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;

	return 1 + more;
}

/* Where text ceases to be UTF-8: end if it does not. */
static const uint8_t *
utf8_end(const uint8_t *at, const uint8_t *end)
{
	unsigned len;

	while (at < end && (len = *at < 0x80 ? 1 : utf8_len(at, end)) > 0)
		at += len;

	return at;
}

bool
cbor_is_utf8(const char *text, size_t len)
{
	const uint8_t *end = (const uint8_t *)text + len;

	return utf8_end((const uint8_t *)text, end) == end;
}

/* A container that the gate stands in, or the whole input. */
struct level {
	size_t todo;          /* items still to come */
	const uint8_t *key;   /* in a map: where the key at hand begins */
	const uint8_t *older; /* and the one before it, NULL if none */
};

/*
 * True if the encoded item at older sorts before the one from key to end.  No
 * encoded item begins another, so the first byte that differs decides.
 */
static bool
sorts_before(const uint8_t *older, const uint8_t *key, const uint8_t *end)
{
	while (key < end && *older == *key)
		older++, key++;

	return key < end && *older < *key;
}

/* Counts one finished item; a key must follow the one before it. */
static void
level_count(struct level *level, struct cbor_in *in)
{
	const uint8_t *key = level->key;

	level->todo--;
	if (key == NULL)
		return;
	if (level->todo % 2 == 0) {
		level->older = key;
		level->key = in->at;
	} else if (level->older != NULL &&
	    !sorts_before(level->older, key, in->at)) {
		cbor_refuse_at(in, key, CBOR_FORM);
	}
}

/* Refuses the text of len bytes that was just passed if it is not UTF-8. */
static void
check_text(struct cbor_in *in, size_t len)
{
	const uint8_t *end = utf8_end(in->at - len, in->at);

	if (end != in->at)
		cbor_refuse_at(in, end, CBOR_FORM);
}

enum cbor_err
cbor_check(const uint8_t *item, size_t len, size_t *offset)
{
	struct cbor_in in = cbor_reader(item, len);
	struct level levels[CBOR_DEPTH + 1], *level = levels;

	levels[0] = (struct level){ .todo = 1 };
	while (level->todo > 0) {
		const uint8_t *start = in.at;
		unsigned major;
		size_t count = cbor_pass(&in, &major);

		if (major == MAJOR_TEXT)
			check_text(&in, count);
		if (in.err != CBOR_OK)
			break;
		if (major != MAJOR_ARRAY && major != MAJOR_MAP) {
			level_count(level, &in);
		} else if (++level <= levels + CBOR_DEPTH) {
			*level = (struct level){ .todo = count,
				.key = major == MAJOR_MAP ? in.at : NULL };
		} else {
			cbor_refuse_at(&in, start, CBOR_FORM);
			break;
		}
		while (level->todo == 0 && level > levels)
			level_count(--level, &in);
	}
	if (in.at != in.end)
		cbor_refuse(&in, CBOR_FORM);
	if (offset != NULL)
		*offset = cbor_offset(&in, item);

	return in.err;
}

bool
cbor_valid(const uint8_t *item, size_t len)
{
	return cbor_check(item, len, NULL) == CBOR_OK;
}
