/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * In place of the system's random bytes (see FUZZ_WRAP): the same from run to
 * run, and no eight of them twice.
 */

#include "feed.h"

#include <sys/types.h>

ssize_t __wrap_getrandom(void *buf, size_t len, unsigned flags);
void random_restart(void);

static uint32_t count;

void
random_restart(void)
{
	count = 0;
}

ssize_t
__wrap_getrandom(void *buf, size_t len, unsigned flags)
{
	uint8_t *bytes = buf;

	(void)flags;
	count++;
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i < 4 ? count >> 8 * i : 0xa5);

	return (ssize_t)len;
}
