/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_USB_H
#define PROTO_USB_H

/*
 * What both ends of a USB cable agree on; see PROTOCOL.md, "USB".  A collar is
 * one vendor-specific interface with a bulk pair at full speed (USB 2.0).  A
 * host knows it by the triple of its interface and by its maker string;
 * VID and PID may be any maker's own.
 */

/*
 * Vendor and product id: without others, the pair that pid.codes keeps for
 * tests, which no product may be sold with.  `make USB_VID=0x....
 * USB_PID=0x....` sets a maker's own.
 */
#ifndef USB_VID
#define USB_VID 0x1209
#endif
#ifndef USB_PID
#define USB_PID 0x0001
#endif

#if USB_VID < 1 || USB_VID > 0xffff || USB_PID < 0 || USB_PID > 0xffff
#error "USB_VID and USB_PID are numbers of 16 bits"
#endif

enum {
	USB_INTERFACE = 0,          /* its number */
	USB_INTERFACE_CLASS = 0xff, /* vendor-specific */
	USB_INTERFACE_SUBCLASS = 0x4d,
	USB_INTERFACE_PROTOCOL = 0x01, /* frames of PROTOCOL.md */
	USB_CONFIGURATION = 1,         /* value of the only one */
	USB_ENDPOINT_IN = 0x81,
	USB_ENDPOINT_OUT = 0x01,
	USB_PACKET_LEN = 64, /* bytes, of every end point */
};

/* The maker string, whoever the maker is: it names the protocol. */
#define USB_MAKER "Open Meter Collar"

#endif
