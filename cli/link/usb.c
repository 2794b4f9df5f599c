/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A collar on USB as a link, through libusb's asynchronous transfers: several
 * are always waiting for what it sends, so that the bus never idles.  A read
 * that finds nothing leaves them there: no byte is lost by giving up a wait.
 */

#include "transports.h"

#include "../../proto/errors.h"
#include "descriptor.h"
#include "usb_bus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	IN_COUNT = 4,
	IN_LEN = 4096, /* a multiple of every packet length: no overflow */
	OUT_LEN = 1024,
	SERIAL_LEN = 64,
	AGAIN_MS = 250, /* between two looks for what has gone */
	REAP_MS = 1000, /* until what was cancelled has come back */
	/* troubles in a row, without a byte between, until a pipe is given up
	 */
	TROUBLES_MAX = 5,
};

struct pipe_transfer {
	struct libusb_transfer *usb;
	bool flying; /* with libusb; its callback is still to come */
	int at;      /* bytes read by now */
};

struct usb_link {
	struct link link; /* first, so that the one is the other */
	libusb_context *bus;
	libusb_device_handle *handle;
	struct usb_place place;
	bool claimed;
	bool named; /* by serial; else the only one */
	char serial[SERIAL_LEN];
	struct pipe_transfer in[IN_COUNT], out;
	unsigned head; /* of `in`: the one that comes next */
	unsigned troubles;
	uint8_t in_buf[IN_COUNT][IN_LEN], out_buf[OUT_LEN];
};

static void LIBUSB_CALL
on_landing(struct libusb_transfer *usb)
{
	struct pipe_transfer *transfer = usb->user_data;

	transfer->flying = false;
	transfer->at = 0;
}

static int
transfer_submit(struct pipe_transfer *transfer)
{
	int code = libusb_submit_transfer(transfer->usb);

	if (code != LIBUSB_SUCCESS)
		return E_IO;
	transfer->flying = true;

	return E_OK;
}

static int
in_submit(struct usb_link *usb, unsigned number)
{
	struct pipe_transfer *in = &usb->in[number];

	libusb_fill_bulk_transfer(in->usb, usb->handle, usb->place.in,
	    usb->in_buf[number], IN_LEN, on_landing, in, 0);

	return transfer_submit(in);
}

static int
in_submit_all(struct usb_link *usb)
{
	int err = E_OK;

	usb->head = 0;
	for (unsigned i = 0; i < IN_COUNT && err == E_OK; i++)
		err = in_submit(usb, i);

	return err;
}

static void
transfer_cancel(struct pipe_transfer *transfer)
{
	if (transfer->flying)
		libusb_cancel_transfer(transfer->usb);
}

static bool
in_flies(const struct usb_link *usb)
{
	bool flies = false;

	for (unsigned i = 0; i < IN_COUNT; i++)
		flies |= usb->in[i].flying;

	return flies;
}

static bool
out_flies(const struct usb_link *usb)
{
	return usb->out.flying;
}

/*
 * Waits for what was cancelled.  A signal does not end this: memory that libusb
 * still writes to cannot be given up.  E_OK, or E_IO if it does not come back.
 */
static int
reap(struct usb_link *usb, bool (*flies)(const struct usb_link *))
{
	uint64_t end_ms = descriptor_now_ms(NULL) + REAP_MS;

	while (flies(usb) && descriptor_now_ms(NULL) < end_ms) {
		struct timeval part = { 0, 20000 };
		int code = libusb_handle_events_timeout_completed(
		    usb->bus, &part, NULL);

		if (code < 0 && code != LIBUSB_ERROR_INTERRUPTED)
			return E_IO;
	}

	return flies(usb) ? E_IO : E_OK;
}

static int
in_reap(struct usb_link *usb)
{
	for (unsigned i = 0; i < IN_COUNT; i++)
		transfer_cancel(&usb->in[i]);

	return reap(usb, in_flies);
}

static int
out_reap(struct usb_link *usb)
{
	transfer_cancel(&usb->out);

	return reap(usb, out_flies);
}

/*
 * A pipe that stalled, or a line that garbled a packet: what is lost the frames
 * notice.  The halt is cleared, and both ends begin anew; not so often that it
 * would be for ever.
 */
static int
pipe_resume(struct usb_link *usb, uint8_t end)
{
	if (usb->troubles++ >= TROUBLES_MAX)
		return E_IO;
	if (libusb_clear_halt(usb->handle, end) == LIBUSB_ERROR_NO_DEVICE)
		return E_IO;

	return E_OK;
}

static int
in_recover(struct usb_link *usb)
{
	if (in_reap(usb) != E_OK || pipe_resume(usb, usb->place.in) != E_OK)
		return E_IO;

	return in_submit_all(usb);
}

/*
 * Bytes that have come, in their order; 0 if there are none now.  Transfers
 * that are used up go on their way again.
 */
static int
in_take(struct usb_link *usb, uint8_t *buf, size_t cap)
{
	for (;;) {
		struct pipe_transfer *in = &usb->in[usb->head];
		int err, left = in->usb->actual_length - in->at;

		if (in->flying)
			return 0;
		if (left > 0) {
			left = (size_t)left < cap ? left : (int)cap;
			memcpy(buf, in->usb->buffer + in->at, (size_t)left);
			in->at += left;
			usb->troubles = 0;
			return left;
		}
		if (in->usb->status == LIBUSB_TRANSFER_NO_DEVICE)
			return E_IO;
		if (in->usb->status != LIBUSB_TRANSFER_COMPLETED)
			return in_recover(usb);
		err = in_submit(usb, usb->head);
		if (err != E_OK)
			return err;
		usb->head = (usb->head + 1) % IN_COUNT;
	}
}

/* What is left of limit_ms since begin_ms; 0: nothing. */
static int
left_ms(uint64_t begin_ms, int limit_ms)
{
	uint64_t gone_ms = descriptor_now_ms(NULL) - begin_ms;

	return gone_ms < (uint64_t)limit_ms ? limit_ms - (int)gone_ms : 0;
}

static int
usb_read(struct link *link, uint8_t *buf, size_t cap, int *ms)
{
	struct usb_link *usb = (struct usb_link *)link;
	uint64_t begin_ms = descriptor_now_ms(link);
	int limit_ms = *ms > 0 ? *ms : 0;
	bool late = false; /* what is there now is taken; then the time is up */

	for (;;) {
		int ready, n = E_INTERRUPTED;

		if (!link_interrupted)
			n = in_take(usb, buf, cap);
		if (n != 0 || late)
			return n;
		ready = usb_bus_wait(usb->bus, ms);
		if (ready <= 0)
			return ready;
		/* packets without a byte take time, too */
		*ms = left_ms(begin_ms, limit_ms);
		late = *ms == 0;
	}
}

/*
 * Lets the OUT transfer come back: done, too late, or given up.  IN transfers
 * that land meanwhile are not given out again before they are read: a collar
 * takes one request, and any credit, whatever waits to be fetched from it, and
 * there is never more under way.
 */
static int
out_await(struct usb_link *usb, int *ms)
{
	int n = 1;

	while (usb->out.flying && n > 0)
		n = usb_bus_wait(usb->bus, ms);
	if (!usb->out.flying)
		return E_OK;
	if (out_reap(usb) != E_OK)
		return E_IO;
	if (usb->out.usb->status == LIBUSB_TRANSFER_COMPLETED)
		return E_OK;

	return n == 0 ? E_NO_ANSWER : n;
}

/*
 * One transfer, the last of a burst or one before it; *sent is what the collar
 * has taken of it.  A burst that fills its last packet ends in an empty one.
 * One that did not come back keeps its buffer: nothing more is sent then.
 */
static int
out_send(struct usb_link *usb, const uint8_t *buf, int len, bool last,
    int *sent, int *ms)
{
	int err;

	*sent = 0;
	if (usb->out.flying)
		return E_IO;
	memcpy(usb->out_buf, buf, (size_t)len);
	libusb_fill_bulk_transfer(usb->out.usb, usb->handle, usb->place.out,
	    usb->out_buf, len, on_landing, &usb->out, 0);
	usb->out.usb->flags = last ? LIBUSB_TRANSFER_ADD_ZERO_PACKET : 0;
	err = transfer_submit(&usb->out);
	if (err == E_OK)
		err = out_await(usb, ms);
	if (err != E_OK)
		return err;
	*sent = usb->out.usb->actual_length;
	if (usb->out.usb->status == LIBUSB_TRANSFER_NO_DEVICE)
		return E_IO;
	if (usb->out.usb->status != LIBUSB_TRANSFER_COMPLETED)
		return pipe_resume(usb, usb->place.out);

	return E_OK;
}

static int
usb_write(struct link *link, const uint8_t *buf, size_t len, int *ms)
{
	struct usb_link *usb = (struct usb_link *)link;

	while (len > 0) {
		int sent, part = len < OUT_LEN ? (int)len : OUT_LEN;
		int err =
		    out_send(usb, buf, part, (size_t)part == len, &sent, ms);

		if (err != E_OK)
			return err;
		buf += sent;
		len -= (size_t)sent;
	}

	return E_OK;
}

static int
claim_refuse(const struct usb_link *usb, const struct usb_collar *collar,
    int code, char *why)
{
	struct device_holder holder;

	if (code != LIBUSB_ERROR_BUSY)
		return link_fail(why, usb_err(code), "%s: %s", usb->link.port,
		    libusb_strerror(code));
	if (libusb_kernel_driver_active(usb->handle, usb->place.interface) == 1)
		return link_fail(why, E_PORT_BUSY,
		    "%s is in use by a driver of the system", usb->link.port);
	if (device_holder(collar->node, &holder))
		return link_fail(why, E_PORT_BUSY, "%s is in use by %s (%d)",
		    usb->link.port, holder.name, holder.pid);

	return link_fail_errno(why, usb->link.port, EBUSY);
}

static int
usb_begin(struct usb_link *usb, const struct usb_collar *collar, char *why)
{
	bool made = (usb->out.usb = libusb_alloc_transfer(0)) != NULL;
	int code;

	for (unsigned i = 0; i < IN_COUNT; i++)
		made &= (usb->in[i].usb = libusb_alloc_transfer(0)) != NULL;
	if (!made)
		return link_fail(why, E_INTERNAL, "out of memory");
	code = libusb_claim_interface(usb->handle, usb->place.interface);
	if (code != LIBUSB_SUCCESS)
		return claim_refuse(usb, collar, code, why);
	usb->claimed = true;
	if (in_submit_all(usb) != E_OK)
		return link_fail(
		    why, E_IO, "%s takes no transfers", usb->link.port);

	return E_OK;
}

/* Gives everything back; E_IO if libusb does not give back a transfer: then all
 * but the interface stays where it is. */
static int
usb_disconnect(struct usb_link *usb)
{
	int in_err = in_reap(usb), out_err = out_reap(usb);

	if (usb->claimed)
		libusb_release_interface(usb->handle, usb->place.interface);
	usb->claimed = false;
	if (in_err != E_OK || out_err != E_OK)
		return E_IO;
	for (unsigned i = 0; i < IN_COUNT; i++) {
		libusb_free_transfer(usb->in[i].usb);
		usb->in[i] = (struct pipe_transfer){ .usb = NULL };
	}
	libusb_free_transfer(usb->out.usb);
	usb->out = (struct pipe_transfer){ .usb = NULL };
	if (usb->handle != NULL)
		libusb_close(usb->handle);
	usb->handle = NULL;
	if (usb->bus != NULL)
		libusb_exit(usb->bus);
	usb->bus = NULL;

	return E_OK;
}

/* To the unit that is named, or (NULL) the only one.  On failure it is
 * disconnected. */
static int
usb_connect(struct usb_link *usb, const char *serial, char *why)
{
	struct usb_found found;
	int err = usb_bus_open(&usb->bus);

	if (err != E_OK)
		return link_fail(why, err, "there is no USB on this computer");
	err = usb_find(usb->bus, serial, &found, why);
	if (err == E_OK) {
		usb->handle = found.handle;
		usb->place = found.place;
		usb->troubles = 0;
		memcpy(
		    usb->link.port, found.collar.port, sizeof(usb->link.port));
		err = usb_begin(usb, &found.collar, why);
	}
	if (err != E_OK)
		usb_disconnect(usb);

	return err;
}

static void
usb_close(struct link *link)
{
	struct usb_link *usb = (struct usb_link *)link;

	if (usb_disconnect(usb) == E_OK)
		free(usb);
}

/* A unit that was just given its serial number comes back under that name:
 * the only one on the bus then.  Another that comes in its place is told from
 * it by its hello. */
static bool
connects_again(struct usb_link *usb)
{
	char why[LINK_WHY_MAX];

	return (usb->named && usb_connect(usb, usb->serial, why) == E_OK) ||
	    usb_connect(usb, NULL, why) == E_OK;
}

static int
usb_again(struct link *link, int *ms)
{
	struct usb_link *usb = (struct usb_link *)link;

	while (*ms > 0) {
		int part_ms = *ms < AGAIN_MS ? *ms : AGAIN_MS;

		if (usb_disconnect(usb) != E_OK)
			return E_IO;
		if (descriptor_wait(link, (uint32_t)part_ms) != E_OK)
			return E_INTERRUPTED;
		*ms -= part_ms;
		if (connects_again(usb))
			return E_OK;
	}

	return E_IO;
}

static const struct link_ops usb_ops = {
	.transport = "usb",
	.read = usb_read,
	.write = usb_write,
	.again = usb_again,
	.wait = descriptor_wait,
	.now_ms = descriptor_now_ms,
	.now_utc_ms = descriptor_now_utc_ms,
	.close = usb_close,
};

int
usb_open(struct link **link, const char *rest, char *why)
{
	struct usb_link *usb;
	int err;

	if (rest != NULL && (rest[0] == '\0' || strlen(rest) >= SERIAL_LEN))
		return link_fail(why, E_USAGE, "usb: give usb or usb:SERIAL");
	usb = calloc(1, sizeof(*usb));
	if (usb == NULL)
		return link_fail(why, E_INTERNAL, "out of memory");
	usb->link.ops = &usb_ops;
	usb->named = rest != NULL;
	if (usb->named)
		memcpy(usb->serial, rest, strlen(rest) + 1);
	err = usb_connect(usb, rest, why);
	if (err != E_OK) {
		usb_close(&usb->link);
		return err;
	}
	*link = &usb->link;

	return E_OK;
}
