/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_CBOR_H
#define PROTO_CBOR_H

/*
 * CBOR (RFC 8949) in the core deterministic profile of section 4.2.1, without
 * floats, tags, indefinite lengths or simple values of two bytes: shortest
 * heads, map keys ascending by their encoding, none twice, UTF-8 text, nesting
 * of at most CBOR_DEPTH.
 *
 * Reading and writing go through cursors.  A cursor that fails keeps its first
 * reason and pulls its own end in to where it stands, so every later call fails
 * too: one look at the end of a message is enough.  Nothing allocates, nothing
 * recurses; what get_text and get_bytes return points into the input.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CBOR_DEPTH = 8 };

enum cbor_err {
	CBOR_OK,
	CBOR_SHORT, /* the input ends inside an item, or a count exceeds it */
	CBOR_FORM,  /* not deterministic, or not of the profile */
	CBOR_TYPE,  /* another type than asked for */
	CBOR_RANGE, /* a number or length outside what the caller allows */
};

struct cbor_out {
	uint8_t *at, *end;
	bool full;
};

struct cbor_in {
	const uint8_t *at, *end;
	enum cbor_err err;
};

/* A writer into buf, of cap bytes. */
static inline struct cbor_out
cbor_writer(uint8_t *buf, size_t cap)
{
	return (struct cbor_out){ .at = buf, .end = buf + cap };
}

/* A reader of the len bytes at buf. */
static inline struct cbor_in
cbor_reader(const uint8_t *buf, size_t len)
{
	return (struct cbor_in){ .at = buf, .end = buf + len };
}

void cbor_put_uint(struct cbor_out *out, uint64_t value);
void cbor_put_int(struct cbor_out *out, int64_t value);
void cbor_put_text(struct cbor_out *out, const char *text, size_t len);
void cbor_put_bytes(struct cbor_out *out, const uint8_t *bytes, size_t len);
void cbor_put_array(struct cbor_out *out, size_t items);
void cbor_put_map(struct cbor_out *out, size_t pairs);
void cbor_put_bool(struct cbor_out *out, bool value);
void cbor_put_null(struct cbor_out *out);

/*
 * Copies the len bytes of already encoded CBOR at item into out, as they are.
 */
void cbor_put_encoded(struct cbor_out *out, const uint8_t *item, size_t len);

/*
 * Writes the head of a byte string of len bytes and returns the room for them,
 * which the caller fills; NULL, and out is full, if they do not fit.
 */
uint8_t *cbor_room_bytes(struct cbor_out *out, size_t len);

/* Bytes written since buf, where the writer began; 0 if they did not fit. */
size_t cbor_len(const struct cbor_out *out, const uint8_t *buf);

/* An unsigned integer of at most max; 0 on failure, as for all getters. */
uint32_t cbor_get_uint(struct cbor_in *in, uint32_t max);
uint64_t cbor_get_uint64(struct cbor_in *in, uint64_t max);

/* A signed integer within min..max. */
int32_t cbor_get_int(struct cbor_in *in, int32_t min, int32_t max);
int64_t cbor_get_int64(struct cbor_in *in, int64_t min, int64_t max);

bool cbor_get_bool(struct cbor_in *in);

/*
 * A text or byte string; the pointer is borrowed from the input and *len bytes
 * long.  On failure NULL, and *len is 0.
 */
const char *cbor_get_text(struct cbor_in *in, size_t *len);
const uint8_t *cbor_get_bytes(struct cbor_in *in, size_t *len);

/* Items or pairs that follow; never more than the input can still hold. */
size_t cbor_get_array(struct cbor_in *in);
size_t cbor_get_map(struct cbor_in *in);

/* Consumes a null and returns true, or leaves what is there. */
bool cbor_get_null(struct cbor_in *in);

/* Passes over one whole item, nested ones included, in constant stack. */
void cbor_skip(struct cbor_in *in);

/* The caller's own refusal: fails the cursor here for reason why. */
void cbor_refuse(struct cbor_in *in, enum cbor_err why);

/* True if nothing failed and the input is used up. */
bool cbor_done(const struct cbor_in *in);

/* Byte offset from start, where the reader began, to where it stands. */
size_t cbor_offset(const struct cbor_in *in, const uint8_t *start);

/*
 * The gate: true if the len bytes at item are exactly one item of the profile,
 * looked at to the last nested value.  Called once for each received message.
 */
bool cbor_valid(const uint8_t *item, size_t len);

/*
 * The same, telling why and where: returns the reason, CBOR_OK if valid, and
 * sets *offset (which may be NULL) to the offset of the offending byte.
 */
enum cbor_err cbor_check(const uint8_t *item, size_t len, size_t *offset);

/* Are the len bytes at text UTF-8, as the gate wants text to be? */
bool cbor_is_utf8(const char *text, size_t len);

#endif
