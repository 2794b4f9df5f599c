/* SPDX-License-Identifier: BSD-2-Clause */
#include "civil.h"

enum {
	DAY_S = 86400,
	YEAR_DAYS = 365,
	LEAP_CYCLE_DAYS = 4 * YEAR_DAYS + 1,
	CENTURY_DAYS = 25 * LEAP_CYCLE_DAYS - 1,
	ERA_DAYS = 4 * CENTURY_DAYS + 1, /* 400 years, then all repeats */
	EPOCH_DAYS = 719468,             /* from 0000-03-01 to 1970-01-01 */
};

/* The last year or century of a cycle has the leap day: one day more. */
static uint32_t
cycles(uint32_t days, uint32_t cycle_days)
{
	uint32_t count = days / cycle_days;

	return count < 4 ? count : 3;
}

/*
 * Years are counted from March, so that the leap day comes last and the months
 * before it follow a pattern of 153 days in five.
 */
struct civil
civil_from_utc(uint64_t utc_s)
{
	uint64_t since = utc_s / DAY_S + EPOCH_DAYS;
	uint32_t second = (uint32_t)(utc_s % DAY_S);
	uint32_t day = (uint32_t)(since % ERA_DAYS), month;
	uint32_t century, leap, year;

	century = cycles(day, CENTURY_DAYS);
	day -= century * CENTURY_DAYS;
	leap = day / LEAP_CYCLE_DAYS;
	day -= leap * LEAP_CYCLE_DAYS;
	year = cycles(day, YEAR_DAYS);
	day -= year * YEAR_DAYS;
	year += 100 * century + 4 * leap;
	month = (5 * day + 2) / 153; /* from 0 for March */
	day -= (153 * month + 2) / 5;

	return (struct civil){
		.year = 400 * (since / ERA_DAYS) + year + (month >= 10),
		.month = (uint8_t)(month < 10 ? month + 3 : month - 9),
		.day = (uint8_t)(day + 1),
		.hour = (uint8_t)(second / 3600),
		.minute = (uint8_t)(second / 60 % 60),
		.second = (uint8_t)(second % 60),
	};
}
