/* SPDX-License-Identifier: BSD-2-Clause */

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "must.h"

enum { WRITE_UNIT = 8, SETTLED_MS = 20000 };

struct unit_image {
	struct ram_board board;
	struct stage_unit unit;
	uint8_t ram[];
};

void
stage_unit_make(struct stage *stage, bool wired)
{
	struct stage_unit *unit = stage_unit(stage);

	unit->board = ram_board_new(WRITE_UNIT);
	if (wired)
		ram_board_wire(unit->board);
	ram_board_start(unit->board);
	unit->utc_ms = unit->board->utc_ms;
	stage_pass(stage, SETTLED_MS);
}

void
stage_unit_free(struct stage *stage)
{
	ram_board_free(&stage_unit(stage)->board);
}

struct ram_board *
stage_board(struct stage *stage)
{
	return stage_unit(stage)->board;
}

struct unit_image *
stage_keep(struct stage *stage)
{
	const struct stage_unit *unit = stage_unit(stage);
	struct unit_image *image = malloc(sizeof(*image) + collar_size());

	must(image != NULL, "memory");
	image->board = *unit->board;
	image->unit = *unit;
	memcpy(image->ram, unit->board->collar, collar_size());

	return image;
}

void
stage_restore(struct stage *stage, const struct unit_image *image)
{
	struct stage_unit *unit = stage_unit(stage);

	*unit = image->unit;
	*unit->board = image->board;
	memcpy(unit->board->collar, image->ram, collar_size());
}

void
stage_pass(struct stage *stage, uint64_t ms)
{
	struct stage_unit *unit = stage_unit(stage);

	ram_board_pass(unit->board, ms);
	unit->utc_ms += ms;
}

uint64_t
stage_utc_ms(struct stage *stage)
{
	return stage_unit(stage)->utc_ms;
}
