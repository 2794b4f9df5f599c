/* SPDX-License-Identifier: BSD-2-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/outcome.h"

static const uint8_t *
id_of(unsigned n)
{
	static uint8_t id[CHANGE_ID_LEN];

	id[7] = (uint8_t)n;
	return id;
}

/* A change with a result of the longest kind, or of none. */
static struct outcome
outcome_of(enum outcome_kind kind, unsigned n, bool with_result)
{
	struct outcome outcome = {
		.outcome = (uint8_t)kind,
		.op = 0x10,
		.status = (uint8_t)n,
	};

	outcome.result.len = with_result ? BLOB_MAX : 0;
	memset(outcome.result.at, (int)n, sizeof(outcome.result.at));
	return outcome;
}

static void
the_last_eight_are_kept(void **state)
{
	struct outcomes list = { 0 };
	struct outcome outcome;

	(void)state;
	for (unsigned n = 1; n <= 20; n++) {
		outcome = outcome_of(OUTCOME_DONE, n, true);
		outcome_put(&list, id_of(n), &outcome);
	}
	assert_int_equal(list.len, OUTCOMES_MAX);
	assert_false(outcome_get(&list, id_of(12), &outcome));
	assert_int_equal(outcome.outcome, OUTCOME_NOT_SEEN);
	for (unsigned n = 13; n <= 20; n++) {
		assert_true(outcome_get(&list, id_of(n), &outcome));
		assert_int_equal(outcome.status, n);
		assert_int_equal(outcome.result.len, BLOB_MAX);
		assert_int_equal(outcome.result.at[BLOB_MAX - 1], n);
	}
}

static void
an_id_stands_once_with_what_was_said_last(void **state)
{
	struct outcomes list = { 0 };
	struct outcome outcome = outcome_of(OUTCOME_RUNNING, 0, false);

	(void)state;
	outcome_put(&list, id_of(1), &outcome);
	outcome_put(&list, id_of(2), &outcome);
	outcome = outcome_of(OUTCOME_DONE, 27, true);
	outcome_put(&list, id_of(1), &outcome);
	assert_int_equal(list.len, 2 * OUTCOME_HEAD + BLOB_MAX);
	assert_true(outcome_get(&list, id_of(1), &outcome));
	assert_int_equal(outcome.status, 27);
	outcome_drop(&list, id_of(1));
	assert_false(outcome_get(&list, id_of(1), &outcome));
	assert_true(outcome_get(&list, id_of(2), &outcome));
}

static void
what_ran_is_interrupted_after_a_restart(void **state)
{
	struct outcomes list = { 0 };
	struct outcome outcome = outcome_of(OUTCOME_DONE, 0, true);

	(void)state;
	outcome_put(&list, id_of(1), &outcome);
	outcome = outcome_of(OUTCOME_RUNNING, 0, false);
	outcome_put(&list, id_of(2), &outcome);
	outcomes_load(&list, list.len);
	assert_int_equal(outcomes_interrupt(&list), 1);
	assert_true(outcome_get(&list, id_of(2), &outcome));
	assert_int_equal(outcome.outcome, OUTCOME_INTERRUPTED);
	assert_false(HAS(&outcome, OUTCOME_STATUS));
	assert_int_equal(outcomes_interrupt(&list), 0);
}

static void
bytes_that_make_no_sense_are_dropped(void **state)
{
	struct outcomes list = { 0 };
	struct outcome outcome = outcome_of(OUTCOME_DONE, 0, true);

	(void)state;
	outcome_put(&list, id_of(1), &outcome);
	for (size_t len = 1; len < OUTCOME_HEAD + BLOB_MAX; len++) {
		outcomes_load(&list, len);
		assert_int_equal(list.len, 0);
	}
	memset(list.bytes, 0xff, sizeof(list.bytes));
	outcomes_load(&list, sizeof(list.bytes));
	assert_int_equal(list.len, 0);
	outcomes_load(&list, 0);
	assert_int_equal(list.len, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_eight_are_kept),
		cmocka_unit_test(an_id_stands_once_with_what_was_said_last),
		cmocka_unit_test(what_ran_is_interrupted_after_a_restart),
		cmocka_unit_test(bytes_that_make_no_sense_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
