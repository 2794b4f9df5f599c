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
a_shut_is_answered_with_the_contact_that_followed(void **state)
{
	(void)state;
	assert_int_equal(scene_shut(&scene), ST_ACCEPTED);
	assert_false(scene.finished);
	scene_pass(&scene, 40);
	assert_true(scene.finished);
	assert_int_equal(scene.status, ST_OK);
	assert_int_equal(scene.id.at[0], 1);
	assert_true(scene.moved.changed);
	assert_int_equal(scene.moved.state, RELAY_SHUT);
	assert_int_equal(scene.moved.feedback, RELAY_SHUT);
	assert_int_equal(scene_count(&scene, EVENT_RELAY_SHUT), 1);
}

static void
intent_is_committed_before_the_contacts_move_and_outcome_after(void **state)
{
	(void)state;
	scene_shut(&scene);
	assert_true(scene.saved_first);
	assert_true(scene.saved.moving);
	scene_pass(&scene, 40);
	assert_false(scene.saved.moving);
	assert_int_equal(scene.saved.driven, RELAY_SHUT);
}

static void
a_move_to_the_present_position_drives_nothing(void **state)
{
	(void)state;
	assert_int_equal(scene_open(&scene), ST_OK);
	assert_false(scene.moved.changed);
	assert_int_equal(scene.drives, 0);
	scene_begin_shut(&scene);
	assert_int_equal(scene_shut(&scene), ST_OK);
	assert_false(scene.moved.changed);
	assert_int_equal(scene.drives, 0);
}

static void
the_event_names_who_moved_it_and_where_to(void **state)
{
	const struct event *event;

	(void)state;
	scene_begin_shut(&scene);
	scene_open(&scene);
	scene_pass(&scene, 40);
	event = scene_event(&scene, EVENT_RELAY_OPENED);
	assert_int_equal(event->role, ROLE_ADMIN);
	assert_string_equal(event->holder, "ann");
	assert_string_equal(event->new, "open");
}

static void
every_interlock_refuses_a_shut_and_says_which(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SCENE_OBSTACLES; i++) {
		scene_make(&scene);
		scene_obstacles[i].arrange(&scene);
		assert_int_equal(scene_shut(&scene), scene_obstacles[i].status);
		assert_true(HAS(&scene.detail, ERROR_CONDITION));
		assert_int_equal(
		    scene.detail.condition, scene_obstacles[i].condition);
	}
}

static void
a_refusal_changes_nothing(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SCENE_OBSTACLES; i++) {
		struct relay before;

		scene_make(&scene);
		scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 7200);
		scene_obstacles[i].arrange(&scene);
		before = scene.relay;
		scene_shut(&scene);
		assert_memory_equal(&scene.relay, &before, sizeof(before));
		assert_int_equal(scene.drives, 0);
	}
}

static void
open_is_accepted_whatever_stands_in_the_way_of_a_shut(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SCENE_OBSTACLES; i++) {
		scene_make(&scene);
		scene_begin_shut(&scene);
		scene_obstacles[i].arrange(&scene);
		scene_pass(&scene, S);
		assert_int_equal(scene_open(&scene), ST_ACCEPTED);
		scene_pass(&scene, 200);
		assert_int_equal(scene.status, ST_OK);
		assert_true(scene_driven(&scene, RELAY_OPEN));
	}
}

static const struct {
	uint8_t form;
	uint16_t dv, chz;
} sound[] = {
	{ FORM_2S, 2112, 6000 },
	{ FORM_2S, 2640, 6000 },
	{ FORM_2S, 2400, 5700 },
	{ FORM_2S, 2400, 6300 },
	{ FORM_12S, 1831, 6000 },
	{ FORM_12S, 2288, 6000 },
};

static void
the_limits_themselves_are_still_sound(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < nitems(sound); i++) {
		scene_make(&scene);
		scene.unit.meter_form = sound[i].form;
		scene.in.grid_dv = sound[i].dv;
		scene.in.frequency_chz = sound[i].chz;
		assert_int_equal(scene_shut(&scene), ST_ACCEPTED);
	}
}

static void
the_factory_may_shut_an_unprovisioned_unit(void **state)
{
	(void)state;
	scene.unit.stage = UNIT_UNPROVISIONED;
	scene.asker.role = ROLE_FACTORY;
	assert_int_equal(scene_shut(&scene), ST_ACCEPTED);
}

static void
an_open_breaker_does_not_forbid_a_shut(void **state)
{
	(void)state;
	scene.in.breaker_shut = false;
	assert_int_equal(scene_shut(&scene), ST_ACCEPTED);
}

static void
no_shut_within_ten_seconds_of_the_grids_return(void **state)
{
	(void)state;
	scene_cut_utility(&scene);
	scene_pass(&scene, MINUTE);
	scene.in.utility = true;
	scene.in.grid_dv = 2400;
	assert_int_equal(scene_shut(&scene), ST_TOO_SOON);
	assert_int_equal(scene.detail.retry_after_s, 10);
	scene_pass(&scene, 3500);
	assert_int_equal(scene_shut(&scene), ST_TOO_SOON);
	assert_int_equal(scene.detail.retry_after_s, 7);
	scene_pass(&scene, 6500);
	assert_int_equal(scene_shut(&scene), ST_ACCEPTED);
}

static void
no_shut_within_five_seconds_of_the_last_move(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_open(&scene);
	scene_pass(&scene, 2 * S);
	assert_int_equal(scene_shut(&scene), ST_TOO_SOON);
	assert_int_equal(scene.detail.retry_after_s, 3);
	scene_pass(&scene, 3 * S);
	assert_int_equal(scene_shut(&scene), ST_ACCEPTED);
}

static void
an_open_never_waits_for_the_rest(void **state)
{
	(void)state;
	scene_shut(&scene);
	scene_pass(&scene, 100);
	assert_int_equal(scene_open(&scene), ST_ACCEPTED);
	scene_pass(&scene, 40);
	assert_false(scene.in.relay_shut);
}

static void
an_open_overtakes_a_shut_that_is_still_moving(void **state)
{
	(void)state;
	scene_shut(&scene);
	scene.asker.id.at[0] = 2;
	assert_int_equal(scene_open(&scene), ST_ACCEPTED);
	assert_true(scene.finished);
	assert_int_equal(scene.id.at[0], 1);
	assert_int_equal(scene.status, ST_BUSY);
	scene_pass(&scene, 200);
	assert_int_equal(scene.id.at[0], 2);
	assert_int_equal(scene.status, ST_OK);
	assert_false(scene.in.relay_shut);
}

static void
a_contact_that_does_not_follow_a_shut_is_a_fault_and_taken_back(void **state)
{
	(void)state;
	scene.stuck = true;
	scene_shut(&scene);
	scene_pass(&scene, 149);
	assert_false(scene.finished);
	scene_pass(&scene, 1);
	assert_true(scene.finished);
	assert_int_equal(scene.status, ST_RELAY_FAULT);
	assert_int_equal(scene.detail.condition, COND_RELAY_FAULT);
	assert_true(scene.saved.fault);
	assert_int_equal(scene.drives, 2);
	assert_false(scene.wants);
	assert_int_equal(relay_state(&scene.relay, &scene.unit), RELAY_OPEN);
}

static void
a_contact_that_does_not_open_is_reported_as_it_stands(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene.stuck = true;
	scene_open(&scene);
	scene_pass(&scene, 200);
	assert_int_equal(scene.status, ST_RELAY_FAULT);
	assert_int_equal(relay_state(&scene.relay, &scene.unit), RELAY_SHUT);
}

static void
a_fault_ends_when_a_later_open_is_followed(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene.stuck = true;
	scene_open(&scene);
	scene_pass(&scene, MINUTE);
	assert_int_equal(scene_shut(&scene), ST_INTERLOCK);
	scene.stuck = false;
	assert_int_equal(scene_open(&scene), ST_ACCEPTED);
	scene_pass(&scene, 40);
	assert_int_equal(scene.status, ST_OK);
	assert_false(scene.saved.fault);
	scene_pass(&scene, 5 * S);
	assert_int_equal(scene_shut(&scene), ST_ACCEPTED);
}

static void
a_contact_that_moves_by_itself_is_a_fault(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene.in.relay_shut = false;
	scene_pass(&scene, 200);
	assert_false(scene.relay.kept.fault);
	scene_pass(&scene, 1);
	assert_true(scene.saved.fault);
	assert_int_equal(relay_state(&scene.relay, &scene.unit), RELAY_OPEN);
}

static void
a_fault_outlives_a_restart(void **state)
{
	(void)state;
	scene.stuck = true;
	scene_shut(&scene);
	scene_pass(&scene, MINUTE);
	scene_restart(&scene);
	assert_true(scene.relay.kept.fault);
}

static void
a_move_cut_short_takes_the_contact_as_it_stands(void **state)
{
	(void)state;
	scene_shut(&scene);
	scene_restart(&scene);
	scene_pass(&scene, MINUTE);
	assert_false(scene.relay.kept.fault);
	assert_int_equal(relay_state(&scene.relay, &scene.unit), RELAY_OPEN);
	assert_int_equal(scene.drives, 1);
}

static void
an_expectation_that_fails_refuses_the_move(void **state)
{
	struct relay_move move = { .position = RELAY_OPEN,
		.expect = RELAY_SHUT };

	(void)state;
	HAVE(&move, RELAY_MOVE_EXPECT);
	assert_int_equal(scene_move(&scene, &move), ST_INTERLOCK);
	scene_begin_shut(&scene);
	assert_int_equal(scene_move(&scene, &move), ST_ACCEPTED);
}

/* Fields that do not fit. */
static void
times_and_holds_out_of_range_are_bad_values(void **state)
{
	struct relay_move tag = { .position = RELAY_SHUT, .tag = "x" };
	struct relay_move no_at = { .when = WHEN_AT };

	(void)state;
	assert_int_equal(
	    scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 60), ST_BAD_VALUE);
	assert_int_equal(scene.detail.field, RELAY_MOVE_AT);
	assert_int_equal(scene.detail.min, SCENE_UTC_S + 61);
	assert_int_equal(scene.detail.max, SCENE_UTC_S + 60 + 7 * 86400);
	assert_int_equal(
	    scene_at(&scene, RELAY_OPEN, SCENE_UTC_S + 61 + 7 * 86400),
	    ST_BAD_VALUE);
	assert_int_equal(scene_hold(&scene, RELAY_OPEN, 601), ST_BAD_VALUE);
	assert_int_equal(scene.detail.field, RELAY_MOVE_HOLD);
	assert_int_equal(scene.detail.max, 600);
	assert_int_equal(
	    scene_hold(&scene, RELAY_SHUT, 7 * 86400 + 1), ST_BAD_VALUE);
	assert_int_equal(scene_hold(&scene, RELAY_SHUT, 0), ST_BAD_VALUE);
	HAVE(&tag, RELAY_MOVE_TAG);
	assert_int_equal(scene_move(&scene, &tag), ST_BAD_VALUE);
	assert_int_equal(scene.detail.field, RELAY_MOVE_TAG);
	assert_int_equal(scene_move(&scene, &no_at), ST_BAD_VALUE);
}

#define TEST(name) cmocka_unit_test_setup(name, scene_set)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_shut_is_answered_with_the_contact_that_followed),
		TEST(
		    intent_is_committed_before_the_contacts_move_and_outcome_after),
		TEST(a_move_to_the_present_position_drives_nothing),
		TEST(the_event_names_who_moved_it_and_where_to),
		TEST(every_interlock_refuses_a_shut_and_says_which),
		TEST(a_refusal_changes_nothing),
		TEST(open_is_accepted_whatever_stands_in_the_way_of_a_shut),
		TEST(the_limits_themselves_are_still_sound),
		TEST(the_factory_may_shut_an_unprovisioned_unit),
		TEST(an_open_breaker_does_not_forbid_a_shut),
		TEST(no_shut_within_ten_seconds_of_the_grids_return),
		TEST(no_shut_within_five_seconds_of_the_last_move),
		TEST(an_open_never_waits_for_the_rest),
		TEST(an_open_overtakes_a_shut_that_is_still_moving),
		TEST(
		    a_contact_that_does_not_follow_a_shut_is_a_fault_and_taken_back),
		TEST(a_contact_that_does_not_open_is_reported_as_it_stands),
		TEST(a_fault_ends_when_a_later_open_is_followed),
		TEST(a_contact_that_moves_by_itself_is_a_fault),
		TEST(a_fault_outlives_a_restart),
		TEST(a_move_cut_short_takes_the_contact_as_it_stands),
		TEST(an_expectation_that_fails_refuses_the_move),
		TEST(times_and_holds_out_of_range_are_bad_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
