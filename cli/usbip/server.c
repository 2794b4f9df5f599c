/* SPDX-License-Identifier: BSD-2-Clause */
#include "server.h"

#include "../../devices/virtual/virtual.h"
#include "../link/link.h"
#include "listener.h"
#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	IDLE_MS = 500,     /* longest sleep: a signal may come just before it */
	READ_LEN = 16384,  /* bytes at once, */
	READS = 4,         /* and so often before the next peer has its turn */
	SEATS_BESIDES = 8, /* peers beyond one importer a unit */
};

_Static_assert((int)USBIP_STALL == (int)USB_STALL, "as devices say it");
_Static_assert((int)USBIP_NAK == (int)USB_NAK, "as devices say it");

/* A virtual collar and its end of the cable. */
struct plugged {
	struct virtual_collar *collar;
	struct usb_device usb;
};

struct seat {
	int fd; /* -1: free */
	struct usbip_peer peer;
	char from[USBIP_ADDRESS_MAX];
	bool more; /* something can be done at once */
};

struct server {
	struct usbip_listener listener;
	struct usbip_bus bus;
	struct plugged *plugged; /* one for each export */
	struct seat *seats;
	size_t seats_count;
	struct pollfd *watched; /* the listener's, and the seats' */
	const struct usbip_calls *calls;
};

static void
device_reset(void *device)
{
	struct plugged *plugged = device;

	virtual_usb_reset(plugged->collar, &plugged->usb);
}

static int
device_control(void *device, const uint8_t *setup, uint8_t *in, size_t cap)
{
	struct plugged *plugged = device;

	return virtual_usb_control(
	    plugged->collar, &plugged->usb, setup, in, cap);
}

static int
device_out(void *device, const uint8_t *packet, size_t len)
{
	struct plugged *plugged = device;

	return virtual_usb_out(plugged->collar, &plugged->usb, packet, len);
}

static int
device_in(void *device, uint8_t *packet)
{
	struct plugged *plugged = device;

	return virtual_usb_in(plugged->collar, &plugged->usb, packet);
}

static const struct usbip_ops collar_ops = {
	.reset = device_reset,
	.control = device_control,
	.out = device_out,
	.in = device_in,
};

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);

	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
seat_free(struct server *server, struct seat *seat, int err)
{
	if (seat->fd < 0)
		return;
	if (err < 0 && seat->peer.why[0] != '\0')
		server->calls->note(
		    server->calls->ctx, seat->from, seat->peer.why);
	usbip_peer_end(&seat->peer);
	close(seat->fd);
	seat->fd = -1;
}

/* It has its turn after all others: who went before it came has then gone, and
 * what that one had imported is free. */
static void
seat_take(struct server *server, struct seat *seat)
{
	seat->fd = usbip_accept(&server->listener, seat->from);
	if (seat->fd >= 0)
		usbip_peer_init(&seat->peer, &server->bus, now_ms());
	seat->more = true;
}

static bool
is_gone(ssize_t len)
{
	return len == 0 ||
	    (len < 0 && errno != EAGAIN && errno != EWOULDBLOCK &&
		errno != EINTR);
}

/*
 * What has come, and whether it ends there.  E_CLOSED_PIPE: the other end has
 * gone, which is no fault of it.
 */
static int
seat_read(struct seat *seat)
{
	uint8_t bytes[READ_LEN];

	for (unsigned i = 0; i < READS; i++) {
		ssize_t len;
		int err;

		if (!usbip_peer_reads(&seat->peer))
			return E_OK;
		len = read(seat->fd, bytes, sizeof(bytes));
		if (is_gone(len))
			return E_CLOSED_PIPE;
		if (len < 0)
			return E_OK;
		err = usbip_peer_receive(
		    &seat->peer, bytes, (size_t)len, now_ms());
		if (err < 0)
			return err;
	}
	seat->more = true;

	return E_OK;
}

static int
seat_write(struct seat *seat)
{
	const uint8_t *bytes;
	size_t len;

	while ((bytes = usbip_peer_next(&seat->peer, &len)) != NULL) {
		ssize_t sent = write(seat->fd, bytes, len);

		if (is_gone(sent))
			return E_CLOSED_PIPE;
		if (sent < 0)
			return E_OK;
		usbip_peer_sent(&seat->peer, (size_t)sent);
	}

	return E_OK;
}

/* What was answered before a fault still goes out. */
static int
seat_serve(struct seat *seat)
{
	int err, moved, sent;

	seat->more = false;
	if ((err = seat_read(seat)) == E_CLOSED_PIPE)
		return err;
	moved = err == E_OK ? usbip_peer_move(&seat->peer) : err;
	sent = seat_write(seat);
	if (moved < 0)
		return moved;
	seat->more |= moved > 0;

	return sent < 0 ? sent : usbip_peer_check_time(&seat->peer, now_ms());
}

static void
serve_seats(struct server *server)
{
	for (size_t i = 0; i < server->seats_count; i++) {
		struct seat *seat = &server->seats[i];
		int err;

		if (seat->fd < 0) {
			seat_take(server, seat);
			continue;
		}
		err = seat_serve(seat);
		if (err < 0 || usbip_peer_is_over(&seat->peer))
			seat_free(server, seat, err);
	}
}

/* What to wait for at a seat: nothing if it is free. */
static struct pollfd
watched_at(const struct seat *seat)
{
	struct pollfd watched = { .fd = seat->fd };
	size_t len;

	if (seat->fd >= 0 && usbip_peer_reads(&seat->peer))
		watched.events |= POLLIN;
	if (seat->fd >= 0 && usbip_peer_next(&seat->peer, &len) != NULL)
		watched.events |= POLLOUT;

	return watched;
}

/* Who comes while all seats are taken waits outside. */
static void
watch_all(struct server *server)
{
	struct pollfd *door = &server->watched[0];

	*door = (struct pollfd){ .fd = -1, .events = POLLIN };
	for (size_t i = 0; i < server->seats_count; i++) {
		if (server->seats[i].fd < 0)
			door->fd = server->listener.fd;
		server->watched[i + 1] = watched_at(&server->seats[i]);
	}
}

/* Lets time pass for the units; false when all of them have gone. */
static bool
follow_clock(struct server *server)
{
	bool any = false;

	for (size_t i = 0; i < server->bus.count; i++) {
		if (server->bus.exports[i].gone) {
			virtual_close(&server->plugged[i].collar);
			continue;
		}
		virtual_follow_clock(server->plugged[i].collar);
		any = true;
	}

	return any;
}

/* How long nothing happens unless a peer says something, at most IDLE_MS. */
static int
quiet_ms(const struct server *server)
{
	int quiet_ms = IDLE_MS;

	for (size_t i = 0; i < server->seats_count; i++)
		if (server->seats[i].fd >= 0 && server->seats[i].more)
			return 0;
	for (size_t i = 0; i < server->bus.count; i++) {
		uint32_t due_ms;

		if (server->bus.exports[i].gone)
			continue;
		due_ms = virtual_next_due_ms(server->plugged[i].collar);
		if (due_ms < (uint32_t)quiet_ms)
			quiet_ms = (int)due_ms;
	}

	return quiet_ms;
}

static void
serve_all(struct server *server)
{
	while (!link_interrupted && follow_clock(server)) {
		serve_seats(server);
		watch_all(server);
		poll(server->watched, (nfds_t)server->seats_count + 1,
		    quiet_ms(server));
	}
}

static int
plug_in(struct server *server, const struct serve_unit *unit,
    const struct usbip_options *options, struct failure *failure)
{
	size_t i = server->bus.count;
	struct plugged *plugged = &server->plugged[i];
	struct usbip_export *export = &server->bus.exports[i];
	char why[VIRTUAL_WHY_MAX];
	int err =
	    virtual_open(&plugged->collar, unit->name, unit->keys, true, why);

	if (err < 0)
		return fail(failure, err, "%s", why);
	server->bus.count++;
	*export = (struct usbip_export){
		.ops = &collar_ops,
		.device = plugged,
		.cut_after = options->cut_after,
	};
	usbip_unplug(export);
	if (!usbip_describe(export, unit->name, (unsigned)i + 1))
		return fail(failure, E_INTERNAL,
		    "sim:%s has no descriptors of a USB device", unit->name);

	return E_OK;
}

static int
announce(const struct server *server, const struct usbip_export *export,
    const struct serve_unit *unit)
{
	char serial[USBIP_SERIAL_MAX];
	const struct usbip_place place = {
		.name = unit->name,
		.serial = usbip_serial(export, serial),
		.host = server->listener.host,
		.port = server->listener.port,
		.address = server->listener.address,
		.busid = export->told.busid,
		.loopback = server->listener.loopback,
	};

	return server->calls->announce(server->calls->ctx, &place);
}

/* E_OK, or with everything made so far left to server_close. */
static int
server_open(struct server *server, const struct serve_unit *units, size_t count,
    const struct usbip_options *options, struct failure *failure)
{
	int err = E_OK;

	server->listener.fd = -1;
	server->bus.exports = calloc(count, sizeof(*server->bus.exports));
	server->plugged = calloc(count, sizeof(*server->plugged));
	server->seats = calloc(count + SEATS_BESIDES, sizeof(*server->seats));
	server->watched =
	    calloc(count + SEATS_BESIDES + 1, sizeof(*server->watched));
	if (server->bus.exports == NULL || server->plugged == NULL ||
	    server->seats == NULL || server->watched == NULL)
		return fail(failure, E_INTERNAL, "out of memory");
	server->seats_count = count + SEATS_BESIDES;
	for (size_t i = 0; i < server->seats_count; i++)
		server->seats[i].fd = -1;
	for (size_t i = 0; i < count && err == E_OK; i++)
		err = plug_in(server, &units[i], options, failure);
	if (err == E_OK)
		err =
		    usbip_listen(&server->listener, options->address, failure);

	return err;
}

static void
server_close(struct server *server)
{
	for (size_t i = 0; i < server->seats_count; i++)
		seat_free(server, &server->seats[i], E_OK);
	for (size_t i = 0; i < server->bus.count; i++)
		virtual_close(&server->plugged[i].collar);
	usbip_listener_close(&server->listener);
	free(server->watched);
	free(server->seats);
	free(server->plugged);
	free(server->bus.exports);
}

int
usbip_serve(const struct serve_unit *units, size_t count,
    const struct usbip_options *options, const struct usbip_calls *calls,
    struct failure *failure)
{
	struct server server = { .calls = calls };
	int err = server_open(&server, units, count, options, failure);

	for (size_t i = 0; i < server.bus.count && err == E_OK; i++)
		err = announce(&server, &server.bus.exports[i], &units[i]);
	if (err == E_OK)
		serve_all(&server);
	server_close(&server);

	return err;
}
