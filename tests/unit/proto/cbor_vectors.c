/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The codec against the examples of RFC 8949 and a hostile list of our own; see
 * tests/vectors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../cli/cmd/diagnostic.h"
#include "../../../proto/cbor.h"
#include "../../support/vectors.h"

#define APPENDIX_A "tests/vectors/rfc8949-appendix-a.txt"
#define NOT_WELL_FORMED "tests/vectors/rfc8949-not-well-formed.txt"
#define HOSTILE "tests/vectors/hostile.txt"

enum { ITEM_MAX = 256 };

static unsigned refused; /* of all files */

/* Passes over the item, which must end where its bytes do or before. */
static enum cbor_err
pass_over(const struct bytes *item)
{
	struct cbor_in in = cbor_reader(item->at, item->len);

	cbor_skip(&in);
	assert_in_range(cbor_offset(&in, item->at), 0, item->len);

	return in.err;
}

static void copy_item(struct cbor_out *out, struct cbor_in *in);

static void
copy_items(struct cbor_out *out, struct cbor_in *in, size_t count)
{
	while (count-- > 0)
		copy_item(out, in);
}

/* A number below INT64_MIN has no getter: refused, and copied as it stands. */
static void
copy_negative(struct cbor_out *out, struct cbor_in *in)
{
	struct cbor_in as_number = *in;
	const uint8_t *start = in->at;
	int64_t value = cbor_get_int64(&as_number, INT64_MIN, INT64_MAX);

	cbor_skip(in);
	if (as_number.err == CBOR_OK) {
		cbor_put_int(out, value);
		return;
	}
	assert_int_equal(as_number.err, CBOR_RANGE);
	assert_true(start[0] == 0x3b && start[1] >= 0x80);
	cbor_put_encoded(out, start, cbor_offset(in, start));
}

static void
copy_string(struct cbor_out *out, struct cbor_in *in, bool text)
{
	size_t len;

	if (text) {
		const char *at = cbor_get_text(in, &len);

		cbor_put_text(out, at, len);
	} else {
		const uint8_t *at = cbor_get_bytes(in, &len);

		cbor_put_bytes(out, at, len);
	}
}

static void
copy_container(struct cbor_out *out, struct cbor_in *in, bool map)
{
	size_t count = map ? cbor_get_map(in) : cbor_get_array(in);

	if (map)
		cbor_put_map(out, count);
	else
		cbor_put_array(out, count);
	copy_items(out, in, map ? 2 * count : count);
}

/* What has no getter, since no field is of its kind, is copied as it stands. */
static void
copy_simple(struct cbor_out *out, struct cbor_in *in)
{
	const uint8_t *start = in->at;

	if (cbor_get_null(in)) {
		cbor_put_null(out);
	} else if (*start == 0xf4 || *start == 0xf5) {
		cbor_put_bool(out, cbor_get_bool(in));
	} else {
		cbor_skip(in);
		cbor_put_encoded(out, start, cbor_offset(in, start));
	}
}

/* Reads an item through the getters and writes it through the putters. */
static void
copy_item(struct cbor_out *out, struct cbor_in *in)
{
	switch (*in->at >> 5) {
	case 0:
		cbor_put_uint(out, cbor_get_uint64(in, UINT64_MAX));
		break;
	case 1:
		copy_negative(out, in);
		break;
	case 2:
	case 3:
		copy_string(out, in, *in->at >> 5 == 3);
		break;
	case 4:
	case 5:
		copy_container(out, in, *in->at >> 5 == 5);
		break;
	default:
		copy_simple(out, in);
	}
}

static void
accept(const struct bytes *item, const char *notation)
{
	uint8_t again[ITEM_MAX];
	struct cbor_out out = cbor_writer(again, sizeof(again));
	struct cbor_in in = cbor_reader(item->at, item->len);
	size_t offset = ITEM_MAX;
	char *text;

	assert_int_equal(cbor_check(item->at, item->len, &offset), CBOR_OK);
	assert_int_equal(offset, item->len);
	assert_true(cbor_valid(item->at, item->len));
	assert_int_equal(pass_over(item), CBOR_OK);
	copy_item(&out, &in);
	assert_true(cbor_done(&in));
	assert_int_equal(cbor_len(&out, again), item->len);
	assert_memory_equal(again, item->at, item->len);
	text = diagnostic_text(item->at, item->len);
	assert_string_equal(text, notation);
	free(text);
}

static void
refuse(const struct bytes *item, const struct vectors *vectors)
{
	if (cbor_valid(item->at, item->len))
		fail_msg("%s:%u is accepted", vectors->path, vectors->line);
	refused++;
}

static void
every_example_of_the_profile_is_read_and_written_again(void **state)
{
	struct vectors vectors = vectors_open(APPENDIX_A);
	unsigned inside = 0;

	(void)state;
	while (vectors_next(&vectors)) {
		struct bytes item = bytes_of_hex(vectors.column[0]);

		if (strcmp(vectors.column[2], "inside") == 0) {
			inside++;
			accept(&item, vectors.column[1]);
		} else {
			refuse(&item, &vectors);
			pass_over(&item);
		}
		bytes_free(&item);
	}
	assert_int_equal(vectors.count, 81);
	assert_int_equal(inside, 39);
}

static void
gate_and_skip_refuse_what_is_not_well_formed(void **state)
{
	struct vectors vectors = vectors_open(NOT_WELL_FORMED);

	(void)state;
	while (vectors_next(&vectors)) {
		struct bytes item = bytes_of_hex(vectors.column[0]);

		refuse(&item, &vectors);
		assert_int_not_equal(pass_over(&item), CBOR_OK);
		bytes_free(&item);
	}
	assert_int_equal(vectors.count, 94);
}

static void
the_gate_says_why_and_where(void **state)
{
	struct vectors vectors = vectors_open(HOSTILE);

	(void)state;
	while (vectors_next(&vectors)) {
		struct bytes item = bytes_of_hex(vectors.column[0]);
		bool is_short = strcmp(vectors.column[1], "short") == 0;
		size_t offset, wanted = strtoul(vectors.column[2], NULL, 10);
		enum cbor_err err = cbor_check(item.at, item.len, &offset);

		refuse(&item, &vectors);
		pass_over(&item);
		if (err != (is_short ? CBOR_SHORT : CBOR_FORM) ||
		    offset != wanted)
			fail_msg("%s (%s): %d at %zu, not at %zu",
			    vectors.column[4], vectors.column[0], err, offset,
			    wanted);
		bytes_free(&item);
	}
	assert_in_range(vectors.count, 200, 10000);
	printf(
	    "FIGURE inputs that the gate must refuse, and does: %u\n", refused);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_example_of_the_profile_is_read_and_written_again),
		cmocka_unit_test(gate_and_skip_refuse_what_is_not_well_formed),
		cmocka_unit_test(the_gate_says_why_and_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
