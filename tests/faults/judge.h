/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_JUDGE_H
#define FAULTS_JUDGE_H

/*
 * Was a run with a fault one that a person can rely on?  The unit is in the
 * old or the new state, a change is made once or not at all, and the exit
 * status says which, or says that it is not known; the outcome agrees.
 */

#include "look.h"
#include "scenarios.h"
#include "stage.h"

/* A scenario on one stage, and what it does without faults. */
struct trial {
	struct stage *stage;
	const struct scenario *scenario;
	enum port_kind port;
	uint32_t baud;
	struct unit_image *begin;

	struct run clean;
	char *clean_out;
	bool claims_change; /* it printed "changed": true */
	struct look before, after;
	struct look before_restarted, after_restarted;
};

enum { WHY_MAX = 300 };

/* Says in why (WHY_MAX bytes), on one line, what is wrong.  Returns false. */
bool wrong(char *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Runs the scenario without faults; false, with why, if that fails. */
bool trial_make(struct trial *trial, struct stage *stage,
    const struct scenario *scenario, enum port_kind port, uint32_t baud,
    char *why);
void trial_end(struct trial *trial);

/*
 * Runs it with one fault and judges.  Returns true, or false with why (WHY_MAX
 * bytes).  *run tells how it ended; what it printed is gone by then.
 */
bool trial_run(
    struct trial *trial, struct fault fault, struct run *run, char *why);

#endif
