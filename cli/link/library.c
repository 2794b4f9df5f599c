/* SPDX-License-Identifier: BSD-2-Clause */

#include "link.h"

#include <libserialport.h>
#include <libusb.h>
#include <stdio.h>

const char *
link_library_version(void)
{
	return sp_get_package_version_string();
}

void
link_usb_version(char *text, size_t cap)
{
	const struct libusb_version *version = libusb_get_version();

	snprintf(text, cap, "%u.%u.%u", version->major, version->minor,
	    version->micro);
}
