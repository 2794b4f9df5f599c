/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_LOOK_H
#define FAULTS_LOOK_H

/*
 * What a unit says of itself when it is asked over a line without faults, and
 * what it did: the state that a change is about, and how often.
 */

#include "../../proto/ops.h"
#include "../support/board.h"

enum { KINDS_MAX = 64 };

struct look {
	struct unit_state state; /* without what the time alone changes */
	struct unit_record record;
	long clock_off_s;          /* its clock against the world's */
	unsigned drives;           /* of the relay, so far */
	unsigned times[KINDS_MAX]; /* events of each kind, so far */
};

/* Asks the unit, whose world has that time; false if it does not answer as it
 * should. */
bool look_at(struct ram_board *board, uint64_t utc_ms, struct look *look);

/* Are two units in the same state, whatever they did before? */
bool look_same(const struct look *a, const struct look *b);

/* Names the first thing that differs, for a person. */
const char *look_difference(const struct look *a, const struct look *b);

/* The outcome of a change, by its id. */
bool look_outcome(
    struct ram_board *board, const struct octets *id, struct outcome *outcome);

#endif
