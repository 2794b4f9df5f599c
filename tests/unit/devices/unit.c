/* SPDX-License-Identifier: BSD-2-Clause */

/* When something is due: neither at once for ever nor never. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../devices/collar/unit.h"

static void
what_lies_ahead_is_due_in_the_time_until_then(void **state)
{
	(void)state;
	assert_int_equal(due_in_ms(1001, 1000), 1);
	assert_int_equal(due_in_ms(61000, 1000), 60000);
	assert_int_equal(
	    due_in_ms((uint64_t)UINT32_MAX + 7, 8), UINT32_MAX - 1);
}

static void
what_is_due_or_overdue_is_due_at_the_next_tick(void **state)
{
	(void)state;
	assert_int_equal(due_in_ms(1000, 1000), 1);
	assert_int_equal(due_in_ms(999, 1000), 1);
	assert_int_equal(due_in_ms(0, UINT64_MAX), 1);
}

static void
what_lies_far_ahead_is_looked_at_before(void **state)
{
	(void)state;
	assert_int_equal(due_in_ms(UINT64_MAX, 0), UINT32_MAX);
	assert_int_equal(due_in_ms((uint64_t)UINT32_MAX + 9, 8), UINT32_MAX);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_ahead_is_due_in_the_time_until_then),
		cmocka_unit_test(
		    what_is_due_or_overdue_is_due_at_the_next_tick),
		cmocka_unit_test(what_lies_far_ahead_is_looked_at_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
