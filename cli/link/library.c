/* SPDX-License-Identifier: BSD-2-Clause */

#include "link.h"

#include <libserialport.h>

const char *
link_library_version(void)
{
	return sp_get_package_version_string();
}
