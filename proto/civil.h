/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_CIVIL_H
#define PROTO_CIVIL_H

/* UTC seconds as a date of the Gregorian calendar, without a libc. */

#include <stdint.h>

struct civil {
	uint64_t year;
	uint8_t month, day; /* from 1 */
	uint8_t hour, minute, second;
};

/* The date and time of so many seconds since 1970-01-01T00:00:00Z. */
struct civil civil_from_utc(uint64_t utc_s);

#endif
