/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve.h"

#include "../devices/virtual/virtual.h"
#include "link/link.h"
#include "link/tty.h"
#include "noise.h"
#include "sim_probe.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	LANE_CAP = 512,
	BITS_A_BYTE = 10,
	ROUNDS = 64,   /* chunks for one unit before the next has its turn */
	IDLE_MS = 500, /* longest sleep: a signal may come just before it */
	CATCH_UP_NS = 2000000, /* a late wake-up is made good for so long */
};

/* One way of a line: bytes that wait, when it is free, its damage. */
struct lane {
	uint8_t bytes[LANE_CAP];
	size_t at, len;
	uint32_t baud; /* 0: bytes pass as they come */
	bool idle;     /* there was nothing to send */
	uint64_t free_ns;
	uint64_t noise;
};

struct served {
	struct virtual_collar *collar;
	struct door door;
	struct lane in, out;
	struct sim_probe probe;
	uint64_t passed; /* bytes, both ways */
	bool blocked;    /* the other end does not take what is sent */
	bool ended;
};

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);

	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t
byte_ns(const struct lane *lane)
{
	return (uint64_t)BITS_A_BYTE * 1000000000 / lane->baud;
}

/*
 * How many bytes may pass a lane now: as the line's speed allows, and no more
 * than are left until it is cut.  Lateness of up to late_ns is made good.
 */
static size_t
lane_room(struct lane *lane, const struct served *served,
    const struct serve_options *options, uint64_t late_ns)
{
	uint64_t room = LANE_CAP, now = now_ns();

	if (lane->baud > 0) {
		uint64_t rest = late_ns + byte_ns(lane);

		if (lane->free_ns + rest < now)
			lane->free_ns = now - rest;
		room = now > lane->free_ns
		    ? (now - lane->free_ns) / byte_ns(lane)
		    : 0;
	}
	if (options->cut_after > 0 &&
	    room > options->cut_after - served->passed)
		room = options->cut_after - served->passed;

	return room < LANE_CAP ? (size_t)room : LANE_CAP;
}

static void
lane_passed(struct lane *lane, struct served *served, size_t len)
{
	if (lane->baud > 0)
		lane->free_ns += len * byte_ns(lane);
	served->passed += len;
}

static void
lane_damage(struct lane *lane, uint8_t *bytes, size_t len, double noise)
{
	if (noise <= 0)
		return;
	for (size_t i = 0; i < len; i++) {
		uint64_t number = noise_next(&lane->noise);

		if ((double)(number >> 11) * 0x1p-53 < noise)
			bytes[i] ^= (uint8_t)(1U << (number & 7));
	}
}

static void
hang_up(struct served *served)
{
	door_hang_up(&served->door);
	served->in.len = served->out.len = 0;
	served->blocked = false;
}

/* A read or write that moved nothing: is the other end gone? */
static bool
is_gone(const struct served *served, ssize_t len)
{
	if (served->door.kind == DOOR_PTY)
		return false;
	if (len == 0)
		return true;

	return errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
}

/*
 * On an optical port: what the host has said comes back to it, and reaches the
 * unit as its end hears it.
 */
static void
probe_pass_in(struct served *served)
{
	struct lane *lane = &served->in;
	uint8_t echo[2 * LANE_CAP];
	size_t len =
	    sim_probe_echo(&served->probe, lane->bytes, lane->len, echo);

	/* an echo that nobody takes is lost */
	if (len > 0 && write(served->door.line, echo, len) < 0)
		served->blocked = false;
	sim_probe_heard(&served->probe, lane->bytes, lane->len, now_ns(),
	    served->out.len > 0);
	lane->len = sim_probe_carry(&served->probe, lane->bytes, lane->len,
	    LANE_CAP, lane->baud, served->out.baud);
}

static bool
pump_in(struct served *served, const struct serve_options *options)
{
	struct lane *lane = &served->in;
	size_t taken, room;
	ssize_t len;

	if (lane->len == 0) {
		room = lane_room(lane, served, options, CATCH_UP_NS);
		if (room == 0)
			return false;
		len = read(served->door.line, lane->bytes, room);
		if (len <= 0) {
			if (is_gone(served, len))
				hang_up(served);
			return false;
		}
		lane->at = 0;
		lane->len = (size_t)len;
		lane_damage(lane, lane->bytes, lane->len, options->noise);
		lane_passed(lane, served, lane->len);
		if (options->probe.on)
			probe_pass_in(served);
	}
	taken =
	    virtual_receive(served->collar, lane->bytes + lane->at, lane->len);
	lane->at += taken;
	lane->len -= taken;

	return taken > 0;
}

/*
 * Takes over what the collar has to send, and returns how much of it may go.
 * However late we wake up, a line would meanwhile have sent what waited here;
 * what follows silence starts with the line's first byte.
 */
static size_t
refill(struct lane *lane, struct served *served,
    const struct serve_options *options)
{
	uint64_t late_ns = lane->baud > 0 ? LANE_CAP * byte_ns(lane) : 0;

	if (lane->len == 0) {
		lane->at = 0;
		lane->len = virtual_transmit(
		    served->collar, lane->bytes, sizeof(lane->bytes));
		lane_damage(lane, lane->bytes, lane->len, options->noise);
		if (lane->idle)
			late_ns = 0;
		lane->idle = lane->len == 0;
	}

	return lane_room(lane, served, options, late_ns);
}

/* Writes some of what is due, as the host hears it; as write(2). */
static ssize_t
write_some(struct served *served, size_t len, const struct serve_options *opts)
{
	struct lane *lane = &served->out;
	uint8_t heard[LANE_CAP];
	size_t count;

	if (!opts->probe.on)
		return write(served->door.line, lane->bytes + lane->at, len);
	memcpy(heard, lane->bytes + lane->at, len);
	count = sim_probe_carry(&served->probe, heard, len, sizeof(heard),
	    lane->baud, served->in.baud);
	/* taken before: however long it takes, nobody answers sooner */
	served->probe.said_ns = now_ns();
	if (count > 0 && write(served->door.line, heard, count) < 0)
		return -1;

	return (ssize_t)len;
}

static bool
pump_out(struct served *served, const struct serve_options *options)
{
	struct lane *lane = &served->out;
	size_t room = refill(lane, served, options);
	ssize_t len;

	served->blocked = false;
	if (lane->len == 0 || room == 0 ||
	    (options->probe.on &&
		!sim_probe_may_talk(&served->probe, now_ns())))
		return false;
	len = write_some(served, lane->len < room ? lane->len : room, options);
	if (len <= 0) {
		served->blocked = true;
		if (is_gone(served, len))
			hang_up(served);
		return false;
	}
	lane->at += (size_t)len;
	lane->len -= (size_t)len;
	lane_passed(lane, served, (size_t)len);

	return true;
}

/* What is sent into an unplugged line is lost. */
static void
drain(struct served *served)
{
	uint8_t lost[LANE_CAP];

	while (virtual_transmit(served->collar, lost, sizeof(lost)) > 0)
		continue;
}

static void
end(struct served *served)
{
	door_close(&served->door);
	virtual_close(&served->collar);
	served->ended = true;
}

/* The unit's end changes its rate behind the last byte of an answer, the host's
 * whenever it likes. */
static void
rates_follow(struct served *served)
{
	uint32_t baud = tty_baud(served->door.slave);

	if (served->out.len == 0)
		served->out.baud = virtual_baud(served->collar);
	served->in.baud = baud > 0 ? baud : served->out.baud;
}

static void
pump(struct served *served, const struct serve_options *options)
{
	bool moved = true;

	virtual_follow_clock(served->collar);
	if (options->probe.on)
		rates_follow(served);
	door_accept(&served->door);
	for (unsigned i = 0; i < ROUNDS && moved; i++) {
		if (served->door.line < 0) {
			drain(served);
			return;
		}
		moved = pump_in(served, options);
		if (served->door.line >= 0)
			moved |= pump_out(served, options);
		if (options->cut_after > 0 &&
		    served->passed >= options->cut_after) {
			end(served);
			return;
		}
	}
}

/* What to poll for, and how long at most. */
static int
watch(struct served *served, const struct serve_options *options,
    struct pollfd *watched)
{
	uint32_t due_ms = virtual_next_due_ms(served->collar);
	bool waits =
	    served->in.len > 0 || (served->out.len > 0 && !served->blocked);

	*watched = (struct pollfd){ .fd = served->door.line, .events = POLLIN };
	if (served->door.line < 0)
		watched->fd = served->door.listener;
	else if (served->blocked)
		watched->events |= POLLOUT;
	if (served->in.baud > 0 && served->door.line >= 0 &&
	    lane_room(&served->in, served, options, CATCH_UP_NS) == 0) {
		watched->events &= ~POLLIN; /* it comes in when it may */
		waits = true;
	}
	if (waits)
		return 1;

	return due_ms < IDLE_MS ? (int)due_ms : IDLE_MS;
}

static void
serve_all(struct served *served, struct pollfd *watched, size_t count,
    const struct serve_options *options)
{
	while (!link_interrupted) {
		int wait_ms = IDLE_MS;
		size_t open = 0;

		for (size_t i = 0; i < count; i++) {
			int ms;

			if (!served[i].ended)
				pump(&served[i], options);
			if (served[i].ended)
				continue;
			ms = watch(&served[i], options, &watched[open++]);
			if (ms < wait_ms)
				wait_ms = ms;
		}
		if (open == 0)
			break;
		poll(watched, (nfds_t)open, wait_ms);
	}
}

static int
served_open(struct served *served, const struct serve_unit *unit, size_t index,
    size_t count, const struct serve_options *options, struct failure *failure)
{
	char why[VIRTUAL_WHY_MAX], path[300] = "", seed[32];
	uint32_t port = options->tcp_port;
	int err =
	    virtual_open(&served->collar, unit->name, unit->keys, true, why);

	if (err < 0)
		return fail(failure, err, "%s", why);
	virtual_get(served->collar, "seed", seed, sizeof(seed));
	served->in.noise = strtoull(seed, NULL, 10) * 2 + 1;
	served->out.noise = ~served->in.noise;
	served->in.baud = served->out.baud = options->baud;
	if (options->probe.on) {
		sim_probe_init(
		    &served->probe, &options->probe, served->in.noise);
		virtual_wire(
		    served->collar, served->probe.bauds, options->baud);
	}
	if (options->path != NULL)
		snprintf(path, sizeof(path), "%.200s%s%s", options->path,
		    count > 1 ? "." : "", count > 1 ? unit->name : "");
	if (port != 0)
		port += (uint32_t)index;
	if (port > UINT16_MAX)
		return fail(failure, E_USAGE,
		    "--tcp %u: %zu units do not fit below 65536",
		    options->tcp_port, count);

	err = door_open(
	    &served->door, options->door, path, (uint16_t)port, failure);
	if (err == E_OK && options->probe.on && options->ended != NULL)
		door_optical(&served->door, options->baud);

	return err;
}

int
serve(const struct serve_unit *units, size_t count,
    const struct serve_options *options,
    int (*announce)(void *ctx, const char *name, const char *port), void *ctx,
    struct failure *failure)
{
	struct served *served = calloc(count, sizeof(*served));
	struct pollfd *watched = calloc(count, sizeof(*watched));
	int err = E_OK;

	if (served == NULL || watched == NULL) {
		err = fail(failure, E_INTERNAL, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < count; i++)
		door_init(&served[i].door);
	for (size_t i = 0; i < count && err == E_OK; i++)
		err = served_open(
		    &served[i], &units[i], i, count, options, failure);
	for (size_t i = 0; i < count && err == E_OK; i++)
		err = announce(ctx, units[i].name, served[i].door.port);
	if (err == E_OK)
		serve_all(served, watched, count, options);
	for (size_t i = 0; i < count; i++) {
		if (err == E_OK && options->probe.on)
			options->ended(
			    units[i].name, served[i].probe.violations);
		end(&served[i]);
	}

out:
	free(watched);
	free(served);

	return err;
}
