/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Power-up: what the flash holds is taken up, and the log says what a restart
 * has cut short.
 */

#include <string.h>

#include "kept.h"
#include "state.h"

static void
mount(struct collar *collar)
{
	const struct board *board = collar->board;

	if (!store_mount(&collar->store, board))
		collar->memory_faults |= MEMORY_STORE;
	if (!eventlog_mount(&collar->events, board, &collar->store))
		collar->memory_faults |= MEMORY_EVENTS;
	if (!datalog_mount(&collar->data, board, &collar->store))
		collar->memory_faults |= MEMORY_DATA;
}

/* Counts the start, before anything is said on the link; see on_hello. */
static void
boot_count(struct collar *collar)
{
	const struct board *board = collar->board;
	struct kept_unit kept;
	uint8_t bytes[KEPT_SMALL_MAX];
	struct store_item item;

	kept_load(&collar->store, board, STORE_UNIT, &kept_unit, &kept);
	kept.boot++;
	if (kept.nonce_key.len != SECRET_LEN) {
		kept.nonce_key.len = SECRET_LEN;
		board->ops->random(board->self, kept.nonce_key.at, SECRET_LEN);
	}
	item = kept_item(bytes, sizeof(bytes), STORE_UNIT, &kept_unit, &kept);
	collar_commit(collar, &item, 1);
	collar->boot = kept.boot;
	memcpy(collar->nonce_key, kept.nonce_key.at, SECRET_LEN);
}

static void
clock_load(struct collar *collar)
{
	struct kept_clock kept;

	kept_load(
	    &collar->store, collar->board, STORE_CLOCK, &kept_clock, &kept);
	collar->clock.day_at = kept.day_at;
	collar->clock.day_ms = kept.day_ms;
}

static void
metering_load(struct collar *collar)
{
	struct metering_io io = collar_metering_io(collar);
	struct metering_now now = collar_metering_now(collar);

	metering_start(&collar->metering, &io, &now);
	/* a log that was not mounted stays a fault until it is written */
	collar->metering.log_failed = collar->memory_faults & MEMORY_DATA;
}

/*
 * A relay that was never driven stands where its contact says.  If what was
 * known of it cannot be read there may have been a tag-out: a fault, so that
 * nothing SHUTs before somebody has OPENed.
 */
static void
relay_take_up(struct collar *collar)
{
	struct unit_now unit = collar_now(collar);
	struct relay_kept kept = { 0 };

	if (!relay_load(&collar->store, collar->board, &kept)) {
		kept.driven = collar->in.relay_shut ? RELAY_SHUT : RELAY_OPEN;
		kept.fault = store_len(&collar->store, STORE_RELAY) > 0;
	}
	relay_start(&collar->relay, &kept, &unit);
}

static void
test_load(struct collar *collar)
{
	struct kept_test kept;
	uint8_t bytes[KEPT_SMALL_MAX];
	struct store_item item;

	kept_load(&collar->store, collar->board, STORE_TEST, &kept_test, &kept);
	if (!testmode_start_up(&collar->test, &kept.test))
		return;
	item = test_item(&collar->test.kept, bytes);
	collar_commit(collar, &item, 1);
	collar_log_unit(collar, EVENT_TEST_ENDED);
}

/* A change that was running when the power went is running no more. */
static void
outcomes_start(struct collar *collar)
{
	struct outcomes *list = &collar->outcomes;
	size_t len = store_get(&collar->store, collar->board, STORE_OUTCOMES,
	    list->bytes, sizeof(list->bytes));
	struct store_item item;
	unsigned interrupted;

	outcomes_load(list, len <= sizeof(list->bytes) ? len : 0);
	interrupted = outcomes_interrupt(list);
	if (interrupted == 0)
		return;
	item = outcomes_item(list);
	collar_commit(collar, &item, 1);
	while (interrupted-- > 0)
		collar_log_unit(collar, EVENT_INTERRUPTED);
}

static void
conditions_load(struct collar *collar)
{
	struct unit_now unit = collar_now(collar);

	conditions_start(&collar->conditions,
	    conditions_now(&unit, &collar->relay, &collar->test));
}

void
collar_start(struct collar *collar, const struct board *board, uint64_t now_ms)
{
	memset(collar, 0, sizeof(*collar));
	collar->board = board;
	collar->now_ms = now_ms;
	collar->exchange.receive_max = PAYLOAD_FIRST_MAX;
	rate_start(collar);
	mount(collar);
	clock_load(collar);
	collar_look(collar);
	boot_count(collar);
	record_load(collar);
	provision_start(collar);
	metering_load(collar);
	collar_log_unit(collar, EVENT_RESTART);
	relay_take_up(collar);
	test_load(collar);
	outcomes_start(collar);
	conditions_load(collar);
	collar_step(collar);
}

void
collar_resume(struct collar *collar, const struct board *board)
{
	collar->board = board;
	rate_start(collar);
}
