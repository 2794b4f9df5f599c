/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../support/scene_set.h"
#include "../../../proto/errors.h"
#include "../../../proto/status.h"

enum { S = 1000, MINUTE = 60 * S, HOUR = 60 * MINUTE };

static void
a_held_shut_is_undone_when_nobody_confirms_it(void **state)
{
	(void)state;
	assert_int_equal(scene_hold(&scene, RELAY_SHUT, 600), ST_ACCEPTED);
	assert_true(scene.saved.hold.set);
	scene_pass(&scene, 100);
	assert_int_equal(scene.moved.hold_returns_to, RELAY_OPEN);
	assert_int_equal(scene.moved.hold_at, SCENE_UTC_S + 660);
	assert_int_equal(scene_count(&scene, EVENT_HOLD_BEGUN), 1);
	scene_pass(&scene, 600 * S - 101);
	assert_true(scene.in.relay_shut);
	scene_pass(&scene, 100);
	assert_false(scene.in.relay_shut);
	assert_int_equal(scene_count(&scene, EVENT_HOLD_UNDONE), 1);
	assert_false(scene.saved.hold.set);
}

static void
a_hold_toward_open_is_undone_whatever_stands_in_the_way(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SCENE_OBSTACLES; i++) {
		scene_make(&scene);
		scene_hold(&scene, RELAY_SHUT, 60);
		scene_pass(&scene, S);
		scene_obstacles[i].arrange(&scene);
		scene_pass(&scene, MINUTE);
		assert_false(scene.in.relay_shut);
	}
}

static void
a_hold_toward_open_is_undone_even_if_the_memory_fails(void **state)
{
	(void)state;
	scene_hold(&scene, RELAY_SHUT, 60);
	scene_pass(&scene, S);
	scene.unwritable = true;
	scene_pass(&scene, MINUTE);
	assert_false(scene.in.relay_shut);
}

static void
a_confirmed_move_stays(void **state)
{
	(void)state;
	assert_int_equal(scene_confirm(&scene, 1), ST_NOTHING_PENDING);
	scene_hold(&scene, RELAY_SHUT, 60);
	scene_pass(&scene, S);
	assert_int_equal(scene_confirm(&scene, 9), ST_NOTHING_PENDING);
	assert_int_equal(scene_confirm(&scene, 1), ST_OK);
	assert_int_equal(scene_count(&scene, EVENT_HOLD_CONFIRMED), 1);
	scene_pass(&scene, HOUR);
	assert_true(scene.in.relay_shut);
}

static void
a_held_open_shuts_again_by_itself(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_hold(&scene, RELAY_OPEN, 60);
	scene_pass(&scene, 20 * S);
	assert_int_equal(relay_shuts_in_s(&scene.relay, &scene.unit), 40);
	scene_pass(&scene, 41 * S);
	assert_true(scene.in.relay_shut);
	assert_int_equal(scene_count(&scene, EVENT_HOLD_UNDONE), 1);
}

static void
a_hold_toward_shut_stays_open_if_an_interlock_fails_then(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_hold(&scene, RELAY_OPEN, 60);
	scene_pass(&scene, 20 * S);
	scene.der_live = true;
	scene_pass(&scene, HOUR);
	assert_false(scene.in.relay_shut);
	assert_string_equal(
	    scene_event(&scene, EVENT_HOLD_KEPT_OPEN)->field, "voltage_limit");
	assert_false(scene.saved.hold.set);
}

static void
a_hold_toward_shut_shorter_than_the_rest_waits_for_it(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_hold(&scene, RELAY_OPEN, 1);
	scene_pass(&scene, 4900);
	assert_false(scene.in.relay_shut);
	scene_pass(&scene, 300);
	assert_true(scene.in.relay_shut);
}

/* Nothing is driven for it, but that the hold has ended is kept. */
static void
a_hold_that_a_move_has_ended_is_not_undone_after_a_restart(void **state)
{
	(void)state;
	scene_hold(&scene, RELAY_SHUT, 86400);
	scene_pass(&scene, MINUTE);
	assert_int_equal(scene_shut(&scene), ST_OK);
	scene_restart(&scene);
	scene_pass(&scene, MINUTE);
	assert_true(scene.in.relay_shut);
	assert_int_equal(scene_count(&scene, EVENT_HOLD_UNDONE), 0);
}

static void
after_a_restart_a_hold_toward_open_is_undone_at_once(void **state)
{
	(void)state;
	scene_hold(&scene, RELAY_SHUT, 86400);
	scene_pass(&scene, MINUTE);
	scene_restart(&scene);
	scene_pass(&scene, 100);
	assert_false(scene.in.relay_shut);
	assert_int_equal(scene_count(&scene, EVENT_HOLD_UNDONE), 1);
}

static void
after_a_restart_a_hold_toward_shut_stays_open_for_good(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_hold(&scene, RELAY_OPEN, 600);
	scene_pass(&scene, S);
	scene_restart(&scene);
	assert_int_equal(scene_count(&scene, EVENT_HOLD_KEPT_OPEN), 1);
	scene_pass(&scene, HOUR);
	assert_false(scene.in.relay_shut);
	assert_int_equal(scene_count(&scene, EVENT_HOLD_KEPT_OPEN), 1);
}

static void
a_move_without_a_hold_ends_a_running_one(void **state)
{
	(void)state;
	scene_hold(&scene, RELAY_SHUT, 60);
	scene_pass(&scene, S);
	assert_int_equal(scene_shut(&scene), ST_OK);
	assert_int_equal(scene.drives, 1);
	scene_pass(&scene, HOUR);
	assert_true(scene.in.relay_shut);
}

static void
a_second_hold_keeps_the_origin_of_the_first(void **state)
{
	(void)state;
	scene_hold(&scene, RELAY_SHUT, 60);
	scene_pass(&scene, 30 * S);
	assert_int_equal(scene_hold(&scene, RELAY_SHUT, 60), ST_OK);
	assert_int_equal(scene.moved.hold_returns_to, RELAY_OPEN);
	scene_pass(&scene, 45 * S);
	assert_true(scene.in.relay_shut);
	scene_pass(&scene, 16 * S);
	assert_false(scene.in.relay_shut);
}

static void
a_held_move_back_to_the_origin_needs_no_hold(void **state)
{
	(void)state;
	scene_hold(&scene, RELAY_SHUT, 60);
	scene_pass(&scene, 10 * S);
	scene_hold(&scene, RELAY_OPEN, 60);
	scene_pass(&scene, HOUR);
	assert_false(scene.in.relay_shut);
	assert_false(scene.saved.hold.set);
}

static void
a_scheduled_move_may_carry_a_hold(void **state)
{
	struct relay_move move = { .position = RELAY_SHUT,
		.when = WHEN_AT,
		.at = SCENE_UTC_S + 120,
		.hold_s = 300 };

	(void)state;
	HAVE(&move, RELAY_MOVE_AT);
	HAVE(&move, RELAY_MOVE_HOLD);
	assert_int_equal(scene_move(&scene, &move), ST_OK);
	scene_pass(&scene, 2 * MINUTE);
	assert_true(scene.in.relay_shut);
	scene_pass(&scene, 5 * MINUTE);
	assert_false(scene.in.relay_shut);
}

#define TEST(name) cmocka_unit_test_setup(name, scene_set)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_held_shut_is_undone_when_nobody_confirms_it),
		TEST(a_hold_toward_open_is_undone_whatever_stands_in_the_way),
		TEST(a_hold_toward_open_is_undone_even_if_the_memory_fails),
		TEST(a_confirmed_move_stays),
		TEST(a_held_open_shuts_again_by_itself),
		TEST(a_hold_toward_shut_stays_open_if_an_interlock_fails_then),
		TEST(a_hold_toward_shut_shorter_than_the_rest_waits_for_it),
		TEST(
		    a_hold_that_a_move_has_ended_is_not_undone_after_a_restart),
		TEST(after_a_restart_a_hold_toward_open_is_undone_at_once),
		TEST(after_a_restart_a_hold_toward_shut_stays_open_for_good),
		TEST(a_move_without_a_hold_ends_a_running_one),
		TEST(a_second_hold_keeps_the_origin_of_the_first),
		TEST(a_held_move_back_to_the_origin_needs_no_hold),
		TEST(a_scheduled_move_may_carry_a_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
