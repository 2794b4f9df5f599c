/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE

/*
 * Loaded into the program under test: its wall clock is that of the unit's
 * world, USB_CLOCK_MS milliseconds ahead of the computer's.  Monotonic time is
 * real.
 */

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/syscall.h>

enum { MS = 1000, NS_A_MS = 1000000 };

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	const char *ahead = getenv("USB_CLOCK_MS");
	int result = (int)syscall(SYS_clock_gettime, clock, now);
	long long ms;

	if (result != 0 || clock != CLOCK_REALTIME || ahead == NULL)
		return result;
	ms =
	    now->tv_sec * (long long)MS + now->tv_nsec / NS_A_MS + atoll(ahead);
	now->tv_sec = ms / MS;
	now->tv_nsec = ms % MS * NS_A_MS;

	return 0;
}

time_t
time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out != NULL)
		*out = now.tv_sec;

	return now.tv_sec;
}
