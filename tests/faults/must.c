/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE /* program_invocation_short_name */

#include "must.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
must(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
	    strerror(errno));
	exit(70);
}
