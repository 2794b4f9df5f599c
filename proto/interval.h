/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_INTERVAL_H
#define PROTO_INTERVAL_H

/*
 * Interval data: one record a sample interval, in blocks of at most BLOCK_MAX
 * bytes that each stand alone.  A block begins with a header of
 * BLOCK_HEADER_LEN bytes that names its format; format 1 is plain records of
 * RECORD_LEN bytes.  A denser format takes another number and the same calls.
 * Everything is little endian.  Layouts: PROTOCOL.md, "Interval blocks".
 *
 * Signs: power and power factor are positive while the DER produces; reactive
 * power is positive while the DER circuit supplies vars.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BLOCK_HEADER_LEN = 32,
	RECORD_LEN = 32,
	BLOCK_RECORDS_MAX = 31, /* 32 + 31 * 32 = 1024 */
	BLOCK_FORMAT_PLAIN = 1,
};

/* Flags of a record, and their names in JSON. */
enum interval_flag {
	INTERVAL_BEFORE_INSTALL = 1 << 0, /* before the unit was provisioned */
	INTERVAL_TEST_MODE = 1 << 1,      /* registers stood still for a time */
	INTERVAL_POWER_OUTAGE = 1 << 2,   /* no utility for part of it */
	INTERVAL_RESTART = 1 << 3,        /* the unit restarted during it */
	INTERVAL_CLOCK_STEP = 1 << 4,     /* the clock was stepped during it */
	INTERVAL_CLOCK_UNTRUSTED = 1 << 5,
	INTERVAL_PARTIAL = 1 << 6,        /* shorter than the sample interval */
	INTERVAL_METERING_FAULT = 1 << 7, /* values are not measured */
	INTERVAL_ENERGY_LOST = 1 << 8,    /* registers miss part of it */
};

extern const char *const interval_flag_names[]; /* by bit; NULL ends */

/* Why a block was begun. */
enum block_cause {
	BLOCK_FIRST,    /* the log was made */
	BLOCK_FULL,     /* the one before was full: no gap */
	BLOCK_RESTART,  /* the unit lost power or restarted */
	BLOCK_CLOCK,    /* the clock was set or stepped */
	BLOCK_INTERVAL, /* the sample interval was changed */
	BLOCK_MEMORY,   /* flash failed; records were lost */
};

extern const char *const block_cause_names[];

struct block_header {
	uint8_t format;
	uint8_t cause; /* enum block_cause */
	uint8_t sample_minutes;
	uint8_t count;  /* records that follow; as sent, not in flash */
	uint32_t index; /* of the block, for the life of the log */
	uint32_t boot;  /* boot number of the unit */
	bool untrusted; /* times are seconds since that boot, not UTC */
};

struct interval {
	uint32_t at; /* end of the interval, UTC seconds */
	uint16_t flags;
	int8_t power_factor_c;       /* 0.01, -100..100 */
	uint16_t frequency_chz;      /* 0.01 Hz */
	int32_t active_power_cw;     /* 10 mW; mean */
	int32_t reactive_power_cvar; /* 10 mvar; mean */
	int16_t temperature_df;      /* 0.1 degrees Fahrenheit */
	uint32_t energy_consumed_wh, energy_produced_wh; /* registers at `at` */
	uint16_t voltage_dv;                             /* 0.1 V */
	uint16_t current_ca;                             /* 0.01 A */
};

/* Largest magnitudes, and the highest frequency, on any wire. */
enum {
	INTERVAL_POWER_MAX = 8388607, /* 24 bits, signed: 83 kW */
	POWER_FACTOR_MAX_C = 100,
	FREQUENCY_MAX_CHZ = 10000,
};

/* Write a header or record; room for BLOCK_HEADER_LEN or RECORD_LEN bytes.
 * Both end in a CRC of their own.  Values out of range are held to it. */
void block_header_encode(const struct block_header *header, uint8_t *bytes);
void interval_encode(const struct interval *record, uint8_t *bytes);

/*
 * Read one; false if its CRC or a value does not hold.  The collar is not
 * trusted: a right CRC is no proof of an honest sender.
 */
bool block_header_decode(struct block_header *header, const uint8_t *bytes);
bool interval_decode(struct interval *record, const uint8_t *bytes);

/*
 * Reads a whole block of len bytes: header, then into records (room for
 * BLOCK_RECORDS_MAX) as many as the header says.  Returns their number, or
 * E_BAD_DATA: length, format, a CRC, a range, or times that do not rise.
 */
int block_decode(struct block_header *header, struct interval *records,
    const uint8_t *bytes, size_t len);

#endif
