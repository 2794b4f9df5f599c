/* SPDX-License-Identifier: BSD-2-Clause */

#define _GNU_SOURCE /* ppoll */

#include "stop.h"

#include "../../proto/errors.h"
#include "link.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

enum { PATIENCE = 2 };

static const int stops[] = { SIGINT, SIGTERM, SIGHUP };

volatile int link_interrupted;

/* The third signal ends what does not look at the first. */
static void
on_signal(int number)
{
	if (link_interrupted >= PATIENCE) {
		signal(number, SIG_DFL);
		raise(number);
	}
	link_interrupted = link_interrupted + 1;
}

void
stop_catch(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(stops) / sizeof(*stops); i++)
		sigaction(stops[i], &action, NULL);
}

/* Blocked but while the wait lasts: none can come between the look at
 * link_interrupted and the wait itself. */
int
stop_poll_all(struct pollfd *fds, size_t count, const struct timespec *limit)
{
	sigset_t blocked, before;
	int n = -1, errnum = EINTR;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(stops) / sizeof(*stops); i++)
		sigaddset(&blocked, stops[i]);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	if (!link_interrupted) {
		n = ppoll(fds, count, limit, &before);
		errnum = errno;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (n < 0)
		return errnum == EINTR ? 0 : E_IO;

	return n;
}

int
stop_poll(int fd, short events, const struct timespec *limit)
{
	struct pollfd ready = { .fd = fd, .events = events };

	return stop_poll_all(&ready, fd < 0 ? 0 : 1, limit);
}
