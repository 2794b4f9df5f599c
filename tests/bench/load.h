/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

/*
 * What codecs are measured on.  Inputs are written by no codec under test, and
 * what one makes of them is compared with what it should be.
 *
 * unit  a map of fifteen entries, keys ascending
 * ext   the same, and behind them six entries that the reader does not know
 * rev   keys descending, with five strangers between
 * grid  96 rows of ten numbers; of eight on average two take one byte, two two,
 *       three three and one five; half are negative
 */

#include "unit.h"

enum { ROWS = 96, COLUMNS = 10, ENCODED_MAX = 4096 };

enum { FIND_REV = 3, FIND_EXT = 1001 }; /* keys to find in rev and in ext */

struct input {
	uint8_t bytes[ENCODED_MAX];
	size_t len;
};

extern const struct unit unit;
extern struct input unit_in, ext_in, rev_in, grid_in;
extern int32_t grid[ROWS][COLUMNS];

/* Where loads leave what they make. */
extern uint8_t encoded[ENCODED_MAX];
extern struct unit decoded;

/*
 * One load of the codec under test.  Encoding returns the length, finding the
 * value found, reading the grid the sum of its numbers, reading a unit 1.
 */
struct load {
	const char *name;
	uint64_t (*run)(void);
};

extern const struct load loads[]; /* name NULL ends */

/* True if the codec takes these bytes for one well-formed item. */
bool codec_accepts(const uint8_t *bytes, size_t len);

#endif
