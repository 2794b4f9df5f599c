/* SPDX-License-Identifier: BSD-2-Clause */

/* Requests, holds and schedules that meet each other, and restarts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/status.h"
#include "../../../proto/errors.h"
#include "../../support/scene_set.h"

enum { S = 1000, MINUTE = 60 * S };

static void
a_schedule_can_be_cancelled_while_the_relay_is_exercised(void **state)
{
	(void)state;
	assert_int_equal(
	    scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 600), ST_OK);
	assert_int_equal(scene_exercise(&scene), ST_ACCEPTED);
	assert_int_equal(scene_cancel(&scene), ST_OK);
	assert_false(scene.saved.pending.set);
	scene_pass(&scene, MINUTE);
	assert_int_equal(scene_count(&scene, EVENT_RELAY_EXERCISED), 1);
}

/* The end of the move once took off whatever was scheduled by then. */
static void
a_schedule_made_while_another_is_carried_out_stays(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	for (uint8_t to = RELAY_OPEN; to <= RELAY_SHUT; to++) {
		uint32_t now = (uint32_t)(scene.unit.utc_ms / S);

		assert_int_equal(scene_at(&scene, to, now + 60), ST_OK);
		scene_pass(&scene, MINUTE);
		assert_int_equal(scene.relay.kept.driven, to);
		assert_int_not_equal(scene.in.relay_shut, to);
		assert_int_equal(
		    scene_at(&scene, RELAY_OPEN, now + 3600), ST_OK);
		scene_pass(&scene, S);
		assert_int_equal(scene.in.relay_shut, to);
		assert_true(scene.saved.pending.set);
		assert_int_equal(scene.saved.pending.at, now + 3600);
	}
}

static void
a_tag_goes_only_with_an_open_now_and_without_a_hold(void **state)
{
	struct relay_move move = { .position = RELAY_OPEN, .tag = "hands" };

	(void)state;
	HAVE(&move, RELAY_MOVE_TAG);
	move.when = WHEN_TOP_OF_HOUR;
	assert_int_equal(scene_move(&scene, &move), ST_BAD_VALUE);
	assert_int_equal(scene.detail.field, RELAY_MOVE_TAG);
	move.when = WHEN_NOW;
	move.hold_s = 60;
	HAVE(&move, RELAY_MOVE_HOLD);
	assert_int_equal(scene_move(&scene, &move), ST_BAD_VALUE);
	assert_int_equal(scene.detail.field, RELAY_MOVE_HOLD);
	assert_false(scene.relay.kept.tag.set);
}

static void
an_open_with_a_tag_replaces_that_of_its_holder_only(void **state)
{
	struct relay_move move = { .position = RELAY_OPEN, .tag = "two" };

	(void)state;
	HAVE(&move, RELAY_MOVE_TAG);
	assert_int_equal(scene_tag(&scene, "one"), ST_OK);
	assert_int_equal(scene_move(&scene, &move), ST_OK);
	assert_true(scene.moved.changed);
	assert_string_equal(scene.saved.tag.text, "two");
	assert_int_equal(scene_move(&scene, &move), ST_OK);
	assert_false(scene.moved.changed);
	assert_int_equal(scene_tag(&scene, "two"), ST_OK);
	assert_false(scene.moved.changed);
	scene.asker.holder = "bob";
	assert_int_equal(scene_move(&scene, &move), ST_TAGGED_OUT);
	assert_int_equal(scene_tag(&scene, "three"), ST_TAGGED_OUT);
	assert_string_equal(scene.saved.tag.holder, "ann");
}

static void
a_hold_that_is_being_undone_cannot_be_confirmed(void **state)
{
	(void)state;
	assert_int_equal(scene_hold(&scene, RELAY_SHUT, 60), ST_ACCEPTED);
	scene_pass(&scene, MINUTE);
	assert_int_equal(scene.relay.kept.driven, RELAY_OPEN);
	assert_true(scene.in.relay_shut);
	assert_int_equal(scene_confirm(&scene, 1), ST_NOTHING_PENDING);
	scene_pass(&scene, 100);
	assert_false(scene.in.relay_shut);
	assert_int_equal(scene_count(&scene, EVENT_HOLD_UNDONE), 1);
}

static void
a_hold_is_confirmed_by_its_whole_id_only(void **state)
{
	struct octets move = { .len = 7, .at = { 1 } };
	struct relay_effects out;

	(void)state;
	assert_int_equal(scene_hold(&scene, RELAY_SHUT, 60), ST_ACCEPTED);
	scene_pass(&scene, S);
	assert_int_equal(
	    relay_confirm(&scene.relay, &scene.unit, &scene.asker, &move, &out),
	    ST_NOTHING_PENDING);
	assert_int_equal(scene_confirm(&scene, 1), ST_OK);
}

static void
an_exercise_does_not_begin_while_the_relay_moves(void **state)
{
	(void)state;
	assert_int_equal(scene_shut(&scene), ST_ACCEPTED);
	assert_int_equal(scene_exercise(&scene), ST_BUSY);
	scene_pass(&scene, 100);
	assert_true(scene.in.relay_shut);
}

static void
a_request_asks_to_be_looked_after_at_once(void **state)
{
	(void)state;
	assert_int_equal(scene_shut(&scene), ST_ACCEPTED);
	assert_int_equal(relay_next_due_ms(&scene.relay, &scene.unit), 1);
}

static void
whoever_unprovisions_drops_a_hold_that_would_shut(void **state)
{
	struct relay_effects out;

	(void)state;
	scene_begin_shut(&scene);
	scene_hold(&scene, RELAY_OPEN, 60);
	scene_pass(&scene, S);
	assert_true(scene.relay.kept.hold.set);
	relay_forget(&scene.relay, &scene.unit, &scene.asker, &out);
	assert_true(out.commit);
	assert_false(scene.relay.kept.hold.set);
	relay_forget(&scene.relay, &scene.unit, &scene.asker, &out);
	assert_false(out.commit);
}

/* An exercise from OPEN was cut while the contact stood OPEN. */
static void
cut_at_open(void)
{
	scene.saved.exercising = true;
	scene.unit.now_ms = 0;
	relay_start(&scene.relay, &scene.saved, &scene.unit);
	assert_true(scene.relay.kept.hold.set);
}

static void
an_exercise_cut_while_open_is_undone_without_a_move(void **state)
{
	(void)state;
	cut_at_open();
	scene_pass(&scene, S);
	assert_int_equal(scene.drives, 0);
	assert_int_equal(scene_count(&scene, EVENT_HOLD_UNDONE), 1);
	assert_false(scene.saved.hold.set);
}

static void
a_tag_ends_a_hold_that_has_nothing_to_open(void **state)
{
	(void)state;
	cut_at_open();
	assert_int_equal(scene_tag(&scene, "hands inside"), ST_OK);
	assert_false(scene.saved.hold.set);
	assert_int_equal(scene.drives, 0);
}

static void
without_a_clock_a_hold_has_no_date(void **state)
{
	(void)state;
	scene.unit.clock_trusted = false;
	assert_int_equal(scene_hold(&scene, RELAY_SHUT, 60), ST_ACCEPTED);
	scene_pass(&scene, 100);
	assert_true(HAS(&scene.moved, RELAY_MOVED_HOLD_RETURNS_TO));
	assert_false(HAS(&scene.moved, RELAY_MOVED_HOLD_AT));
}

/* It waits for the rest between moves, which is longer. */
static void
an_overdue_hold_is_due_now(void **state)
{
	struct unit_state told;

	(void)state;
	scene_begin_shut(&scene);
	scene_hold(&scene, RELAY_OPEN, 1);
	scene_pass(&scene, 2 * S);
	assert_true(scene.relay.kept.hold.set);
	status_fill(&scene.unit, &scene.relay, &scene.test, &told);
	assert_int_equal(told.hold_remaining_s, 0);
	assert_int_equal(told.hold_at, scene.unit.utc_ms / 1000);
	assert_int_equal(scene_at(&scene, RELAY_OPEN,
			     (uint32_t)(scene.unit.utc_ms / 1000) + 60),
	    ST_OK);
	assert_int_equal(scene.moved.hold_at, scene.unit.utc_ms / 1000);
	scene_pass(&scene, 4 * S);
	assert_true(scene.in.relay_shut);
}

static void
an_open_is_driven_again_where_the_contact_went_astray(void **state)
{
	(void)state;
	scene.in.relay_shut = true;
	assert_int_equal(scene_open(&scene), ST_ACCEPTED);
	assert_int_equal(scene.drives, 1);
	scene_pass(&scene, 100);
	assert_false(scene.in.relay_shut);
	assert_false(scene.relay.kept.fault);
}

static void
return_utility(void)
{
	scene.in.utility = true;
	scene.in.grid_dv = 2478;
}

static void
a_hold_that_meets_a_grid_just_back_stays_open(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_hold(&scene, RELAY_OPEN, 60);
	scene_pass(&scene, 57 * S);
	scene_cut_utility(&scene);
	scene_pass(&scene, S);
	return_utility();
	scene_pass(&scene, 5 * S);
	assert_false(scene.in.relay_shut);
	assert_false(scene.saved.hold.set);
	assert_int_equal(scene_count(&scene, EVENT_HOLD_KEPT_OPEN), 1);
	assert_false(
	    HAS(scene_event(&scene, EVENT_HOLD_KEPT_OPEN), EVENT_KEY_FIELD));
}

static void
what_is_scheduled_where_the_relay_stands_drives_nothing(void **state)
{
	static const uint8_t positions[] = { RELAY_OPEN, RELAY_SHUT };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		scene_make(&scene);
		if (positions[i] == RELAY_SHUT)
			scene_begin_shut(&scene);
		assert_int_equal(scene_at(&scene, positions[i],
				     (uint32_t)(scene.unit.utc_ms / 1000) + 60),
		    ST_OK);
		scene_pass(&scene, 2 * MINUTE);
		assert_int_equal(scene.drives, 0);
		assert_false(scene.saved.pending.set);
		assert_int_equal(scene_count(&scene, EVENT_RELAY_MISSED), 0);
	}
}

static void
of_two_shuts_to_come_the_sooner_is_told(void **state)
{
	uint32_t now_s;

	(void)state;
	scene_begin_shut(&scene);
	scene_hold(&scene, RELAY_OPEN, 60);
	scene_pass(&scene, S);
	now_s = (uint32_t)(scene.unit.utc_ms / 1000);
	assert_int_equal(scene_at(&scene, RELAY_SHUT, now_s + 600), ST_OK);
	assert_int_equal(relay_shuts_in_s(&scene.relay, &scene.unit), 59);
	assert_int_equal(scene_at(&scene, RELAY_SHUT, now_s + 20), ST_OK);
	assert_int_equal(relay_shuts_in_s(&scene.relay, &scene.unit), 20);
	scene.unit.clock_trusted = false;
	assert_int_equal(relay_shuts_in_s(&scene.relay, &scene.unit), 59);
}

static void
an_exercise_cannot_see_the_voltage_without_the_meter(void **state)
{
	(void)state;
	assert_int_equal(scene_exercise(&scene), ST_ACCEPTED);
	scene.in.metering_ok = false;
	scene_pass(&scene, MINUTE);
	assert_int_equal(scene.status, ST_OK);
	assert_false(scene.moved.voltage_followed);
	assert_int_equal(scene.moved.feedback_other, RELAY_SHUT);
	assert_false(scene.in.relay_shut);
}

static void
an_exercise_waits_for_a_grid_that_has_just_returned(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	assert_int_equal(scene_exercise(&scene), ST_ACCEPTED);
	scene_pass(&scene, S);
	scene_cut_utility(&scene);
	scene_pass(&scene, S);
	return_utility();
	scene_pass(&scene, 4 * S);
	assert_false(scene.in.relay_shut);
	assert_false(scene.finished);
	scene_pass(&scene, 10 * S);
	assert_true(scene.in.relay_shut);
	assert_int_equal(scene.status, ST_OK);
}

/* Nobody looked for a minute: its time is over as the grid is found back. */
static void
an_exercise_whose_time_is_over_stays_open(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	assert_int_equal(scene_exercise(&scene), ST_ACCEPTED);
	scene_pass(&scene, S);
	scene_cut_utility(&scene);
	scene_pass(&scene, S);
	return_utility();
	scene.unit.now_ms += MINUTE;
	scene.unit.utc_ms += MINUTE;
	scene_pass(&scene, 0);
	assert_true(scene.finished);
	assert_int_equal(scene.status, ST_TOO_SOON);
	assert_false(scene.in.relay_shut);
	assert_int_equal(scene_count(&scene, EVENT_RELAY_REFUSED), 1);
}

#define SCENE(test) cmocka_unit_test_setup(test, scene_set)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		SCENE(a_schedule_can_be_cancelled_while_the_relay_is_exercised),
		SCENE(a_schedule_made_while_another_is_carried_out_stays),
		SCENE(a_tag_goes_only_with_an_open_now_and_without_a_hold),
		SCENE(an_open_with_a_tag_replaces_that_of_its_holder_only),
		SCENE(a_hold_that_is_being_undone_cannot_be_confirmed),
		SCENE(a_hold_is_confirmed_by_its_whole_id_only),
		SCENE(an_exercise_does_not_begin_while_the_relay_moves),
		SCENE(a_request_asks_to_be_looked_after_at_once),
		SCENE(whoever_unprovisions_drops_a_hold_that_would_shut),
		SCENE(an_exercise_cut_while_open_is_undone_without_a_move),
		SCENE(a_tag_ends_a_hold_that_has_nothing_to_open),
		SCENE(without_a_clock_a_hold_has_no_date),
		SCENE(an_overdue_hold_is_due_now),
		SCENE(an_open_is_driven_again_where_the_contact_went_astray),
		SCENE(a_hold_that_meets_a_grid_just_back_stays_open),
		SCENE(what_is_scheduled_where_the_relay_stands_drives_nothing),
		SCENE(of_two_shuts_to_come_the_sooner_is_told),
		SCENE(an_exercise_cannot_see_the_voltage_without_the_meter),
		SCENE(an_exercise_waits_for_a_grid_that_has_just_returned),
		SCENE(an_exercise_whose_time_is_over_stays_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
