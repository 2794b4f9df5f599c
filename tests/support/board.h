/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_BOARD_H
#define SUPPORT_BOARD_H

/*
 * A board in RAM for tests: flash that keeps the rules of NOR flash (a breach
 * fails the test), a relay whose contact follows, a modem, clocks that only
 * run when told, and power that can be cut in the middle of a flash operation.
 * Tests set the public members at will between calls.
 */

#include "../../devices/collar/collar.h"

enum {
	RAM_SECTOR_LEN = 4096,
	RAM_STORE_SECTORS = 4,
	RAM_EVENT_SECTORS = 4,
	RAM_DATA_SECTORS = 4,
	RAM_FLASH_LEN = RAM_SECTOR_LEN *
	    (RAM_STORE_SECTORS + RAM_EVENT_SECTORS + RAM_DATA_SECTORS),
	RAM_RELAY_MS = 30, /* drive to feedback */
};

struct ram_board {
	struct board board; /* what the handler is given */
	struct collar *collar;
	struct board_inputs in; /* what the handler sees of the world */
	struct glass glass;     /* as last shown */

	uint64_t now_ms; /* since power-up */
	uint64_t utc_ms; /* of the battery-backed clock, now */
	bool wall_lost;  /* the battery was empty: no wall clock */

	bool relay_stuck; /* the contact does not follow */
	unsigned drives;  /* pulses of the relay so far */
	bool relay_wants; /* where the last pulse sent it */
	uint64_t follow_at_ms;

	bool uplink_fails;   /* how the jobs end */
	uint32_t uplink_ms;  /* how long they take */
	enum uplink_job job; /* the one last started */
	unsigned jobs;       /* started so far */
	uint64_t job_ends_ms;

	uint32_t baud;      /* of the line, as last set */
	unsigned baud_sets; /* so far */

	unsigned flash_ops; /* programs and erases so far */
	unsigned cut_at;    /* the power goes in this one; 0: never */
	bool dead;          /* the power has gone */
	bool flash_broken;  /* every program and erase fails */
	uint32_t random;

	uint8_t flash[RAM_FLASH_LEN];
	bool programmed[RAM_FLASH_LEN]; /* since the last erase */
};

/* A new board with blank flash, utility up, breaker shut, modem registered,
 * relay OPEN, its clock at 2026-11-21T15:00:00Z.  Never NULL. */
struct ram_board *ram_board_new(uint32_t write_unit);
void ram_board_free(struct ram_board **board);

/* Gives the board a line that begins at 9600 and can be at 19200, 57600 and
 * 115200 too; from its next start on. */
void ram_board_wire(struct ram_board *board);

/* Power-up: RAM holds garbage, monotonic time begins anew. */
void ram_board_start(struct ram_board *board);

/* Lets ms pass, ticking the handler as often as it asks. */
void ram_board_pass(struct ram_board *board, uint64_t ms);

/* Frames payload and hands it to the handler, byte after byte. */
void ram_board_send(
    struct ram_board *board, const uint8_t *payload, size_t len);

/*
 * Fetches the next frame that the handler has to send now.  Returns the length
 * of its payload, 0 if there is none.
 */
size_t ram_board_fetch(struct ram_board *board, uint8_t *payload, size_t cap);

#endif
