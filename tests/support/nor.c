/* SPDX-License-Identifier: BSD-2-Clause */

#include "nor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
breach(const char *what, uint32_t at)
{
	fprintf(stderr, "flash: %s at %u\n", what, (unsigned)at);
	abort();
}

static uint32_t
next_random(struct nor *nor)
{
	nor->random = nor->random * 1664525 + 1013904223;
	return nor->random >> 8;
}

static uint32_t
nor_len(const struct nor *nor)
{
	const struct flash_geometry *flash = &nor->board.flash;
	uint32_t sectors = (uint32_t)flash->store_sectors +
	    flash->event_sectors + flash->data_sectors;

	return flash->sector_len * sectors;
}

/* Bytes that an operation of len gets done. */
static size_t
done_len(struct nor *nor, size_t len)
{
	nor->ops++;
	if (nor->ops == nor->fail_at)
		return len / 2;
	if (nor->ops != nor->cut_at)
		return len;
	nor->dead = true;
	switch (nor->cut) {
	case NOR_CUT_BEFORE:
		return 0;
	case NOR_CUT_FIRST_BYTE:
		return 1;
	case NOR_CUT_QUARTER:
		return len / 4;
	case NOR_CUT_HALF:
		return len / 2;
	case NOR_CUT_BUT_ONE_BYTE:
		return len - 1;
	default:
		return len;
	}
}

/* The bits of byte i that an operation reaches. */
static uint8_t
reached(struct nor *nor)
{
	if (nor->dead && nor->cut == NOR_CUT_SOME_BITS)
		return (uint8_t)next_random(nor);
	return 0xff;
}

static bool
nor_read(void *self, uint32_t at, void *buf, size_t len)
{
	struct nor *nor = self;

	if (at > nor_len(nor) || len > nor_len(nor) - at)
		breach("read beyond the end", at);
	if (++nor->reads == nor->fail_read_at)
		return false;
	memcpy(buf, nor->bytes + at, len);
	return true;
}

static bool
nor_program(void *self, uint32_t at, const void *buf, size_t len)
{
	struct nor *nor = self;
	uint32_t unit = nor->board.flash.write_unit;
	const uint8_t *bytes = buf;
	size_t done;

	if (at > nor_len(nor) || len > nor_len(nor) - at)
		breach("program beyond the end", at);
	if (at % unit != 0 || len % unit != 0)
		breach("program off its unit", at);
	if (nor->dead)
		return false;
	done = done_len(nor, len);
	for (size_t i = 0; i < (done + unit - 1) / unit * unit; i++) {
		if (nor->programmed[at + i])
			breach("programmed twice", at + (uint32_t)i);
		nor->programmed[at + i] = true;
	}
	for (size_t i = 0; i < done; i++)
		nor->bytes[at + i] &= (uint8_t)(bytes[i] | ~reached(nor));
	return !nor->dead && nor->ops != nor->fail_at;
}

static bool
nor_erase(void *self, uint32_t sector)
{
	struct nor *nor = self;
	uint32_t len = nor->board.flash.sector_len, at = sector * len;
	size_t done;

	if (at >= nor_len(nor))
		breach("erase beyond the end", at);
	if (nor->dead)
		return false;
	done = done_len(nor, len);
	done -= done % nor->board.flash.write_unit;
	nor->erases++;
	for (size_t i = 0; i < done; i++) {
		nor->bytes[at + i] |= reached(nor);
		nor->programmed[at + i] = nor->bytes[at + i] != 0xff;
	}
	return !nor->dead && nor->ops != nor->fail_at;
}

static void
nor_random(void *self, uint8_t *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)next_random(self);
}

static const struct board_ops nor_ops = {
	.flash_read = nor_read,
	.flash_program = nor_program,
	.flash_erase = nor_erase,
	.random = nor_random,
};

void
nor_make(struct nor *nor, const struct flash_geometry *geometry)
{
	memset(nor, 0, sizeof(*nor));
	memset(nor->bytes, 0xff, sizeof(nor->bytes));
	nor->random = 1;
	nor->board.ops = &nor_ops;
	nor->board.self = nor;
	nor->board.flash = *geometry;
	if (nor_len(nor) > NOR_LEN_MAX)
		breach("larger than the test allows", nor_len(nor));
}

void
nor_power(struct nor *nor, unsigned cut_at, enum nor_cut cut)
{
	nor->ops = 0;
	nor->cut_at = cut_at;
	nor->cut = cut;
	nor->fail_at = 0;
	nor->reads = 0;
	nor->fail_read_at = 0;
	nor->dead = false;
}
