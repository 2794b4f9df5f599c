/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_UNIT_H
#define FAULTS_UNIT_H

/* The unit of a stage, with the real handler, and the world around it. */

#include "../support/board.h"

struct stage;

struct stage_unit {
	struct ram_board *board;
	uint64_t utc_ms; /* of the world, whatever the unit's clock says */
	uint32_t runs;   /* of the program so far: each has chance of its own */
};

/* Each kind of stage has one. */
struct stage_unit *stage_unit(struct stage *stage);

/* A blank unit that has had power for a while; wired: to a line with a rate. */
void stage_unit_make(struct stage *stage, bool wired);
void stage_unit_free(struct stage *stage);

struct ram_board *stage_board(struct stage *stage);

/* A unit as it stood: flash, RAM and the world around it. */
struct unit_image;

/* Keeps the unit as it stands, as an image to be freed, and goes back to it. */
struct unit_image *stage_keep(struct stage *stage);
void stage_restore(struct stage *stage, const struct unit_image *image);

/* Lets ms pass for the unit alone. */
void stage_pass(struct stage *stage, uint64_t ms);

/* True time, whatever the unit's clock says. */
uint64_t stage_utc_ms(struct stage *stage);

#endif
