/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_METER_H
#define SUPPORT_METER_H

/*
 * Metering with its store and log on flash in RAM, driven by hand: set what the
 * meter sees and what holds, let time pass, look at the records.
 */

#include "../../devices/collar/metering.h"
#include "nor.h"

enum {
	NOON = 1792152000, /* 2026-10-16T12:00:00Z */
	MINUTE_MS = 60000,
	HOUR_MS = 3600000,
	LOG_MAX = 200,
};

extern struct nor nor;
extern struct metering metering;
extern struct board_inputs in;
extern struct metering_now now;

/* What the log held when it was last loaded, oldest first, and the cause of
 * each record's block. */
extern struct interval log_records[LOG_MAX];
extern uint8_t log_causes[LOG_MAX];
extern unsigned log_count;

/* A new meter with a trusted clock; 15.00 A at 240.0 V, all of it active and
 * produced: 3600 W. */
void meter_begin(uint64_t utc_ms);

/* Restarts it from what the flash holds. */
bool meter_power_up(void);

bool meter_tick(void);

/* Lets ms pass in one tick. */
void meter_pass(uint64_t ms);

void log_load(void);

/* The newest record, of the log as it is now. */
const struct interval *log_newest(void);

/* The last record of the log as the meter takes it up; zeros if none. */
struct interval log_last(void);

#endif
