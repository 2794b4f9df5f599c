/* SPDX-License-Identifier: BSD-2-Clause */

#include "usb_bus.h"

#include "../../proto/errors.h"
#include "transports.h"

#include <string.h>

/* What was found on the bus for a name. */
struct search {
	const char *serial; /* NULL: any */
	unsigned count;
	struct usb_found first;
	struct usb_collar closed; /* one that could not be looked into */
};

static void
search_device(struct search *search, libusb_device *device)
{
	struct usb_place place;
	struct usb_collar collar;
	libusb_device_handle *handle;

	if (!usb_look(device, &place, &collar, &handle))
		return;
	if (handle == NULL) {
		search->closed = collar;
		return;
	}
	if (search->serial != NULL &&
	    strcmp(search->serial, collar.serial) != 0) {
		libusb_close(handle);
		return;
	}
	if (search->count++ > 0) {
		libusb_close(handle);
		return;
	}
	search->first = (struct usb_found){ collar, place, handle };
}

/* Each device may take its time to tell its strings. */
static bool
search_goes_on(const struct search *search)
{
	bool found = search->serial != NULL && search->count > 0;

	return !found && !link_interrupted;
}

static int
search_verdict(struct search *search, char *why)
{
	const char *serial = search->serial;
	bool closed = search->closed.err != E_OK;

	if (search->count == 1 && (serial != NULL || !closed))
		return E_OK;
	if (search->count > 1 || (search->count == 1 && closed))
		return link_fail(why, E_SEVERAL_COLLARS,
		    "several collars are on USB: name one with usb:SERIAL; "
		    "see `collarctl list`");
	if (closed)
		return link_fail(
		    why, search->closed.err, "%s", search->closed.why);
	if (serial == NULL)
		return link_fail(why, E_NO_COLLAR, "no collar is on USB");

	return link_fail(why, E_NO_COLLAR, "no collar %.64s is on USB", serial);
}

int
usb_find(
    libusb_context *bus, const char *serial, struct usb_found *found, char *why)
{
	struct search search = { .serial = serial };
	libusb_device **devices;
	int err;

	if (libusb_get_device_list(bus, &devices) < 0)
		return link_fail(why, E_INTERNAL, "out of memory");
	for (size_t i = 0; devices[i] != NULL && search_goes_on(&search); i++)
		search_device(&search, devices[i]);
	libusb_free_device_list(devices, 1);
	err = link_interrupted ? link_fail(why, E_INTERRUPTED, "interrupted")
			       : search_verdict(&search, why);
	if (err == E_OK)
		*found = search.first;
	else if (search.first.handle != NULL)
		libusb_close(search.first.handle);

	return err;
}
