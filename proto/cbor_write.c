/* SPDX-License-Identifier: BSD-2-Clause */
#include "cbor_head.h"

#include <string.h>

/* True if there is room for len bytes; otherwise out is full. */
static bool
fits(struct cbor_out *out, size_t len)
{
	if ((size_t)(out->end - out->at) >= len)
		return true;
	out->full = true;
	out->end = out->at;

	return false;
}

static void
put_head(struct cbor_out *out, unsigned major, uint64_t value)
{
	unsigned info = (unsigned)value, len = 0;
	uint8_t *at = out->at;

	if (value >= 24) {
		info = 24U + (value > UINT8_MAX) + (value > UINT16_MAX) +
		    (value > UINT32_MAX);
		len = 1U << (info - 24);
	}
	if (!fits(out, 1 + len))
		return;
	out->at += 1 + len;
	*at = (uint8_t)(major << 5 | info);
	for (; len > 0; value >>= 8)
		at[len--] = (uint8_t)value;
}

void
cbor_put_encoded(struct cbor_out *out, const uint8_t *item, size_t len)
{
	if (len == 0 || !fits(out, len))
		return;
	memcpy(out->at, item, len);
	out->at += len;
}

void
cbor_put_uint(struct cbor_out *out, uint64_t value)
{
	put_head(out, MAJOR_UINT, value);
}

void
cbor_put_int(struct cbor_out *out, int64_t value)
{
	unsigned major = value < 0 ? MAJOR_NEGATIVE : MAJOR_UINT;

	put_head(out, major, (uint64_t)value ^ -(uint64_t)major);
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
	uint8_t *at;

	put_head(out, MAJOR_BYTES, len);
	if (out->full || !fits(out, len))
		return NULL;
	at = out->at;
	out->at += len;

	return at;
}

size_t
cbor_len(const struct cbor_out *out, const uint8_t *buf)
{
	return out->full ? 0 : (size_t)(out->at - buf);
}
