/* SPDX-License-Identifier: BSD-2-Clause */

#include "ring.h"

#include <string.h>

#include "../../proto/frame.h"

/* A header: magic, generation, first, CRC-32C of these. */
enum { HEADER_LEN = 16, HEADER_CRC_AT = 12 };

static bool
header_read(const struct ring *ring, const struct board *board, uint16_t sector,
    struct ring_header *header)
{
	uint32_t at = flash_at(board, &ring->area, sector);
	uint8_t bytes[HEADER_LEN];

	if (!flash_read(board, at, bytes, sizeof(bytes)) ||
	    get_le32(bytes) != ring->magic ||
	    get_le32(bytes + HEADER_CRC_AT) != crc32c(0, bytes, HEADER_CRC_AT))
		return false;
	header->generation = get_le32(bytes + 4);
	header->first = get_le32(bytes + 8);
	return true;
}

static uint16_t
sector_before(const struct ring *ring, uint16_t sector, uint16_t steps)
{
	uint16_t count = ring->area.sectors;

	return (uint16_t)((sector + count - steps) % count);
}

static uint16_t
sector_after_head(const struct ring *ring)
{
	if (ring->used == 0)
		return 0;
	return (uint16_t)((ring->head + 1) % ring->area.sectors);
}

static void
find_head(struct ring *ring, const struct board *board)
{
	struct ring_header header;

	for (uint16_t i = 0; i < ring->area.sectors; i++) {
		if (!header_read(ring, board, i, &header))
			continue;
		if (ring->used > 0 && header.generation <= ring->generation)
			continue;
		ring->head = i;
		ring->generation = header.generation;
		ring->first = header.first;
		ring->used = 1;
	}
}

/* Does the sector that many steps before the head belong to its row? */
static bool
in_row(const struct ring *ring, const struct board *board, uint16_t steps)
{
	struct ring_header header;

	return header_read(ring, board, sector_before(ring, ring->head, steps),
		   &header) &&
	    header.generation == ring->generation - steps;
}

void
ring_mount(struct ring *ring, const struct board *board, enum flash_user user,
    uint32_t magic)
{
	memset(ring, 0, sizeof(*ring));
	ring->area = flash_area(board, user);
	ring->magic = magic;
	find_head(ring, board);
	if (ring->used == 0)
		return;
	while (ring_free(ring) > 0 && in_row(ring, board, ring->used))
		ring->used++;
}

uint16_t
ring_free(const struct ring *ring)
{
	return (uint16_t)(ring->area.sectors - ring->used);
}

uint16_t
ring_sector(const struct ring *ring, uint16_t age)
{
	return sector_before(
	    ring, ring->head, (uint16_t)(ring->used - 1 - age));
}

uint32_t
ring_at(const struct ring *ring, const struct board *board, uint16_t age)
{
	return flash_at(board, &ring->area, ring_sector(ring, age));
}

uint32_t
ring_body(const struct board *board, uint32_t at)
{
	return at + flash_whole_units(board, HEADER_LEN);
}

uint32_t
ring_end(const struct board *board, uint32_t at)
{
	return at + board->flash.sector_len;
}

bool
ring_read_header(const struct ring *ring, const struct board *board,
    uint16_t age, struct ring_header *header)
{
	return header_read(ring, board, ring_sector(ring, age), header);
}

bool
ring_prepare(const struct ring *ring, const struct board *board, uint32_t *at)
{
	if (ring_free(ring) == 0)
		return false;
	*at = flash_at(board, &ring->area, sector_after_head(ring));
	return flash_make_blank(board, *at);
}

bool
ring_advance(struct ring *ring, const struct board *board, uint32_t first)
{
	uint16_t sector = sector_after_head(ring);
	uint8_t bytes[FLASH_UNIT_MAX];

	memset(bytes, 0xff, sizeof(bytes));
	put_le32(bytes, ring->magic);
	put_le32(bytes + 4, ring->generation + 1);
	put_le32(bytes + 8, first);
	put_le32(bytes + HEADER_CRC_AT, crc32c(0, bytes, HEADER_CRC_AT));
	if (!flash_program(board, flash_at(board, &ring->area, sector), bytes,
		flash_whole_units(board, HEADER_LEN)))
		return false;
	ring->head = sector;
	ring->generation++;
	ring->first = first;
	ring->used++;
	return true;
}

bool
ring_drop_oldest(struct ring *ring, const struct board *board)
{
	if (ring->used < 2 || !flash_make_blank(board, ring_at(ring, board, 0)))
		return false;
	ring->used--;
	return true;
}
