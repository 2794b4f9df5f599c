/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_TALK_H
#define SUPPORT_TALK_H

/*
 * Requests and answers as literal bytes, in hex with blanks where they please;
 * ".." in an expectation stands for any byte.  A mismatch fails the test.
 */

#include "board.h"

/* A hello under sequence number 0, answered and forgotten. */
void greet(struct ram_board *board);

/* Fixtures, *state being a struct ram_board: a blank unit, started and greeted;
 * and the end of any. */
int unit_greeted(void **state);
int unit_down(void **state);

/* The same, its grid sound for long enough to SHUT; and one that is SHUT since
 * a move under sequence number 1 and id 1, rested from it. */
int unit_rested(void **state);
int unit_shut(void **state);

/* Sends a payload. */
void tell(struct ram_board *board, const char *hex);

/* The next frame must be this payload; "" for none. */
void expect(struct ram_board *board, const char *hex);

/* Both: a request and its answer at once. */
void ask(struct ram_board *board, const char *hex, const char *answer);

/* The header of a change, three pairs: hardware id, id, holder "ann". */
#define HEADER(id) "183d48c001020304050607 183e48000000000000" id "183f63616e6e"

/* A request of nothing but its header, op in hex. */
#define PLAIN(seq, op, id) "84 00" seq op "a3" HEADER(id)

/* relay-move {position, when now}, and {changed, state, feedback}. */
#define MOVE(seq, position, id) \
	"84 00" seq "1820 a5 01" position "02 00" HEADER(id)
#define MOVED(seq, flag, position) \
	"84 01" seq "00 a3 01" flag "02" position "03" position

#endif
