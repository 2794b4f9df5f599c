/* SPDX-License-Identifier: BSD-2-Clause */

#include "../../../cli/client/find.h" /* before cmocka's macro fail() */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOBODY = 65534 };

static char path[] = "/tmp/collar-find-XXXXXX";

static void
place_on(struct place *place, const char *port)
{
	*place = (struct place){ .ask = true };
	snprintf(place->at.port, sizeof(place->at.port), "%s", port);
}

static void
a_port_without_permission_names_the_group_to_join(void **state)
{
	const struct find_options options = { .timeout_ms = 100 };
	struct failure failure = { .err = E_OK };
	struct place place;
	char port[64];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0010), 0); /* its group has a say */
	close(fd);
	snprintf(port, sizeof(port), "serial:%s@9600", path);
	place_on(&place, port);
	/* root may do everything: be somebody else for a while */
	if (getuid() == 0)
		assert_int_equal(setegid(NOBODY) | seteuid(NOBODY), 0);
	assert_int_equal(find_ask(&place, 1, &options, &failure), E_OK);
	assert_int_equal(seteuid(getuid()) | setegid(getgid()), 0);
	unlink(path);
	assert_int_equal(place.is.err, E_PORT_PERMISSION);
	assert_false(place.is.answered);
	assert_non_null(strstr(place.is.why, "no permission"));
	assert_non_null(strstr(place.is.why, "join its group "));
}

static void
each_place_has_its_own_answer_and_who_may_not_be_asked_none(void **state)
{
	const struct find_options options = { .timeout_ms = 100 };
	struct failure failure = { .err = E_OK };
	struct place places[3];

	(void)state;
	place_on(&places[0], "unix:/no/such/socket");
	place_on(&places[1], "serial:/dev/null");
	places[1].ask = false;
	place_on(&places[2], "serial:/dev/null");
	assert_int_equal(find_ask(places, 3, &options, &failure), E_OK);
	assert_int_equal(places[0].is.err, E_NO_COLLAR);
	assert_non_null(strstr(places[0].is.why, "not there"));
	assert_string_equal(places[1].is.why, "");
	assert_int_equal(places[2].is.err, E_USAGE); /* is no terminal */
	assert_non_null(strstr(places[2].is.why, "terminal"));
	/* and no child is left */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void
nothing_is_asked_of_nobody(void **state)
{
	const struct find_options options = { .timeout_ms = 100 };
	struct failure failure = { .err = E_OK };

	(void)state;
	assert_int_equal(find_ask(NULL, 0, &options, &failure), E_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_port_without_permission_names_the_group_to_join),
		cmocka_unit_test(
		    each_place_has_its_own_answer_and_who_may_not_be_asked_none),
		cmocka_unit_test(nothing_is_asked_of_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
