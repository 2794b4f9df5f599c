/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_CONDITIONS_H
#define COLLAR_CONDITIONS_H

/*
 * The hex status, its events, and the whole answer to `status`.
 */

#include "../../proto/log.h"
#include "../../proto/status.h"
#include "lcd.h"
#include "relay.h"
#include "testmode.h"
#include "unit.h"

enum { CONDITIONS_QUIET_MS = 1000 };

/* What of the hex status has been logged. */
struct conditions {
	uint32_t logged;
	uint32_t quiet; /* logged since quiet_ms: wait before the next event */
	uint64_t quiet_ms;
};

/* The hex status at this instant. */
uint32_t conditions_now(const struct unit_now *unit, const struct relay *relay,
    const struct testmode *test);

/* Power-up: what lasts across a restart is not logged as arising now. */
void conditions_start(struct conditions *log, uint32_t hex_status);

/*
 * One change of a condition since the last call, as an event but for its time.
 * False: none (left).  Of each condition at most one event in
 * CONDITIONS_QUIET_MS; one with an event of its own (tag-out, test mode,
 * provisioning) is left to that.
 */
bool conditions_step(struct conditions *log, uint32_t hex_status,
    uint64_t now_ms, struct event *event);

/* Milliseconds, at least 1, until a held back event is due. */
uint32_t conditions_next_due_ms(
    const struct conditions *log, uint32_t hex_status, uint64_t now_ms);

/* Status to report: FLIPPED before anything else. */
uint8_t conditions_status(const struct unit_now *unit);

#endif
