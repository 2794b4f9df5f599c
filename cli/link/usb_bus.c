/* SPDX-License-Identifier: BSD-2-Clause */

#include "usb_bus.h"

#include "../../proto/errors.h"
#include "../../proto/usb.h"
#include "descriptor.h"
#include "stop.h"
#include "transports.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
	LANGUAGE = 0x0409, /* the one a collar has */
	STRING_LEN = 255,
	STRING_MS = 200,
	POLLED_MAX = 32,
};

int
usb_err(int code)
{
	switch (code) {
	case LIBUSB_ERROR_NO_DEVICE:
	case LIBUSB_ERROR_NOT_FOUND:
		return E_NO_COLLAR;
	case LIBUSB_ERROR_ACCESS:
		return E_PORT_PERMISSION;
	case LIBUSB_ERROR_BUSY:
		return E_PORT_BUSY;
	case LIBUSB_ERROR_INTERRUPTED:
		return E_INTERRUPTED;
	case LIBUSB_ERROR_TIMEOUT:
		return E_NO_ANSWER;
	default:
		return E_IO;
	}
}

/* Threads that libusb makes must leave the signals of stop.h to us: one taken
 * there would not end a wait here. */
int
usb_bus_open(libusb_context **bus)
{
	sigset_t all, before;
	int code;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	code = libusb_init(bus);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (code == LIBUSB_ERROR_NO_MEM)
		return E_INTERNAL;

	return code == LIBUSB_SUCCESS ? E_OK : E_NO_COLLAR;
}

/* What libusb would wait for; -1 if that is too much. */
static int
polled(libusb_context *bus, struct pollfd fds[POLLED_MAX])
{
	const struct libusb_pollfd **list = libusb_get_pollfds(bus);
	int count = 0;

	if (list == NULL)
		return -1;
	while (count < POLLED_MAX && list[count] != NULL) {
		fds[count].fd = list[count]->fd;
		fds[count].events = list[count]->events;
		count++;
	}
	if (count == POLLED_MAX)
		count = -1;
	libusb_free_pollfds(list);

	return count;
}

int
usb_bus_wait(libusb_context *bus, int *ms)
{
	struct timeval at_once = { 0, 0 };
	struct pollfd fds[POLLED_MAX];
	int code, ready, count = polled(bus, fds);

	if (count < 0)
		return E_IO;
	ready = descriptor_poll_all(fds, (size_t)count, ms);
	if (ready <= 0)
		return ready;
	code = libusb_handle_events_timeout_completed(bus, &at_once, NULL);
	if (code < 0 && code != LIBUSB_ERROR_INTERRUPTED)
		return E_IO;

	return 1;
}

static bool
is_place(const struct libusb_interface_descriptor *about)
{
	return about->bInterfaceClass == USB_INTERFACE_CLASS &&
	    about->bInterfaceSubClass == USB_INTERFACE_SUBCLASS &&
	    about->bInterfaceProtocol == USB_INTERFACE_PROTOCOL;
}

/* The bulk pair of an interface, wherever its maker put it. */
static bool
place_read(
    const struct libusb_interface_descriptor *about, struct usb_place *place)
{
	*place = (struct usb_place){ .interface = about->bInterfaceNumber };
	for (unsigned i = 0; i < about->bNumEndpoints; i++) {
		const struct libusb_endpoint_descriptor *end =
		    &about->endpoint[i];

		if ((end->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) !=
		    LIBUSB_TRANSFER_TYPE_BULK)
			continue;
		if ((end->bEndpointAddress & LIBUSB_ENDPOINT_IN) != 0)
			place->in = end->bEndpointAddress;
		else
			place->out = end->bEndpointAddress;
	}

	return place->in != 0 && place->out != 0;
}

static bool
place_find(libusb_device *device, struct usb_place *place)
{
	struct libusb_config_descriptor *config;
	bool found = false;

	if (libusb_get_active_config_descriptor(device, &config) != 0)
		return false;
	for (unsigned i = 0; i < config->bNumInterfaces && !found; i++)
		found = config->interface[i].num_altsetting > 0 &&
		    is_place(config->interface[i].altsetting) &&
		    place_read(config->interface[i].altsetting, place);
	libusb_free_config_descriptor(config);

	return found;
}

bool
usb_text(const uint8_t *bytes, size_t len, char *text, size_t cap)
{
	size_t n = 0;

	text[0] = '\0';
	if (len < 2 || bytes[1] != LIBUSB_DT_STRING)
		return false;
	if (len > bytes[0])
		len = bytes[0];
	for (size_t i = 2; i + 1 < len && n + 1 < cap; i += 2, n++)
		text[n] = bytes[i + 1] == 0 && bytes[i] >= ' ' && bytes[i] < 127
		    ? (char)bytes[i]
		    : '?';
	text[n] = '\0';

	return true;
}

/* A string of the device; false if it does not answer. */
static bool
string_read(
    libusb_device_handle *handle, uint8_t number, char *text, size_t cap)
{
	uint8_t bytes[STRING_LEN];
	int len = 0;

	if (number != 0)
		len = libusb_control_transfer(handle, LIBUSB_ENDPOINT_IN,
		    LIBUSB_REQUEST_GET_DESCRIPTOR,
		    (uint16_t)(LIBUSB_DT_STRING << 8 | number), LANGUAGE, bytes,
		    sizeof(bytes), STRING_MS);

	return usb_text(bytes, len < 0 ? 0 : (size_t)len, text, cap);
}

static int
look_fail(struct usb_collar *collar, int code)
{
	bool ours = collar->vid == USB_VID && collar->pid == USB_PID;
	const char *what = ours ? "a collar" : "perhaps a collar";

	collar->err = usb_err(code);
	if (collar->err == E_PORT_PERMISSION)
		return link_fail(collar->why, collar->err,
		    "no permission for %s, %s: %s is not installed, does not "
		    "name %04x:%04x, or you do not sit at this computer",
		    collar->node, what, LINK_USB_RULES, collar->vid,
		    collar->pid);

	return link_fail(collar->why, collar->err, "%s, %s: %s", collar->node,
	    what, libusb_strerror(code));
}

/* Is the maker that of collars?  Not known: then it may be one. */
static bool
look_inside(libusb_device *device, const struct libusb_device_descriptor *about,
    struct usb_collar *collar, libusb_device_handle **handle)
{
	char maker[sizeof(collar->product)];
	int code = libusb_open(device, handle);
	bool told;

	if (code != 0) {
		*handle = NULL;
		look_fail(collar, code);
		return code != LIBUSB_ERROR_NO_DEVICE;
	}
	told = string_read(*handle, about->iManufacturer, maker, sizeof(maker));
	if (told && strcmp(maker, USB_MAKER) != 0)
		return false;
	if (!told ||
	    !string_read(*handle, about->iSerialNumber, collar->serial,
		sizeof(collar->serial)) ||
	    !string_read(*handle, about->iProduct, collar->product,
		sizeof(collar->product)))
		look_fail(collar, LIBUSB_ERROR_TIMEOUT);
	else if (collar->serial[0] != '\0')
		snprintf(collar->port, sizeof(collar->port), "usb:%s",
		    collar->serial);

	return true;
}

bool
usb_look(libusb_device *device, struct usb_place *place,
    struct usb_collar *collar, libusb_device_handle **handle)
{
	struct libusb_device_descriptor about;
	bool is_one;

	*handle = NULL;
	if (!place_find(device, place) ||
	    libusb_get_device_descriptor(device, &about) != 0)
		return false;
	*collar = (struct usb_collar){ .port = "usb",
		.bus = libusb_get_bus_number(device),
		.address = libusb_get_device_address(device),
		.vid = about.idVendor,
		.pid = about.idProduct };
	snprintf(collar->node, sizeof(collar->node), "/dev/bus/usb/%03u/%03u",
	    collar->bus, collar->address);
	is_one = look_inside(device, &about, collar, handle);
	if (*handle != NULL && (!is_one || collar->err != E_OK)) {
		libusb_close(*handle);
		*handle = NULL;
	}

	return is_one;
}
