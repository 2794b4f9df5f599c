/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE

/*
 * Loaded into the program under test: its wall clock is that of the unit's
 * world, USB_CLOCK_MS milliseconds ahead of the computer's.  Where it lets time
 * pass, and waits for nothing else, that takes one USB_SPEED-th of it, as the
 * unit's world runs by then; all else is in real time.
 */

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sys/syscall.h>

enum { MS = 1000, NS_A_MS = 1000000, MASK_LEN = 8 };

static long long slept_ms; /* beyond what it took */

static long long
setting(const char *name)
{
	const char *text = getenv(name);

	return text == NULL ? 0 : atoll(text);
}

static void
add_ms(struct timespec *at, long long ms)
{
	long long all = at->tv_sec * (long long)MS + at->tv_nsec / NS_A_MS + ms;

	at->tv_sec = all / MS;
	at->tv_nsec = all % MS * NS_A_MS + at->tv_nsec % NS_A_MS;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (result == 0 && clock == CLOCK_REALTIME)
		add_ms(now, setting("USB_CLOCK_MS") + slept_ms);
	else if (result == 0 && clock == CLOCK_MONOTONIC)
		add_ms(now, slept_ms);

	return result;
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

int
ppoll(struct pollfd *fds, nfds_t count, const struct timespec *limit,
    const sigset_t *mask)
{
	struct timespec least = { 0, 0 };
	long long ms, speed = setting("USB_SPEED");
	int result;

	if (limit != NULL)
		least = *limit;
	if (count > 0 || limit == NULL || speed <= 1)
		return (int)syscall(SYS_ppoll, fds, count,
		    limit == NULL ? NULL : &least, mask, MASK_LEN);
	ms = limit->tv_sec * (long long)MS + limit->tv_nsec / NS_A_MS;
	least = (struct timespec){ ms / speed / MS,
		ms * NS_A_MS / speed % (MS * (long long)NS_A_MS) };
	result = (int)syscall(SYS_ppoll, fds, count, &least, mask, MASK_LEN);
	if (result == 0)
		slept_ms += ms - ms / speed;

	return result;
}
