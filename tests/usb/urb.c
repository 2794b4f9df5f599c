/* SPDX-License-Identifier: BSD-2-Clause */

/* Transfers: packet by packet, in the order in which they were asked for. */

#include "urb.h"

#include <errno.h>
#include <string.h>

/* a, or b if that comes first; either may be NULL. */
static struct urb *
sooner(struct urb *a, struct urb *b)
{
	return a == NULL || (b != NULL && b->order < a->order) ? b : a;
}

struct urb *
urb_done(struct usbfs *usbfs, const UMockdevIoctlClient *client)
{
	struct urb *first = NULL;

	for (struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX; urb++)
		if (urb->data != NULL && urb->done && urb->client == client)
			first = sooner(first, urb);

	return first;
}

/* The first for that end point of the device that is plugged in now. */
static struct urb *
urb_next(struct usbfs *usbfs, uint8_t end)
{
	struct urb *first = NULL;

	for (struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX; urb++)
		if (urb->data != NULL && !urb->done && urb->end == end &&
		    urb->address == usbfs->address)
			first = sooner(first, urb);

	return first;
}

void
urb_free(struct usbfs *usbfs, struct urb *urb)
{
	g_object_unref(urb->data);
	g_object_unref(urb->buffer);
	*urb = (struct urb){ .data = NULL };
	usbfs->counts.under_way--;
}

void
urb_end(struct usbfs *usbfs, struct urb *urb, int status)
{
	urb->status = status;
	urb->done = true;
	urb->order = usbfs->order++;
	node_tell(&usbfs->node, true);
}

static int
status_of(int result)
{
	return result == USB_STALL ? -EPIPE : result;
}

void
urb_control(struct usbfs *usbfs, struct urb *urb)
{
	uint8_t *bytes = urb->buffer->data;
	int n = usbfs->device.control(usbfs->device.self, bytes,
	    bytes + USB_SETUP_LEN, (size_t)urb->len - USB_SETUP_LEN);

	if (n >= 0)
		urb->actual = n;
	urb_end(usbfs, urb, n >= 0 ? 0 : status_of(n));
}

/* One packet of a bulk transfer; false if none moved. */
static bool
out_step(struct usbfs *usbfs, struct urb *urb)
{
	int left = urb->len - urb->actual;
	int len = left < USB_PACKET_LEN ? left : USB_PACKET_LEN;
	int n = usbfs->device.out(
	    usbfs->device.self, urb->buffer->data + urb->actual, (size_t)len);

	if (n == USB_NAK || usbfs->severed)
		return false;
	if (n == 0) {
		urb->actual += len;
		usbfs->counts.out_empty += len == 0;
		usbfs->counts.out_open = len == USB_PACKET_LEN;
	}
	if (n != 0 ||
	    (urb->actual == urb->len && !(urb->zero && len == USB_PACKET_LEN)))
		urb_end(usbfs, urb, status_of(n));

	return true;
}

static bool
in_step(struct usbfs *usbfs, struct urb *urb)
{
	uint8_t packet[USB_PACKET_LEN];
	int n = usbfs->device.in(usbfs->device.self, packet);

	if (n == USB_NAK || usbfs->severed)
		return false;
	if (n > 0) {
		memcpy(urb->buffer->data + urb->actual, packet, (size_t)n);
		urb->actual += n;
	}
	if (n < 0)
		urb_end(usbfs, urb, status_of(n));
	else if (n < USB_PACKET_LEN || urb->actual == urb->len)
		urb_end(usbfs, urb, 0);

	return true;
}

static bool
step(struct usbfs *usbfs)
{
	struct urb *out = urb_next(usbfs, USB_ENDPOINT_OUT);
	struct urb *in = urb_next(usbfs, USB_ENDPOINT_IN);

	if (usbfs->severed || !usbfs->plugged)
		return false;

	return (out != NULL && out_step(usbfs, out)) ||
	    (in != NULL && !usbfs->severed && in_step(usbfs, in));
}

unsigned
urbs_pump(struct usbfs *usbfs, unsigned packets)
{
	unsigned moved = 0;

	while (moved < packets && step(usbfs))
		moved++;

	return moved;
}
