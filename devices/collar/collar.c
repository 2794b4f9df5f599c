/* SPDX-License-Identifier: BSD-2-Clause */

#include "collar.h"

#include <string.h>

#include "kept.h"
#include "lcd.h"
#include "state.h"
#include "text.h"

size_t
collar_size(void)
{
	return sizeof(struct collar);
}

bool
collar_sealed(const struct collar *collar)
{
	return store_len(&collar->store, STORE_KEYS) > 0;
}

enum role
collar_role(const struct collar *collar)
{
	return collar_sealed(collar) ? ROLE_NONE : ROLE_FACTORY;
}

static void
memory_result(struct collar *collar, enum memory_part part, bool good)
{
	if (good)
		collar->memory_faults &= (uint8_t)~part;
	else
		collar->memory_faults |= (uint8_t)part;
}

bool
collar_commit(
    struct collar *collar, const struct store_item *items, size_t count)
{
	bool good = store_commit(&collar->store, collar->board, items, count);

	memory_result(collar, MEMORY_STORE, good);
	return good;
}

void
collar_log(struct collar *collar, struct event *event)
{
	event->at = clock_s(&collar->clock);
	HAVE(event, EVENT_KEY_AT);
	HAVE(event, EVENT_KEY_KIND);
	if (!collar->clock.trusted) {
		event->untrusted = true;
		HAVE(event, EVENT_KEY_UNTRUSTED);
	}
	memory_result(collar, MEMORY_EVENTS,
	    eventlog_append(&collar->events, collar->board, event));
}

struct event
event_of_unit(enum event_kind kind)
{
	return (struct event){ .kind = (uint8_t)kind };
}

struct event
event_of_request(const struct collar *collar, enum event_kind kind)
{
	struct event event = event_of_unit(kind);

	event.role = collar->request.role;
	text_copy(
	    event.holder, sizeof(event.holder), collar->request.change.holder);
	HAVE(&event, EVENT_KEY_ROLE);
	HAVE(&event, EVENT_KEY_HOLDER);
	return event;
}

void
collar_log_unit(struct collar *collar, enum event_kind kind)
{
	struct event event = event_of_unit(kind);

	collar_log(collar, &event);
}

void
collar_log_request(struct collar *collar, enum event_kind kind)
{
	struct event event = event_of_request(collar, kind);

	collar_log(collar, &event);
}

void
collar_log_relay(struct collar *collar, const struct relay_effects *effects)
{
	for (unsigned i = 0; i < effects->notes_len; i++) {
		struct event event;

		relay_event(effects, i, &event);
		collar_log(collar, &event);
	}
}

void
collar_look(struct collar *collar)
{
	collar->board->ops->inputs(collar->board->self, &collar->in);
	clock_look(collar);
}

struct unit_now
collar_now(const struct collar *collar)
{
	const struct metering *metering = &collar->metering;
	const struct provision *provision = &collar->provision;

	return (struct unit_now){
		.in = &collar->in,
		.now_ms = collar->now_ms,
		.utc_ms = collar->clock.utc_ms,
		.clock_trusted = collar->clock.trusted,
		.sealed = collar_sealed(collar),
		.memory_fault = collar->memory_faults != 0,
		.stage = provision_stage(provision),
		.meter_form = collar->record.meter_form,
		.breaker_a = collar->breaker_a,
		.energy_consumed_wh = metering->consumed.wh,
		.energy_produced_wh = metering->produced.wh,
		.test_energy_consumed_mwh = metering->test_consumed.mwh,
		.test_energy_produced_mwh = metering->test_produced.mwh,
		.reported = provision->reported,
		.last_report_at = provision->last_report_at,
		.report_failures = provision->failures,
	};
}

struct metering_io
collar_metering_io(struct collar *collar)
{
	return (struct metering_io){
		.board = collar->board,
		.store = &collar->store,
		.log = &collar->data,
	};
}

struct metering_now
collar_metering_now(const struct collar *collar)
{
	return (struct metering_now){
		.now_ms = collar->now_ms,
		.utc_ms = collar->clock.utc_ms,
		.trusted = collar->clock.trusted,
		.before_install = collar->provision.stage != UNIT_OPERATIONAL,
		.test_mode = testmode_meters(&collar->test, collar->now_ms),
		.sample_minutes = collar->record.sample_minutes,
		.boot = collar->boot,
	};
}

static void
metering_step(struct collar *collar)
{
	struct metering_io io = collar_metering_io(collar);
	struct metering_now now = collar_metering_now(collar);

	memory_result(collar, MEMORY_DATA,
	    metering_tick(&collar->metering, &io, &collar->in, &now));
}

static void
test_save(struct collar *collar)
{
	uint8_t bytes[KEPT_SMALL_MAX];
	struct store_item item = test_item(&collar->test.kept, bytes);

	collar_commit(collar, &item, 1);
	collar_log_unit(collar, EVENT_TEST_ENDED);
}

static void
conditions_log(struct collar *collar)
{
	struct unit_now unit = collar_now(collar);
	uint32_t hex_status =
	    conditions_now(&unit, &collar->relay, &collar->test);
	struct event event;

	memset(&event, 0, sizeof(event));
	while (conditions_step(
	    &collar->conditions, hex_status, collar->now_ms, &event)) {
		collar_log(collar, &event);
		memset(&event, 0, sizeof(event));
	}
}

static void
glass_show(struct collar *collar)
{
	struct unit_now unit = collar_now(collar);
	struct glass glass;

	memset(&glass, 0, sizeof(glass));
	lcd_glass(&unit, &collar->relay, &collar->test,
	    conditions_now(&unit, &collar->relay, &collar->test), &glass);
	if (memcmp(&glass, &collar->glass, sizeof(glass)) == 0)
		return;
	collar->glass = glass;
	collar->board->ops->glass(collar->board->self, &glass);
}

void
collar_step(struct collar *collar)
{
	metering_step(collar);
	moves_step(collar);
	if (testmode_step(&collar->test, collar->now_ms))
		test_save(collar);
	provision_step(collar);
	conditions_log(collar);
	dispatch_step(collar);
	rate_step(collar);
	glass_show(collar);
}

void
collar_tick(struct collar *collar, uint64_t now_ms)
{
	collar->now_ms = now_ms;
	collar_look(collar);
	collar_step(collar);
}

static uint32_t
sooner(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t
waiting_due_ms(const struct collar *collar)
{
	const struct waiting *waiting = &collar->waiting;

	return waiting->on ? due_in_ms(waiting->until_ms, collar->now_ms)
			   : UINT32_MAX;
}

uint32_t
collar_next_due_ms(const struct collar *collar)
{
	struct unit_now unit = collar_now(collar);
	uint32_t hex_status =
	    conditions_now(&unit, &collar->relay, &collar->test);
	uint32_t due = metering_due_ms(&collar->metering);

	due = sooner(due, relay_next_due_ms(&collar->relay, &unit));
	due = sooner(due, testmode_next_due_ms(&collar->test, unit.now_ms));
	due = sooner(due, provision_next_due_ms(collar));
	due = sooner(due,
	    conditions_next_due_ms(
		&collar->conditions, hex_status, unit.now_ms));
	due = sooner(due, waiting_due_ms(collar));
	due = sooner(due, rate_due_ms(collar));
	return sooner(
	    due, lcd_next_due_ms(&unit, &collar->relay, &collar->test));
}
