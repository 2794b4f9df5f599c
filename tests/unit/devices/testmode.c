/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/scene_set.h"
#include "../../../proto/errors.h"
#include "../../../proto/status.h"

enum { S = 1000, MINUTE = 60 * S };

static struct testmode *test = &scene.test;
static struct error_detail detail;

static enum status
begin(uint8_t minutes)
{
	struct test_start start = { .minutes = minutes };

	if (minutes > 0)
		HAVE(&start, TEST_START_MINUTES);
	return testmode_begin(test, &scene.unit, &start, false, &detail);
}

static uint64_t
now(void)
{
	return scene.unit.now_ms;
}

static void
pass_s(uint64_t seconds)
{
	scene.unit.now_ms += seconds * S;
	scene.unit.utc_ms += seconds * S;
}

static void
restart(void)
{
	struct testmode_kept kept = test->kept;

	scene.unit.now_ms = 0;
	testmode_start_up(test, &kept);
}

static void
the_whole_glass_is_lit_for_ten_seconds_then_it_meters(void **state)
{
	(void)state;
	assert_int_equal(begin(0), ST_OK);
	assert_true(testmode_lights_all(test, now()));
	assert_false(testmode_meters(test, now()));
	assert_int_equal(testmode_next_due_ms(test, now()), 10 * S);
	pass_s(9);
	assert_true(testmode_lights_all(test, now()));
	pass_s(1);
	assert_false(testmode_lights_all(test, now()));
	assert_true(testmode_meters(test, now()));
	assert_int_equal(testmode_next_due_ms(test, now()), 590 * S);
}

static void
it_ends_by_itself_after_ten_minutes_and_tells_so_once(void **state)
{
	(void)state;
	begin(0);
	pass_s(599);
	assert_false(testmode_step(test, now()));
	assert_int_equal(testmode_remaining_s(test, now()), 1);
	pass_s(1);
	assert_true(testmode_step(test, now()));
	assert_false(testmode_step(test, now()));
	assert_false(testmode_meters(test, now()));
	assert_int_equal(testmode_next_due_ms(test, now()), UINT32_MAX);
}

static void
the_minutes_asked_for_count(void **state)
{
	(void)state;
	begin(3);
	pass_s(180);
	assert_true(testmode_step(test, now()));
}

static void
minutes_out_of_range_are_a_bad_value(void **state)
{
	(void)state;
	assert_int_equal(begin(11), ST_BAD_VALUE);
	assert_int_equal(detail.field, TEST_START_MINUTES);
	assert_int_equal(detail.min, 1);
	assert_int_equal(detail.max, 10);
	assert_false(test->kept.active);
}

static void
the_answer_says_how_long_and_until_when(void **state)
{
	struct test_state answer;

	(void)state;
	begin(2);
	pass_s(30);
	testmode_answer(test, &scene.unit, &answer);
	assert_true(answer.active);
	assert_int_equal(answer.remaining_s, 90);
	assert_int_equal(answer.ends_at, SCENE_UTC_S + 60 + 120);
	scene.unit.clock_trusted = false;
	testmode_answer(test, &scene.unit, &answer);
	assert_false(HAS(&answer, TEST_STATE_ENDS_AT));
	testmode_stop(test);
	testmode_answer(test, &scene.unit, &answer);
	assert_false(answer.active);
	assert_false(HAS(&answer, TEST_STATE_REMAINING));
}

static void
stopping_ends_it_at_once_and_twice_is_no_harm(void **state)
{
	(void)state;
	begin(0);
	assert_true(testmode_stop(test));
	assert_false(testmode_stop(test));
	assert_false(testmode_lights_all(test, now()));
}

static void
a_second_start_is_refused_while_one_runs(void **state)
{
	(void)state;
	begin(0);
	pass_s(60);
	assert_int_equal(begin(0), ST_INTERLOCK);
	assert_int_equal(detail.condition, COND_TEST_MODE);
	assert_int_equal(testmode_remaining_s(test, now()), 540);
}

static void
a_tag_out_refuses_it_only_if_the_relay_is_to_move(void **state)
{
	struct test_start still = { .relay = false },
			  moving = { .relay = true };

	(void)state;
	assert_int_equal(
	    testmode_begin(test, &scene.unit, &moving, true, &detail),
	    ST_TAGGED_OUT);
	assert_false(test->kept.active);
	assert_int_equal(
	    testmode_begin(test, &scene.unit, &still, true, &detail), ST_OK);
}

static void
start_and_stop(unsigned times, uint32_t apart_s)
{
	while (times-- > 0) {
		assert_int_equal(begin(1), ST_OK);
		testmode_stop(test);
		pass_s(apart_s);
	}
}

static void
a_sealed_unit_allows_six_starts_in_any_24_hours(void **state)
{
	(void)state;
	start_and_stop(6, 3600);
	assert_int_equal(begin(1), ST_TOO_SOON);
	assert_int_equal(detail.retry_after_s, 18 * 3600);
	pass_s(18 * 3600 - 1);
	assert_int_equal(begin(1), ST_TOO_SOON);
	assert_int_equal(detail.retry_after_s, 1);
	pass_s(1);
	start_and_stop(1, 0);
	assert_int_equal(begin(1), ST_TOO_SOON);
	assert_int_equal(detail.retry_after_s, 3600);
}

static void
the_starts_are_remembered_across_restarts(void **state)
{
	(void)state;
	start_and_stop(6, 60);
	restart();
	assert_int_equal(begin(1), ST_TOO_SOON);
}

static void
a_clock_set_back_gives_no_further_starts(void **state)
{
	(void)state;
	start_and_stop(6, 60);
	scene.unit.utc_ms -= 90000 * (uint64_t)S;
	assert_int_equal(begin(1), ST_TOO_SOON);
	assert_int_equal(detail.retry_after_s, 86400);
}

static void
an_unsealed_unit_has_no_such_limit(void **state)
{
	(void)state;
	scene.unit.sealed = false;
	start_and_stop(20, 1);
	scene.unit.sealed = true;
	assert_int_equal(begin(1), ST_OK);
}

static void
a_restart_ends_it_and_tells_so(void **state)
{
	struct testmode_kept kept;

	(void)state;
	begin(0);
	kept = test->kept;
	assert_true(testmode_start_up(test, &kept));
	assert_false(test->kept.active);
	kept = test->kept;
	assert_false(testmode_start_up(test, &kept));
}

#define TEST(name) cmocka_unit_test_setup(name, scene_set)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_whole_glass_is_lit_for_ten_seconds_then_it_meters),
		TEST(it_ends_by_itself_after_ten_minutes_and_tells_so_once),
		TEST(the_minutes_asked_for_count),
		TEST(minutes_out_of_range_are_a_bad_value),
		TEST(the_answer_says_how_long_and_until_when),
		TEST(stopping_ends_it_at_once_and_twice_is_no_harm),
		TEST(a_second_start_is_refused_while_one_runs),
		TEST(a_tag_out_refuses_it_only_if_the_relay_is_to_move),
		TEST(a_sealed_unit_allows_six_starts_in_any_24_hours),
		TEST(the_starts_are_remembered_across_restarts),
		TEST(a_clock_set_back_gives_no_further_starts),
		TEST(an_unsealed_unit_has_no_such_limit),
		TEST(a_restart_ends_it_and_tells_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
