/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage: codec LOAD TIMES
 *
 * Runs one load so many times, and fails if it did not work.  Under callgrind
 * the difference between two numbers of TIMES is the cost of the load alone.
 */

#include "load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t unit_id[] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
	0x77 };

const struct unit unit = { .serial = "ZX-4711-000123",
	.serial_len = 14,
	.place = "Plant 7 / Bay 3",
	.place_len = 15,
	.model = 17,
	.firmware = 515,
	.made_at = 1735689600,
	.id = unit_id,
	.id_len = 8,
	.offset = -37,
	.timeout_s = 3600,
	.ports = 10,
	.live = true,
	.none = true,
	.total = 230145,
	.balance = -123456,
	.energy = 18446744073,
	.note = "ok",
	.note_len = 2 };

const uint8_t unit_bytes[] = { 0xaf, 0x01, 0x6e, 0x5a, 0x58, 0x2d, 0x34, 0x37,
	0x31, 0x31, 0x2d, 0x30, 0x30, 0x30, 0x31, 0x32, 0x33, 0x02, 0x6f, 0x50,
	0x6c, 0x61, 0x6e, 0x74, 0x20, 0x37, 0x20, 0x2f, 0x20, 0x42, 0x61, 0x79,
	0x20, 0x33, 0x03, 0x11, 0x04, 0x19, 0x02, 0x03, 0x05, 0x1a, 0x67, 0x74,
	0x85, 0x80, 0x06, 0x48, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
	0x07, 0x38, 0x24, 0x08, 0x19, 0x0e, 0x10, 0x09, 0x0a, 0x0a, 0xf5, 0x0b,
	0xf6, 0x0c, 0x1a, 0x00, 0x03, 0x83, 0x01, 0x0d, 0x3a, 0x00, 0x01, 0xe2,
	0x3f, 0x0e, 0x1b, 0x00, 0x00, 0x00, 0x04, 0x4b, 0x82, 0xfa, 0x09, 0x0f,
	0x62, 0x6f, 0x6b };

/* What stands behind the fifteen entries in strangers_bytes. */
static const uint8_t strangers[] = { 0x18, 0x28, 0xf5, 0x18, 0x29, 0x50, 0x00,
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c,
	0x0d, 0x0e, 0x0f, 0x18, 0x63, 0x83, 0x01, 0x82, 0x02, 0x81, 0x03, 0xa1,
	0x04, 0x05, 0x19, 0x03, 0xe8, 0xa2, 0x01, 0x83, 0x01, 0x02, 0x03, 0x02,
	0x44, 0x00, 0x11, 0x22, 0x33, 0x19, 0x03, 0xe9, 0x11, 0x24, 0x6b, 0x6c,
	0x61, 0x74, 0x65, 0x72, 0x20, 0x66, 0x69, 0x65, 0x6c, 0x64 };

uint8_t strangers_bytes[STRANGERS_LEN];

const size_t unit_len = sizeof(unit_bytes);
const size_t strangers_len = STRANGERS_LEN;

int32_t grid[ROWS][COLUMNS];
uint8_t grid_bytes[ENCODED_MAX];
size_t grid_len;

static void
strangers_make(void)
{
	enum { MAP_OF_21 = 0xb5 };

	strangers_bytes[0] = MAP_OF_21;
	memcpy(strangers_bytes + 1, unit_bytes + 1, sizeof(unit_bytes) - 1);
	memcpy(
	    strangers_bytes + sizeof(unit_bytes), strangers, sizeof(strangers));
}

static uint32_t
xorshift32(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;

	return *state;
}

/* A head of the shortest form for an argument of at most 32 bits. */
static void
put_head(uint8_t major, uint32_t argument)
{
	int more = argument < 24     ? 0
	    : argument <= UINT8_MAX  ? 1
	    : argument <= UINT16_MAX ? 2
				     : 4;
	uint8_t low = more == 0 ? (uint8_t)argument
	    : more == 1         ? 24
	    : more == 2         ? 25
				: 26;

	grid_bytes[grid_len++] = (uint8_t)(major << 5 | low);
	while (more-- > 0)
		grid_bytes[grid_len++] = (uint8_t)(argument >> 8 * more);
}

static uint32_t
draw(uint32_t *state)
{
	static const struct {
		uint32_t from, to;
	} sizes[8] = { { 0, 23 }, { 0, 23 }, { 24, 255 }, { 24, 255 },
		{ 256, 65535 }, { 256, 65535 }, { 256, 65535 },
		{ 65536, INT32_MAX } };
	uint32_t which = xorshift32(state) % 8;

	return sizes[which].from +
	    xorshift32(state) % (sizes[which].to - sizes[which].from + 1);
}

static void
grid_make(void)
{
	uint32_t state = 2463534242;

	put_head(4, ROWS);
	for (int row = 0; row < ROWS; row++) {
		put_head(4, COLUMNS);
		for (int column = 0; column < COLUMNS; column++) {
			uint32_t size = draw(&state);
			bool negative = xorshift32(&state) & 1;

			put_head(negative, size);
			grid[row][column] =
			    negative ? -1 - (int32_t)size : (int32_t)size;
		}
	}
}

int
main(int argc, char *argv[])
{
	uint64_t checksum = 0, done;

	if (argc != 3) {
		fprintf(stderr, "usage: %s LOAD TIMES\n", argv[0]);
		return 64;
	}
	strangers_make();
	grid_make();
	for (const struct load *load = loads; load->name; load++) {
		if (strcmp(load->name, argv[1]) != 0)
			continue;
		for (long n = strtol(argv[2], NULL, 10); n > 0; n--) {
			if ((done = load->run()) == 0)
				return EXIT_FAILURE;
			checksum += done;
		}
		printf("%" PRIu64 "\n", checksum);
		return 0;
	}
	fprintf(stderr, "%s: no load %s\n", argv[0], argv[1]);

	return 64;
}
