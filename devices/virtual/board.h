/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VIRTUAL_BOARD_H
#define VIRTUAL_BOARD_H

/*
 * The board of a virtual collar and what it is wired to: latching relay, modem,
 * battery-backed clock.
 */

#include "../board.h"
#include "settings.h"

/*
 * What stands on its own when the processor loses power; kept in a file that is
 * mapped into memory, so that it is true at any instant.  Times are of the
 * world, UTC ms, 0 for "not".
 */
struct fixture {
	uint64_t utc_ms;         /* true time of the world, now */
	uint64_t anchor_utc_ms;  /* the world stood there ... */
	uint64_t anchor_real_ms; /* ... when the computer's clock stood here */
	uint64_t power_up_ms;    /* when the processor was started */
	int64_t clock_ahead_ms;  /* battery-backed clock against the world */
	uint64_t random_count;   /* never taken back: no number comes twice */
	uint64_t contact_due_ms; /* the relay was pulsed and will follow then */
	uint64_t inverter_ms;    /* when the inverter begins to produce */
	uint64_t attach_ms;      /* when the modem will be registered */
	uint64_t job_end_ms;     /* when the uplink job will end */
	uint8_t job;             /* enum uplink_job */
	uint8_t contact_shut, contact_target;
	uint8_t bench; /* a source feeds the meter, whatever the relay does */
};

struct virtual_board {
	struct settings settings;
	struct fixture *fixture;
	uint8_t *flash; /* FLASH_LEN bytes */
	uint16_t service_v;
	uint32_t baud; /* of its line; 0: it has none */
};

/* Makes *board the one that the handler sees; self must outlive it. */
void board_init(struct board *board, struct virtual_board *self);

/* The processor has just been given power. */
void board_power_up(struct virtual_board *board);

/* Lets wires and inverters follow the world's time; call it after every step
 * of fixture->utc_ms. */
void board_settle(struct virtual_board *board);

/* ms until something on the board moves by itself; at most max_ms. */
uint32_t board_next_due_ms(const struct virtual_board *board, uint32_t max_ms);

#endif
