/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the modem does: it registers a unit that is being provisioned, then
 * reports for it and asks for updates, for as long as it is operational.
 */

#include <string.h>

#include "../../proto/record.h"
#include "kept.h"
#include "provision.h"
#include "state.h"
#include "text.h"

uint8_t
provision_stage(const struct provision *provision)
{
	if (provision->stage != UNIT_OPERATIONAL)
		return provision->stage;
	if (provision->failures >= REPORT_TRIES)
		return UNIT_REPORTING_ERROR;
	if (provision->update_failed)
		return UNIT_UPDATE_ERROR;
	return UNIT_OPERATIONAL;
}

struct store_item
stage_item(const struct provision *provision, uint8_t *bytes)
{
	struct kept_provision kept = { .stage = provision->stage };

	return kept_item(
	    bytes, KEPT_SMALL_MAX, STORE_PROVISION, &kept_provision, &kept);
}

struct store_item
uplink_item(const struct provision *provision, uint8_t *bytes)
{
	struct kept_uplink kept = {
		.last_report_at = provision->last_report_at,
		.failures = provision->failures,
		.update_failed = provision->update_failed,
		.reported = provision->reported,
	};

	return kept_item(
	    bytes, KEPT_SMALL_MAX, STORE_UPLINK, &kept_uplink, &kept);
}

static void
uplink_save(struct collar *collar)
{
	uint8_t bytes[KEPT_SMALL_MAX];
	struct store_item item = uplink_item(&collar->provision, bytes);

	collar_commit(collar, &item, 1);
}

static void
stage_load(struct collar *collar)
{
	struct kept_provision stage;
	struct kept_uplink uplink;
	struct provision *provision = &collar->provision;

	kept_load(&collar->store, collar->board, STORE_PROVISION,
	    &kept_provision, &stage);
	kept_load(
	    &collar->store, collar->board, STORE_UPLINK, &kept_uplink, &uplink);
	*provision = (struct provision){
		.stage = stage.stage,
		.update_failed = uplink.update_failed,
		.reported = uplink.reported,
		.failures = uplink.failures,
		.last_report_at = uplink.last_report_at,
	};
}

static uint32_t
report_ms(const struct collar *collar)
{
	return (uint32_t)collar->record.report_minutes * 60000U;
}

void
provision_start(struct collar *collar)
{
	struct provision *provision = &collar->provision;

	stage_load(collar);
	provision->failed_ms = collar->now_ms + PROVISION_TIME_MS;
	provision->next_ms = collar->now_ms;
	if (provision->stage == UNIT_OPERATIONAL)
		provision->next_ms += report_ms(collar);
}

void
uplink_start(struct collar *collar, enum uplink_job job)
{
	const struct board *board = collar->board;

	collar->provision.job = (uint8_t)job;
	board->ops->uplink_start(board->self, job);
}

/* Registers at this moment, for what comes later to be counted from. */
static void
baseline_log(struct collar *collar)
{
	static const uint8_t keys[] = { STATUS_ENERGY_CONSUMED,
		STATUS_ENERGY_PRODUCED };
	struct unit_state *state = &collar->result.state;

	memset(state, 0, sizeof(*state));
	state->energy_consumed_wh = collar->metering.consumed.wh;
	state->energy_produced_wh = collar->metering.produced.wh;
	HAVE(state, STATUS_ENERGY_CONSUMED);
	HAVE(state, STATUS_ENERGY_PRODUCED);
	for (size_t i = 0; i < nitems(keys); i++) {
		const struct field *field =
		    message_field(&msg_unit_state, keys[i]);
		struct event event = event_of_unit(EVENT_BASELINE);

		text_copy(event.field, sizeof(event.field), field->name);
		HAVE(&event, EVENT_KEY_FIELD);
		field_text(field, state, event.new, sizeof(event.new));
		HAVE(&event, EVENT_KEY_NEW);
		collar_log(collar, &event);
	}
}

/* Registered: the record gets its date of installation. */
static void
become_operational(struct collar *collar)
{
	struct provision before = collar->provision;
	struct unit_record *record = &collar->args.record.record;
	uint8_t stage[KEPT_SMALL_MAX], uplink[KEPT_SMALL_MAX];
	struct store_item items[3];

	collar->provision.stage = UNIT_OPERATIONAL;
	collar->provision.failures = 0;
	collar->provision.update_failed = false;
	collar->provision.next_ms = collar->now_ms;
	*record = collar->record;
	if (collar->clock.trusted) {
		record->installed_at = clock_s(&collar->clock);
		HAVE(record, RECORD_INSTALLED_AT);
	}
	items[0] = record_item(collar);
	items[1] = stage_item(&collar->provision, stage);
	items[2] = uplink_item(&collar->provision, uplink);
	if (!collar_commit(collar, items, nitems(items))) {
		collar->provision = before;
		collar->provision.next_ms = collar->now_ms + PROVISION_RETRY_MS;
		return;
	}
	collar->record = *record;
	collar_log_unit(collar, EVENT_PROVISIONED);
	baseline_log(collar);
}

static void
register_failed(struct collar *collar)
{
	struct provision *provision = &collar->provision;

	provision->next_ms = collar->now_ms +
	    (provision->stage == UNIT_PROVISIONING ? PROVISION_RETRY_MS
						   : report_ms(collar));
}

static void
provisioning_failed(struct collar *collar)
{
	uint8_t bytes[KEPT_SMALL_MAX];
	struct store_item item;

	collar->provision.stage = UNIT_PROVISIONING_ERROR;
	item = stage_item(&collar->provision, bytes);
	collar_commit(collar, &item, 1);
	collar_log_unit(collar, EVENT_PROVISIONING_FAILED);
}

static void
report_failed(struct collar *collar)
{
	struct provision *provision = &collar->provision;
	uint32_t wait_ms = report_ms(collar);

	if (provision->failures < UINT16_MAX)
		provision->failures++;
	if (provision->failures <= REPORT_TRIES)
		collar_log_unit(collar, EVENT_REPORT_FAILED);
	if (provision->failures == REPORT_TRIES)
		uplink_save(collar);
	if (provision->failures < REPORT_TRIES && wait_ms > REPORT_RETRY_MS)
		wait_ms = REPORT_RETRY_MS;
	provision->next_ms = collar->now_ms + wait_ms;
}

/* After a report the head-end has something to say, too. */
static void
report_done(struct collar *collar)
{
	struct provision *provision = &collar->provision;

	provision->failures = 0;
	provision->next_ms = collar->now_ms + report_ms(collar);
	if (collar->clock.trusted) {
		provision->last_report_at = clock_s(&collar->clock);
		provision->reported = true;
	}
	uplink_save(collar);
	uplink_start(collar, UPLINK_UPDATE);
}

static void
update_ended(struct collar *collar, bool done)
{
	if (collar->provision.update_failed == !done)
		return;
	collar->provision.update_failed = !done;
	uplink_save(collar);
}

static void
job_ended(struct collar *collar, enum uplink_job job, bool done)
{
	if (job == UPLINK_REGISTER && done)
		become_operational(collar);
	else if (job == UPLINK_REGISTER)
		register_failed(collar);
	else if (job == UPLINK_REPORT && done)
		report_done(collar);
	else if (job == UPLINK_REPORT)
		report_failed(collar);
	else
		update_ended(collar, done);
}

static void
job_poll(struct collar *collar)
{
	const struct board *board = collar->board;
	enum uplink_job job = collar->provision.job;
	enum uplink_result result;

	if (job == UPLINK_NONE)
		return;
	result = board->ops->uplink_poll(board->self);
	if (result == UPLINK_BUSY)
		return;
	collar->provision.job = UPLINK_NONE;
	job_ended(collar, job, result == UPLINK_DONE);
}

static bool
modem_ready(const struct board_inputs *in)
{
	return in->utility && in->breaker_shut && in->modem_active &&
	    in->modem_registered;
}

static void
register_step(struct collar *collar)
{
	const struct provision *provision = &collar->provision;

	if (provision->stage == UNIT_PROVISIONING &&
	    collar->now_ms >= provision->failed_ms)
		provisioning_failed(collar);
	if (provision->job == UPLINK_NONE && provision->ready &&
	    collar->now_ms >= provision->next_ms)
		uplink_start(collar, UPLINK_REGISTER);
}

static void
report_step(struct collar *collar)
{
	const struct provision *provision = &collar->provision;

	if (provision->job != UPLINK_NONE ||
	    collar->now_ms < provision->next_ms)
		return;
	if (provision->ready)
		uplink_start(collar, UPLINK_REPORT);
	else
		report_failed(collar);
}

/* When the modem comes back, what it missed is tried again at once. */
void
provision_step(struct collar *collar)
{
	struct provision *provision = &collar->provision;
	bool ready = modem_ready(&collar->in);
	bool missed =
	    provision->stage != UNIT_OPERATIONAL || provision->failures > 0;

	if (ready && !provision->ready && missed)
		provision->next_ms = collar->now_ms;
	provision->ready = ready;
	job_poll(collar);
	if (provision->stage == UNIT_OPERATIONAL)
		report_step(collar);
	else if (provision->stage != UNIT_UNPROVISIONED)
		register_step(collar);
}

static uint64_t
due_at_ms(const struct provision *provision)
{
	uint64_t next = provision->next_ms;

	if (provision->stage == UNIT_OPERATIONAL)
		return next;
	if (!provision->ready)
		next = UINT64_MAX;
	if (provision->stage == UNIT_PROVISIONING &&
	    provision->failed_ms < next)
		next = provision->failed_ms;
	return next;
}

uint32_t
provision_next_due_ms(const struct collar *collar)
{
	const struct provision *provision = &collar->provision;

	if (provision->stage == UNIT_UNPROVISIONED)
		return UINT32_MAX;
	if (provision->job != UPLINK_NONE)
		return UPLINK_POLL_MS;
	return due_in_ms(due_at_ms(provision), collar->now_ms);
}
