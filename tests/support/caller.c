/* SPDX-License-Identifier: BSD-2-Clause */

#include "caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct peer *peer;
struct client *client;
struct failure failure;

int
caller_setup(void **state)
{
	(void)state;
	peer = peer_new();
	client = NULL;
	failure = (struct failure){ .err = E_OK };
	link_interrupted = 0;

	return 0;
}

int
caller_teardown(void **state)
{
	(void)state;
	client_close(&client);
	free(peer);
	link_interrupted = 0;

	return 0;
}

int
try_open(const char *unit)
{
	struct client_options options = { .unit = unit, .holder = "tester" };

	return client_open(&client, &peer->link, &options, &failure);
}

void
open_client(void)
{
	assert_int_equal(try_open(NULL), E_OK);
	assert_int_equal(failure.err, E_OK);
}

int
noop(void)
{
	struct nothing args = { .has = 0 }, result;

	return client_call(client, OP_NOOP, &args, &result, &failure);
}

int
move(struct relay_moved *result)
{
	struct relay_move args = { .position = RELAY_OPEN };

	HAVE(&args, RELAY_MOVE_POSITION);
	HAVE(&args, RELAY_MOVE_WHEN);

	return client_change(client, OP_RELAY_MOVE, &args, result, &failure);
}

bool
damages_second_request(bool to_host, unsigned n)
{
	return !to_host && n == 2;
}

bool
damages_second_answer(bool to_host, unsigned n)
{
	return to_host && n == 2;
}
