/* SPDX-License-Identifier: BSD-2-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/store.h"
#include "../../support/nor.h"

enum { COMMITS = 40, LONG_LEN = 280 };

static const struct flash_geometry geometries[] = {
	{ 1024, 1, 2, 2, 2 },
	{ 1024, 8, 3, 2, 2 },
	{ 2048, 32, 2, 2, 2 },
	{ 1024, 16, 5, 2, 2 },
};

static struct nor nor;
static struct store store;

/* The value of a key after the n'th commit of the script, from 1; its length.
 * Commit n writes STORE_RELAY and STORE_OUTCOMES, every third a long record,
 * every seventh takes STORE_TEST away or brings it back. */
static uint16_t
value_after(enum store_key key, unsigned n, uint8_t *value)
{
	unsigned last = n;
	uint16_t len = 0;

	if (n == 0)
		return 0;
	if (key == STORE_RELAY)
		len = (uint16_t)(1 + n % 60);
	else if (key == STORE_OUTCOMES)
		len = 90;
	else if (key == STORE_RECORD && n >= 3)
		last = n - n % 3, len = (uint16_t)(LONG_LEN - last);
	else if (key == STORE_TEST && n / 7 % 2 == 1)
		last = n - n % 7, len = 33;
	for (unsigned i = 0; i < len; i++)
		value[i] = (uint8_t)(last * 7 + i * (unsigned)(key + 1));
	return len;
}

static bool
commit_nth(unsigned n)
{
	static uint8_t value[4][LONG_LEN];
	struct store_item items[4];
	size_t count = 2;

	items[0].key = STORE_RELAY;
	items[1].key = STORE_OUTCOMES;
	if (n % 3 == 0)
		items[count++].key = STORE_RECORD;
	if (n % 7 == 0)
		items[count++].key = STORE_TEST;
	for (size_t i = 0; i < count; i++) {
		items[i].len = value_after(items[i].key, n, value[i]);
		items[i].value = value[i];
	}
	return store_commit(&store, &nor.board, items, count);
}

static bool
stands_after(unsigned n)
{
	uint8_t want[LONG_LEN], got[LONG_LEN];

	for (unsigned key = 0; key < STORE_KEY_COUNT; key++) {
		uint16_t len = value_after((enum store_key)key, n, want);

		if (store_len(&store, (enum store_key)key) != len ||
		    store_get(&store, &nor.board, (enum store_key)key, got,
			sizeof(got)) != len ||
		    memcmp(got, want, len) != 0)
			return false;
	}
	return true;
}

/* Commits up to the n'th from the one after `done`; the last that was told to
 * have succeeded. */
static unsigned
commit_up_to(unsigned done, unsigned n)
{
	while (done < n && commit_nth(done + 1))
		done++;
	return done;
}

static void
an_empty_store_has_no_values(void **state)
{
	uint8_t buf[4];

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(store_mount(&store, &nor.board));
	assert_int_equal(store_len(&store, STORE_RECORD), 0);
	assert_int_equal(
	    store_get(&store, &nor.board, STORE_RECORD, buf, sizeof(buf)), 0);
}

static void
a_commit_lies_in_flash_as_documented(void **state)
{
	static const uint8_t want[] = { 0xc3, 0x1d, 7, 0, /* head */
		3, 0, 3, 0, 'a', 'b', 'c',                /* STORE_RELAY */
		0xfe, 0xf9, 0x71, 0xc0 };
	struct store_item item = { STORE_RELAY, 3, "abc" };

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(store_mount(&store, &nor.board));
	assert_true(store_commit(&store, &nor.board, &item, 1));
	assert_memory_equal(nor.bytes + 16, want, sizeof(want));
}

static void
a_value_cut_to_the_buffer_tells_its_whole_length(void **state)
{
	struct store_item item = { STORE_RELAY, 3, "abc" };
	uint8_t buf[2] = { 0 };

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(store_mount(&store, &nor.board));
	assert_true(store_commit(&store, &nor.board, &item, 1));
	assert_int_equal(
	    store_get(&store, &nor.board, STORE_RELAY, buf, sizeof(buf)), 3);
	assert_memory_equal(buf, "ab", 2);
}

static void
values_outlive_restarts_and_many_turns_of_the_ring(void **state)
{
	(void)state;
	for (size_t g = 0; g < sizeof(geometries) / sizeof(*geometries); g++) {
		nor_make(&nor, &geometries[g]);
		for (unsigned n = 0; n < 250; n++) {
			assert_true(store_mount(&store, &nor.board));
			assert_true(stands_after(n));
			assert_true(commit_nth(n + 1));
			assert_true(stands_after(n + 1));
		}
		assert_true(nor.erases > 3 * geometries[g].store_sectors);
	}
}

static void
what_can_never_fit_is_refused_and_changes_nothing(void **state)
{
	static const uint8_t big[STORE_VALUE_MAX];
	struct store_item item = { STORE_RECORD, sizeof(big), big };

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(store_mount(&store, &nor.board));
	assert_int_equal(commit_up_to(0, 5), 5);
	assert_false(store_commit(&store, &nor.board, &item, 1));
	assert_true(stands_after(5));
	assert_int_equal(commit_up_to(5, 9), 9);
	assert_true(stands_after(9));
}

static void
the_longest_value_fits_twice_over(void **state)
{
	static uint8_t big[STORE_VALUE_MAX], got[STORE_VALUE_MAX];
	struct store_item item = { STORE_RECORD, sizeof(big), big };
	static const struct flash_geometry flash = { 4096, 8, 2, 2, 2 };

	(void)state;
	nor_make(&nor, &flash);
	assert_true(store_mount(&store, &nor.board));
	for (unsigned n = 0; n < 20; n++) {
		memset(big, (int)n, sizeof(big));
		assert_true(store_commit(&store, &nor.board, &item, 1));
		assert_int_equal(store_get(&store, &nor.board, STORE_RECORD,
				     got, sizeof(got)),
		    sizeof(got));
		assert_memory_equal(got, big, sizeof(got));
	}
}

static void
a_value_rewritten_alone_does_not_lose_the_others(void **state)
{
	uint8_t byte = 0, got[LONG_LEN];
	struct store_item often = { STORE_UPLINK, 1, &byte };

	(void)state;
	nor_make(&nor, &geometries[0]);
	assert_true(store_mount(&store, &nor.board));
	assert_int_equal(commit_up_to(0, 8), 8);
	for (unsigned n = 0; n < 2000; n++) {
		byte = (uint8_t)n;
		assert_true(store_commit(&store, &nor.board, &often, 1));
	}
	assert_true(store_mount(&store, &nor.board));
	assert_int_equal(
	    store_get(&store, &nor.board, STORE_UPLINK, got, 1), 1);
	assert_int_equal(got[0], byte);
	assert_true(store_commit(&store, &nor.board,
	    &(struct store_item){ STORE_UPLINK, 0, NULL }, 1));
	assert_true(stands_after(8));
}

static void
a_failing_operation_is_got_round_or_told(void **state)
{
	unsigned done;

	(void)state;
	for (unsigned fail = 1; fail < 120; fail++) {
		nor_make(&nor, &geometries[1]);
		nor.fail_at = fail;
		if (!store_mount(&store, &nor.board))
			assert_true(store_mount(&store, &nor.board));
		done = commit_up_to(0, COMMITS);
		assert_true(stands_after(done));
		assert_int_equal(commit_up_to(done, COMMITS), COMMITS);
		assert_true(store_mount(&store, &nor.board));
		assert_true(stands_after(COMMITS));
	}
}

/*
 * Runs the script with the power cut in operation `op`; false if the script
 * ended before.  A second cut hits the recovery, `again` operations after the
 * restart.
 */
static bool
old_or_new_after_cut(const struct flash_geometry *flash, unsigned op,
    enum nor_cut cut, unsigned again)
{
	unsigned done = 0;

	nor_make(&nor, flash);
	nor_power(&nor, op, cut);
	if (store_mount(&store, &nor.board))
		done = commit_up_to(0, COMMITS);
	if (!nor.dead)
		return false;
	nor_power(&nor, again, NOR_CUT_HALF);
	if (store_mount(&store, &nor.board)) {
		if (!stands_after(done) && stands_after(done + 1))
			done++;
		assert_true(stands_after(done));
		done = commit_up_to(done, done + 4);
	}
	nor_power(&nor, 0, NOR_CUT_BEFORE);
	assert_true(store_mount(&store, &nor.board));
	if (!stands_after(done) && stands_after(done + 1))
		done++;
	assert_true(stands_after(done));
	assert_int_equal(commit_up_to(done, COMMITS + 8), COMMITS + 8);
	assert_true(store_mount(&store, &nor.board));
	assert_true(stands_after(COMMITS + 8));
	return true;
}

static void
a_power_cut_leaves_the_old_values_or_the_new(void **state)
{
	unsigned cuts = 0;

	(void)state;
	for (size_t g = 0; g < sizeof(geometries) / sizeof(*geometries); g++) {
		for (unsigned cut = 0; cut < NOR_CUTS; cut++) {
			unsigned op = 1;

			while (old_or_new_after_cut(
			    &geometries[g], op, (enum nor_cut)cut, op % 9))
				op++;
			assert_in_range(op, 50, 1000);
			cuts += op - 1;
		}
	}
	print_message("store: %u power cuts\n", cuts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_store_has_no_values),
		cmocka_unit_test(a_commit_lies_in_flash_as_documented),
		cmocka_unit_test(
		    a_value_cut_to_the_buffer_tells_its_whole_length),
		cmocka_unit_test(
		    values_outlive_restarts_and_many_turns_of_the_ring),
		cmocka_unit_test(
		    what_can_never_fit_is_refused_and_changes_nothing),
		cmocka_unit_test(the_longest_value_fits_twice_over),
		cmocka_unit_test(
		    a_value_rewritten_alone_does_not_lose_the_others),
		cmocka_unit_test(a_failing_operation_is_got_round_or_told),
		cmocka_unit_test(a_power_cut_leaves_the_old_values_or_the_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
