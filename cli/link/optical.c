/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An optical probe on a serial device, at the type 2 port of ANSI C12.18: one
 * end talks at a time, and the probe may give back what is sent.
 */

#include "echo.h"
#include "port.h"
#include "transports.h"

#include "../../proto/errors.h"
#include "../../proto/line.h"

#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
	SETTLE_MS = 250, /* a probe that draws its power from DTR and RTS */
	TURN_MS = 3,     /* quiet before a turn; TURN_MIN_US is the least */
	CHUNK = 256,
};

struct optical {
	struct descriptor d; /* first, so that the one is the other */
	struct echo echo;
	bool talking;                         /* our turn goes on */
	uint8_t heard[CHUNK + ECHO_HELD_MAX]; /* read, and no echo */
	size_t heard_at, heard_len;
};

static void
echoes_note(struct optical *optical)
{
	optical->d.link.echoes = (struct link_echoes){
		.turns = optical->echo.turns,
		.whole = optical->echo.whole,
		.damaged = optical->echo.damaged,
	};
}

/* Reads what is there into heard, which must be empty; as link_read, but 0 also
 * when it was an echo. */
static int
hear(struct optical *optical, int *ms)
{
	uint8_t bytes[CHUNK];
	int n = descriptor_read(&optical->d.link, bytes, sizeof(bytes), ms);

	if (n < 0)
		return n;
	optical->heard_at = 0;
	optical->heard_len = n > 0
	    ? echo_remove(&optical->echo, bytes, (size_t)n, optical->heard)
	    : echo_release(&optical->echo, optical->heard);
	echoes_note(optical);

	return n;
}

static int
optical_read(struct link *link, uint8_t *buf, size_t cap, int *ms)
{
	struct optical *optical = (struct optical *)link;

	optical->talking = false;
	while (optical->heard_at == optical->heard_len) {
		int n = hear(optical, ms);

		if (n < 0 || (n == 0 && optical->heard_len == 0))
			return n;
	}
	if (cap > optical->heard_len - optical->heard_at)
		cap = optical->heard_len - optical->heard_at;
	memcpy(buf, optical->heard + optical->heard_at, cap);
	optical->heard_at += cap;

	return (int)cap;
}

/*
 * Waits for our turn: until the line has been quiet.  What the other end says
 * meanwhile is no answer to what is to be said, and is dropped.
 */
static int
turn_take(struct optical *optical, int *ms)
{
	struct link *link = &optical->d.link;
	uint64_t end_ms = link_now_ms(link) + (uint64_t)(*ms > 0 ? *ms : 0);
	int n, quiet_ms = TURN_MS;

	while ((n = hear(optical, &quiet_ms)) != 0) {
		uint64_t now_ms = link_now_ms(link);

		if (n < 0)
			return n;
		if (now_ms >= end_ms)
			return E_NO_ANSWER;
		*ms = (int)(end_ms - now_ms);
		quiet_ms = TURN_MS;
	}
	optical->heard_at = optical->heard_len = 0;
	echo_begin(&optical->echo);
	optical->talking = true;

	return E_OK;
}

static int
optical_write(struct link *link, const uint8_t *buf, size_t len, int *ms)
{
	struct optical *optical = (struct optical *)link;
	int err = optical->talking ? E_OK : turn_take(optical, ms);

	if (err != E_OK)
		return err;
	echo_sent(&optical->echo, buf, len);

	return descriptor_write(link, buf, len, ms);
}

static const struct link_ops optical_ops = {
	.transport = "optical",
	.read = optical_read,
	.write = optical_write,
	.wait = descriptor_wait,
	.now_ms = descriptor_now_ms,
	.now_utc_ms = descriptor_now_utc_ms,
	.set_baud = port_set_baud,
	.close = port_close,
};

static const struct port_kind optical_kind = {
	.scheme = "optical",
	.baud_default = RATE_OPTICAL,
	.baud_min = RATE_OPTICAL,
	.size = sizeof(struct optical),
};

/* Gives the probe its power; a device without modem lines feeds none. */
static int
power_on(struct descriptor *d)
{
	int lines = TIOCM_DTR | TIOCM_RTS;

	if (ioctl(d->fd, TIOCMBIS, &lines) != 0)
		return E_OK;
	d->link.powered = true;

	return descriptor_wait(&d->link, SETTLE_MS);
}

int
optical_open(struct link **link, const char *rest, char *why)
{
	struct descriptor *d;
	bool given;
	int err = port_open(&d, &optical_ops, &optical_kind, rest, &given, why);

	if (err != E_OK)
		return err;
	d->link.half_duplex = true;
	d->link.baud_top = given ? 0 : RATE_OPTICAL_TOP;
	err = power_on(d);
	if (err != E_OK) {
		port_close(&d->link);
		return link_fail(why, err, "interrupted");
	}
	*link = &d->link;

	return E_OK;
}
