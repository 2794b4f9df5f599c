/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_PEER_H
#define SUPPORT_PEER_H

/*
 * A link in memory to a scripted collar, in a time of its own, with a line that
 * damages, delays, loses or ends as told.  It keeps what it was asked.
 */

#include "../../cli/link/link.h"
#include "../../proto/frame.h"
#include "../../proto/ops.h"

enum {
	PEER_FRAMES = 128,
	PEER_FRAME_LEN = FRAME_LINE_LEN(PAYLOAD_TO_HOST_MAX),
	PEER_CHANGES = 16,
	PEER_PART_LEN = 20, /* its index, then a pattern */
};

struct peer_frame {
	uint64_t at_ms;
	size_t len, taken;
	uint8_t bytes[PEER_FRAME_LEN];
};

struct peer_seen {
	size_t len;
	uint8_t payload[PAYLOAD_TO_COLLAR_MAX];
	struct envelope env; /* into payload */
};

struct peer {
	struct link link; /* first */
	uint64_t now_ms;

	/* the line: bytes are counted both ways; negative: never */
	long bytes, dead_from, lost_from, lost_to;
	/* whether a frame, counted from 1 each way, is damaged; may be NULL */
	bool (*damage)(bool to_host, unsigned n);
	unsigned late;    /* number of the answer that is late, */
	uint32_t late_ms; /* and by how much */
	bool deaf;        /* never answers */
	bool closed;      /* the link has been closed */

	/* the unit */
	const char *serial; /* NULL: it has none */
	uint8_t version;
	bool foreign_nonce;
	bool replaced;      /* another unit answers from here on */
	int status;         /* refuses every move with it, if not 0 */
	uint32_t retry_s;   /* too_soon until so many s have passed */
	bool restarts;      /* a move is cut: its outcome is interrupted */
	unsigned working;   /* a move is accepted: so many polls */
	bool other_op;      /* its outcomes are those of another request */
	unsigned moves;     /* made so far */
	long clock_late_ms; /* how late its clock was set last */
	unsigned changes;   /* ids kept */
	uint8_t ids[PEER_CHANGES][CHANGE_ID_LEN];

	/* its log: entries oldest..newest; gone ones cannot be read */
	uint32_t oldest, newest, gone_first, gone_last;
	uint32_t seq, first, next, end, through, credit;
	struct ranges gaps;
	bool streaming, closing;
	bool stutters; /* sends its first part over and over */
	bool empty;    /* calls all that it is asked for lost, at once */

	struct peer_seen seen[PEER_FRAMES]; /* frames that arrived whole */
	unsigned nseen, nframes_in, nframes_out;

	struct frame_rx rx;
	uint8_t payload[PAYLOAD_TO_COLLAR_MAX + FRAME_CRC_LEN];
	struct peer_frame queue[PEER_FRAMES];
	unsigned head, queued;
};

/* A peer that works; the caller frees it after use. */
struct peer *peer_new(void);

/* Requests with this op that arrived so far. */
unsigned peer_count(const struct peer *peer, enum op_code op);

/* Queues bytes for the host just as they are, framed or not. */
void peer_say(struct peer *peer, const uint8_t *bytes, size_t len);

/* Frames a payload and queues it, faults of the line included. */
void peer_send(struct peer *peer, const uint8_t *payload, size_t len);

#endif
