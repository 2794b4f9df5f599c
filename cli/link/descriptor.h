/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_DESCRIPTOR_H
#define LINK_DESCRIPTOR_H

/*
 * A link over a non-blocking file descriptor, in real time: what serial ports,
 * terminals and sockets have in common.  Private to cli/link.
 */

#include <poll.h>
#include <termios.h>

#include "link.h"

struct descriptor {
	struct link link; /* first, so that the one is the other */
	int fd;
	bool socket;
	int guard;               /* of a terminal: holds the lock, or -1 */
	struct termios kept;     /* its settings before, put back at close */
	char lock[LINK_WHY_MAX]; /* its lock file, or "" */
	void *port;              /* of libserialport, or NULL */
};

int descriptor_read(struct link *link, uint8_t *buf, size_t cap, int *ms);
int descriptor_write(
    struct link *link, const uint8_t *buf, size_t len, int *ms);
int descriptor_wait(struct link *link, uint32_t ms);
uint64_t descriptor_now_ms(struct link *link);
uint64_t descriptor_now_utc_ms(struct link *link);

/*
 * Waits until fd is ready for events of poll(2), taking the time off *ms.
 * Returns 1, 0 when the time is up, E_IO or E_INTERRUPTED.
 */
int descriptor_poll(int fd, short events, int *ms);

/* The same for count descriptors at once; returns how many are ready. */
int descriptor_poll_all(struct pollfd *fds, size_t count, int *ms);

/* All of ops but transport and close. */
#define DESCRIPTOR_OPS \
	.read = descriptor_read, .write = descriptor_write, \
	.wait = descriptor_wait, .now_ms = descriptor_now_ms, \
	.now_utc_ms = descriptor_now_utc_ms

/*
 * A new one on fd, which it does not close on failure: of size bytes, zeros
 * behind the descriptor; NULL: no memory.
 */
struct descriptor *descriptor_new(size_t size, const struct link_ops *ops,
    int fd, const char *scheme, const char *rest);

#endif
