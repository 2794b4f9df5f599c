/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_RING_H
#define COLLAR_RING_H

/*
 * A ring of flash sectors, written forward.  Those in use lie one after the
 * other, from the oldest to the head, each with a header that holds a rising
 * generation; the rest is free and is made blank when its turn comes.  A
 * sector counts from the moment its header is programmed.
 */

#include "flash.h"

struct ring {
	struct flash_area area;
	uint32_t magic;      /* whose sectors these are */
	uint32_t generation; /* of the head, */
	uint32_t first;      /* and what else its header tells */
	uint16_t head;       /* its number in the area */
	uint16_t used;       /* sectors in use, head included; 0: none */
};

/* What a header tells besides its place. */
struct ring_header {
	uint32_t generation;
	uint32_t first; /* for the user: index of the first entry */
};

/* Takes up what the flash holds. */
void ring_mount(struct ring *ring, const struct board *board,
    enum flash_user user, uint32_t magic);

/* Sectors that are not in use. */
uint16_t ring_free(const struct ring *ring);

/* The age'th sector in use, 0 being the oldest: its number, and its address. */
uint16_t ring_sector(const struct ring *ring, uint16_t age);
uint32_t ring_at(
    const struct ring *ring, const struct board *board, uint16_t age);

/* First and last address, exclusive, of what a sector at `at` can hold. */
uint32_t ring_body(const struct board *board, uint32_t at);
uint32_t ring_end(const struct board *board, uint32_t at);

/* Reads the header of the age'th sector in use. */
bool ring_read_header(const struct ring *ring, const struct board *board,
    uint16_t age, struct ring_header *header);

/*
 * Makes the sector after the head blank; returns its address in *at.  It is
 * not in use before ring_advance, and may be written until then.  False if none
 * is free, or the flash fails.
 */
bool ring_prepare(
    const struct ring *ring, const struct board *board, uint32_t *at);

/* Programs the header of the prepared sector, which becomes the head. */
bool ring_advance(struct ring *ring, const struct board *board, uint32_t first);

/* Erases the oldest sector; false if that is the head, or the flash fails. */
bool ring_drop_oldest(struct ring *ring, const struct board *board);

#endif
