/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_RATE_H
#define PROTO_RATE_H

/*
 * The rate of a serial or optical line, raised by agreement: link-baud asks for
 * another one, link-check tries how it carries.  See PROTOCOL.md, "Rates of a
 * line".
 */

#include "frame.h"
#include "line.h"
#include "message.h"

enum {
	/* around the padding of a link-check: its map has room in it, too */
	CHECK_ENVELOPE_MAX = ENVELOPE_MAX,
	/* and the longest paddings that fit */
	CHECK_TO_COLLAR_MAX = PAYLOAD_TO_COLLAR_MAX - CHECK_ENVELOPE_MAX,
	CHECK_TO_HOST_MAX = PAYLOAD_TO_HOST_MAX - CHECK_ENVELOPE_MAX,
};

/* Who waits for what when the rate changes. */
enum {
	RATE_SETTLE_MS = 20,   /* a host, before it talks at the new rate */
	RATE_TRIAL_MS = 1000,  /* a collar, for the first valid frame at it */
	RATE_CHECK_MS = 1500,  /* a host, for the end of its checks */
	RATE_CHECKS_MAX = 3,   /* that it makes at most */
	RATE_QUIET_MS = 15000, /* a collar without a valid frame goes back */
	RATE_ALIVE_MS = 5000,  /* so a host that is idle sends a noop */
};

/* Those that optical ports have, fastest first; the last is RATE_OPTICAL. */
enum { RATES = 5 };
extern const uint32_t rate_bauds[RATES];

enum link_baud_key { LINK_BAUD_BAUD = 1 };

struct link_baud {
	uint64_t has;
	uint32_t baud; /* asked for */
};

enum link_rate_key { LINK_RATE_BAUD = 1 };

struct link_rate {
	uint64_t has;
	uint32_t baud; /* from the end of this answer on */
};

enum link_check_key { LINK_CHECK_PADDING = 1, LINK_CHECK_ANSWER_LEN = 2 };

struct link_check {
	uint64_t has;
	struct padding padding; /* up to CHECK_TO_COLLAR_MAX */
	uint16_t answer_len;    /* padding wanted in the answer, bytes */
};

enum link_checked_key { LINK_CHECKED_PADDING = 1 };

struct link_checked {
	uint64_t has;
	struct padding padding; /* as long as was asked for */
};

extern const struct message msg_link_baud;    /* struct link_baud */
extern const struct message msg_link_rate;    /* struct link_rate */
extern const struct message msg_link_check;   /* struct link_check */
extern const struct message msg_link_checked; /* struct link_checked */

#endif
