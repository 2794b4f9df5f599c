/* SPDX-License-Identifier: BSD-2-Clause */

/* The unit, the line between it and the program, and what strikes, in one
 * virtual time. */

#include "stage_state.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "must.h"

enum { DARK_MS = 3000 /* without power */, CHUNK = 4096 };

static void
unit_darken(struct stage *stage)
{
	stage->dark_until_us = stage->now_us + (uint64_t)DARK_MS * 1000;
	stage->run->struck = true;
}

/* Lets the unit live up to now; without power only the world goes on. */
static void
unit_follow(struct stage *stage, uint64_t to_us)
{
	uint64_t ms = to_us / 1000 - stage->now_us / 1000;

	stage->now_us = to_us;
	stage->unit.utc_ms += ms;
	if (stage->dark_until_us == 0) {
		ram_board_pass(stage->unit.board, ms);
		if (stage->unit.board->dead)
			unit_darken(stage);
		return;
	}
	stage->unit.board->utc_ms += ms;
	if (to_us < stage->dark_until_us)
		return;
	stage->dark_until_us = 0;
	ram_board_start(stage->unit.board);
}

static void
unit_restart(struct stage *stage)
{
	ram_board_start(stage->unit.board);
	stage->run->struck = true;
}

/* The line */

static void
host_hang_up(struct stage *stage)
{
	if (stage->host >= 0)
		close(stage->host);
	stage->host = -1;
	stage->gone = true;
	line_cut(&stage->line);
}

/* What strikes when a byte arrives. */
static void
strike(struct stage *stage)
{
	stage->run->struck = true;
	switch (stage->line.fault.kind) {
	case FAULT_CUT:
		line_cut(&stage->line);
		break;
	case FAULT_HANG_UP:
		host_hang_up(stage);
		break;
	case FAULT_RESTART:
		unit_restart(stage);
		break;
	case FAULT_POWER:
		unit_darken(stage);
		break;
	case FAULT_KILL:
		kill(stage->pid, SIGKILL);
		line_cut(&stage->line);
		break;
	case FAULT_INTERRUPT:
		kill(stage->pid, SIGINT);
		break;
	default:
		must(false, "a fault that does not strike");
	}
}

/* The rate that the program has set its end of the line to. */
static uint32_t
host_baud(const struct stage *stage)
{
	static const struct {
		speed_t speed;
		uint32_t baud;
	} rates[] = { { B9600, 9600 }, { B19200, 19200 }, { B57600, 57600 },
		{ B115200, 115200 } };
	struct termios modes;

	must(tcgetattr(stage->host, &modes) == 0, "the terminal's rate");
	for (size_t i = 0; i < nitems(rates); i++)
		if (cfgetospeed(&modes) == rates[i].speed)
			return rates[i].baud;

	return 0;
}

uint8_t
byte_heard(struct stage *stage, uint8_t byte, enum way way, uint32_t unit)
{
	uint32_t host;

	if (!stage->optical || stage->host < 0)
		return byte;
	host = host_baud(stage);
	stage->line.baud = way == TO_HOST ? unit : host;

	return unit == host ? byte : byte ^ 0x5a;
}

/* Bytes that the unit has to say set out as the line takes them. */
static void
pump_out(struct stage *stage)
{
	uint8_t byte;
	uint32_t baud = stage->unit.board->baud; /* before it switches */

	while (stage->dark_until_us == 0 &&
	    line_free(&stage->line, TO_HOST, stage->now_us) &&
	    collar_transmit(stage->unit.board->collar, &byte, 1) == 1) {
		line_put(&stage->line, TO_HOST,
		    byte_heard(stage, byte, TO_HOST, baud), stage->now_us);
		stage->said_us = stage->line.lanes[TO_HOST].free_us;
		baud = stage->unit.board->baud;
	}
}

/* Bytes that arrived for the unit; one that it does not take, because an
 * answer is still being fetched, holds up the others. */
static void
pump_in(struct stage *stage)
{
	for (;;) {
		if (!stage->holding &&
		    !line_take(&stage->line, TO_COLLAR, stage->now_us,
			&stage->held, &stage->held_strikes))
			return;
		stage->holding = stage->dark_until_us == 0 &&
		    collar_receive(
			stage->unit.board->collar, &stage->held, 1) == 0;
		if (stage->holding)
			return;
		if (stage->unit.board->dead && stage->dark_until_us == 0)
			unit_darken(stage);
		if (stage->held_strikes) {
			strike(stage);
			return;
		}
	}
}

/* Bytes that arrived for the host; true if there were any. */
static bool
pump_host(struct stage *stage)
{
	uint8_t bytes[CHUNK];
	size_t len = 0;
	bool struck = false;

	while (!struck && len < sizeof(bytes) &&
	    line_take(
		&stage->line, TO_HOST, stage->now_us, &bytes[len], &struck))
		len++;
	if (len > 0 && stage->host >= 0) {
		/* a program that has ended takes nothing */
		if (write(stage->host, bytes, len) == (ssize_t)len)
			stage->delivered += len;
	}
	if (struck)
		strike(stage);

	return len > 0 || struck;
}

static uint64_t
sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
next_due_us(const struct stage *stage)
{
	const struct line *line = &stage->line;
	uint64_t due_us = line_due_us(line, TO_HOST);

	if (!stage->holding)
		due_us = sooner(due_us, line_due_us(line, TO_COLLAR));
	if (!line_free(line, TO_HOST, stage->now_us))
		due_us = sooner(due_us, line->lanes[TO_HOST].free_us);
	if (stage->dark_until_us > 0)
		return sooner(due_us, stage->dark_until_us);

	return sooner(due_us,
	    stage->now_us +
		(uint64_t)collar_next_due_ms(stage->unit.board->collar) * 1000);
}

void
advance(struct stage *stage, uint64_t until_us, bool for_input)
{
	for (;;) {
		bool news;

		pump_in(stage);
		pump_out(stage);
		if (stage->holding)
			pump_in(stage);
		news = pump_host(stage);
		if ((news && for_input) || stage->now_us >= until_us)
			return;
		if (!news)
			unit_follow(
			    stage, sooner(next_due_us(stage), until_us));
	}
}
