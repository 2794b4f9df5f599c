/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_NOR_H
#define SUPPORT_NOR_H

/*
 * NOR flash in RAM for tests of what lives on it.  A breach of its rules (a
 * unit programmed twice, off its boundary, beyond the end) fails the test.  The
 * power can be cut in any operation, before it, after it or at several points
 * inside.
 */

#include "../../devices/board.h"

/* How far the operation gets in which the power goes. */
enum nor_cut {
	NOR_CUT_BEFORE,
	NOR_CUT_FIRST_BYTE,
	NOR_CUT_QUARTER,
	NOR_CUT_HALF,
	NOR_CUT_BUT_ONE_BYTE,
	NOR_CUT_SOME_BITS, /* everywhere */
	NOR_CUT_AFTER,     /* done, but nobody was told */
	NOR_CUTS,
};

enum { NOR_LEN_MAX = 64 * 1024 };

struct nor {
	struct board board;
	unsigned ops;    /* programs and erases so far */
	unsigned cut_at; /* the power goes in this one, from 1; 0: never */
	enum nor_cut cut;
	unsigned
	    fail_at;    /* this one fails, with its first half done; 0: none */
	unsigned reads; /* so far */
	unsigned fail_read_at; /* this one fails, from 1; 0: none */
	bool dead;             /* the power has gone */
	uint32_t random;
	unsigned erases;
	uint8_t bytes[NOR_LEN_MAX];
	bool programmed[NOR_LEN_MAX]; /* since the last erase */
};

/* Blank flash. */
void nor_make(struct nor *nor, const struct flash_geometry *geometry);

/* Power-up; count operations and reads anew, and cut in one operation. */
void nor_power(struct nor *nor, unsigned cut_at, enum nor_cut cut);

#endif
