/* SPDX-License-Identifier: BSD-2-Clause */

/* What is on USB, and what comes and goes. */

#include "link.h"

#include "../../proto/errors.h"
#include "usb_bus.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	REST_MS = 300, /* without news: then nodes and permissions are there */
	WINDOW_MS = 2000,
};

struct plug_watch {
	libusb_context *bus;
	bool news;
};

static int
collars_each(libusb_device **devices,
    int (*each)(const struct usb_collar *, void *), void *ctx)
{
	int err = E_OK;

	for (size_t i = 0; devices[i] != NULL && err == E_OK; i++) {
		struct usb_place place;
		struct usb_collar collar;
		libusb_device_handle *handle;

		if (link_interrupted)
			return E_INTERRUPTED;
		if (!usb_look(devices[i], &place, &collar, &handle))
			continue;
		if (handle != NULL)
			libusb_close(handle);
		err = each(&collar, ctx);
	}

	return err;
}

int
usb_collars(int (*each)(const struct usb_collar *, void *), void *ctx)
{
	libusb_context *bus;
	libusb_device **devices;
	int err = usb_bus_open(&bus);

	if (err != E_OK)
		return err == E_NO_COLLAR ? E_OK : err;
	if (libusb_get_device_list(bus, &devices) < 0) {
		err = E_INTERNAL;
	} else {
		err = collars_each(devices, each, ctx);
		libusb_free_device_list(devices, 1);
	}
	libusb_exit(bus);

	return err;
}

static int LIBUSB_CALL
on_plug(libusb_context *bus, libusb_device *device, libusb_hotplug_event event,
    void *user_data)
{
	struct plug_watch *watch = user_data;

	(void)bus;
	(void)device;
	(void)event;
	watch->news = true;

	return 0;
}

int
plug_watch_open(struct plug_watch **watch)
{
	struct plug_watch *made = calloc(1, sizeof(*made));
	int err = made == NULL ? E_INTERNAL : usb_bus_open(&made->bus);

	if (err != E_OK) {
		free(made);
		return err;
	}
	if (libusb_hotplug_register_callback(made->bus,
		LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED |
		    LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
		0, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
		LIBUSB_HOTPLUG_MATCH_ANY, on_plug, made,
		NULL) != LIBUSB_SUCCESS) {
		plug_watch_close(&made);
		return E_NO_COLLAR;
	}
	*watch = made;

	return E_OK;
}

/* One device is several pieces of news, and the nodes of an adapter's ports
 * come after it. */
static int
plug_rest(struct plug_watch *watch)
{
	int left_ms = WINDOW_MS, ms = REST_MS, n = 1;

	while (ms > 0 && left_ms > 0) {
		int part_ms = ms;

		n = usb_bus_wait(watch->bus, &part_ms);
		if (n < 0)
			return n;
		left_ms -= ms - part_ms;
		ms = watch->news ? REST_MS : part_ms;
		watch->news = false;
	}

	return 1;
}

int
plug_watch_wait(struct plug_watch *watch, int *ms)
{
	while (!watch->news) {
		int n = usb_bus_wait(watch->bus, ms);

		if (n < 0 || (n == 0 && !watch->news))
			return n;
	}
	watch->news = false;

	return plug_rest(watch);
}

void
plug_watch_close(struct plug_watch **watch)
{
	if (*watch == NULL)
		return;
	libusb_exit((*watch)->bus);
	free(*watch);
	*watch = NULL;
}
