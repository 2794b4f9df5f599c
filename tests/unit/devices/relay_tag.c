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
a_tag_out_refuses_every_shut_until_it_is_taken_off(void **state)
{
	(void)state;
	assert_int_equal(scene_tag(&scene, "hands inside"), ST_OK);
	assert_true(scene.moved.changed);
	assert_string_equal(scene.saved.tag.holder, "ann");
	assert_string_equal(
	    scene_event(&scene, EVENT_TAG_SET)->new, "hands inside");
	assert_int_equal(scene_shut(&scene), ST_TAGGED_OUT);
	assert_int_equal(scene_hold(&scene, RELAY_SHUT, 60), ST_TAGGED_OUT);
	assert_int_equal(scene_exercise(&scene), ST_TAGGED_OUT);
	scene_restart(&scene);
	scene_pass(&scene, MINUTE);
	assert_int_equal(scene_shut(&scene), ST_TAGGED_OUT);
	assert_int_equal(scene_untag(&scene), ST_OK);
	assert_string_equal(
	    scene_event(&scene, EVENT_TAG_CLEARED)->old, "hands inside");
	assert_int_equal(scene_shut(&scene), ST_ACCEPTED);
}

static void
a_tag_out_refuses_a_shut_that_was_scheduled_before(void **state)
{
	(void)state;
	scene_at(&scene, RELAY_SHUT, SCENE_UTC_S + 120);
	scene_tag(&scene, "hands inside");
	scene_pass(&scene, 5 * MINUTE);
	assert_int_equal(scene.drives, 0);
	assert_string_equal(
	    scene_event(&scene, EVENT_RELAY_REFUSED)->field, "tagged_out");
}

static void
a_tag_out_forgets_a_hold_that_would_shut(void **state)
{
	(void)state;
	scene_begin_shut(&scene);
	scene_hold(&scene, RELAY_OPEN, 60);
	scene_pass(&scene, S);
	assert_int_equal(scene_tag(&scene, "hands inside"), ST_OK);
	assert_false(scene.saved.hold.set);
	scene_untag(&scene);
	scene_pass(&scene, HOUR);
	assert_false(scene.in.relay_shut);
}

static void
a_tag_out_undoes_a_hold_that_would_open(void **state)
{
	(void)state;
	scene_hold(&scene, RELAY_SHUT, 600);
	scene_pass(&scene, S);
	assert_int_equal(scene_tag(&scene, "hands inside"), ST_ACCEPTED);
	scene_pass(&scene, 100);
	assert_int_equal(scene.status, ST_OK);
	assert_false(scene.in.relay_shut);
	assert_false(scene.saved.hold.set);
}

static void
open_with_a_tag_is_one_change(void **state)
{
	struct relay_move move = { .position = RELAY_OPEN, .tag = "roof" };

	(void)state;
	HAVE(&move, RELAY_MOVE_TAG);
	scene_begin_shut(&scene);
	assert_int_equal(scene_move(&scene, &move), ST_ACCEPTED);
	assert_string_equal(scene.saved.tag.text, "roof");
	scene_pass(&scene, 100);
	assert_true(scene_driven(&scene, RELAY_OPEN));
}

static void
only_its_holder_or_an_admin_takes_a_tag_off(void **state)
{
	(void)state;
	assert_int_equal(scene_untag(&scene), ST_NOTHING_PENDING);
	scene_tag(&scene, "hands inside");
	scene.asker.role = ROLE_INSTALLER;
	scene.asker.holder = "bob";
	assert_int_equal(scene_untag(&scene), ST_NOT_PERMITTED);
	scene.asker.holder = "ann";
	assert_int_equal(scene_untag(&scene), ST_OK);
	scene_tag(&scene, "hands inside");
	scene.asker.holder = "eve";
	scene.asker.role = ROLE_ADMIN;
	assert_int_equal(scene_untag(&scene), ST_OK);
}

static void
nobodys_tag_gives_way_to_anothers(void **state)
{
	(void)state;
	scene_tag(&scene, "hands inside");
	scene.asker.holder = "bob";
	assert_int_equal(scene_tag(&scene, "me too"), ST_TAGGED_OUT);
	assert_string_equal(scene.relay.kept.tag.text, "hands inside");
}

#define TEST(name) cmocka_unit_test_setup(name, scene_set)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tag_out_refuses_every_shut_until_it_is_taken_off),
		TEST(a_tag_out_refuses_a_shut_that_was_scheduled_before),
		TEST(a_tag_out_forgets_a_hold_that_would_shut),
		TEST(a_tag_out_undoes_a_hold_that_would_open),
		TEST(open_with_a_tag_is_one_change),
		TEST(only_its_holder_or_an_admin_takes_a_tag_off),
		TEST(nobodys_tag_gives_way_to_anothers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
