/* SPDX-License-Identifier: BSD-2-Clause */
#include "cbor_head.h"

enum { HEAD_NULL = MAJOR_SIMPLE << 5 | SIMPLE_NULL };

/* By size of a head's argument: the most that a shorter head would hold. */
static const uint32_t shorter_max[] = { 23, UINT8_MAX, UINT16_MAX, UINT32_MAX };

uint64_t
cbor_refuse_at(struct cbor_in *in, const uint8_t *at, enum cbor_err why)
{
	if (in->err == CBOR_OK)
		in->err = why;
	in->at = in->end = at;

	return 0;
}

void
cbor_refuse(struct cbor_in *in, enum cbor_err why)
{
	cbor_refuse_at(in, in->at, why);
}

/*
 * Reads a head, of the shortest form only, and stands behind it; on failure
 * stands where the head began, and major is none.
 */
static uint64_t
get_head(struct cbor_in *in, unsigned *major)
{
	const uint8_t *at = in->at;
	size_t len, left = cbor_left(in);
	enum cbor_err why = CBOR_SHORT;
	unsigned info;
	uint64_t value;

	if (left == 0)
		goto refuse;
	*major = *at >> 5;
	value = info = *at++ & 31U;
	if (info >= 24) {
		why = CBOR_FORM;
		if (info > 27)
			goto refuse;
		why = CBOR_SHORT;
		len = (size_t)1 << (info - 24);
		if (left <= len)
			goto refuse;
		for (value = 0; len > 0; len--)
			value = value << 8 | *at++;
		why = CBOR_FORM;
		if (value <= shorter_max[info - 24])
			goto refuse;
	}
	in->at = at;

	return value;

refuse:
	*major = MAJOR_NONE;

	return cbor_refuse_at(in, in->at, why);
}

uint64_t
cbor_get_uint64(struct cbor_in *in, uint64_t max)
{
	const uint8_t *start = in->at;
	unsigned major;
	uint64_t value = get_head(in, &major);

	if (major == MAJOR_UINT && value <= max)
		return value;

	return cbor_refuse_at(
	    in, start, major != MAJOR_UINT ? CBOR_TYPE : CBOR_RANGE);
}

uint32_t
cbor_get_uint(struct cbor_in *in, uint32_t max)
{
	return (uint32_t)cbor_get_uint64(in, max);
}

int32_t
cbor_get_int(struct cbor_in *in, int32_t min, int32_t max)
{
	const uint8_t *start = in->at;
	unsigned major;
	uint64_t bits = get_head(in, &major);
	int32_t value = (int32_t)bits ^ -(int32_t)major;

	if (major <= MAJOR_NEGATIVE && bits <= INT32_MAX && value >= min &&
	    value <= max)
		return value;

	return (int32_t)cbor_refuse_at(
	    in, start, major > MAJOR_NEGATIVE ? CBOR_TYPE : CBOR_RANGE);
}

int64_t
cbor_get_int64(struct cbor_in *in, int64_t min, int64_t max)
{
	const uint8_t *start = in->at;
	unsigned major;
	uint64_t bits = get_head(in, &major);
	int64_t value = (int64_t)bits ^ -(int64_t)major;

	if (major <= MAJOR_NEGATIVE && bits <= INT64_MAX && value >= min &&
	    value <= max)
		return value;

	return (int64_t)cbor_refuse_at(
	    in, start, major > MAJOR_NEGATIVE ? CBOR_TYPE : CBOR_RANGE);
}

bool
cbor_get_bool(struct cbor_in *in)
{
	const uint8_t *start = in->at;
	unsigned major;
	uint64_t value = get_head(in, &major);

	if (major == MAJOR_SIMPLE && value >= SIMPLE_FALSE &&
	    value <= SIMPLE_TRUE)
		return value == SIMPLE_TRUE;
	cbor_refuse_at(in, start, CBOR_TYPE);

	return false;
}

/*
 * A length or a count: each of what it counts needs a byte at least, of pairs
 * two, so it never exceeds what is left.  That bounds every caller's loop.
 */
static size_t
get_count(struct cbor_in *in, unsigned major)
{
	const uint8_t *start = in->at;
	unsigned found;
	uint64_t count = get_head(in, &found);

	if (found == major && count <= cbor_left(in) >> (major == MAJOR_MAP))
		return (size_t)count;

	return (size_t)cbor_refuse_at(
	    in, start, found != major ? CBOR_TYPE : CBOR_SHORT);
}

size_t
cbor_get_array(struct cbor_in *in)
{
	return get_count(in, MAJOR_ARRAY);
}

size_t
cbor_get_map(struct cbor_in *in)
{
	return get_count(in, MAJOR_MAP);
}

static const uint8_t *
get_string(struct cbor_in *in, unsigned major, size_t *len)
{
	const uint8_t *at;

	*len = get_count(in, major);
	at = in->at;
	in->at += *len;

	return in->err == CBOR_OK ? at : NULL;
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

bool
cbor_get_null(struct cbor_in *in)
{
	if (in->at == in->end || *in->at != HEAD_NULL)
		return false;
	in->at++;

	return true;
}

size_t
cbor_pass(struct cbor_in *in, unsigned *major)
{
	const uint8_t *start = in->at;
	enum cbor_err why = CBOR_FORM;
	uint64_t value = get_head(in, major);

	switch (*major) {
	case MAJOR_UINT:
	case MAJOR_NEGATIVE:
		return 0;
	case MAJOR_BYTES:
	case MAJOR_TEXT:
	case MAJOR_ARRAY:
	case MAJOR_MAP:
		why = CBOR_SHORT;
		if (value > cbor_left(in) >> (*major == MAJOR_MAP))
			break;
		if (*major <= MAJOR_TEXT)
			in->at += (size_t)value;
		return (size_t)value << (*major == MAJOR_MAP);
	case MAJOR_SIMPLE:
		if (value < SIMPLE_LONG)
			return 0;
	}

	return (size_t)cbor_refuse_at(in, start, why);
}

void
cbor_skip(struct cbor_in *in)
{
	unsigned major;
	size_t items;

	for (size_t todo = 1; todo > 0 && in->err == CBOR_OK; todo--) {
		items = cbor_pass(in, &major);
		if (major >= MAJOR_ARRAY)
			todo += items;
		if (todo - 1 > cbor_left(in))
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
