/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_ECHO_H
#define LINK_ECHO_H

/*
 * The echo of an optical probe, taken out of what arrives.  Private to
 * cli/link.
 *
 * What is said in one turn is known, so that what comes back of it is too, even
 * where bytes of it were changed, lost or added on the way.  It is judged in
 * pieces, which zeros end: the other end begins with a zero, and no piece of
 * its own is as short as ECHO_SHORTEST.  Zeros themselves mean nothing, and
 * pass.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ECHO_SENT_MAX = 512, /* bytes of a turn that are remembered */
	ECHO_SHORTEST = 8,
	ECHO_SLACK =
	    8, /* bytes that a piece may be longer than what was said */
	ECHO_HELD_MAX = ECHO_SENT_MAX + ECHO_SLACK + 1,
};

struct echo {
	uint8_t sent[ECHO_SENT_MAX]; /* in this turn, without its zeros */
	uint8_t held[ECHO_HELD_MAX]; /* a piece that may be echo */
	size_t sent_len, held_len;
	size_t seen;      /* bytes of echo so far */
	bool due;         /* an echo may still come */
	bool spoiled;     /* some of it came, and not as it was sent */
	unsigned turns;   /* after which something came */
	unsigned whole;   /* echoes that came back as they were sent */
	unsigned damaged; /* and others */
};

/* A turn begins; what is held of the one before is forgotten. */
void echo_begin(struct echo *echo);

/* Bytes are said in this turn. */
void echo_sent(struct echo *echo, const uint8_t *bytes, size_t len);

/*
 * Bytes have arrived: writes to out, of len + ECHO_HELD_MAX bytes, those that
 * are no echo, and returns their number.
 */
size_t echo_remove(
    struct echo *echo, const uint8_t *bytes, size_t len, uint8_t *out);

/* Nothing more comes for now: what is held is no echo after all.  As
 * echo_remove, without bytes. */
size_t echo_release(struct echo *echo, uint8_t *out);

#endif
