/* SPDX-License-Identifier: BSD-2-Clause */

#include "testmode.h"

#include <string.h>

#include "../../proto/errors.h"
#include "../../proto/status.h"
#include "interlock.h"

bool
testmode_start_up(struct testmode *test, const struct testmode_kept *kept)
{
	bool cut = kept->active;

	memset(test, 0, sizeof(*test));
	test->kept = *kept;
	test->kept.active = false;
	if (test->kept.starts_len > TEST_STARTS_MAX)
		test->kept.starts_len = TEST_STARTS_MAX;
	return cut;
}

/* A start that seems to lie ahead (the clock was set back) counts as of now. */
static uint32_t
counts_for_s(uint32_t start, uint32_t now)
{
	uint32_t ago = start < now ? now - start : 0;

	return ago < TESTMODE_WINDOW_S ? TESTMODE_WINDOW_S - ago : 0;
}

/* Seconds until one more start is allowed; 0: it is now. */
static uint32_t
wait_s(const struct testmode_kept *kept, uint32_t now)
{
	uint32_t soonest = UINT32_MAX;
	uint8_t i;

	if (kept->starts_len < TEST_STARTS_MAX)
		return 0;
	for (i = 0; i < kept->starts_len; i++) {
		uint32_t left = counts_for_s(kept->starts[i], now);

		if (left < soonest)
			soonest = left;
	}
	return soonest;
}

static void
remember_start(struct testmode_kept *kept, uint32_t now)
{
	uint8_t i, len = 0;

	for (i = 0; i < kept->starts_len; i++) {
		if (counts_for_s(kept->starts[i], now) > 0)
			kept->starts[len++] = kept->starts[i];
	}
	if (len < TEST_STARTS_MAX)
		kept->starts[len++] = now;
	kept->starts_len = len;
}

static enum status
refuse_minutes(struct error_detail *detail)
{
	detail->field = TEST_START_MINUTES;
	detail->min = 1;
	detail->max = TEST_MINUTES_MAX;
	HAVE(detail, ERROR_FIELD);
	HAVE(detail, ERROR_MIN);
	HAVE(detail, ERROR_MAX);
	return ST_BAD_VALUE;
}

static enum status
check_begin(const struct testmode *test, const struct unit_now *unit,
    bool tagged, struct error_detail *detail)
{
	uint32_t wait = wait_s(&test->kept, (uint32_t)(unit->utc_ms / 1000));

	if (test->kept.active)
		return interlock_refuse(detail, ST_INTERLOCK, COND_TEST_MODE);
	if (tagged)
		return interlock_refuse(detail, ST_TAGGED_OUT, COND_TAGGED_OUT);
	if (unit->sealed && wait > 0) {
		detail->retry_after_s = wait;
		HAVE(detail, ERROR_RETRY_AFTER);
		return ST_TOO_SOON;
	}
	return ST_OK;
}

enum status
testmode_begin(struct testmode *test, const struct unit_now *unit,
    const struct test_start *start, bool tagged, struct error_detail *detail)
{
	uint32_t minutes =
	    HAS(start, TEST_START_MINUTES) ? start->minutes : TEST_MINUTES_MAX;
	enum status status;

	memset(detail, 0, sizeof(*detail));
	if (minutes < 1 || minutes > TEST_MINUTES_MAX)
		return refuse_minutes(detail);
	status = check_begin(test, unit, start->relay && tagged, detail);
	if (status != ST_OK)
		return status;
	if (unit->sealed)
		remember_start(&test->kept, (uint32_t)(unit->utc_ms / 1000));
	test->kept.active = true;
	test->started_ms = unit->now_ms;
	test->ends_ms = unit->now_ms + minutes * (uint64_t)60000;
	return ST_OK;
}

bool
testmode_stop(struct testmode *test)
{
	bool ran = test->kept.active;

	test->kept.active = false;
	return ran;
}

bool
testmode_step(struct testmode *test, uint64_t now_ms)
{
	if (!test->kept.active || now_ms < test->ends_ms)
		return false;
	return testmode_stop(test);
}

bool
testmode_lights_all(const struct testmode *test, uint64_t now_ms)
{
	return test->kept.active &&
	    now_ms - test->started_ms < TESTMODE_SEGMENTS_MS;
}

bool
testmode_meters(const struct testmode *test, uint64_t now_ms)
{
	return test->kept.active && !testmode_lights_all(test, now_ms);
}

static uint64_t
remaining_ms(const struct testmode *test, uint64_t now_ms)
{
	if (!test->kept.active || now_ms >= test->ends_ms)
		return 0;
	return test->ends_ms - now_ms;
}

uint32_t
testmode_remaining_s(const struct testmode *test, uint64_t now_ms)
{
	return (uint32_t)((remaining_ms(test, now_ms) + 999) / 1000);
}

uint32_t
testmode_next_due_ms(const struct testmode *test, uint64_t now_ms)
{
	uint64_t due_ms = test->ends_ms;

	if (!test->kept.active)
		return UINT32_MAX;
	if (testmode_lights_all(test, now_ms))
		due_ms = test->started_ms + TESTMODE_SEGMENTS_MS;
	return due_in_ms(due_ms, now_ms);
}

void
testmode_answer(const struct testmode *test, const struct unit_now *unit,
    struct test_state *state)
{
	uint64_t ends_ms = unit->utc_ms + remaining_ms(test, unit->now_ms);

	memset(state, 0, sizeof(*state));
	state->active = test->kept.active;
	HAVE(state, TEST_STATE_ACTIVE);
	if (!test->kept.active)
		return;
	state->remaining_s = testmode_remaining_s(test, unit->now_ms);
	HAVE(state, TEST_STATE_REMAINING);
	if (unit->clock_trusted) {
		state->ends_at = (uint32_t)(ends_ms / 1000);
		HAVE(state, TEST_STATE_ENDS_AT);
	}
}
