/* SPDX-License-Identifier: BSD-2-Clause */

#include "provision.h"

#include <string.h>

#include "../../proto/record.h"
#include "interlock.h"
#include "kept.h"
#include "state.h"
#include "text.h"

static int
unchanged(struct collar *collar)
{
	record_answer(collar, false);
	return change_commit(collar, NULL, 0);
}

static int
refuse_missing(struct collar *collar, uint64_t missing)
{
	struct error_detail *detail = &collar->detail;

	while (((missing >> detail->field) & 1U) == 0)
		detail->field++;
	HAVE(detail, ERROR_FIELD);
	return ST_BAD_VALUE;
}

static void
installer_put(struct unit_record *record, const struct change *change)
{
	memset(record->installer, 0, sizeof(record->installer));
	text_copy(record->installer, sizeof(record->installer), change->holder);
	HAVE(record, RECORD_INSTALLER);
	LACK(record, RECORD_INSTALLED_AT);
}

/* The record is kept from here on, whatever becomes of the registration. */
static int
provision_begin(struct collar *collar)
{
	struct provision before = collar->provision;
	uint8_t stage[KEPT_SMALL_MAX];
	struct store_item items[2];

	collar->provision.stage = UNIT_PROVISIONING;
	collar->provision.job = UPLINK_NONE;
	collar->provision.failed_ms = collar->now_ms + PROVISION_TIME_MS;
	collar->provision.next_ms = collar->now_ms;
	record_answer(collar, true);
	record_merge(collar);
	installer_put(&collar->args.record.record, &collar->request.change);
	items[0] = record_item(collar);
	items[1] = stage_item(&collar->provision, stage);
	if (change_commit(collar, items, nitems(items)) != ST_OK) {
		collar->provision = before;
		return ST_MEMORY_FAULT;
	}
	collar_log_request(collar, EVENT_PROVISION_REQUESTED);
	record_take(collar);
	return ST_OK;
}

int
on_provision(struct collar *collar)
{
	uint64_t held = collar->args.record.record.has | collar->record.has;
	uint8_t stage = collar->provision.stage;
	int status;

	if (collar->in.flipped)
		return (int)interlock_refuse(
		    &collar->detail, ST_FLIPPED, COND_FLIPPED);
	status = record_check(collar);
	if (status != ST_OK)
		return status;
	if ((held & record_required) == 0) /* identity alone: the shop */
		return record_write(collar);
	if ((held & record_required) != record_required)
		return refuse_missing(collar, record_required & ~held);
	if (record_differs(collar))
		return stage == UNIT_OPERATIONAL ? ST_ALREADY_PROVISIONED
						 : provision_begin(collar);
	if (stage == UNIT_OPERATIONAL || stage == UNIT_PROVISIONING)
		return unchanged(collar);
	return provision_begin(collar);
}

/* The record without what belongs to the site; identity stays. */
static void
site_clear(struct collar *collar)
{
	struct unit_record *record = &collar->args.record.record;

	*record = collar->record;
	for (size_t i = 0; i < msg_record.count; i++) {
		const struct field *field = &msg_record.fields[i];

		if (record_site >> field->key & 1)
			memset(field_in(field, record), 0, field->size);
	}
	record->has &= ~record_site;
}

static int
unprovision_commit(struct collar *collar)
{
	uint8_t stage[KEPT_SMALL_MAX], uplink[KEPT_SMALL_MAX], relay[KEPT_MAX];
	struct store_item items[] = {
		record_item(collar),
		stage_item(&collar->provision, stage),
		uplink_item(&collar->provision, uplink),
		relay_item(&collar->relay.kept, relay),
	};

	return change_commit(collar, items, nitems(items));
}

static int
unprovision(struct collar *collar)
{
	struct provision before = collar->provision;
	struct relay_kept *relay = &collar->relay.kept;
	struct relay_pending pending = relay->pending;
	struct relay_hold hold = relay->hold;
	struct relay_effects effects;

	moves_forget(collar, &effects);
	site_clear(collar);
	collar->provision = (struct provision){
		.stage = UNIT_UNPROVISIONED,
		.ready = before.ready,
	};
	record_answer(collar, true);
	if (unprovision_commit(collar) != ST_OK) {
		collar->provision = before;
		relay->pending = pending;
		relay->hold = hold;
		return ST_MEMORY_FAULT;
	}
	collar_log_request(collar, EVENT_UNPROVISIONED);
	collar_log_relay(collar, &effects);
	record_take(collar);
	if (before.job != UPLINK_NONE)
		uplink_start(collar, UPLINK_NONE);
	return ST_OK;
}

int
on_unprovision(struct collar *collar)
{
	const struct relay_kept *kept = &collar->relay.kept;

	if (collar->provision.stage == UNIT_UNPROVISIONED &&
	    (collar->record.has & record_site) == 0 && !kept->pending.set &&
	    !kept->hold.set)
		return unchanged(collar);
	return unprovision(collar);
}
