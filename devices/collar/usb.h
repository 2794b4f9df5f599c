/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_USB_H
#define COLLAR_USB_H

/*
 * The device side of USB (USB 2.0 chapter 9, full speed), between a board's
 * controller and the handler: answers the control requests of end point 0 from
 * tables, and carries the bytes of the bulk pair.  The controller keeps what is
 * its own: data toggles, handshakes, cutting data stages of end point 0 into
 * packets, retrying what the host did not acknowledge.
 *
 * No control request changes anything of the collar, but that some drop what
 * waits on its link.  All calls are from the context of the handler's; none
 * blocks.
 */

#include "../../proto/usb.h"
#include "collar.h"

enum {
	USB_SETUP_LEN = 8,
	USB_CONTROL_MAX = 162, /* bytes of the longest data stage */
};

/* What a call returns instead of a number of bytes. */
enum {
	USB_STALL = -1, /* handshake STALL: refused, or the pipe is halted */
	USB_NAK = -2,   /* handshake NAK: not now, the host will ask again */
};

/* Bits of usb_device.halted and usb_device.toggles. */
enum { USB_PIPE_OUT = 1, USB_PIPE_IN = 2 };

/* State of one end of a cable.  It holds no pointer, so that it may be kept in
 * a RAM image; usb_reset makes one. */
struct usb_device {
	uint8_t address; /* the controller takes it on once the status
			  * stage of its request is over */
	uint8_t
	    configuration; /* 0: not configured, the bulk pair is not there */
	uint8_t halted;    /* pipes that the host has halted */
	uint8_t toggles;   /* pipes to begin anew with DATA0: the controller
			    * does so and clears the bits */
	bool burst;        /* the last IN packet was full: another follows */
	uint8_t waits_at, waits_len; /* bytes that the handler took not yet */
	uint8_t waits[USB_PACKET_LEN];
	uint64_t waits_ms; /* when they came, in the collar's time */
};

/* Power-up, the cable in or out, and a reset of the bus: the default state
 * (section 9.1.1.3), and collar_link_reset. */
void usb_reset(struct usb_device *usb, struct collar *collar);

/*
 * Answers the control request in setup.  Returns the bytes of the data stage,
 * which stand at in and are at most cap (USB_CONTROL_MAX is always enough) and
 * at most what the request asks for, 0 also for a request without data stage;
 * or USB_STALL for what is not in the tables, any request with data to the
 * device among them.  SET_CONFIGURATION and SET_INTERFACE are for the link what
 * collar_link_reset is.  A data stage shorter than was asked for and a multiple
 * of USB_PACKET_LEN ends in a packet of length zero (section 5.5.3): that is
 * the controller's.
 */
int usb_control(struct usb_device *usb, struct collar *collar,
    const uint8_t setup[USB_SETUP_LEN], uint8_t *in, size_t cap);

/*
 * One packet that arrived on the bulk OUT end point, at the time of the
 * collar's last tick, len at most USB_PACKET_LEN.  Returns 0 when it was taken,
 * whole; USB_NAK while the handler takes nothing: the same packet comes again;
 * USB_STALL when the pipe is halted, or is not there.
 */
int usb_out(struct usb_device *usb, struct collar *collar,
    const uint8_t *packet, size_t len);

/*
 * The next packet of the bulk IN end point, once the host has room for it.
 * Returns its length, up to USB_PACKET_LEN bytes at packet: a burst ends in a
 * shorter one, if need be of length 0; USB_NAK while there is nothing to send;
 * USB_STALL when the pipe is halted, or is not there.
 */
int usb_in(struct usb_device *usb, struct collar *collar,
    uint8_t packet[USB_PACKET_LEN]);

#endif
