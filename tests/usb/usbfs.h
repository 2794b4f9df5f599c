/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USB_USBFS_H
#define USB_USBFS_H

/*
 * One device on an emulated bus.  Its transfers are those of Linux' usbfs;
 * packets go to and come from a device in this process.
 *
 * Calls of the device come from a thread of umockdev's as well as from
 * usbfs_pump, one at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../devices/collar/usb.h"
#include "bus.h"

/* A device, as its controller drives it. */
struct usbfs_device {
	void *self;
	/* as usb_control, usb_out and usb_in; or the negative errno that the
	 * host's controller tells of the packet (-EPROTO, -EOVERFLOW) */
	int (*control)(void *self, const uint8_t setup[USB_SETUP_LEN],
	    uint8_t *in, size_t cap);
	int (*out)(void *self, const uint8_t *packet, size_t len);
	int (*in)(void *self, uint8_t packet[USB_PACKET_LEN]);
};

/* What was seen on the way. */
struct usbfs_counts {
	unsigned submitted, claims;
	unsigned under_way;      /* transfers that are not reaped */
	unsigned claimed;        /* is the interface claimed? */
	unsigned in_wanted_most; /* IN transfers at once */
	unsigned out_empty;      /* OUT packets of length zero */
	bool out_open;           /* the last OUT packet was a full one */
};

struct usbfs;

/* One for that port of the bus, which must outlive it; not plugged in. */
struct usbfs *usbfs_new(
    struct bus *bus, unsigned port, const struct usbfs_device *device);
void usbfs_free(struct usbfs **usbfs);

/* Plugs it in, with the next address on the bus, or pulls it out: transfers
 * end, whoever listens hears of it. */
void usbfs_plug(struct usbfs *usbfs);
void usbfs_unplug(struct usbfs *usbfs);

bool usbfs_is_plugged(const struct usbfs *usbfs);

/* From within a call of the device: as if the cable broke at this packet; call
 * usbfs_unplug soon after, outside. */
void usbfs_sever(struct usbfs *usbfs);

/*
 * From the next plugging on the node is a plain file, which every wait finds
 * ready: for what looks at the node itself, and permits or denies it.
 */
void usbfs_plain(struct usbfs *usbfs);

/* Nobody may open the (plain) node; somebody else has claimed the interface. */
void usbfs_deny(struct usbfs *usbfs);
void usbfs_occupy(struct usbfs *usbfs, bool occupied);

/* Transfers that are taken back come back once this is over. */
void usbfs_hold(struct usbfs *usbfs, bool hold);

/* Moves up to so many packets; returns how many moved. */
unsigned usbfs_pump(struct usbfs *usbfs, unsigned packets);

/* Packets move when transfers are submitted, too (else only by usbfs_pump). */
void usbfs_unpaced(struct usbfs *usbfs, bool unpaced);

/* Forgets what a program that has ended left behind; the counts begin anew. */
void usbfs_forget(struct usbfs *usbfs);

struct usbfs_counts usbfs_counts(struct usbfs *usbfs);

/* The device's lock, for whoever else looks at it. */
void usbfs_lock(struct usbfs *usbfs);
void usbfs_unlock(struct usbfs *usbfs);

#endif
