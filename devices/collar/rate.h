/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_RATE_H
#define COLLAR_RATE_H

/*
 * The rate of the line, where it has one: another one is agreed on, tried, and
 * given up when nothing valid arrives.  It touches nothing else of the unit.
 */

#include <stdbool.h>
#include <stdint.h>

struct rate {
	uint32_t baud;     /* of the line now, as the board has it */
	uint32_t next;     /* agreed on, until the answer has gone; or 0 */
	uint32_t before;   /* while the new rate is on trial: to go back to */
	uint64_t trial_ms; /* when the trial ends */
	uint64_t heard_ms; /* when a valid frame arrived, or one was sent */
};

struct collar;

/* Sets the line to the rate it begins with, if it has others: at a start, and
 * whenever the link was made anew. */
void rate_start(struct collar *collar);

/* A frame of a host has arrived whole: whatever the rate is, it carries. */
void rate_heard(struct collar *collar);

/* Is the rate to change behind the answer at hand, before anything else goes?
 */
bool rate_is_due(const struct collar *collar);

/* Bytes were fetched for the line; switches behind the last one of an answer
 * that agreed to. */
void rate_sent(struct collar *collar);

/* The answer that agreed to another rate is dropped: nobody will know of it. */
void rate_forget(struct collar *collar);

/* Goes back when a trial has failed, or when nothing was heard for long. */
void rate_step(struct collar *collar);

/* ms until rate_step has something to do; UINT32_MAX: nothing. */
uint32_t rate_due_ms(const struct collar *collar);

#endif
