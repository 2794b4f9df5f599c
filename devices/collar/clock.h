/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_CLOCK_H
#define COLLAR_CLOCK_H

/*
 * The wall clock.  While it is not trusted, what is asked for UTC gets the time
 * since power-up instead, and says so.
 */

#include <stdbool.h>
#include <stdint.h>

enum {
	CLOCK_DAY_S = 24 * 3600,
	CLOCK_DAY_SET_MS = 5 * 60 * 1000, /* a day, by an installer */
};

struct clock {
	bool trusted;
	uint64_t utc_ms;
	uint32_t day_at; /* UTC seconds at which the day of limits began */
	uint32_t day_ms; /* that the installer has set it by since */
};

struct collar;

/* Asks the board for the time. */
void clock_look(struct collar *collar);

/* Seconds, UTC if trusted. */
uint32_t clock_s(const struct clock *clock);

#endif
