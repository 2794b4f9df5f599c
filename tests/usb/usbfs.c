/* SPDX-License-Identifier: BSD-2-Clause */

#include "usbfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <linux/usbdevice_fs.h>

#include "../../devices/collar/usb_descriptors.h"
#include "../faults/must.h"
#include "urb.h"

enum { HEX_LEN = 600 };

unsigned
usbfs_pump(struct usbfs *usbfs, unsigned packets)
{
	unsigned moved;

	g_mutex_lock(&usbfs->lock);
	moved = urbs_pump(usbfs, packets);
	g_mutex_unlock(&usbfs->lock);

	return moved;
}

/* The calls of a program. */

static void
note_wanted(struct usbfs *usbfs)
{
	unsigned wanted = 0;

	for (const struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX;
	     urb++)
		wanted += urb->data != NULL && urb->end == USB_ENDPOINT_IN;
	if (wanted > usbfs->counts.in_wanted_most)
		usbfs->counts.in_wanted_most = wanted;
}

static int
submit(struct usbfs *usbfs, UMockdevIoctlClient *client, UMockdevIoctlData *arg)
{
	UMockdevIoctlData *data = umockdev_ioctl_data_resolve(
	    arg, 0, sizeof(struct usbdevfs_urb), NULL);
	const struct usbdevfs_urb *asked;
	struct urb *urb = usbfs->urbs;

	must(data != NULL, "a transfer");
	asked = (const struct usbdevfs_urb *)(const void *)data->data;
	while (urb->data != NULL)
		must(++urb < usbfs->urbs + URBS_MAX, "too many transfers");
	*urb = (struct urb){ .data = data,
		.buffer = umockdev_ioctl_data_resolve(data,
		    offsetof(struct usbdevfs_urb, buffer),
		    (gsize)asked->buffer_length, NULL),
		.client = client,
		.order = usbfs->order++,
		.address = usbfs->address,
		.end = asked->endpoint,
		.len = asked->buffer_length,
		.zero = (asked->flags & USBDEVFS_URB_ZERO_PACKET) != 0 };
	must(urb->buffer != NULL, "the buffer of a transfer");
	usbfs->counts.submitted++;
	usbfs->counts.under_way++;
	if (asked->type == USBDEVFS_URB_TYPE_CONTROL)
		urb_control(usbfs, urb);
	else
		note_wanted(usbfs);
	if (usbfs->unpaced)
		urbs_pump(usbfs, UINT32_MAX);

	return 0;
}

static int
reap_one(struct usbfs *usbfs, UMockdevIoctlClient *client, bool gone,
    UMockdevIoctlData *arg)
{
	struct urb *urb = urb_done(usbfs, client);
	UMockdevIoctlData *pointer;
	struct usbdevfs_urb *told;

	if (urb == NULL)
		return gone ? ENODEV : EAGAIN;
	pointer = umockdev_ioctl_data_resolve(arg, 0, sizeof(void *), NULL);
	must(pointer != NULL, "where to tell of a transfer");
	told = (struct usbdevfs_urb *)(void *)urb->data->data;
	told->status = urb->status;
	told->actual_length = urb->actual;
	umockdev_ioctl_data_set_ptr(pointer, 0, urb->data);
	g_object_unref(pointer);
	urb_free(usbfs, urb);
	if (!gone)
		node_tell(&usbfs->node, urb_done(usbfs, client) != NULL);

	return 0;
}

static int
discard(
    struct usbfs *usbfs, UMockdevIoctlClient *client, UMockdevIoctlData *arg)
{
	UMockdevIoctlData *data = umockdev_ioctl_data_resolve(
	    arg, 0, sizeof(struct usbdevfs_urb), NULL);
	int errnum = EINVAL;

	for (struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX; urb++)
		if (urb->data != NULL && !urb->done && urb->client == client &&
		    urb->data->client_addr == data->client_addr) {
			urb->held = usbfs->holding;
			if (!urb->held)
				urb_end(usbfs, urb, -ENOENT);
			errnum = 0;
		}
	g_object_unref(data);

	return errnum;
}

static int
claim(struct usbfs *usbfs)
{
	if (usbfs->occupied)
		return EBUSY;
	usbfs->counts.claimed = 1;
	usbfs->counts.claims++;

	return 0;
}

static int
clear_halt(struct usbfs *usbfs, UMockdevIoctlData *arg)
{
	UMockdevIoctlData *data =
	    umockdev_ioctl_data_resolve(arg, 0, sizeof(unsigned), NULL);
	uint8_t setup[USB_SETUP_LEN] = { 0x02, 1 }, none[1];

	setup[4] = data->data[0];
	g_object_unref(data);

	return usbfs->device.control(usbfs->device.self, setup, none, 0) == 0
	    ? 0
	    : EPIPE;
}

static int
capabilities(UMockdevIoctlData *arg)
{
	static const uint32_t caps = USBDEVFS_CAP_ZERO_PACKET |
	    USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
	    USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
	UMockdevIoctlData *data =
	    umockdev_ioctl_data_resolve(arg, 0, sizeof(caps), NULL);

	memcpy(data->data, &caps, sizeof(caps));
	g_object_unref(data);

	return 0;
}

/* An errno, or 0. */
static int
call(struct usbfs *usbfs, UMockdevIoctlClient *client)
{
	const char *node = umockdev_ioctl_client_get_devnode(client);
	unsigned address = (unsigned)strtoul(strrchr(node, '/') + 1, NULL, 10);
	UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
	bool gone =
	    usbfs->severed || !usbfs->plugged || address != usbfs->address;

	switch (umockdev_ioctl_client_get_request(client)) {
	case USBDEVFS_REAPURB:
	case USBDEVFS_REAPURBNDELAY:
		return reap_one(usbfs, client, gone, arg);
	case USBDEVFS_DISCARDURB:
		return discard(usbfs, client, arg);
	case USBDEVFS_GET_CAPABILITIES:
		return gone ? ENODEV : capabilities(arg);
	case USBDEVFS_RELEASEINTERFACE:
		if (gone)
			return ENODEV;
		usbfs->counts.claimed = 0;
		return 0;
	case USBDEVFS_CLAIMINTERFACE:
		return gone ? ENODEV : claim(usbfs);
	case USBDEVFS_GETDRIVER:
		return gone ? ENODEV : ENODATA;
	case USBDEVFS_CLEAR_HALT:
		return gone ? ENODEV : clear_halt(usbfs, arg);
	case USBDEVFS_SUBMITURB:
		return gone ? ENODEV : submit(usbfs, client, arg);
	default:
		return ENOTTY;
	}
}

static gboolean
on_ioctl(
    UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer user_data)
{
	struct usbfs *usbfs = user_data;
	int errnum;

	(void)handler;
	g_mutex_lock(&usbfs->lock);
	errnum = call(usbfs, client);
	umockdev_ioctl_client_complete(client, errnum == 0 ? 0 : -1, errnum);
	g_mutex_unlock(&usbfs->lock);

	return TRUE;
}

/* Plugging. */

static void
hex_descriptor(struct usbfs *usbfs, uint8_t type, char *text)
{
	const uint8_t setup[USB_SETUP_LEN] = { 0x80, 6, 0, type, 0, 0, 0xff };
	uint8_t in[USB_CONTROL_MAX];
	int len =
	    usbfs->device.control(usbfs->device.self, setup, in, sizeof(in));

	must(len > 0, "a descriptor");
	for (int i = 0; i < len; i++)
		sprintf(text + strlen(text), "%02X", in[i]);
}

void
usbfs_plug(struct usbfs *usbfs)
{
	static const uint8_t configure[USB_SETUP_LEN] = { 0, 9, 1 };
	char hex[HEX_LEN] = "";
	uint8_t none[1];

	must(!usbfs->plugged, "plugged in twice");
	g_mutex_lock(&usbfs->lock);
	usbfs->address = bus_address(usbfs->bus, usbfs->node.path);
	usbfs->severed = false;
	usbfs->plugged = true;
	node_open(&usbfs->node, usbfs->plain);
	hex_descriptor(usbfs, USB_TYPE_DEVICE, hex);
	hex_descriptor(usbfs, USB_TYPE_CONFIGURATION, hex);
	must(usbfs->device.control(usbfs->device.self, configure, none, 0) == 0,
	    "configuring");
	g_mutex_unlock(&usbfs->lock);
	bus_plug(usbfs->bus, usbfs->port, usbfs->address, hex, usbfs->handler);
}

void
usbfs_sever(struct usbfs *usbfs)
{
	usbfs->severed = true;
	usbfs->counts.claimed = 0;
	for (struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX; urb++)
		if (urb->data != NULL && !urb->done)
			urb_end(usbfs, urb, -ESHUTDOWN);
	node_hang_up(&usbfs->node);
}

void
usbfs_unplug(struct usbfs *usbfs)
{
	if (!usbfs->plugged)
		return;
	g_mutex_lock(&usbfs->lock);
	usbfs_sever(usbfs);
	usbfs->plugged = false;
	node_close(&usbfs->node);
	g_mutex_unlock(&usbfs->lock);
	bus_unplug(usbfs->bus, usbfs->port, usbfs->address);
}

bool
usbfs_is_plugged(const struct usbfs *usbfs)
{
	return usbfs->plugged;
}

void
usbfs_plain(struct usbfs *usbfs)
{
	usbfs->plain = true;
}

void
usbfs_deny(struct usbfs *usbfs)
{
	bus_open_to_all(usbfs->bus, usbfs->address);
	must(chmod(usbfs->node.path, 0) == 0, usbfs->node.path);
}

void
usbfs_occupy(struct usbfs *usbfs, bool occupied)
{
	usbfs->occupied = occupied;
}

void
usbfs_hold(struct usbfs *usbfs, bool hold)
{
	g_mutex_lock(&usbfs->lock);
	usbfs->holding = hold;
	for (struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX; urb++)
		if (!hold && urb->data != NULL && urb->held && !urb->done)
			urb_end(usbfs, urb, -ENOENT);
	g_mutex_unlock(&usbfs->lock);
}

void
usbfs_unpaced(struct usbfs *usbfs, bool unpaced)
{
	usbfs->unpaced = unpaced;
}

void
usbfs_forget(struct usbfs *usbfs)
{
	bus_forget_listeners(usbfs->bus);
	g_mutex_lock(&usbfs->lock);
	for (struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX; urb++)
		if (urb->data != NULL)
			urb_free(usbfs, urb);
	usbfs->counts = (struct usbfs_counts){ .submitted = 0 };
	node_tell(&usbfs->node, false);
	g_mutex_unlock(&usbfs->lock);
}

struct usbfs_counts
usbfs_counts(struct usbfs *usbfs)
{
	struct usbfs_counts counts;

	g_mutex_lock(&usbfs->lock);
	counts = usbfs->counts;
	g_mutex_unlock(&usbfs->lock);

	return counts;
}

void
usbfs_lock(struct usbfs *usbfs)
{
	g_mutex_lock(&usbfs->lock);
}

void
usbfs_unlock(struct usbfs *usbfs)
{
	g_mutex_unlock(&usbfs->lock);
}

struct usbfs *
usbfs_new(struct bus *bus, unsigned port, const struct usbfs_device *device)
{
	struct usbfs *usbfs = calloc(1, sizeof(*usbfs));

	must(usbfs != NULL, "memory");
	usbfs->device = *device;
	usbfs->bus = bus;
	usbfs->port = port;
	node_init(&usbfs->node);
	usbfs->unpaced = true;
	g_mutex_init(&usbfs->lock);
	usbfs->handler = umockdev_ioctl_base_new();
	g_signal_connect(
	    usbfs->handler, "handle-ioctl", G_CALLBACK(on_ioctl), usbfs);

	return usbfs;
}

void
usbfs_free(struct usbfs **usbfs)
{
	if (*usbfs == NULL)
		return;
	usbfs_unplug(*usbfs);
	usbfs_forget(*usbfs);
	g_object_unref((*usbfs)->handler);
	free(*usbfs);
	*usbfs = NULL;
}
