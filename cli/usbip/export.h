/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USBIP_EXPORT_H
#define USBIP_EXPORT_H

/*
 * A USB device that others may import, one at a time, and the transfers that
 * its importer asks of it.  A host controller in software: it makes packets of
 * transfers as a controller at full speed does.
 */

#include "../../proto/usb.h"
#include "wire.h"

#include <stdbool.h>

enum { USBIP_CONTROL_MAX = 512 }; /* bytes of the longest answer to a setup */

/* What a device answers instead of a number of bytes. */
enum { USBIP_STALL = -1, USBIP_NAK = -2 };

/* The device itself: packets, one at a time.  None of these blocks. */
struct usbip_ops {
	/* The bus is reset, or the cable plugged in or out. */
	void (*reset)(void *device);
	/* A control request without data to the device: bytes of its answer,
	 * which is at most cap, or USBIP_STALL. */
	int (*control)(
	    void *device, const uint8_t *setup, uint8_t *in, size_t cap);
	/* A packet to bulk OUT: 0, USBIP_NAK or USBIP_STALL. */
	int (*out)(void *device, const uint8_t *packet, size_t len);
	/* The next packet of bulk IN, USB_PACKET_LEN bytes at most: its
	 * length, USBIP_NAK or USBIP_STALL. */
	int (*in)(void *device, uint8_t *packet);
};

struct usbip_peer;

struct usbip_export {
	const struct usbip_ops *ops;
	void *device;
	struct usbip_device told; /* as lists tell it */
	struct usbip_interface interface;
	const struct usbip_peer *importer; /* NULL: nobody */
	uint64_t moved;     /* bytes of the bulk pair, both ways together */
	uint64_t cut_after; /* the cable is pulled before more move; 0: never */
	bool gone;          /* it was pulled: nobody finds it */
};

/*
 * A transfer under way.  OUT: data holds its len bytes; IN: data has room for
 * them.  moved counts what the device has taken or given.
 */
struct usbip_transfer {
	uint32_t flags; /* USBIP_SHORT_NOT_OK, USBIP_ZERO_PACKET */
	uint32_t len, moved;
	uint8_t *data;
	bool closed; /* OUT: its last packet has been taken */
};

/*
 * Asks the device for its descriptors and fills in what lists tell: its name
 * becomes the path.  number, from 1 on, makes the busid.  False if what it
 * answers is no description of a device with one interface.
 */
bool usbip_describe(
    struct usbip_export *export, const char *name, unsigned number);

/* Its serial number, or what stands for it, from the string descriptor, with
 * anything but printable ASCII as '?'; "" if it has none. */
enum { USBIP_SERIAL_MAX = 128 };
const char *usbip_serial(
    const struct usbip_export *export, char serial[USBIP_SERIAL_MAX]);

/* Plugged in and out: what had been under way with it is forgotten. */
void usbip_plug(struct usbip_export *export, const struct usbip_peer *importer);
void usbip_unplug(struct usbip_export *export);

/*
 * A control request with at most USBIP_CONTROL_MAX bytes of answer at in: their
 * number, or a negative errno of Linux.
 */
int usbip_control(
    struct usbip_export *export, const uint8_t *setup, uint8_t *in);

/*
 * Moves packets until the transfer is over or the device takes and gives none,
 * and no more than *packets, which is counted down.  Returns false while the
 * transfer is not over; otherwise *status is 0, or a negative errno of Linux.
 */
bool usbip_move_out(struct usbip_export *export,
    struct usbip_transfer *transfer, unsigned *packets, int32_t *status);
bool usbip_move_in(struct usbip_export *export, struct usbip_transfer *transfer,
    unsigned *packets, int32_t *status);

#endif
