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
a_move_at_the_top_of_the_hour_shows_as_pending_and_fires_then(void **state)
{
	struct relay_move move = { .position = RELAY_SHUT,
		.when = WHEN_TOP_OF_HOUR };

	(void)state;
	assert_int_equal(scene_move(&scene, &move), ST_OK);
	assert_true(scene.moved.changed);
	assert_int_equal(scene.moved.state, RELAY_OPEN);
	assert_int_equal(scene.moved.pending_action, RELAY_SHUT);
	assert_int_equal(scene.moved.pending_at, SCENE_UTC_S + 3600);
	assert_string_equal(scene_event(&scene, EVENT_RELAY_SCHEDULED)->new,
	    "shut at 2026-11-21T16:00:00Z");
	scene_pass(&scene, 3540 * S - 1);
	assert_int_equal(scene.drives, 0);
	scene_pass(&scene, 100);
	assert_true(scene_driven(&scene, RELAY_SHUT));
	assert_false(scene.saved.pending.set);
	assert_int_equal(scene_count(&scene, EVENT_RELAY_LATE), 0);
}

static void
a_due_move_fires_once(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 120);
	scene_pass(&scene, 2 * MINUTE);
	assert_true(scene_driven(&scene, RELAY_SHUT));
	scene_open(&scene);
	scene_pass(&scene, 10 * MINUTE);
	assert_false(scene.in.relay_shut);
	scene_restart(&scene);
	scene_pass(&scene, 10 * MINUTE);
	assert_false(scene.in.relay_shut);
	assert_int_equal(scene.drives, 2);
}

static void
a_cancelled_move_does_not_fire(void **state)
{
	(void)state;
	assert_int_equal(scene_cancel(&scene), ST_NOTHING_PENDING);
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 120);
	assert_int_equal(scene_cancel(&scene), ST_OK);
	assert_true(scene.moved.changed);
	assert_false(HAS(&scene.moved, RELAY_MOVED_PENDING_AT));
	assert_string_equal(scene_event(&scene, EVENT_RELAY_CANCELLED)->old,
	    "shut at 2026-11-21T15:02:00Z");
	scene_pass(&scene, 10 * MINUTE);
	assert_int_equal(scene.drives, 0);
}

static void
a_move_now_cancels_a_pending_one(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 120);
	scene_shut(&scene);
	assert_int_equal(scene_count(&scene, EVENT_RELAY_CANCELLED), 1);
	scene_pass(&scene, 10 * MINUTE);
	assert_true(scene.in.relay_shut);
}

static void
a_new_scheduled_move_replaces_the_old(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 120);
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 300);
	assert_int_equal(scene.moved.pending_at, SCENE_UTC_S + 300);
	scene_pass(&scene, 3 * MINUTE);
	assert_int_equal(scene.drives, 0);
	scene_pass(&scene, 2 * MINUTE);
	assert_true(scene_driven(&scene, RELAY_SHUT));
}

static void
a_shut_is_not_even_scheduled_against_a_standing_interlock(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SCENE_STANDING; i++) {
		scene_make(&scene);
		scene_obstacles[i].arrange(&scene);
		assert_int_equal(
		    scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 120),
		    scene_obstacles[i].status);
		assert_int_equal(
		    scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 120), ST_OK);
	}
}

static void
the_interlocks_are_checked_again_when_a_shut_falls_due(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 120);
	scene_sag(&scene);
	scene_pass(&scene, 2 * MINUTE);
	assert_int_equal(scene.drives, 0);
	assert_false(scene.saved.pending.set);
	assert_string_equal(
	    scene_event(&scene, EVENT_RELAY_REFUSED)->field, "voltage_limit");
	assert_string_equal(
	    scene_event(&scene, EVENT_RELAY_REFUSED)->holder, "ann");
}

static void
nothing_scheduled_is_accepted_or_fires_without_a_trusted_clock(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 120);
	scene.unit.clock_trusted = false;
	scene_pass(&scene, HOUR);
	assert_true(scene.saved.pending.set);
	assert_int_equal(
	    scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 9999), ST_INTERLOCK);
	assert_int_equal(scene.detail.condition, COND_CLOCK_UNTRUSTED);
}

static void
an_open_that_comes_late_is_done_at_once_and_marked(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 3600);
	scene.unit.utc_ms += 5 * 86400 * (uint64_t)S;
	scene_restart(&scene);
	scene_pass(&scene, 100);
	assert_true(scene_driven(&scene, RELAY_OPEN));
	assert_int_equal(scene_count(&scene, EVENT_RELAY_OPENED), 1);
	assert_string_equal(scene_event(&scene, EVENT_RELAY_LATE)->new,
	    "open at 2026-11-21T16:00:00Z");
}

static void
a_shut_is_made_up_to_fifteen_minutes_late(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 120);
	scene.unit.utc_ms = (SCENE_UTC_S + 120 + 880) * (uint64_t)S;
	scene_restart(&scene);
	scene_pass(&scene, 9 * S);
	assert_int_equal(scene.drives, 0);
	scene_pass(&scene, 3 * S);
	assert_true(scene_driven(&scene, RELAY_SHUT));
	assert_int_equal(scene_count(&scene, EVENT_RELAY_LATE), 1);
}

static void
a_shut_later_than_fifteen_minutes_is_missed(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 120);
	scene.unit.utc_ms = (SCENE_UTC_S + 120 + 901) * (uint64_t)S;
	scene_restart(&scene);
	scene_pass(&scene, HOUR);
	assert_int_equal(scene.drives, 0);
	assert_int_equal(scene_count(&scene, EVENT_RELAY_MISSED), 1);
	assert_false(scene.saved.pending.set);
}

static void
a_due_shut_waits_for_the_grid_as_long_as_it_may_be_late(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 120);
	scene_cut_utility(&scene);
	scene_pass(&scene, 10 * MINUTE);
	assert_true(scene.relay.kept.pending.set);
	scene_pass(&scene, 7 * MINUTE);
	assert_int_equal(scene_count(&scene, EVENT_RELAY_MISSED), 1);
}

static void
a_due_open_cut_by_a_power_loss_is_done_after_the_restart(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 3600);
	scene.unit.utc_ms = (SCENE_UTC_S + 3600) * (uint64_t)S;
	scene_pass(&scene, 0);
	assert_int_equal(scene.drives, 1);
	scene_restart(&scene);
	scene_pass(&scene, 100);
	assert_false(scene.in.relay_shut);
	assert_int_equal(scene_count(&scene, EVENT_RELAY_OPENED), 1);
}

static void
unprovisioning_forgets_what_would_shut_and_leaves_the_relay(void **state)
{
	struct relay_effects out;

	(void)state;
	scene_begin_shut(&scene);
	scene_hold(&scene, RELAY_OPEN, 60);
	scene_pass(&scene, S);
	assert_int_equal(
	    scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 1800), ST_OK);
	relay_forget(&scene.relay, &scene.unit, &scene.asker, &out);
	assert_true(out.commit);
	assert_false(out.drive);
	assert_int_equal(out.notes[0].kind, EVENT_RELAY_CANCELLED);
	scene_pass(&scene, HOUR);
	assert_false(scene.in.relay_shut);
}

/* Found by attack: a relay SHUT for a minute stayed SHUT for good. */
static void
unprovisioning_lets_a_hold_toward_open_run_out(void **state)
{
	struct relay_effects out;

	(void)state;
	scene_hold(&scene, RELAY_SHUT, 60);
	scene_pass(&scene, S);
	relay_forget(&scene.relay, &scene.unit, &scene.asker, &out);
	assert_true(scene.in.relay_shut);
	scene_pass(&scene, 61 * S);
	assert_false(scene.in.relay_shut);
}

static void
a_due_shut_that_cannot_be_saved_is_given_up(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 120);
	scene.unwritable = true;
	scene_pass(&scene, HOUR);
	assert_int_equal(scene.drives, 0);
	assert_int_equal(relay_state(&scene.relay, &scene.unit), RELAY_OPEN);
}

static void
a_due_shut_cut_by_a_power_loss_is_not_repeated(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 120);
	scene.unit.utc_ms = (SCENE_UTC_S + 120) * (uint64_t)S;
	scene_pass(&scene, 0);
	assert_int_equal(scene.drives, 1);
	scene_restart(&scene);
	scene_pass(&scene, HOUR);
	assert_int_equal(scene.drives, 1);
	assert_false(scene.in.relay_shut);
}

static void
a_due_open_that_is_not_followed_is_tried_once(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene.stuck = true;
	scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 180);
	scene_pass(&scene, HOUR);
	assert_int_equal(scene.drives, 1);
	assert_true(scene.saved.fault);
	assert_false(scene.saved.pending.set);
}

static void
a_move_already_under_way_cannot_be_cancelled(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 180);
	scene_pass(&scene, MINUTE + 5);
	assert_int_equal(scene.drives, 1);
	assert_int_equal(scene_cancel(&scene), ST_NOTHING_PENDING);
}

#define TEST(name) cmocka_unit_test_setup(name, scene_set)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    a_move_at_the_top_of_the_hour_shows_as_pending_and_fires_then),
		TEST(a_due_move_fires_once),
		TEST(a_cancelled_move_does_not_fire),
		TEST(a_move_now_cancels_a_pending_one),
		TEST(a_new_scheduled_move_replaces_the_old),
		TEST(a_shut_is_not_even_scheduled_against_a_standing_interlock),
		TEST(the_interlocks_are_checked_again_when_a_shut_falls_due),
		TEST(
		    nothing_scheduled_is_accepted_or_fires_without_a_trusted_clock),
		TEST(an_open_that_comes_late_is_done_at_once_and_marked),
		TEST(a_shut_is_made_up_to_fifteen_minutes_late),
		TEST(a_shut_later_than_fifteen_minutes_is_missed),
		TEST(a_due_shut_waits_for_the_grid_as_long_as_it_may_be_late),
		TEST(a_due_open_cut_by_a_power_loss_is_done_after_the_restart),
		TEST(
		    unprovisioning_forgets_what_would_shut_and_leaves_the_relay),
		TEST(unprovisioning_lets_a_hold_toward_open_run_out),
		TEST(a_due_shut_that_cannot_be_saved_is_given_up),
		TEST(a_due_shut_cut_by_a_power_loss_is_not_repeated),
		TEST(a_due_open_that_is_not_followed_is_tried_once),
		TEST(a_move_already_under_way_cannot_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
