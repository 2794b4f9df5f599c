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
an_exercise_from_open_shuts_and_opens_again(void **state)
{
	(void)state;
	assert_int_equal(scene_exercise(&scene), ST_ACCEPTED);
	scene_pass(&scene, 35);
	assert_true(scene.in.relay_shut);
	scene_pass(&scene, MINUTE - 35);
	assert_true(scene.finished);
	assert_int_equal(scene.status, ST_OK);
	assert_int_equal(scene.moved.feedback_other, RELAY_SHUT);
	assert_true(scene.moved.voltage_followed);
	assert_int_equal(scene.moved.state, RELAY_OPEN);
	assert_int_equal(scene.drives, 2);
	assert_int_equal(scene_count(&scene, EVENT_RELAY_EXERCISED), 1);
}

static void
an_exercise_from_shut_rests_before_it_shuts_again(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	assert_int_equal(scene_exercise(&scene), ST_ACCEPTED);
	scene_pass(&scene, 4900);
	assert_false(scene.in.relay_shut);
	scene_pass(&scene, 300);
	assert_true(scene.in.relay_shut);
	assert_int_equal(scene.status, ST_OK);
	assert_int_equal(scene.moved.feedback_other, RELAY_OPEN);
	assert_true(scene.moved.voltage_followed);
}

static void
an_exercise_checks_every_interlock_before_anything_moves(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SCENE_OBSTACLES - 1; i++) {
		scene_make(&scene);
		scene_begin_shut(&scene);
		scene_obstacles[i].arrange(&scene);
		assert_int_equal(
		    scene_exercise(&scene), scene_obstacles[i].status);
		assert_int_equal(scene.drives, 0);
	}
}

static void
an_exercise_stays_open_if_an_interlock_forbids_the_way_back(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_exercise(&scene);
	scene_pass(&scene, S);
	scene.der_live = true;
	scene_pass(&scene, MINUTE);
	assert_false(scene.in.relay_shut);
	assert_int_equal(scene.status, ST_INTERLOCK);
	assert_int_equal(scene.detail.condition, COND_VOLTAGE_LIMIT);
	assert_int_equal(scene_count(&scene, EVENT_RELAY_REFUSED), 1);
}

static void
an_exercise_tells_when_the_voltage_did_not_follow(void **state)
{
	(void)state;
	scene.in.breaker_shut = false;
	scene_exercise(&scene);
	scene_pass(&scene, MINUTE);
	assert_int_equal(scene.status, ST_OK);
	assert_int_equal(scene.moved.feedback_other, RELAY_SHUT);
	assert_false(scene.moved.voltage_followed);
	assert_false(scene.in.relay_shut);
}

static void
an_exercise_with_a_stuck_contact_is_a_fault(void **state)
{
	(void)state;
	scene.stuck = true;
	scene_exercise(&scene);
	scene_pass(&scene, MINUTE);
	assert_int_equal(scene.status, ST_RELAY_FAULT);
	assert_true(scene.saved.fault);
}

static void
an_exercise_from_open_cut_while_shut_opens_after_the_restart(void **state)
{
	(void)state;
	scene_exercise(&scene);
	scene.unit.now_ms += 30;
	scene.in.relay_shut = true;
	scene_restart(&scene);
	scene_pass(&scene, 100);
	assert_false(scene.in.relay_shut);
}

static void
an_exercise_from_shut_cut_while_open_stays_open(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_exercise(&scene);
	scene_pass(&scene, S);
	scene_restart(&scene);
	scene_pass(&scene, HOUR);
	assert_false(scene.in.relay_shut);
}

static void
an_open_ends_an_exercise(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_exercise(&scene);
	scene_pass(&scene, S);
	scene.asker.id.at[0] = 2;
	assert_int_equal(scene_open(&scene), ST_OK);
	assert_true(scene.finished);
	assert_int_equal(scene.id.at[0], 1);
	assert_int_equal(scene.status, ST_BUSY);
	scene_pass(&scene, HOUR);
	assert_false(scene.in.relay_shut);
}

static void
no_exercise_while_a_hold_runs_and_no_shut_during_one(void **state)
{
	(void)state;
	scene_hold(&scene, RELAY_SHUT, 600);
	scene_pass(&scene, MINUTE);
	assert_int_equal(scene_exercise(&scene), ST_BUSY);
	scene_open(&scene);
	scene_pass(&scene, MINUTE);
	assert_int_equal(scene_exercise(&scene), ST_ACCEPTED);
	assert_int_equal(scene_shut(&scene), ST_BUSY);
}

static void
a_held_open_during_an_exercise_from_open_does_not_shut_again(void **state)
{
	(void)state;
	scene_exercise(&scene);
	scene_pass(&scene, 30);
	assert_true(scene.in.relay_shut);
	assert_int_equal(scene_hold(&scene, RELAY_OPEN, 60), ST_ACCEPTED);
	scene_pass(&scene, HOUR);
	assert_false(scene.in.relay_shut);
}

static void
an_exercise_leaves_nothing_behind_that_opens_later(void **state)
{
	(void)state;
	scene_exercise(&scene);
	scene_pass(&scene, MINUTE);
	scene_shut(&scene);
	scene_pass(&scene, MINUTE);
	scene_restart(&scene);
	scene_pass(&scene, MINUTE);
	assert_true(scene.in.relay_shut);
}

static void
an_exercise_overtaken_leaves_nothing_behind_that_opens_later(void **state)
{
	(void)state;
	scene_exercise(&scene);
	scene_pass(&scene, 10);
	scene_open(&scene);
	scene_pass(&scene, MINUTE);
	scene_shut(&scene);
	scene_pass(&scene, MINUTE);
	scene_restart(&scene);
	scene_pass(&scene, MINUTE);
	assert_true(scene.in.relay_shut);
}

#define TEST(name) cmocka_unit_test_setup(name, scene_set)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_exercise_from_open_shuts_and_opens_again),
		TEST(an_exercise_from_shut_rests_before_it_shuts_again),
		TEST(an_exercise_checks_every_interlock_before_anything_moves),
		TEST(
		    an_exercise_stays_open_if_an_interlock_forbids_the_way_back),
		TEST(an_exercise_tells_when_the_voltage_did_not_follow),
		TEST(an_exercise_with_a_stuck_contact_is_a_fault),
		TEST(
		    an_exercise_from_open_cut_while_shut_opens_after_the_restart),
		TEST(an_exercise_from_shut_cut_while_open_stays_open),
		TEST(an_open_ends_an_exercise),
		TEST(no_exercise_while_a_hold_runs_and_no_shut_during_one),
		TEST(
		    a_held_open_during_an_exercise_from_open_does_not_shut_again),
		TEST(an_exercise_leaves_nothing_behind_that_opens_later),
		TEST(
		    an_exercise_overtaken_leaves_nothing_behind_that_opens_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
