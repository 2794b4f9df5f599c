/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_STAGE_STATE_H
#define FAULTS_STAGE_STATE_H

/* A stage, for those who make it: stage.c and world.c. */

#include "program.h"
#include "sent.h"
#include "stage.h"

enum { PATH_LEN = 200 };

struct stage {
	struct stage_unit unit;
	char folder[PATH_LEN], port[PATH_LEN];
	struct line line;

	bool optical;     /* echoes, and has rates */
	uint64_t said_us; /* when the last byte of the unit's has arrived */
	uint64_t now_us;
	uint64_t dark_until_us; /* the unit has no power until then */
	uint64_t delivered, read;
	bool holding, held_strikes; /* a byte that the unit cannot take yet */
	uint8_t held;
	int listener, host, control;
	bool gone;
	struct sent sent;
	struct programs programs;
	pid_t pid; /* of the run */
	struct run *run;

	char out[OUTPUT_MAX], err[OUTPUT_MAX];
};

/*
 * Moves the world (the unit, the line and what strikes) until then, or until
 * something reaches the host.
 */
void advance(struct stage *stage, uint64_t until_us, bool for_input);

/*
 * A byte that one end says at its rate, as the other hears it at its own.  The
 * unit's end has the rate `unit`.
 */
uint8_t byte_heard(
    struct stage *stage, uint8_t byte, enum way way, uint32_t unit);

#endif
