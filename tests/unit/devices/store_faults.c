/* SPDX-License-Identifier: BSD-2-Clause */

/* The store on flash that fails to be read or written in places. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/store.h"
#include "../../support/nor.h"

enum { VALUE_LEN = 200, COMMIT_LEN = 216 };

static const struct flash_geometry two = { 1024, 8, 2, 2, 2 };
static const struct flash_geometry three = { 1024, 8, 3, 2, 2 };

static struct nor nor;
static struct store store;

static bool
put(enum store_key key, uint8_t byte)
{
	static uint8_t value[VALUE_LEN];
	struct store_item item = { key, VALUE_LEN, value };

	memset(value, byte, sizeof(value));
	return store_commit(&store, &nor.board, &item, 1);
}

/* The byte that fills the value of a key; 0 if there is none. */
static uint8_t
got(enum store_key key)
{
	uint8_t value[VALUE_LEN];

	if (store_get(&store, &nor.board, key, value, sizeof(value)) == 0)
		return 0;
	for (size_t i = 1; i < VALUE_LEN; i++)
		assert_int_equal(value[i], value[0]);
	return value[0];
}

static void
begin(const struct flash_geometry *geometry)
{
	nor_make(&nor, geometry);
	assert_true(store_mount(&store, &nor.board));
}

static void
a_value_that_cannot_be_read_is_none(void **state)
{
	(void)state;
	begin(&two);
	assert_true(put(STORE_RELAY, 'a'));
	nor.fail_read_at = nor.reads + 1;
	assert_int_equal(got(STORE_RELAY), 0);
	assert_int_equal(got(STORE_RELAY), 'a');
}

/* Four keys in three sectors, the ring turned: what they were in the end. */
static void
write_script(void)
{
	for (unsigned n = 0; n < 12; n++)
		assert_true(put((enum store_key)(n % 4), (uint8_t)(1 + n)));
}

/* A value of the script is one that was written under its key. */
static void
assert_written_or_none(void)
{
	for (unsigned key = 0; key < 4; key++) {
		uint8_t byte = got((enum store_key)key);

		assert_true(byte <= 12);
		assert_true(byte == 0 || (byte - 1U) % 4 == key);
	}
}

static void
a_read_that_fails_at_power_up_never_makes_a_wrong_value(void **state)
{
	struct nor written;
	unsigned reads;

	(void)state;
	begin(&three);
	write_script();
	nor_power(&nor, 0, NOR_CUT_BEFORE);
	assert_true(store_mount(&store, &nor.board));
	reads = nor.reads;
	assert_true(reads > 20);
	written = nor;
	for (unsigned n = 1; n <= reads; n++) {
		nor = written;
		nor_power(&nor, 0, NOR_CUT_BEFORE);
		nor.fail_read_at = n;
		if (store_mount(&store, &nor.board))
			assert_written_or_none();
	}
}

/*
 * A value is moved on before its sector goes; where that fails it stays.  Of a
 * commit that was written but not read back, the old values stood once.
 */
static void
a_value_that_cannot_be_copied_is_not_erased(void **state)
{
	struct nor written;
	bool refused = false;

	(void)state;
	begin(&two);
	assert_true(put(STORE_RECORD, 'r'));
	while (store.next + COMMIT_LEN <= 1024)
		assert_true(put(STORE_RELAY, 'a'));
	written = nor;
	for (unsigned n = 1; n < 200; n++) {
		struct store before = store;
		bool done;

		nor = written;
		nor_power(&nor, 0, NOR_CUT_BEFORE);
		nor.fail_read_at = n;
		done = put(STORE_RELAY, 'b');
		nor.fail_read_at = 0;
		assert_int_equal(got(STORE_RELAY), done ? 'b' : 'a');
		assert_int_equal(got(STORE_RECORD), 'r');
		refused |= !done;
		store = before;
	}
	assert_true(refused);
}

static void
a_key_of_a_newer_version_is_passed_over(void **state)
{
	struct store_item items[] = {
		{ STORE_KEY_COUNT, 3, "new" },
		{ STORE_RELAY, 3, "old" },
	};
	uint8_t value[3];

	(void)state;
	begin(&two);
	assert_true(store_commit(&store, &nor.board, items, 2));
	assert_true(store_mount(&store, &nor.board));
	assert_int_equal(
	    store_get(&store, &nor.board, STORE_RELAY, value, sizeof(value)),
	    3);
	assert_memory_equal(value, "old", 3);
}

static bool
program_headers_only(void *self, uint32_t at, const void *buf, size_t len)
{
	(void)self;
	(void)buf;
	(void)len;
	return at % 1024 == 0;
}

static void
a_commit_is_given_up_when_every_sector_refuses_it(void **state)
{
	struct board_ops ops;

	(void)state;
	begin(&three);
	ops = *nor.board.ops;
	ops.flash_program = program_headers_only;
	nor.board.ops = &ops;
	assert_false(put(STORE_RELAY, 'a'));
	assert_int_equal(store_len(&store, STORE_RELAY), 0);
}

/*
 * The power goes between the copy of what lived in the oldest sector and the
 * erasing of it, and then the copy is lost: the old sector must be kept, though
 * nothing can be written any more.
 */
static void
the_only_copy_is_kept_even_if_nothing_can_be_written_then(void **state)
{
	bool met = false;

	(void)state;
	for (unsigned cut = 1; cut < 12; cut++) {
		begin(&two);
		assert_true(put(STORE_RECORD, 'r'));
		while (store.next + COMMIT_LEN <= 1024)
			assert_true(put(STORE_RELAY, 'a'));
		nor_power(&nor, cut, NOR_CUT_BEFORE);
		if (put(STORE_RELAY, 'b') || nor.bytes[0] == 0xff)
			continue;
		nor_power(&nor, 0, NOR_CUT_BEFORE);
		nor.bytes[1024 + 16 + 20] ^= 1; /* inside the first copy */
		met |= !store_mount(&store, &nor.board);
		assert_int_equal(got(STORE_RECORD), 'r');
		if (!store_mount(&store, &nor.board)) {
			assert_false(put(STORE_RELAY, 'c'));
			assert_int_equal(got(STORE_RELAY), 'a');
		}
	}
	assert_true(met);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_that_cannot_be_read_is_none),
		cmocka_unit_test(
		    a_read_that_fails_at_power_up_never_makes_a_wrong_value),
		cmocka_unit_test(a_value_that_cannot_be_copied_is_not_erased),
		cmocka_unit_test(a_key_of_a_newer_version_is_passed_over),
		cmocka_unit_test(
		    a_commit_is_given_up_when_every_sector_refuses_it),
		cmocka_unit_test(
		    the_only_copy_is_kept_even_if_nothing_can_be_written_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
