/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_TESTMODE_H
#define COLLAR_TESTMODE_H

/*
 * Test mode of the DER collar: ten seconds with the whole glass lit, then
 * metering into the test registers, until it is stopped or its minutes are
 * over.  A restart ends it.
 */

#include "../../proto/hello.h"
#include "../../proto/relay.h"
#include "unit.h"

enum { TESTMODE_SEGMENTS_MS = 10000, TESTMODE_WINDOW_S = 24 * 3600 };

/* What outlives a restart. */
struct testmode_kept {
	bool active;
	uint8_t starts_len;
	uint32_t starts[TEST_STARTS_MAX]; /* on the sealed unit, oldest first */
};

struct testmode {
	struct testmode_kept kept;
	uint64_t started_ms, ends_ms; /* monotonic, while active */
};

/*
 * Power-up.  Returns true if a restart has cut test mode short: commit kept and
 * log EVENT_TEST_ENDED.
 */
bool testmode_start_up(struct testmode *test, const struct testmode_kept *kept);

/*
 * Begins test mode.  ST_OK: commit kept, log EVENT_TEST_STARTED.  Otherwise
 * *detail says why and nothing has changed.  tagged: the relay is tagged out.
 * Exercising the relay (start->relay) is the caller's next step.
 */
enum status testmode_begin(struct testmode *test, const struct unit_now *unit,
    const struct test_start *start, bool tagged, struct error_detail *detail);

/* Ends it on request; false if it was not running. */
bool testmode_stop(struct testmode *test);

/* True once when its minutes are over: commit, log EVENT_TEST_ENDED. */
bool testmode_step(struct testmode *test, uint64_t now_ms);

/* Is the whole glass lit?  Does energy go to the test registers? */
bool testmode_lights_all(const struct testmode *test, uint64_t now_ms);
bool testmode_meters(const struct testmode *test, uint64_t now_ms);

uint32_t testmode_remaining_s(const struct testmode *test, uint64_t now_ms);

/* Milliseconds, at least 1, until it changes by itself; else UINT32_MAX. */
uint32_t testmode_next_due_ms(const struct testmode *test, uint64_t now_ms);

void testmode_answer(const struct testmode *test, const struct unit_now *unit,
    struct test_state *state);

#endif
