/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_DOCTOR_H
#define CMD_DOCTOR_H

/* What the steps of `doctor` look at, and what they find. */

#include "../client/find.h"
#include "../client/quality.h"
#include "cmd.h"

/* One examination. */
struct doctor {
	struct ctx *ctx;
	const char *port; /* as it was opened */
	struct line_qualities lines;
	struct unit_state state;
};

/* What one step has found. */
struct examined {
	bool reached;              /* it was looked at */
	int err;                   /* E_OK: all is well */
	char finding[FAILURE_LEN]; /* "" unless it was reached */
	char action[FAILURE_LEN];  /* what to do; "" unless it is a fault */
};

/*
 * A step: it is at fault if opening failed with one of these errors, or if look
 * returns one.  look sets the finding and, of a fault, the action.
 */
struct doctor_step {
	const char *name;
	bool asks;      /* it needs a unit that has answered */
	int opening[2]; /* 0: none */
	int (*look)(struct doctor *doctor, struct examined *found);
};

/* The steps from the cable to the contacts; name NULL ends. */
extern const struct doctor_step doctor_steps[];

enum { DOCTOR_STEPS_MAX = 24 }; /* of them, at most */

#endif
