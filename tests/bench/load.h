/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

/*
 * What codecs are measured on: a map of fifteen entries (unit), the same with
 * entries behind that the reader does not know (strangers), and 96 rows of ten
 * numbers (grid).  Inputs to be decoded are written by neither codec.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROWS = 96, COLUMNS = 10, ENCODED_MAX = 4096, STRANGERS_LEN = 160 };

struct unit {
	const char *serial, *place, *note;
	size_t serial_len, place_len, note_len, id_len;
	const uint8_t *id;
	uint8_t model, ports;
	uint16_t firmware;
	uint32_t made_at, timeout_s, total;
	int32_t offset, balance;
	uint64_t energy;
	bool live, none;
};

extern const struct unit unit;
extern const uint8_t unit_bytes[];
extern uint8_t strangers_bytes[STRANGERS_LEN];
extern const size_t unit_len, strangers_len;

/*
 * The grid, from a fixed xorshift: of eight numbers two take one byte, two two,
 * three three and one five on average; half are negative.  grid_bytes is the
 * same as CBOR, of grid_len bytes.
 */
extern int32_t grid[ROWS][COLUMNS];
extern uint8_t grid_bytes[ENCODED_MAX];
extern size_t grid_len;

/* One load of the codec under test: done once, it returns something of what it
 * made, so that nothing is optimised away; 0 if it failed. */
struct load {
	const char *name;
	uint64_t (*run)(void);
};

extern const struct load loads[]; /* name NULL ends */

#endif
