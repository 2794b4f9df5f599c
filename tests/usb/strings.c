/* SPDX-License-Identifier: BSD-2-Clause */

#include "strings.h"

#include "../../devices/collar/usb_descriptors.h"

enum { GET_DESCRIPTOR = 6 };

int
string_instead(const uint8_t setup[USB_SETUP_LEN], unsigned number,
    const char *text, uint8_t *in)
{
	int len = 2;

	if (setup[1] != GET_DESCRIPTOR || setup[2] != number ||
	    setup[3] != USB_TYPE_STRING)
		return 0;
	for (; *text != '\0'; text++) {
		in[len++] = (uint8_t)*text;
		in[len++] = 0;
	}
	in[0] = (uint8_t)len;
	in[1] = USB_TYPE_STRING;

	return len;
}
