/* SPDX-License-Identifier: BSD-2-Clause */

/* The optical probe of a served collar: rates, echoes, turns. */

#include "../../../cli/sim_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { LEN = 400, MS = 1000000 };

static struct sim_probe_options options;
static struct sim_probe probe;
static uint8_t sent[LEN], bytes[2 * LEN];

static int
setup(void **state)
{
	(void)state;
	options = (struct sim_probe_options){ .on = true };
	sim_probe_init(&probe, &options, 7);
	for (size_t i = 0; i < LEN; i++)
		sent[i] = (uint8_t)(i * 7);
	memcpy(bytes, sent, LEN);

	return 0;
}

static void
rates_that_are_refused_are_missing(void **state)
{
	static const uint32_t all[] = { 9600, 19200, 38400, 57600, 115200, 0 };
	static const uint32_t some[] = { 9600, 38400, 57600, 0 };
	char text[64];

	(void)state;
	assert_memory_equal(probe.bauds, all, sizeof(all));
	options.refused[0] = 115200;
	options.refused[1] = 19200;
	sim_probe_init(&probe, &options, 7);
	assert_memory_equal(probe.bauds, some, sizeof(some));
	assert_true(sim_probe_has_baud(9600));
	assert_false(sim_probe_has_baud(9601));
	assert_string_equal(
	    sim_probe_bauds_text(text), "9600, 19200, 38400, 57600, 115200");
}

static void
ends_of_one_rate_hear_each_other(void **state)
{
	(void)state;
	assert_int_equal(
	    sim_probe_carry(&probe, bytes, LEN, sizeof(bytes), 9600, 9600),
	    LEN);
	assert_memory_equal(bytes, sent, LEN);
}

static void
ends_of_two_rates_hear_noise_for_as_long(void **state)
{
	size_t count = 0;

	(void)state;
	assert_int_equal(
	    sim_probe_carry(&probe, bytes, LEN, sizeof(bytes), 9600, 19200),
	    2 * LEN);
	assert_memory_not_equal(bytes, sent, LEN);
	for (size_t i = 0; i < 24; i++) /* a byte at a time */
		count += sim_probe_carry(&probe, bytes, 1, 1, 115200, 9600);
	assert_int_equal(count, 2);
	assert_int_equal(
	    sim_probe_carry(&probe, bytes, LEN, 10, 9600, 115200), 10);
}

static void
a_rate_that_it_spoils_loses_no_byte_but_changes_some(void **state)
{
	size_t changed = 0;

	(void)state;
	options.garbled[0] = 57600;
	assert_int_equal(
	    sim_probe_carry(&probe, bytes, LEN, sizeof(bytes), 57600, 57600),
	    LEN);
	for (size_t i = 0; i < LEN; i++)
		changed += bytes[i] != sent[i];
	assert_in_range(changed, LEN / 50, LEN / 5);
	memcpy(bytes, sent, LEN);
	sim_probe_carry(&probe, bytes, LEN, sizeof(bytes), 9600, 9600);
	assert_memory_equal(bytes, sent, LEN);
}

static void
an_echo_comes_if_there_is_one(void **state)
{
	(void)state;
	assert_int_equal(sim_probe_echo(&probe, sent, LEN, bytes), 0);
	options.echo = true;
	assert_int_equal(sim_probe_echo(&probe, sent, LEN, bytes), LEN);
	assert_memory_equal(bytes, sent, LEN);
}

static void
a_damaged_echo_lacks_has_more_and_differs(void **state)
{
	size_t shorter = 0, longer = 0, other = 0;

	(void)state;
	options.echo = options.damage = true;
	for (size_t i = 0; i < LEN; i++) {
		size_t n = sim_probe_echo(&probe, sent + i, 1, bytes);

		shorter += n == 0;
		longer += n == 2;
		other += n == 1 && bytes[0] != sent[i];
	}
	assert_in_range(shorter, 10, 15);
	assert_in_range(longer, 10, 15);
	assert_in_range(other, 10, 15);
}

/* Each time that the host begins out of its turn counts once. */
static void
who_talks_out_of_turn_is_counted_and_spoiled(void **state)
{
	(void)state;
	sim_probe_heard(&probe, bytes, LEN, 10 * MS, false);
	assert_int_equal(probe.violations, 0);
	assert_memory_equal(bytes, sent, LEN);
	assert_false(sim_probe_may_talk(&probe, 10 * MS + MS / 2));
	assert_true(sim_probe_may_talk(&probe, 11 * MS));

	sim_probe_heard(&probe, bytes, LEN / 2, 20 * MS, true);
	sim_probe_heard(&probe, bytes + LEN / 2, LEN / 2, 21 * MS, true);
	assert_int_equal(probe.violations, 1);
	assert_memory_not_equal(bytes, sent, LEN);

	memcpy(bytes, sent, LEN);
	sim_probe_heard(&probe, bytes, LEN, 30 * MS, false);
	assert_memory_equal(bytes, sent, LEN);
	probe.said_ns = 40 * MS;
	sim_probe_heard(&probe, bytes, LEN, 40 * MS + 174000, false);
	assert_int_equal(probe.violations, 2);
	sim_probe_heard(&probe, bytes, LEN, 40 * MS + 175000, false);
	assert_int_equal(probe.violations, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    rates_that_are_refused_are_missing, setup),
		cmocka_unit_test_setup(ends_of_one_rate_hear_each_other, setup),
		cmocka_unit_test_setup(
		    ends_of_two_rates_hear_noise_for_as_long, setup),
		cmocka_unit_test_setup(
		    a_rate_that_it_spoils_loses_no_byte_but_changes_some,
		    setup),
		cmocka_unit_test_setup(an_echo_comes_if_there_is_one, setup),
		cmocka_unit_test_setup(
		    a_damaged_echo_lacks_has_more_and_differs, setup),
		cmocka_unit_test_setup(
		    who_talks_out_of_turn_is_counted_and_spoiled, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
