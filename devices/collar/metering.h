/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_METERING_H
#define COLLAR_METERING_H

/*
 * Metering: energy registers, means over the sample interval, one record at
 * its end.  Intervals end at multiples of the sample interval in UTC, or in
 * uptime while the clock is not trusted.
 *
 * Energy is counted in units of 10 mW ms, exactly; 1 Wh has 360,000,000.
 */

#include "datalog.h"

/* What the metering works with; the pointers are used during a call only. */
struct metering_io {
	const struct board *board;
	struct store *store;
	struct datalog *log;
};

/* What holds at a tick. */
struct metering_now {
	uint64_t now_ms; /* monotonic */
	uint64_t utc_ms; /* wall clock; not looked at unless trusted */
	bool trusted;
	bool before_install;    /* not yet provisioned */
	bool test_mode;         /* billing registers stand still */
	uint8_t sample_minutes; /* 1 to 60 */
	uint32_t boot;          /* boot number */
};

struct energy {
	uint32_t wh;
	uint32_t rest; /* 10 mW ms, less than a Wh */
};

struct test_energy {
	uint64_t mwh;
	uint32_t rest; /* 10 mW ms, less than a mWh */
};

/* Integrals over the running interval: value times ms. */
struct metering_sums {
	uint32_t ms;                             /* so far */
	uint32_t live_ms;                        /* with utility and values */
	int64_t power, reactive, current;        /* over all of it */
	int64_t voltage, frequency, temperature; /* over live_ms */
};

struct metering {
	struct energy consumed, produced; /* billing registers, never reset */
	struct test_energy test_consumed, test_produced;
	uint64_t last_ms;  /* of the last tick */
	uint64_t clock_ms; /* UTC, or uptime, then */
	uint64_t start_ms; /* of the running interval, in the same clock */
	struct metering_sums sums;
	uint16_t flags; /* of the running interval: enum interval_flag */
	uint8_t sample_minutes; /* 1 to 60 */
	bool trusted;
	bool power_failing; /* the registers are saved */
	bool test_mode;     /* at the last tick */
	bool log_failed;    /* as the last record was written */
	bool save_failed;   /* as the registers were last saved */
};

/*
 * After a restart, with the log mounted: registers go on from the last record,
 * or from what was saved as power failed.
 */
void metering_start(struct metering *metering, const struct metering_io *io,
    const struct metering_now *now);

/*
 * Accounts for the time since the last tick, for all of which the inputs are
 * taken to have been as they are now, and writes the records that fall due.  A
 * wall clock that went another way than monotonic time, by more than a second,
 * is a step: it ends the interval, and the block.  Saves the registers when
 * power fails.  False if the flash failed as it was last written.
 */
bool metering_tick(struct metering *metering, const struct metering_io *io,
    const struct board_inputs *in, const struct metering_now *now);

/* Time from the last tick until the running interval ends. */
uint32_t metering_due_ms(const struct metering *metering);

#endif
