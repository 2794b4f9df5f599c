/* SPDX-License-Identifier: BSD-2-Clause */

#include "busy.h"

#include <stdlib.h>

#include "../../devices/collar/usb_descriptors.h"
#include "../faults/must.h"
#include "strings.h"

struct busy {
	struct usbfs *usbfs;
	struct usb_device usb;
	struct collar *like;
	const char *serial;
};

static int
on_control(
    void *self, const uint8_t setup[USB_SETUP_LEN], uint8_t *in, size_t cap)
{
	struct busy *busy = self;
	int len = string_instead(setup, USB_STRING_SERIAL, busy->serial, in);

	if (len > 0)
		return len;
	/* nothing else reaches the unit that it is like */
	if (setup[0] != 0x80)
		return 0;

	return usb_control(&busy->usb, busy->like, setup, in, cap);
}

static int
on_out(void *self, const uint8_t *packet, size_t len)
{
	(void)self;
	(void)packet;
	(void)len;

	return USB_NAK;
}

static int
on_in(void *self, uint8_t packet[USB_PACKET_LEN])
{
	(void)self;
	(void)packet;

	return USB_NAK;
}

struct busy *
busy_plug(
    struct bus *bus, unsigned port, struct collar *like, const char *serial)
{
	struct busy *busy = calloc(1, sizeof(*busy));
	const struct usbfs_device device = {
		.self = busy, .control = on_control, .out = on_out, .in = on_in
	};

	must(busy != NULL, "memory");
	busy->like = like;
	busy->serial = serial;
	busy->usbfs = usbfs_new(bus, port, &device);
	usbfs_plain(busy->usbfs); /* the program looks for who has it */
	usbfs_plug(busy->usbfs);
	usbfs_occupy(busy->usbfs, true);

	return busy;
}

void
busy_free(struct busy **busy)
{
	if (*busy == NULL)
		return;
	usbfs_free(&(*busy)->usbfs);
	free(*busy);
	*busy = NULL;
}
