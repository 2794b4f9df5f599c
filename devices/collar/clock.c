/* SPDX-License-Identifier: BSD-2-Clause */

#include "clock.h"

#include <string.h>

#include "kept.h"
#include "state.h"
#include "text.h"

void
clock_look(struct collar *collar)
{
	struct clock *clock = &collar->clock;
	const struct board *board = collar->board;

	clock->trusted = board->ops->wall_get(board->self, &clock->utc_ms);
	if (!clock->trusted)
		clock->utc_ms = collar->now_ms;
}

uint32_t
clock_s(const struct clock *clock)
{
	uint64_t utc_s = clock->utc_ms / 1000;

	return utc_s < UINT32_MAX ? (uint32_t)utc_s : UINT32_MAX;
}

static void
clock_answer(const struct clock *clock, struct clock_state *state)
{
	*state = (struct clock_state){
		.utc_ms = clock->utc_ms,
		.trusted = clock->trusted,
	};
	HAVE(state, CLOCK_UTC);
	HAVE(state, CLOCK_TRUSTED);
}

int
on_clock(struct collar *collar)
{
	clock_answer(&collar->clock, &collar->result.clock);
	return ST_OK;
}

/* By how much a request sets the clock, in ms, held to 32 bits. */
static uint32_t
clock_by_ms(const struct clock *clock, uint64_t utc_ms)
{
	uint64_t by = utc_ms > clock->utc_ms ? utc_ms - clock->utc_ms
					     : clock->utc_ms - utc_ms;

	return by < UINT32_MAX ? (uint32_t)by : UINT32_MAX;
}

/*
 * Whoever could set the clock at will could outlast the term of his
 * credentials: below the admin there are five minutes a day, while the clock is
 * trusted.
 */
static bool
clock_may_set(struct collar *collar, struct clock *clock, uint64_t utc_ms)
{
	uint32_t by = clock_by_ms(clock, utc_ms);
	uint32_t now = clock_s(clock);

	if (collar->request.role >= ROLE_ADMIN || !clock->trusted)
		return true;
	if (now - clock->day_at >= CLOCK_DAY_S) {
		clock->day_at = now;
		clock->day_ms = 0;
	}
	if (by > CLOCK_DAY_SET_MS - clock->day_ms) {
		collar->detail.retry_after_s =
		    CLOCK_DAY_S - (now - clock->day_at);
		HAVE(&collar->detail, ERROR_RETRY_AFTER);
		return false;
	}
	clock->day_ms += by;
	return true;
}

static void
clock_log(struct collar *collar, const struct clock_state *before)
{
	struct event event = event_of_request(collar, EVENT_CLOCK_SET);
	const struct field *utc = message_field(&msg_clock_state, CLOCK_UTC);

	text_copy(event.field, sizeof(event.field), utc->name);
	HAVE(&event, EVENT_KEY_FIELD);
	if (before->trusted) {
		field_text(utc, before, event.old, sizeof(event.old));
		HAVE(&event, EVENT_KEY_OLD);
	}
	field_text(utc, &collar->result.clock, event.new, sizeof(event.new));
	HAVE(&event, EVENT_KEY_NEW);
	collar_log(collar, &event);
}

/*
 * An intent first: between the setting and its outcome a power cut must not
 * make the host believe that nothing was done.
 */
int
on_clock_set(struct collar *collar)
{
	const struct board *board = collar->board;
	uint64_t utc_ms = collar->args.clock_set.utc_ms;
	struct clock clock = collar->clock;
	struct clock_state before;
	struct kept_clock kept;
	uint8_t bytes[KEPT_SMALL_MAX];
	struct store_item item;

	if (!clock_may_set(collar, &clock, utc_ms))
		return ST_TOO_SOON;
	if (clock.trusted) /* the day goes with the clock */
		clock.day_at += (uint32_t)(utc_ms / 1000) - clock_s(&clock);
	kept.day_at = clock.day_at;
	kept.day_ms = clock.day_ms;
	item = kept_item(bytes, sizeof(bytes), STORE_CLOCK, &kept_clock, &kept);
	if (change_begin(collar, &item, 1) != ST_OK)
		return ST_MEMORY_FAULT;

	clock_answer(&collar->clock, &before);
	collar->clock = clock;
	board->ops->wall_set(board->self, utc_ms);
	clock_look(collar);
	clock_answer(&collar->clock, &collar->result.clock);
	clock_log(collar, &before);
	change_end(collar);
	return ST_OK;
}
