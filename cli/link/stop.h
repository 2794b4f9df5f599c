/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_STOP_H
#define LINK_STOP_H

/*
 * The signals that end what waits: SIGINT, SIGTERM and SIGHUP, noted in
 * link_interrupted.
 */

#include <poll.h>
#include <stddef.h>
#include <time.h>

/* From here on they are noted; the third one ends the program itself. */
void stop_catch(void);

/*
 * Waits until fd (-1: none) is ready for events of poll(2), at most for limit
 * (NULL: for ever).  One of the signals ends the wait, also when it came just
 * before.  Returns 1, 0 when the time is up or a signal came, or E_IO.
 */
int stop_poll(int fd, short events, const struct timespec *limit);

/* The same for count of them at once; returns how many are ready. */
int stop_poll_all(
    struct pollfd *fds, size_t count, const struct timespec *limit);

#endif
