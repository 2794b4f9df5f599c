/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_USB_BUS_H
#define LINK_USB_BUS_H

/*
 * What all uses of libusb have in common: finding collars among the devices of
 * the bus, waiting for events so that ^C ends it, errors.  Private to cli/link.
 */

#include <libusb.h>

#include "link.h"

/* Where on its device a collar is. */
struct usb_place {
	int interface;
	uint8_t in, out; /* end point addresses */
};

/*
 * Begins with libusb; libusb_exit ends it.  E_OK; E_NO_COLLAR where there is no
 * USB; E_INTERNAL.
 */
int usb_bus_open(libusb_context **bus);

/*
 * Waits for events at most *ms, which is taken off, and deals with them.
 * Returns 1 if there may have been some, 0 when the time is up, E_INTERRUPTED,
 * E_IO.
 */
int usb_bus_wait(libusb_context *bus, int *ms);

/*
 * Looks at one device.  Returns whether it is a collar, as far as can be told:
 * its interface is, and its maker string or nobody may read that; *place and
 * *collar then say all that is known.  *handle is the device, open, if
 * collar->err is E_OK, else NULL; the caller closes it.
 */
bool usb_look(libusb_device *device, struct usb_place *place,
    struct usb_collar *collar, libusb_device_handle **handle);

/* A collar that was found, and its device, open. */
struct usb_found {
	struct usb_collar collar;
	struct usb_place place;
	libusb_device_handle *handle;
};

/*
 * The collar with that serial number, or (NULL) the only one.  E_OK: the caller
 * closes the handle.  Else *found is as it was, and why (LINK_WHY_MAX bytes)
 * tells: E_NO_COLLAR, E_SEVERAL_COLLARS, E_PORT_PERMISSION, E_IO, E_INTERNAL.
 */
int usb_find(libusb_context *bus, const char *serial, struct usb_found *found,
    char *why);

/*
 * The text of a string descriptor of len bytes, whatever they are: printable
 * ASCII, "?" in place of anything else, cut to cap with its NUL.  False, and
 * "", if it is none.
 */
bool usb_text(const uint8_t *bytes, size_t len, char *text, size_t cap);

/* What a failure of libusb means: E_NO_COLLAR, E_PORT_PERMISSION, E_PORT_BUSY,
 * E_INTERRUPTED, E_NO_ANSWER, E_IO. */
int usb_err(int code);

#endif
