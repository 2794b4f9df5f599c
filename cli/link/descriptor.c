/* SPDX-License-Identifier: BSD-2-Clause */

#include "descriptor.h"

#include "../../proto/errors.h"
#include "stop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t
clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);

	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
take_off(int *ms, uint64_t since_ms)
{
	uint64_t passed_ms = clock_ms(CLOCK_MONOTONIC) - since_ms;

	*ms = passed_ms >= (uint64_t)*ms ? 0 : *ms - (int)passed_ms;
}

int
descriptor_poll_all(struct pollfd *fds, size_t count, int *ms)
{
	if (*ms < 0)
		*ms = 0;
	for (;;) {
		struct timespec limit = { *ms / 1000, *ms % 1000 * 1000000L };
		uint64_t since_ms = clock_ms(CLOCK_MONOTONIC);
		int n = stop_poll_all(fds, count, &limit);

		take_off(ms, since_ms);
		if (link_interrupted)
			return E_INTERRUPTED;
		if (n != 0 || *ms == 0)
			return n;
	}
}

int
descriptor_poll(int fd, short events, int *ms)
{
	struct pollfd ready = { .fd = fd, .events = events };

	return descriptor_poll_all(&ready, fd < 0 ? 0 : 1, ms);
}

int
descriptor_read(struct link *link, uint8_t *buf, size_t cap, int *ms)
{
	struct descriptor *d = (struct descriptor *)link;

	for (;;) {
		int ready = descriptor_poll(d->fd, POLLIN, ms);
		ssize_t n;

		if (ready <= 0)
			return ready;
		n = read(d->fd, buf, cap);
		if (n > 0)
			return (int)n;
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return E_IO;
	}
}

static ssize_t
write_some(const struct descriptor *d, const uint8_t *buf, size_t len)
{
	if (d->socket)
		return send(d->fd, buf, len, MSG_NOSIGNAL);

	return write(d->fd, buf, len);
}

int
descriptor_write(struct link *link, const uint8_t *buf, size_t len, int *ms)
{
	struct descriptor *d = (struct descriptor *)link;

	while (len > 0) {
		int ready = descriptor_poll(d->fd, POLLOUT, ms);
		ssize_t n;

		if (ready < 0)
			return ready;
		if (ready == 0)
			return E_NO_ANSWER;
		n = write_some(d, buf, len);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return E_IO;
		if (n > 0) {
			buf += n;
			len -= (size_t)n;
		}
	}

	return E_OK;
}

int
descriptor_wait(struct link *link, uint32_t ms)
{
	(void)link;
	while (ms > 0) {
		int part_ms = ms < 1000000 ? (int)ms : 1000000;

		ms -= (uint32_t)part_ms;
		if (descriptor_poll(-1, 0, &part_ms) < 0)
			return E_INTERRUPTED;
	}

	return link_interrupted ? E_INTERRUPTED : E_OK;
}

uint64_t
descriptor_now_ms(struct link *link)
{
	(void)link;
	return clock_ms(CLOCK_MONOTONIC);
}

uint64_t
descriptor_now_utc_ms(struct link *link)
{
	(void)link;
	return clock_ms(CLOCK_REALTIME);
}

struct descriptor *
descriptor_new(size_t size, const struct link_ops *ops, int fd,
    const char *scheme, const char *rest)
{
	struct descriptor *d = calloc(1, size);

	if (d == NULL)
		return NULL;
	d->link.ops = ops;
	snprintf(d->link.port, sizeof(d->link.port), "%s:%s", scheme, rest);
	d->fd = fd;
	d->guard = -1;

	return d;
}
