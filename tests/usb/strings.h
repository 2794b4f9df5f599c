/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USB_STRINGS_H
#define USB_STRINGS_H

/* Strings of a device that are not what its unit says. */

#include <stdint.h>

#include "../../devices/collar/usb.h"

/*
 * If the request is for the string of that number: puts text (ASCII) into `in`,
 * which has room for USB_CONTROL_MAX bytes, as its descriptor, and returns the
 * length; else 0.
 */
int string_instead(const uint8_t setup[USB_SETUP_LEN], unsigned number,
    const char *text, uint8_t *in);

#endif
