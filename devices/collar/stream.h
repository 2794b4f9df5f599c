/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_STREAM_H
#define COLLAR_STREAM_H

/*
 * A log on its way to the host: parts in ascending order as far as the credit
 * goes, then the gaps of the latest credit, then the closing response.  A
 * credit that comes later repeats its gaps and the closing response.
 */

#include "../../proto/log.h"
#include "../../proto/message.h"

enum stream_source { STREAM_NONE, STREAM_DATA, STREAM_EVENTS };

struct stream {
	uint8_t source; /* enum stream_source */
	bool headers;
	bool closed;        /* the closing response has been sent */
	uint32_t seq;       /* of the request that began it */
	uint32_t first;     /* index of the first entry wanted */
	uint32_t next, end; /* indices: to be sent, and one past the last */
	uint32_t through;   /* the highest index allowed */
	uint32_t credit;    /* number of the latest */
	struct ranges gaps; /* still to be repeated; at[0] first */
	struct log_done done;
};

struct collar;

void stream_end(struct collar *collar);

/* Takes the credit in env; one that is old or of another stream is dropped. */
void stream_credit(struct collar *collar, const struct envelope *env);

/* Sends the next part, or the closing response, if there is one to send. */
void stream_send(struct collar *collar);

#endif
