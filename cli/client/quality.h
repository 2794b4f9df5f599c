/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_QUALITY_H
#define CLIENT_QUALITY_H

/* How well the line to a collar carries, measured on it. */

#include "client.h"

enum line_verdict { LINE_GOOD, LINE_FAIR, LINE_BAD };

extern const char *const line_verdicts[]; /* "good", "fair", "bad" */

struct line_quality {
	uint32_t baud;                   /* 0: as fast as it goes */
	unsigned trips;                  /* short requests with their answers */
	uint32_t min_ms, mid_ms, max_ms; /* of these; mid is the median */
	unsigned checks;  /* the longest requests and answers there are; 0: the
			     unit does not know them */
	uint32_t frames;  /* that came whole */
	uint32_t broken;  /* that did not */
	uint32_t repeats; /* requests sent again */
	enum line_verdict verdict;
};

enum { LINE_RATES_MAX = 8 };

/* The line at each rate that both ends agree on, slowest first. */
struct line_qualities {
	struct line_quality at[LINE_RATES_MAX];
	size_t count;
};

/*
 * Measures the line, with a dozen exchanges at each rate: the one it has, or,
 * where it may be raised, all that it can be raised to.  It is left at the
 * fastest that is not bad.  Nothing on the unit changes.  E_OK also for a bad
 * line; E_NO_ANSWER, E_PROTOCOL, E_INTERRUPTED, with what was measured so far.
 */
int line_measure(struct client *client, struct line_qualities *qualities,
    struct failure *failure);

#endif
