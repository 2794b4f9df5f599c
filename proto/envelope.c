/* SPDX-License-Identifier: BSD-2-Clause */
#include "message.h"

enum { ENVELOPE_ITEMS = 4, HEAD_ARRAY = 0x80 };

static void
read_body(struct envelope *env, struct cbor_in *in)
{
	struct cbor_in map;

	if (env->direction == DIR_PART) {
		env->body = cbor_get_bytes(in, &env->body_len);
		return;
	}
	map = *in;
	cbor_get_map(&map);
	if (map.err != CBOR_OK)
		cbor_refuse(in, map.err);
	env->body = in->at;
	cbor_skip(in);
	env->body_len = cbor_offset(in, env->body);
}

static void
read_tag(struct envelope *env, struct cbor_in *in)
{
	size_t len;

	env->tag = cbor_get_bytes(in, &len);
	if (len != TAG_LEN)
		cbor_refuse(in, CBOR_RANGE);
}

int
envelope_open(
    struct envelope *env, const uint8_t *payload, size_t len, bool *answerable)
{
	struct cbor_in in = cbor_reader(payload, len);
	size_t items = len > 0 ? *in.at++ ^ HEAD_ARRAY : 0U;

	/* the head alone, whatever follows: what ends early is answered too */
	*env = (struct envelope){ 0 };
	*answerable = false;
	if (items != ENVELOPE_ITEMS && items != ENVELOPE_ITEMS + 1)
		return E_MALFORMED;
	env->direction = (uint8_t)cbor_get_uint(&in, DIR_CREDIT);
	env->seq = cbor_get_uint(&in, UINT32_MAX);
	*answerable = in.err == CBOR_OK;
	env->what = cbor_get_uint(&in, UINT32_MAX);
	read_body(env, &in);
	if (items > ENVELOPE_ITEMS)
		read_tag(env, &in);

	return cbor_done(&in) ? E_OK : E_MALFORMED;
}

void
envelope_begin(struct cbor_out *out, enum direction direction, uint32_t seq,
    uint32_t what, bool tagged)
{
	cbor_put_array(out, ENVELOPE_ITEMS + (size_t)tagged);
	cbor_put_uint(out, direction);
	cbor_put_uint(out, seq);
	cbor_put_uint(out, what);
}
