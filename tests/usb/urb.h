/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USB_URB_H
#define USB_URB_H

/* Transfers of the program's to an emulated device; private to usbfs.c. */

#include <umockdev.h>

#include "node.h"
#include "usbfs.h"

enum { URBS_MAX = 64 };

struct urb {
	UMockdevIoctlData *data, *buffer;  /* NULL: this place is free */
	const UMockdevIoctlClient *client; /* the open node it came by */
	uint64_t order;
	unsigned address; /* of the device, which may be gone by now */
	uint8_t end;
	int len, actual, status;
	bool done, zero; /* zero: a full last packet is not the last */
	bool held;       /* taken back, and not yet told of */
};

struct usbfs {
	struct usbfs_device device;
	struct bus *bus;
	struct node node;
	UMockdevIoctlBase *handler;
	GMutex lock;
	struct urb urbs[URBS_MAX];
	uint64_t order;
	struct usbfs_counts counts;
	unsigned port, address;
	bool plugged, severed, occupied, plain, unpaced, holding;
};

/* The first that is to be reaped by that open node; NULL if there is none. */
struct urb *urb_done(struct usbfs *usbfs, const UMockdevIoctlClient *client);

/* It is told of, or forgotten. */
void urb_free(struct usbfs *usbfs, struct urb *urb);

/* It ends, with 0 or a negative errno, behind all that have ended before. */
void urb_end(struct usbfs *usbfs, struct urb *urb, int status);

/* Carries out a control transfer. */
void urb_control(struct usbfs *usbfs, struct urb *urb);

/* Moves up to so many packets of bulk transfers; returns how many moved. */
unsigned urbs_pump(struct usbfs *usbfs, unsigned packets);

#endif
