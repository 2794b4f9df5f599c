/* SPDX-License-Identifier: BSD-2-Clause */
#include "cbor.h"

#include <string.h>

enum major {
	MAJOR_UINT,
	MAJOR_NEGATIVE,
	MAJOR_BYTES,
	MAJOR_TEXT,
	MAJOR_ARRAY,
	MAJOR_MAP,
	MAJOR_TAG,
	MAJOR_SIMPLE,
};

enum { SIMPLE_FALSE = 20, SIMPLE_TRUE, SIMPLE_NULL };

enum { HEAD_NULL = MAJOR_SIMPLE << 5 | SIMPLE_NULL };

struct head {
	unsigned major;
	uint64_t value;
};

static void
overflow(struct cbor_out *out)
{
	out->full = true;
	out->end = out->at;
}

static void
put_head(struct cbor_out *out, unsigned major, uint64_t value)
{
	unsigned info = (unsigned)value, bits = 0;

	if (value >= 24)
		for (info = 24, bits = 8; bits < 64 && value >> bits > 0;
		     bits *= 2)
			info++;
	if ((size_t)(out->end - out->at) < 1 + bits / 8) {
		overflow(out);
		return;
	}
	*out->at++ = (uint8_t)(major << 5 | info);
	while (bits > 0)
		*out->at++ = (uint8_t)(value >> (bits -= 8));
}

static uint8_t *
room(struct cbor_out *out, size_t len)
{
	uint8_t *at = out->at;

	if ((size_t)(out->end - at) < len) {
		overflow(out);
		return NULL;
	}
	out->at += len;

	return at;
}

void
cbor_put_encoded(struct cbor_out *out, const uint8_t *item, size_t len)
{
	uint8_t *at = room(out, len);

	if (at != NULL && len > 0)
		memcpy(at, item, len);
}

void
cbor_put_uint(struct cbor_out *out, uint64_t value)
{
	put_head(out, MAJOR_UINT, value);
}

void
cbor_put_int(struct cbor_out *out, int64_t value)
{
	if (value < 0)
		put_head(out, MAJOR_NEGATIVE, ~(uint64_t)value);
	else
		put_head(out, MAJOR_UINT, (uint64_t)value);
}

void
cbor_put_text(struct cbor_out *out, const char *text, size_t len)
{
	put_head(out, MAJOR_TEXT, len);
	cbor_put_encoded(out, (const uint8_t *)text, len);
}

void
cbor_put_bytes(struct cbor_out *out, const uint8_t *bytes, size_t len)
{
	put_head(out, MAJOR_BYTES, len);
	cbor_put_encoded(out, bytes, len);
}

void
cbor_put_array(struct cbor_out *out, size_t items)
{
	put_head(out, MAJOR_ARRAY, items);
}

void
cbor_put_map(struct cbor_out *out, size_t pairs)
{
	put_head(out, MAJOR_MAP, pairs);
}

void
cbor_put_bool(struct cbor_out *out, bool value)
{
	put_head(out, MAJOR_SIMPLE, value ? SIMPLE_TRUE : SIMPLE_FALSE);
}

void
cbor_put_null(struct cbor_out *out)
{
	put_head(out, MAJOR_SIMPLE, SIMPLE_NULL);
}

uint8_t *
cbor_room_bytes(struct cbor_out *out, size_t len)
{
	put_head(out, MAJOR_BYTES, len);

	return out->full ? NULL : room(out, len);
}

size_t
cbor_len(const struct cbor_out *out, const uint8_t *buf)
{
	return out->full ? 0 : (size_t)(out->at - buf);
}

void
cbor_refuse(struct cbor_in *in, enum cbor_err why)
{
	if (in->err == CBOR_OK)
		in->err = why;
	in->end = in->at;
}

static size_t
left(const struct cbor_in *in)
{
	return (size_t)(in->end - in->at);
}

/*
 * Reads a head, of the shortest form only, and stands behind it; on failure
 * stands where the head began.
 */
static bool
get_head(struct cbor_in *in, struct head *head)
{
	const uint8_t *at = in->at;
	unsigned info, len, i;
	uint64_t value;

	if (at == in->end) {
		cbor_refuse(in, CBOR_SHORT);
		return false;
	}
	head->major = *at >> 5;
	value = info = *at++ & 31U;
	if (info >= 24) {
		len = 1U << (info - 24);
		if (info > 27 || (size_t)(in->end - at) < len) {
			cbor_refuse(in, info > 27 ? CBOR_FORM : CBOR_SHORT);
			return false;
		}
		for (value = 0, i = 0; i < len; i++)
			value = value << 8 | *at++;
		if (len == 1 ? value < 24 : value >> (len * 4) == 0) {
			cbor_refuse(in, CBOR_FORM);
			return false;
		}
	}
	head->value = value;
	in->at = at;

	return true;
}

/*
 * The value of a head that must be of this major type and at most max.  What
 * exceeds it is refused for reason over.
 */
static uint64_t
take(struct cbor_in *in, unsigned major, uint64_t max, enum cbor_err over)
{
	const uint8_t *start = in->at;
	struct head head;

	if (!get_head(in, &head))
		return 0;
	if (head.major == major && head.value <= max)
		return head.value;
	in->at = start;
	cbor_refuse(in, head.major != major ? CBOR_TYPE : over);

	return 0;
}

uint32_t
cbor_get_uint(struct cbor_in *in, uint32_t max)
{
	return (uint32_t)take(in, MAJOR_UINT, max, CBOR_RANGE);
}

uint64_t
cbor_get_uint64(struct cbor_in *in, uint64_t max)
{
	return take(in, MAJOR_UINT, max, CBOR_RANGE);
}

int64_t
cbor_get_int64(struct cbor_in *in, int64_t min, int64_t max)
{
	const uint8_t *start = in->at;
	struct head head;
	int64_t value;

	if (!get_head(in, &head))
		return 0;
	value = (int64_t)(head.value & INT64_MAX);
	if (head.major == MAJOR_NEGATIVE)
		value = -1 - value;
	if (head.major <= MAJOR_NEGATIVE && head.value <= INT64_MAX &&
	    value >= min && value <= max)
		return value;
	in->at = start;
	cbor_refuse(in, head.major > MAJOR_NEGATIVE ? CBOR_TYPE : CBOR_RANGE);

	return 0;
}

int32_t
cbor_get_int(struct cbor_in *in, int32_t min, int32_t max)
{
	return (int32_t)cbor_get_int64(in, min, max);
}

bool
cbor_get_bool(struct cbor_in *in)
{
	const uint8_t *start = in->at;
	uint64_t value = take(in, MAJOR_SIMPLE, SIMPLE_TRUE, CBOR_TYPE);

	if (value < SIMPLE_FALSE && in->err == CBOR_OK) {
		in->at = start;
		cbor_refuse(in, CBOR_TYPE);
	}

	return value == SIMPLE_TRUE;
}

static const uint8_t *
get_string(struct cbor_in *in, unsigned major, size_t *len)
{
	const uint8_t *start = in->at;
	uint64_t count = take(in, major, UINT64_MAX, CBOR_RANGE);
	const uint8_t *at = in->at;

	*len = 0;
	if (in->err != CBOR_OK)
		return NULL;
	if (count > left(in)) {
		in->at = start;
		cbor_refuse(in, CBOR_SHORT);
		return NULL;
	}
	*len = (size_t)count;
	in->at += *len;

	return at;
}

const char *
cbor_get_text(struct cbor_in *in, size_t *len)
{
	return (const char *)get_string(in, MAJOR_TEXT, len);
}

const uint8_t *
cbor_get_bytes(struct cbor_in *in, size_t *len)
{
	return get_string(in, MAJOR_BYTES, len);
}

/* Each item needs a byte at least, which bounds every caller's loop. */
static size_t
get_count(struct cbor_in *in, unsigned major, unsigned items)
{
	const uint8_t *start = in->at;
	uint64_t count = take(in, major, UINT64_MAX, CBOR_RANGE);

	if (count > left(in) / items) {
		in->at = start;
		cbor_refuse(in, CBOR_SHORT);
		return 0;
	}

	return (size_t)count;
}

size_t
cbor_get_array(struct cbor_in *in)
{
	return get_count(in, MAJOR_ARRAY, 1);
}

size_t
cbor_get_map(struct cbor_in *in)
{
	return get_count(in, MAJOR_MAP, 2);
}

bool
cbor_get_null(struct cbor_in *in)
{
	if (in->at == in->end || *in->at != HEAD_NULL)
		return false;
	in->at++;

	return true;
}

/*
 * Passes over a head and, of a string, its content.  Returns the items that
 * belong to it and are still to come, which never exceed what is left.
 */
static size_t
pass(struct cbor_in *in, struct head *head)
{
	const uint8_t *start = in->at;
	enum cbor_err why = CBOR_SHORT;
	size_t items;

	if (!get_head(in, head))
		return 0;
	switch (head->major) {
	case MAJOR_UINT:
	case MAJOR_NEGATIVE:
		return 0;
	case MAJOR_BYTES:
	case MAJOR_TEXT:
		if (head->value > left(in))
			break;
		in->at += (size_t)head->value;
		return 0;
	case MAJOR_ARRAY:
	case MAJOR_MAP:
		items = head->major - MAJOR_ARRAY + 1;
		if (head->value > left(in) / items)
			break;
		return (size_t)head->value * items;
	default:
		if (head->major == MAJOR_SIMPLE &&
		    head->value >= SIMPLE_FALSE && head->value <= SIMPLE_NULL)
			return 0;
		why = CBOR_FORM;
		break;
	}
	in->at = start;
	cbor_refuse(in, why);

	return 0;
}

void
cbor_skip(struct cbor_in *in)
{
	struct head head;

	for (size_t todo = 1; todo > 0 && in->err == CBOR_OK; todo--) {
		todo += pass(in, &head);
		if (todo - 1 > left(in))
			cbor_refuse(in, CBOR_SHORT);
	}
}

bool
cbor_done(const struct cbor_in *in)
{
	return in->err == CBOR_OK && in->at == in->end;
}

size_t
cbor_offset(const struct cbor_in *in, const uint8_t *start)
{
	return (size_t)(in->at - start);
}

/* Bytes of the character at `at`; 0 if it is not UTF-8. */
static unsigned
utf8_len(const uint8_t *at, const uint8_t *end)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	unsigned more = *at < 0x80 ? 0 : *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : 3;
	uint32_t code = *at & (0x7fU >> more >> (more > 0));

	if ((*at >= 0x80 && *at < 0xc0) || *at > 0xf7 ||
	    (size_t)(end - at) <= more)
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

	while (at < end && (len = utf8_len(at, end)) > 0)
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
 * Counts one finished item.  When it was a key it must follow the one before
 * it; as no encoded item begins another, memcmp over its length decides.
 */
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
	    memcmp(level->older, key, (size_t)(in->at - key)) >= 0) {
		in->at = key;
		cbor_refuse(in, CBOR_FORM);
	}
}

/* Stands where the text of len bytes that was just passed is not UTF-8. */
static void
check_text(struct cbor_in *in, size_t len)
{
	const uint8_t *end = utf8_end(in->at - len, in->at);

	if (end != in->at) {
		in->at = end;
		cbor_refuse(in, CBOR_FORM);
	}
}

enum cbor_err
cbor_check(const uint8_t *item, size_t len, size_t *offset)
{
	struct cbor_in in = cbor_reader(item, len);
	struct level levels[CBOR_DEPTH + 1], *level = levels;

	levels[0] = (struct level){ .todo = 1 };
	while (level->todo > 0) {
		const uint8_t *start = in.at;
		struct head head = { 0 };
		size_t items = pass(&in, &head);

		if (head.major == MAJOR_TEXT && in.err == CBOR_OK)
			check_text(&in, (size_t)head.value);
		if (in.err != CBOR_OK)
			break;
		if (head.major != MAJOR_ARRAY && head.major != MAJOR_MAP) {
			level_count(level, &in);
		} else if (++level <= levels + CBOR_DEPTH) {
			*level = (struct level){ .todo = items,
				.key = head.major == MAJOR_MAP ? in.at : NULL };
		} else {
			in.at = start;
			cbor_refuse(&in, CBOR_FORM);
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
