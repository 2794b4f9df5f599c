/* SPDX-License-Identifier: BSD-2-Clause */
#include "message.h"

#include <string.h>

#include "change.h"

enum { PADDING_STEP = 157 };

static void
put_texts(struct cbor_out *out, const struct texts *texts)
{
	cbor_put_array(out, texts->count);
	for (size_t i = 0; i < texts->count; i++)
		cbor_put_text(out, texts->at[i], strlen(texts->at[i]));
}

static void
put_ranges(struct cbor_out *out, const struct ranges *ranges)
{
	cbor_put_array(out, (size_t)ranges->count * 2);
	for (size_t i = 0; i < ranges->count; i++) {
		cbor_put_uint(out, ranges->at[i].first);
		cbor_put_uint(out, ranges->at[i].last);
	}
}

/* Every value of a byte takes its turn, so that the line has to carry it. */
static void
put_padding(struct cbor_out *out, size_t len)
{
	uint8_t *room = cbor_room_bytes(out, len);

	for (size_t i = 0; room != NULL && i < len; i++)
		room[i] = (uint8_t)(i * PADDING_STEP);
}

static void
put_value(struct cbor_out *out, const struct field *field, const void *body)
{
	const void *at = field_of(field, body);
	const uint8_t *bytes = at;

	switch (field->type) {
	case FIELD_BOOL:
		cbor_put_bool(out, field_number(field, body) != 0);
		break;
	case FIELD_UINT:
	case FIELD_INT:
		cbor_put_int(out, field_number(field, body));
		break;
	case FIELD_TEXT:
		cbor_put_text(out, at, strlen(at));
		break;
	case FIELD_TEXTS:
		put_texts(out, at);
		break;
	case FIELD_RANGES:
		put_ranges(out, at);
		break;
	case FIELD_PADDING:
		put_padding(out, (size_t)field_number(field, body));
		break;
	default: /* struct octets and struct blob: a length, then the bytes */
		cbor_put_bytes(out, bytes + 1, *bytes);
	}
}

void
message_encode(
    const struct message *msg, const void *body, struct cbor_out *out)
{
	uint64_t has = *(const uint64_t *)body;
	size_t pairs = 0;

	for (size_t i = 0; i < msg->count; i++)
		pairs += has >> msg->fields[i].key & 1U;
	cbor_put_map(out, pairs);
	for (size_t i = 0; i < msg->count; i++) {
		if ((has >> msg->fields[i].key & 1U) == 0)
			continue;
		cbor_put_uint(out, msg->fields[i].key);
		put_value(out, &msg->fields[i], body);
	}
}

/* Numbers are held to what their member can hold; ranges come after. */
static void
get_number(struct cbor_in *in, const struct field *field, void *body)
{
	unsigned bits = 8U * field->size - (field->type == FIELD_INT);
	int64_t max = bits < 63 ? ((int64_t)1 << bits) - 1 : INT64_MAX;
	int64_t min = field->type == FIELD_INT ? -max - 1 : 0;

	field_set_number(field, body, cbor_get_int64(in, min, max));
}

static void
get_text(struct cbor_in *in, char *text, size_t cap)
{
	size_t len;
	const char *from = cbor_get_text(in, &len);

	if (len >= cap) {
		cbor_refuse(in, CBOR_RANGE);
		return;
	}
	if (len > 0)
		memcpy(text, from, len);
	text[len] = '\0';
	if (strlen(text) != len) /* a NUL inside */
		cbor_refuse(in, CBOR_RANGE);
}

static void
get_texts(struct cbor_in *in, struct texts *texts)
{
	size_t count = cbor_get_array(in);

	if (count > TEXTS_MAX) {
		cbor_refuse(in, CBOR_RANGE);
		return;
	}
	texts->count = (uint8_t)count;
	for (size_t i = 0; i < count; i++)
		get_text(in, texts->at[i], sizeof(texts->at[i]));
}

/* To at[0] the length, behind it the bytes. */
static void
get_bytes(struct cbor_in *in, uint8_t *at, size_t cap)
{
	size_t len;
	const uint8_t *from = cbor_get_bytes(in, &len);

	if (len > cap) {
		cbor_refuse(in, CBOR_RANGE);
		return;
	}
	*at = (uint8_t)len;
	if (len > 0)
		memcpy(at + 1, from, len);
}

static void
get_padding(struct cbor_in *in, struct padding *padding)
{
	size_t len;

	cbor_get_bytes(in, &len);
	if (len > UINT16_MAX)
		cbor_refuse(in, CBOR_RANGE);
	padding->len = (uint16_t)len;
}

static void
get_ranges(struct cbor_in *in, struct ranges *ranges)
{
	size_t count = cbor_get_array(in);

	if (count % 2 > 0 || count / 2 > RANGES_MAX) {
		cbor_refuse(in, count % 2 > 0 ? CBOR_FORM : CBOR_RANGE);
		return;
	}
	ranges->count = (uint8_t)(count / 2);
	for (size_t i = 0; i < ranges->count; i++) {
		struct range *range = &ranges->at[i];

		range->first = cbor_get_uint(in, UINT32_MAX);
		range->last = cbor_get_uint(in, UINT32_MAX);
		if (range->last < range->first)
			cbor_refuse(in, CBOR_RANGE);
	}
}

static void
get_value(struct cbor_in *in, const struct field *field, void *body)
{
	void *at = field_in(field, body);

	switch (field->type) {
	case FIELD_BOOL:
		field_set_number(field, body, cbor_get_bool(in));
		break;
	case FIELD_UINT:
	case FIELD_INT:
		get_number(in, field, body);
		break;
	case FIELD_TEXT:
		get_text(in, at, field->size);
		break;
	case FIELD_TEXTS:
		get_texts(in, at);
		break;
	case FIELD_RANGES:
		get_ranges(in, at);
		break;
	case FIELD_PADDING:
		get_padding(in, at);
		break;
	default:
		get_bytes(in, at, field->size - 1U);
	}
}

static int
error_of(const struct cbor_in *in)
{
	if (in->err == CBOR_OK)
		return E_OK;

	return in->err == CBOR_RANGE ? E_BAD_VALUE : E_MALFORMED;
}

/* Reads the value of key, which stands next; the row is NULL if not known. */
static int
decode_entry(const struct field *field, struct cbor_in *in, void *body,
    bool strict, struct message_fault *fault)
{
	if (in->err != CBOR_OK)
		return E_MALFORMED; /* the key itself */
	fault->field = field;
	if (field == NULL) {
		if (strict && fault->key < KEY_ELECTIVE)
			return E_UNSUPPORTED_FIELD;
		cbor_skip(in);
		return error_of(in);
	}
	get_value(in, field, body);
	if (in->err != CBOR_OK)
		return error_of(in);
	*(uint64_t *)body |= (uint64_t)1 << field->key;

	return strict ? field_check(field, body) : E_OK;
}

static int
decode_entries(const struct message *msg, struct cbor_in *in, void *body,
    bool strict, struct message_fault *fault)
{
	const uint8_t *start = in->at;
	size_t pairs = cbor_get_map(in);
	int err = error_of(in);

	for (size_t i = 0; i < pairs && err == E_OK; i++) {
		uint32_t older = fault->key;

		fault->offset = cbor_offset(in, start);
		fault->field = NULL;
		fault->key = cbor_get_uint(in, UINT32_MAX);
		if (i > 0 && fault->key <= older)
			cbor_refuse(in, CBOR_FORM); /* twice, or disordered */
		err = decode_entry(
		    message_field(msg, fault->key), in, body, strict, fault);
	}
	if (in->err != CBOR_OK)
		fault->offset = cbor_offset(in, start);

	return err;
}

static int
check_required(
    const struct message *msg, const void *body, struct message_fault *fault)
{
	for (size_t i = 0; i < msg->count; i++) {
		const struct field *field = &msg->fields[i];

		if (field->presence == OPTIONAL || field_present(field, body))
			continue;
		fault->key = field->key;
		fault->field = field;
		return E_MALFORMED;
	}

	return E_OK;
}

int
message_decode(const struct message *msg, struct cbor_in *in, void *body,
    bool strict, struct message_fault *fault)
{
	struct message_fault unasked;
	int err;

	if (fault == NULL)
		fault = &unasked;
	*fault = (struct message_fault){ 0 };
	memset(body, 0, msg->size);
	err = decode_entries(msg, in, body, strict, fault);

	return err == E_OK ? check_required(msg, body, fault) : err;
}

const struct field *
message_field(const struct message *msg, uint32_t key)
{
	for (size_t i = 0; i < msg->count; i++)
		if (msg->fields[i].key == key)
			return &msg->fields[i];

	return NULL;
}

const struct field *
message_find(const struct message *msg, const char *name)
{
	size_t len = strlen(name) + 1;

	for (size_t i = 0; i < msg->count; i++)
		if (strlen(msg->fields[i].name) + 1 == len &&
		    memcmp(msg->fields[i].name, name, len) == 0)
			return &msg->fields[i];

	return NULL;
}

struct change *
change_in(const struct message *msg, void *body)
{
	const struct field *id = message_field(msg, CHANGE_ID);
	uint8_t *at = body;

	if (id == NULL)
		return NULL;
	at += id->at - offsetof(struct change, id);

	return (struct change *)(void *)at;
}
