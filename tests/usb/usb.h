/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USB_USB_H
#define USB_USB_H

/*
 * Named tests of the program on USB.  Each has a stage of its own, with a blank
 * unit plugged in.
 */

#include "stage.h"

struct usb_test {
	const char *name;
	bool (*run)(struct stage *stage, char *why); /* why: WHY_LEN bytes */
};

enum { WHY_LEN = 300 };

extern const struct usb_test usb_tests[]; /* name NULL ends */

#endif
