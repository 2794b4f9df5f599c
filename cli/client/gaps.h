/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_GAPS_H
#define CLIENT_GAPS_H

/*
 * Where interval data does not join: restarts, clock steps, changed intervals,
 * blocks that are gone.  A gap lies only between blocks.
 */

#include "dump.h"

struct gap {
	uint32_t from, to; /* UTC; equal where a block merely ends early */
	bool untrusted;    /* from or to is not known in UTC */
	const char *why;   /* "restart", "clock_step", "unreadable", … */
};

/*
 * The gap between two neighbours, both with records; false if they join
 * seamlessly.
 */
bool gap_between(const struct dump_span *before, const struct dump_span *after,
    struct gap *gap);

/* The span of a whole block of records; false if it holds none. */
bool span_of_block(struct dump_span *span, const struct block_header *header,
    const struct interval *records, size_t count);

#endif
