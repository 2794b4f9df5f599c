/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USB_USB_H
#define USB_USB_H

/*
 * Named tests of the program on USB.  Each has a stage of its own, with a blank
 * unit plugged in.
 */

#include "../faults/judge.h"
#include "stage.h"

struct usb_test {
	const char *name;
	bool (*run)(struct stage *stage, char *why); /* why: WHY_MAX bytes */
};

extern const struct usb_test usb_tests[]; /* name NULL ends */

#endif
