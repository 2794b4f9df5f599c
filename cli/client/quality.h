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

/*
 * Measures the line as it is: nothing on the unit changes.  Takes some twenty
 * exchanges.  E_OK also for a bad line; E_NO_ANSWER, E_PROTOCOL, E_INTERRUPTED.
 */
int line_measure(struct client *client, struct line_quality *quality,
    struct failure *failure);

#endif
