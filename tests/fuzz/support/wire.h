/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_WIRE_H
#define FUZZ_WIRE_H

/*
 * A link in memory whose far end answers as a feed says: mostly by the tables,
 * but late, twice, without end, spoiled, wrong, not at all.  When the feed is
 * used up it says nothing new.  Time is virtual.  What has passed is kept, as
 * far as it says what may be believed of a change.
 */

#include "../../../cli/link/link.h"
#include "../../../proto/frame.h"
#include "feed.h"

enum { WIRE_QUEUE = 64, WIRE_SEQS = 16 };

struct wire_frame {
	uint64_t at_ms;
	size_t len, taken;
	uint8_t bytes[FRAME_LINE_LEN(PAYLOAD_TO_HOST_MAX)];
};

/* The change at hand, as somebody who saw every byte knows it. */
struct wire_change {
	const struct op *op;
	uint8_t id[CHANGE_ID_LEN];
	unsigned sends;
	uint32_t seqs[WIRE_SEQS]; /* of the sends */
	uint32_t body_crc;        /* of the arguments: always the same */
	bool may_send;            /* the first time, or told `not_seen` */
	bool done;                /* the host has been told so */
	uint32_t refused;         /* status it has been told; 0: none */
};

struct wire {
	struct link link; /* first */
	struct feed *feed;
	uint64_t now_ms;
	uint64_t until_ms; /* beyond it somebody waits for ever */
	bool cut;
	uint32_t babble_ms; /* says its last frame again so often; 0: not */

	struct wire_change change;
	uint32_t outcome_seq; /* of the last question for its outcome */
	struct log_read read; /* the last request for entries */
	uint32_t read_seq, next;

	struct frame_rx rx, heard_rx;
	uint8_t payload[PAYLOAD_TO_COLLAR_MAX + FRAME_CRC_LEN];
	uint8_t heard[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN];
	struct wire_frame queue[WIRE_QUEUE];
	unsigned head, queued;
	struct wire_frame last; /* that was said */
};

/* A new one on this feed, which must outlive it; closing leaves it alone. */
void wire_init(struct wire *wire, struct feed *feed);

/* Its time as UTC. */
uint64_t wire_utc_ms(const struct wire *wire);

/* From now on, time may go on for so long. */
void wire_limit(struct wire *wire, uint64_t ms);

#endif
