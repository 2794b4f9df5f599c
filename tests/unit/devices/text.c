/* SPDX-License-Identifier: BSD-2-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/text.h"

static void
a_text_is_cut_to_its_room(void **state)
{
	char room[4];

	(void)state;
	text_copy(room, sizeof(room), "abc");
	assert_string_equal(room, "abc");
	text_copy(room, sizeof(room), "abcd");
	assert_string_equal(room, "abc");
}

static void
texts_are_equal_to_their_last_byte(void **state)
{
	(void)state;
	assert_true(text_equal("", ""));
	assert_true(text_equal("ann", "ann"));
	assert_false(text_equal("ann", "anne"));
	assert_false(text_equal("anne", "ann"));
	assert_false(text_equal("ann", "anb"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_cut_to_its_room),
		cmocka_unit_test(texts_are_equal_to_their_last_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
