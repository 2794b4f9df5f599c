/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_USB_DESCRIPTORS_H
#define COLLAR_USB_DESCRIPTORS_H

/*
 * What a collar is to USB, in bytes: the tables of PROTOCOL.md, "USB".
 */

#include <stddef.h>
#include <stdint.h>

/* bDescriptorType (USB 2.0 table 9-5, USB 3.2 table 9-6). */
enum usb_descriptor_type {
	USB_TYPE_DEVICE = 1,
	USB_TYPE_CONFIGURATION = 2,
	USB_TYPE_STRING = 3,
	USB_TYPE_INTERFACE = 4,
	USB_TYPE_ENDPOINT = 5,
	USB_TYPE_BOS = 15,
	/* not asked for by GET_DESCRIPTOR, but by the vendor request */
	USB_TYPE_MS_OS = 0x100,
};

enum usb_string {
	USB_STRING_LANGUAGES,
	USB_STRING_MAKER,
	USB_STRING_PRODUCT,
	USB_STRING_SERIAL
};

enum {
	USB_LANGUAGE = 0x0409,   /* English (United States) */
	USB_MS_OS_REQUEST = 'M', /* bRequest of the vendor request */
	USB_MS_OS_INDEX = 7,     /* wIndex: the descriptor set */
	USB_MS_OS_LEN = 162,     /* bytes of the descriptor set */
};

struct usb_descriptor {
	const char *name; /* in PROTOCOL.md */
	uint16_t type;    /* enum usb_descriptor_type */
	uint16_t len;     /* bytes */
	const uint8_t *bytes;
};

/* Ends in a name NULL. */
extern const struct usb_descriptor usb_descriptors[];

/* Maker and product, by enum usb_string; NULL for what is not a fixed text. */
extern const char *const usb_strings[];

#endif
