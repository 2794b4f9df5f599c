/* SPDX-License-Identifier: BSD-2-Clause */

/* Which collar is meant by a line that names no port, whatever is on USB: the
 * bus and the answers are ours. */

#include "../../../cli/reach.h" /* before cmocka's macro fail() */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PLACES_MAX = 4 };

/* What is on the bus, in this order. */
static struct usb_collar bus[PLACES_MAX];
static size_t bus_count;

/* What asking a port gives; others do not answer. */
static struct {
	const char *port, *serial;
	int err;
} answers[PLACES_MAX];

static size_t answer_count, asked;

static struct config_port ports[1];
static struct ctx ctx;

int
usb_collars(int (*each)(const struct usb_collar *, void *), void *to)
{
	int err = E_OK;

	for (size_t i = 0; i < bus_count && err == E_OK; i++)
		err = each(&bus[i], to);

	return err;
}

int
serial_ports(int (*each)(const struct serial_port *, void *), void *to)
{
	(void)each;
	(void)to;

	return E_OK;
}

const char *
serial_probe(const struct serial_port *port)
{
	(void)port;

	return NULL;
}

static void
answer(struct place *place, const char *unit)
{
	struct hello_answer *is = &place->is.unit;

	asked++;
	place->is = (struct finding){ .err = E_NO_ANSWER, .why = "silent" };
	for (size_t i = 0; i < answer_count; i++) {
		if (strcmp(answers[i].port, place->at.port) != 0)
			continue;
		place->is = (struct finding){ .err = answers[i].err };
		snprintf(place->is.why, sizeof(place->is.why), "%s",
		    answers[i].err == E_OK ? "" : "in use by another");
		if (answers[i].err != E_OK)
			continue;
		place->is.answered = true;
		snprintf(
		    is->serial, sizeof(is->serial), "%s", answers[i].serial);
		HAVE(is, HELLO_ANSWER_SERIAL);
		is->hardware_id.len = 1;
		is->hardware_id.at[0] = (uint8_t)answers[i].serial[0];
		if (unit != NULL && !unit_is(is, unit))
			place->is.err = E_WRONG_UNIT;
	}
}

int
find_ask(struct place *places, size_t count, const struct find_options *options,
    struct failure *failure)
{
	(void)failure;
	for (size_t i = 0; i < count; i++)
		if (places[i].ask)
			answer(&places[i], options->unit);

	return E_OK;
}

/* Plugs in a collar: err E_OK, or why it cannot even be opened. */
static void
plug(const char *serial, int err)
{
	struct usb_collar *collar = &bus[bus_count++];

	*collar = (struct usb_collar){ .port = "usb", .err = err };
	if (serial[0] != '\0')
		snprintf(collar->port, sizeof(collar->port), "usb:%s", serial);
	snprintf(collar->serial, sizeof(collar->serial), "%s", serial);
	snprintf(collar->node, sizeof(collar->node), "/dev/bus/usb/001/%03zu",
	    bus_count);
	snprintf(collar->why, sizeof(collar->why), "no permission");
}

static void
answers_with(const char *port, const char *serial, int err)
{
	answers[answer_count].port = port;
	answers[answer_count].serial = serial;
	answers[answer_count++].err = err;
}

static void
configure(const char *name, const char *port)
{
	ports[0].name = name;
	ports[0].port = port;
	ctx.config.ports = ports;
	ctx.config.count = 1;
}

static int
setup(void **state)
{
	(void)state;
	bus_count = answer_count = asked = 0;
	ctx = (struct ctx){ .verbosity = -1 };

	return 0;
}

/* Without the lists of ports on stderr. */
static int
choose(void)
{
	int before = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
	int err;

	assert_true(before >= 0 && nowhere >= 0);
	dup2(nowhere, STDERR_FILENO);
	err = reach_choose(&ctx);
	dup2(before, STDERR_FILENO);
	close(before);
	close(nowhere);

	return err;
}

static void
refused(int err, const char *why)
{
	ctx.failure = (struct failure){ .err = E_OK };
	assert_int_equal(choose(), err);
	assert_int_equal(ctx.failure.err, err);
	assert_non_null(strstr(ctx.failure.what, why));
	assert_null(ctx.port);
}

static void
used(const char *port)
{
	assert_int_equal(choose(), E_OK);
	assert_string_equal(ctx.port, port);
}

static void
one_in_use_is_one_of_several(void **state)
{
	(void)state;
	plug("A1", E_OK);
	plug("B1", E_OK);
	answers_with("usb:A1", "A1", E_PORT_BUSY);
	answers_with("usb:B1", "B1", E_OK);
	refused(E_SEVERAL_COLLARS, "2 collars");
	ctx.unit = "B1";
	used("usb:B1");
}

static void
one_that_may_not_be_opened_or_is_silent_is_one_of_several(void **state)
{
	(void)state;
	plug("", E_PORT_PERMISSION);
	plug("B1", E_OK);
	answers_with("usb:B1", "B1", E_OK);
	refused(E_SEVERAL_COLLARS, "2 collars");
	plug("C1", E_OK);
	refused(E_SEVERAL_COLLARS, "3 collars");
}

static void
one_in_use_that_answers_elsewhere_is_that_one(void **state)
{
	(void)state;
	plug("A1", E_OK);
	answers_with("usb:A1", "A1", E_PORT_BUSY);
	answers_with("unix:/a", "A1", E_OK);
	configure("a", "unix:/a");
	used("unix:/a");
}

static void
the_unit_meant_tells_why_it_cannot_be_used(void **state)
{
	(void)state;
	plug("A1", E_OK);
	plug("B1", E_OK);
	answers_with("usb:A1", "A1", E_PORT_BUSY);
	answers_with("usb:B1", "B1", E_OK);
	ctx.unit = "A1";
	refused(E_PORT_BUSY, "usb:A1: in use by another");
	ctx.unit = "C1";
	refused(E_NO_COLLAR, "C1 is not found");
	plug("", E_PORT_PERMISSION);
	refused(E_PORT_PERMISSION, "no permission");
}

static void
usb_alone_is_no_place_of_its_own(void **state)
{
	struct reach reach = { .count = 0 };

	(void)state;
	plug("A1", E_OK);
	answers_with("usb:A1", "A1", E_OK);
	configure("cable", "usb");
	used("usb:A1");
	assert_int_equal(asked, 1);
	assert_int_equal(reach_look_usb(&ctx, &reach), E_OK);
	assert_int_equal(reach_look(&ctx, &reach, false), E_OK);
	assert_int_equal(reach.count, 1);
	assert_string_equal(reach.places[0].name, "cable");
	reach_free(&reach);
}

static void
a_configured_name_is_that_of_the_collar_found(void **state)
{
	struct reach reach = { .count = 0 };

	(void)state;
	plug("A1", E_OK);
	configure("meter", "usb:A1");
	assert_int_equal(reach_look_usb(&ctx, &reach), E_OK);
	assert_int_equal(reach_look(&ctx, &reach, false), E_OK);
	assert_int_equal(reach.count, 1);
	assert_string_equal(reach.places[0].name, "meter");
	assert_true(place_is_on_usb(&reach.places[0]));
	reach_free(&reach);
	bus_count = 0;
	assert_int_equal(reach_look(&ctx, &reach, false), E_OK);
	assert_int_equal(reach.count, 1);
	assert_false(place_is_on_usb(&reach.places[0]));
	reach_free(&reach);
}

static void
a_port_asked_for_alone_knows_its_node(void **state)
{
	static const char *const named[] = { "usb:B1", "usb", "usb:C1" };
	static const char *const nodes[] = { "/dev/bus/usb/001/002",
		"/dev/bus/usb/001/003", "/dev/bus/usb/001/003" };

	(void)state;
	plug("A1", E_OK);
	plug("B1", E_OK);
	plug("", E_PORT_PERMISSION);
	for (size_t i = 0; i < 3; i++) {
		struct reach reach = { .count = 0 };

		assert_int_equal(reach_only(&ctx, &reach, named[i]), E_OK);
		assert_string_equal(reach.places[0].at.port, named[i]);
		assert_string_equal(reach.places[0].node, nodes[i]);
		reach_free(&reach);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_in_use_is_one_of_several),
		TEST(one_that_may_not_be_opened_or_is_silent_is_one_of_several),
		TEST(one_in_use_that_answers_elsewhere_is_that_one),
		TEST(the_unit_meant_tells_why_it_cannot_be_used),
		TEST(usb_alone_is_no_place_of_its_own),
		TEST(a_configured_name_is_that_of_the_collar_found),
		TEST(a_port_asked_for_alone_knows_its_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
