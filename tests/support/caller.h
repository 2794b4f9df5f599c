/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_CALLER_H
#define SUPPORT_CALLER_H

/* A client on a scripted collar, for tests of calls and of changes. */

#include "../../cli/client/client.h"
#include "peer.h"

extern struct peer *peer;
extern struct client *client;
extern struct failure failure;

/* Before and after each test; the client is opened by the test itself. */
int caller_setup(void **state);
int caller_teardown(void **state);

/* Says hello as "tester", meaning this unit (NULL: any). */
int try_open(const char *unit);

/* The same, and it must succeed. */
void open_client(void);

/* A request that changes nothing, and one that OPENs the relay. */
int noop(void);
int move(struct relay_moved *result);

/* For peer->damage: the second frame of one way. */
bool damages_second_request(bool to_host, unsigned n);
bool damages_second_answer(bool to_host, unsigned n);

#endif
