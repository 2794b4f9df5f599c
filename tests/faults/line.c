/* SPDX-License-Identifier: BSD-2-Clause */

#include "line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BITS_A_BYTE = 10,
	NOISE_SEEDS = 10,
	CHUNK_US = 16000, /* a paced adapter hands over what came, so often */
	US = 1000000,
};

/* Within the repeat's time, beyond it, beyond all repeats. */
static const uint32_t late_ms[] = { 400, 900, 20000 };

/* What is put in: a frame's end, a byte like others. */
static const uint8_t inserted[] = { 0x00, 0x01, 0xa5 };

static const uint8_t flipped[] = { 0x01, 0x80, 0xff };

#define COUNT(array) (uint8_t)(sizeof(array) / sizeof((array)[0]))

const struct fault_row fault_rows[FAULT_KINDS] = {
	[FAULT_NONE] = { "none", PER_RUN, 1, 0 },
	[FAULT_FLIP] = { "flip", PER_BYTE, COUNT(flipped), 0 },
	[FAULT_DROP] = { "drop", PER_BYTE, 1, KINDRED },
	[FAULT_DOUBLE] = { "double", PER_BYTE, 1, KINDRED },
	[FAULT_INSERT] = { "insert", PER_BYTE, COUNT(inserted), KINDRED },
	[FAULT_CUT] = { "cut", PER_BYTE, 1, SEVERS },
	[FAULT_HANG_UP] = { "hang-up", PER_BYTE, 1, SEVERS | KINDRED },
	[FAULT_RESTART] = { "restart", PER_BYTE, 1, RESTARTS | KINDRED },
	[FAULT_POWER] = { "power", PER_BYTE, 1, RESTARTS },
	[FAULT_KILL] = { "kill", PER_BYTE, 1, SEVERS },
	[FAULT_INTERRUPT] = { "interrupt", PER_BYTE, 1, KINDRED },
	[FAULT_LATE] = { "late", PER_FRAME, COUNT(late_ms), 0 },
	[FAULT_TWICE] = { "twice", PER_FRAME, 1, 0 },
	[FAULT_LOST] = { "lost", PER_FRAME, 1, 0 },
	[FAULT_FLASH] = { "flash", PER_FLASH, 1, RESTARTS },
	[FAULT_NOISE] = { "noise", PER_SEED, NOISE_SEEDS, LASTS },
	[FAULT_STALL] = { "stall", PER_PACKET, 1, 0 },
	[FAULT_GARBLE] = { "garble", PER_PACKET, 1, 0 },
	[FAULT_BABBLE] = { "babble", PER_PACKET, 1, 0 },
	[FAULT_MUTE] = { "mute", PER_PACKET, 1, 0 },
	[FAULT_NO_ZLP] = { "no-zlp", PER_PACKET, 1, 0 },
	[FAULT_UNPLUG] = { "unplug", PER_PACKET, 2, SEVERS },
	[FAULT_REPLUG] = { "replug", PER_PACKET, 2, SEVERS },
};

const char *
fault_name(struct fault fault, char name[FAULT_NAME_LEN])
{
	snprintf(name, FAULT_NAME_LEN, "%s,%s,%u,%u",
	    fault_rows[fault.kind].name,
	    fault.way == TO_HOST ? "to-host" : "to-collar", fault.at,
	    fault.with);

	return name;
}

void
line_make(struct line *line, uint32_t baud, struct fault fault)
{
	line->baud = baud;
	line->fault = fault;
	line->cut = false;
	line->random = fault.with;
	for (int way = 0; way < WAYS; way++) {
		struct lane *lane = &line->lanes[way];

		lane->head = lane->tail = 0;
		lane->free_us = lane->late_us = 0;
		lane->count = lane->frames = 0;
		lane->in_frame = false;
		lane->frame_len = 0;
		lane->until_fault = -1;
	}
}

void
line_cut(struct line *line)
{
	line->cut = true;
	for (int way = 0; way < WAYS; way++)
		line->lanes[way].head = line->lanes[way].tail;
}

static uint64_t
byte_us(const struct line *line)
{
	return line->baud == 0
	    ? 0
	    : ((uint64_t)BITS_A_BYTE * US + line->baud - 1) / line->baud;
}

/* One byte onto the lane, whatever it is. */
static void
send_byte(struct line *line, enum way way, uint8_t byte, uint64_t now_us)
{
	struct lane *lane = &line->lanes[way];
	uint64_t begin_us = lane->free_us > now_us ? lane->free_us : now_us;
	uint64_t due_us = begin_us + byte_us(line);

	if (line->cut)
		return;
	if (lane->tail - lane->head == LANE_CAP)
		abort(); /* nobody talks that long */
	lane->free_us = due_us;
	due_us += lane->late_us;
	if (line->baud > 0 && way == TO_HOST)
		due_us = (due_us + CHUNK_US - 1) / CHUNK_US * CHUNK_US;
	lane->bytes[lane->tail % LANE_CAP] = byte;
	lane->due_us[lane->tail % LANE_CAP] = due_us;
	lane->tail++;
}

uint64_t
random_next(uint64_t *state)
{
	uint64_t number = *state += 0x9e3779b97f4a7c15;

	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9;
	number = (number ^ number >> 27) * 0x94d049bb133111eb;

	return number ^ number >> 31;
}

static uint8_t
noisy(struct line *line, uint8_t byte)
{
	for (unsigned bit = 0; bit < 8; bit++)
		if (random_next(&line->random) % NOISE_BITS == 0)
			byte ^= (uint8_t)(1U << bit);

	return byte;
}

static bool
strikes_byte(const struct line *line, enum way way)
{
	const struct fault *fault = &line->fault;

	return fault_rows[fault->kind].per == PER_BYTE && fault->way == way &&
	    fault->at == line->lanes[way].count;
}

static bool
strikes_frame(const struct line *line, enum way way)
{
	const struct fault *fault = &line->fault;
	const struct lane *lane = &line->lanes[way];

	return fault_rows[fault->kind].per == PER_FRAME && fault->way == way &&
	    lane->in_frame && fault->at + 1 == lane->frames;
}

/* Keeps count of frames; the zeros between them belong to none. */
static void
frame_follow(struct lane *lane, uint8_t byte)
{
	if (byte != 0 && !lane->in_frame) {
		lane->in_frame = true;
		lane->frames++;
		lane->frame_len = 0;
	}
	if (lane->in_frame && lane->frame_len < sizeof(lane->frame))
		lane->frame[lane->frame_len++] = byte;
}

static void
put_struck(struct line *line, enum way way, uint8_t byte, uint64_t now_us)
{
	struct lane *lane = &line->lanes[way];
	uint8_t with = line->fault.with;

	switch (line->fault.kind) {
	case FAULT_FLIP:
		send_byte(line, way, byte ^ flipped[with], now_us);
		break;
	case FAULT_DROP:
		break;
	case FAULT_DOUBLE:
		send_byte(line, way, byte, now_us);
		send_byte(line, way, byte, now_us);
		break;
	case FAULT_INSERT:
		send_byte(line, way, byte, now_us);
		send_byte(line, way, inserted[with], now_us);
		break;
	default: /* strikes on arrival */
		lane->until_fault = (long)(lane->tail - lane->head);
		send_byte(line, way, byte, now_us);
	}
}

static void
put_in_struck_frame(
    struct line *line, enum way way, uint8_t byte, uint64_t now_us)
{
	struct lane *lane = &line->lanes[way];

	if (line->fault.kind == FAULT_LOST)
		return;
	if (line->fault.kind == FAULT_LATE)
		lane->late_us = (uint64_t)late_ms[line->fault.with] * 1000;
	send_byte(line, way, byte, now_us);
	if (line->fault.kind == FAULT_TWICE && byte == 0)
		for (size_t i = 0; i < lane->frame_len; i++)
			send_byte(line, way, lane->frame[i], now_us);
}

void
line_put(struct line *line, enum way way, uint8_t byte, uint64_t now_us)
{
	struct lane *lane = &line->lanes[way];

	frame_follow(lane, byte);
	if (strikes_byte(line, way))
		put_struck(line, way, byte, now_us);
	else if (strikes_frame(line, way))
		put_in_struck_frame(line, way, byte, now_us);
	else if (line->fault.kind == FAULT_NOISE)
		send_byte(line, way, noisy(line, byte), now_us);
	else
		send_byte(line, way, byte, now_us);
	lane->count++;
	if (byte == 0) {
		lane->in_frame = false;
		lane->late_us = 0; /* what follows waits behind it */
	}
}

bool
line_free(const struct line *line, enum way way, uint64_t now_us)
{
	return line->lanes[way].free_us <= now_us;
}

uint64_t
line_due_us(const struct line *line, enum way way)
{
	const struct lane *lane = &line->lanes[way];

	return lane->head == lane->tail ? UINT64_MAX
					: lane->due_us[lane->head % LANE_CAP];
}

bool
line_take(struct line *line, enum way way, uint64_t now_us, uint8_t *byte,
    bool *struck)
{
	struct lane *lane = &line->lanes[way];

	if (line_due_us(line, way) > now_us)
		return false;
	*byte = lane->bytes[lane->head++ % LANE_CAP];
	*struck = lane->until_fault == 0;
	if (lane->until_fault >= 0)
		lane->until_fault--;

	return true;
}
