/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage: codec LOAD TIMES    runs one load so many times, and fails if what it
 *                            made is wrong; under callgrind the difference
 *                            between two numbers of TIMES is the load alone
 *        codec accepts       reads items from standard input, a line of hex
 *                            each, and prints for each whether it is accepted
 */

#include "load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct unit unit = { .serial = "ZX-4711-000123",
	.serial_len = 14,
	.place = "Plant 7 / Bay 3",
	.place_len = 15,
	.model = 17,
	.firmware = 515,
	.made_at = 1735689600,
	.id = (const uint8_t *)"\x00\x11\x22\x33\x44\x55\x66\x77",
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

struct entry {
	const char *bytes;
	size_t len;
};

#define ENTRY(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static const struct entry known[] = {
	ENTRY("\x01\x6eZX-4711-000123"),
	ENTRY("\x02\x6fPlant 7 / Bay 3"),
	ENTRY("\x03\x11"),
	ENTRY("\x04\x19\x02\x03"),
	ENTRY("\x05\x1a\x67\x74\x85\x80"),
	ENTRY("\x06\x48\x00\x11\x22\x33\x44\x55\x66\x77"),
	ENTRY("\x07\x38\x24"),
	ENTRY("\x08\x19\x0e\x10"),
	ENTRY("\x09\x0a"),
	ENTRY("\x0a\xf5"),
	ENTRY("\x0b\xf6"),
	ENTRY("\x0c\x1a\x00\x03\x83\x01"),
	ENTRY("\x0d\x3a\x00\x01\xe2\x3f"),
	ENTRY("\x0e\x1b\x00\x00\x00\x04\x4b\x82\xfa\x09"),
	ENTRY("\x0f\x62ok"),
};

/* 40: true, 41: 16 bytes, 99: [1, [2, [3]], {4: 5}],
 * 1000: {1: [1, 2, 3], 2: h'00112233'}, -5: "later field", 1001: 17 */
static const struct entry strangers[] = {
	ENTRY("\x18\x28\xf5"),
	ENTRY("\x18\x29\x50\x00\x01\x02\x03\x04\x05\x06\x07"
	      "\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"),
	ENTRY("\x18\x63\x83\x01\x82\x02\x81\x03\xa1\x04\x05"),
	ENTRY("\x19\x03\xe8\xa2\x01\x83\x01\x02\x03\x02\x44\x00\x11\x22\x33"),
	ENTRY("\x24\x6blater field"),
	ENTRY("\x19\x03\xe9\x11"),
};

enum { KNOWN = 15, LATER = 4, FOUND = 5 }; /* the last two: strangers */
enum { MAP_OF_15 = 0xaf, MAP_OF_20 = 0xb4, MAP_OF_21 = 0xb5 };

struct input unit_in, ext_in, rev_in, grid_in;
int32_t grid[ROWS][COLUMNS];
uint8_t encoded[ENCODED_MAX];
struct unit decoded;

static void
add_byte(struct input *to, unsigned byte)
{
	to->bytes[to->len++] = (uint8_t)byte;
}

static void
add(struct input *to, const struct entry *entry)
{
	memcpy(to->bytes + to->len, entry->bytes, entry->len);
	to->len += entry->len;
}

static void
maps_make(void)
{
	add_byte(&unit_in, MAP_OF_15);
	add_byte(&ext_in, MAP_OF_21);
	for (int i = 0; i < KNOWN; i++) {
		add(&unit_in, &known[i]);
		add(&ext_in, &known[i]);
	}
	for (int i = 0; i < LATER; i++)
		add(&ext_in, &strangers[i]);
	add(&ext_in, &strangers[FOUND]);
	add(&ext_in, &strangers[LATER]);

	add_byte(&rev_in, MAP_OF_20);
	for (int i = KNOWN - 1, stranger = 0; i >= 0; i--) {
		add(&rev_in, &known[i]);
		if (i % 2 == 1 && stranger <= LATER)
			add(&rev_in, &strangers[stranger++]);
	}
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
add_head(struct input *to, unsigned major, uint32_t argument)
{
	int more = argument < 24     ? 0
	    : argument <= UINT8_MAX  ? 1
	    : argument <= UINT16_MAX ? 2
				     : 4;
	unsigned low = more == 0 ? argument
	    : more == 1          ? 24
	    : more == 2          ? 25
				 : 26;

	add_byte(to, major << 5 | low);
	while (more-- > 0)
		add_byte(to, argument >> 8 * more);
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

	add_head(&grid_in, 4, ROWS);
	for (int row = 0; row < ROWS; row++) {
		add_head(&grid_in, 4, COLUMNS);
		for (int column = 0; column < COLUMNS; column++) {
			uint32_t size = draw(&state);
			bool negative = xorshift32(&state) & 1;

			add_head(&grid_in, negative, size);
			grid[row][column] =
			    negative ? -1 - (int32_t)size : (int32_t)size;
		}
	}
}

static bool
unit_equal(const struct unit *a, const struct unit *b)
{
	return a->serial_len == b->serial_len &&
	    memcmp(a->serial, b->serial, a->serial_len) == 0 &&
	    a->place_len == b->place_len &&
	    memcmp(a->place, b->place, a->place_len) == 0 &&
	    a->note_len == b->note_len &&
	    memcmp(a->note, b->note, a->note_len) == 0 &&
	    a->id_len == b->id_len && memcmp(a->id, b->id, a->id_len) == 0 &&
	    a->model == b->model && a->ports == b->ports &&
	    a->firmware == b->firmware && a->made_at == b->made_at &&
	    a->timeout_s == b->timeout_s && a->total == b->total &&
	    a->offset == b->offset && a->balance == b->balance &&
	    a->energy == b->energy && a->live == b->live && a->none == b->none;
}

static bool
wrote(const struct input *input, uint64_t len)
{
	return len == input->len && memcmp(encoded, input->bytes, len) == 0;
}

static uint64_t
grid_sum(void)
{
	uint64_t sum = 0;

	for (int row = 0; row < ROWS; row++)
		for (int column = 0; column < COLUMNS; column++)
			sum += (uint64_t)(int64_t)grid[row][column];

	return sum;
}

/* Whether what the load made and returned is what it should be. */
static bool
is_right(const char *name, uint64_t result)
{
	enum { FOUND_VALUE = 17 };

	if (strcmp(name, "unit-encode") == 0)
		return wrote(&unit_in, result);
	if (strcmp(name, "grid-encode") == 0)
		return wrote(&grid_in, result);
	if (strcmp(name, "grid-decode") == 0)
		return result == grid_sum();
	if (strstr(name, "-find") != NULL)
		return result == FOUND_VALUE;

	return result == 1 && unit_equal(&decoded, &unit);
}

static int
run(const char *name, long times)
{
	for (const struct load *load = loads; load->name != NULL; load++) {
		uint64_t result = 0;

		if (strcmp(load->name, name) != 0)
			continue;
		while (times-- > 0)
			result = load->run();
		if (is_right(name, result))
			return EXIT_SUCCESS;
		fprintf(stderr, "%s: wrong result\n", name);
		return EXIT_FAILURE;
	}
	fprintf(stderr, "no load %s\n", name);

	return EXIT_FAILURE;
}

static int
accept_lines(void)
{
	char line[2 * ENCODED_MAX + 2];
	uint8_t bytes[ENCODED_MAX];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		size_t len = 0;

		while (sscanf(line + 2 * len, "%2" SCNx8, &bytes[len]) == 1)
			len++;
		puts(codec_accepts(bytes, len) ? "yes" : "no");
	}

	return EXIT_SUCCESS;
}

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "accepts") == 0)
		return accept_lines();
	if (argc != 3) {
		fprintf(stderr, "usage: %s LOAD TIMES | accepts\n", argv[0]);
		return EXIT_FAILURE;
	}
	maps_make();
	grid_make();

	return run(argv[1], strtol(argv[2], NULL, 10));
}
