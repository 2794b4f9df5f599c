/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../../proto/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../../../proto/ops.h"

static void
an_envelope_opens_into_its_parts(void **state)
{
	static const uint8_t request[] = { 0x84, 0x00, 0x1a, 0x01, 0x02, 0x03,
		0x04, 0x18, 0x20, 0xa1, 0x01, 0x00 };
	static const uint8_t part[] = { 0x84, 0x02, 0x07, 0x18, 0x64, 0x43, 9,
		8, 7 };
	static const uint8_t tagged[] = { 0x85, 0x01, 0x07, 0x00, 0xa0, 0x48, 1,
		2, 3, 4, 5, 6, 7, 8 };
	struct envelope env;
	bool answerable;

	(void)state;
	assert_int_equal(
	    envelope_open(&env, request, sizeof(request), &answerable), E_OK);
	assert_true(answerable);
	assert_int_equal(env.direction, DIR_REQUEST);
	assert_int_equal(env.seq, 0x01020304);
	assert_int_equal(env.what, OP_RELAY_MOVE);
	assert_ptr_equal(env.body, &request[9]);
	assert_int_equal(env.body_len, 3);
	assert_null(env.tag);

	assert_int_equal(
	    envelope_open(&env, part, sizeof(part), &answerable), E_OK);
	assert_int_equal(env.direction, DIR_PART);
	assert_int_equal(env.what, 100);
	assert_ptr_equal(env.body, &part[6]);
	assert_int_equal(env.body_len, 3);

	assert_int_equal(
	    envelope_open(&env, tagged, sizeof(tagged), &answerable), E_OK);
	assert_int_equal(env.direction, DIR_RESPONSE);
	assert_int_equal(env.body_len, 1);
	assert_ptr_equal(env.tag, &tagged[6]);
}

static void
a_broken_envelope_says_whether_it_can_be_answered(void **state)
{
	static const struct {
		uint8_t item[16];
		size_t len;
		bool answerable;
	} rows[] = {
		{ { 0xa0 }, 1, false },          /* a map */
		{ { 0x83, 0, 7, 1 }, 4, false }, /* three items */
		{ { 0x86, 0, 7, 1, 0xa0, 0, 0 }, 7, false },
		{ { 0x84, 4, 7, 1, 0xa0 }, 5, false }, /* direction 4 */
		{ { 0x84, 0, 0x61, 'a', 1, 0xa0 }, 6, false },
		{ { 0x84, 0, 7, 0x20, 0xa0 }, 5, true }, /* op -1 */
		{ { 0x84, 0, 7, 1, 0x80 }, 5, true },    /* body no map */
		{ { 0x84, 2, 7, 1, 0xa0 }, 5, true },    /* part no bytes */
		{ { 0x84, 0, 7, 1, 0xa0, 0 }, 6, true }, /* trailing */
		{ { 0x85, 0, 7, 1, 0xa0, 0x41, 0 }, 7, true }, /* short tag */
		{ { 0x85, 0, 7, 1, 0xa0, 0 }, 6, true }, /* tag a number */
		/* cut behind the seq, these went unanswered: too few bytes
		 * for the array's count */
		{ { 0x84, 0, 7 }, 3, true }, { { 0x84, 0, 7, 0x18 }, 4, true },
		{ { 0x84, 0 }, 2, false }, { { 0x84 }, 1, false },
		{ { 0x84 }, 0, false }, /* nothing at all */
	};
	struct envelope env;

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++) {
		bool answerable = !rows[i].answerable;

		assert_int_equal(
		    envelope_open(&env, rows[i].item, rows[i].len, &answerable),
		    E_MALFORMED);
		assert_int_equal(answerable, rows[i].answerable);
		if (answerable)
			assert_int_equal(env.seq, 7);
	}
}

static void
an_envelope_begins_with_its_numbers(void **state)
{
	static const uint8_t expected[] = { 0x84, 0x01, 0x19, 0x01, 0x00, 0x13,
		0x85, 0x03, 0x00, 0x1a, 0xff, 0xff, 0xff, 0xff };
	uint8_t buf[ENVELOPE_MAX];
	struct cbor_out out = cbor_writer(buf, sizeof(buf));

	(void)state;
	envelope_begin(&out, DIR_RESPONSE, 256, 19, false);
	envelope_begin(&out, DIR_CREDIT, 0, UINT32_MAX, true);
	assert_int_equal(cbor_len(&out, buf), sizeof(expected));
	assert_memory_equal(buf, expected, sizeof(expected));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_envelope_opens_into_its_parts),
		cmocka_unit_test(
		    a_broken_envelope_says_whether_it_can_be_answered),
		cmocka_unit_test(an_envelope_begins_with_its_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
