/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_CBOR_HEAD_H
#define PROTO_CBOR_HEAD_H

/* What writer, reader and gate share, and who shows what they passed. */

#include "cbor.h"

enum major {
	MAJOR_UINT,
	MAJOR_NEGATIVE,
	MAJOR_BYTES,
	MAJOR_TEXT,
	MAJOR_ARRAY,
	MAJOR_MAP,
	MAJOR_TAG,
	MAJOR_SIMPLE,
	MAJOR_NONE, /* there was no head to read */
};

enum {
	SIMPLE_FALSE = 20,
	SIMPLE_TRUE,
	SIMPLE_NULL,
	SIMPLE_LONG = 24, /* from here on, of two bytes */
};

/*
 * Passes over a head, which major then tells, and over the content of a string.
 * Returns the bytes of the string or the items of the container, which are
 * still to come and never exceed what is left; 0 of what has neither.
 */
size_t cbor_pass(struct cbor_in *in, unsigned *major);

/* Fails the cursor for reason why, and has it stand at `at`.  Returns 0. */
uint64_t cbor_refuse_at(
    struct cbor_in *in, const uint8_t *at, enum cbor_err why);

static inline size_t
cbor_left(const struct cbor_in *in)
{
	return (size_t)(in->end - in->at);
}

#endif
