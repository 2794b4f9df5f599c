/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The unit record: what it holds, what may be written to it, and `set`.
 */

#include "../../proto/model.h"
#include "../../proto/record.h"

#include <string.h>

#include "state.h"
#include "text.h"

enum { SAMPLE_MINUTES_DEFAULT = 15, REPORT_MINUTES_DEFAULT = 15 };

/* Fields of the record are the keys below those of the change's header. */
static const uint64_t record_keys = ((uint64_t)1 << CHANGE_UNIT) - 1;

static struct unit_record *
wanted(struct collar *collar)
{
	return &collar->args.record.record;
}

/* Sets a text of the record, or takes it away if it is empty. */
static void
text_set(struct unit_record *record, enum record_key key, const char *text)
{
	const struct field *field = message_field(&msg_record, key);
	char *member = field_in(field, record);

	memset(member, 0, field->size);
	text_copy(member, field->size, text);
	if (text[0] != '\0')
		HAVE(record, key);
	else
		LACK(record, key);
}

static void
modem_refresh(struct collar *collar)
{
	const struct board *board = collar->board;
	struct modem_identity id = { 0 };

	board->ops->modem_identity(board->self, &id);
	text_set(&collar->record, RECORD_IMEI, id.imei);
	text_set(&collar->record, RECORD_SIM, id.sim);
	text_set(&collar->record, RECORD_IP, id.ip);
}

/* Meter form and breaker follow from the model. */
static void
model_refresh(struct collar *collar)
{
	struct unit_record *record = &collar->record;
	struct model model;

	collar->breaker_a = 0;
	LACK(record, RECORD_METER_FORM);
	if (!HAS(record, RECORD_MODEL) ||
	    model_parse(record->model, &model, NULL) != E_OK)
		return;
	collar->breaker_a = model.breaker_a;
	if (model.has_meter_form) {
		record->meter_form = model.meter_form;
		HAVE(record, RECORD_METER_FORM);
	}
}

void
record_refresh(struct collar *collar)
{
	const struct board *board = collar->board;
	struct unit_record *record = &collar->record;

	record->hardware_id.len = (uint8_t)board->ops->hardware_id(
	    board->self, record->hardware_id.at);
	HAVE(record, RECORD_HARDWARE_ID);
	text_set(record, RECORD_FIRMWARE_VERSION, COLLAR_FIRMWARE_VERSION);
	modem_refresh(collar);
	model_refresh(collar);
}

void
record_load(struct collar *collar)
{
	struct unit_record *record = &collar->record;
	uint8_t *bytes = collar->exchange.payload;
	size_t len = store_get(&collar->store, collar->board, STORE_RECORD,
	    bytes, sizeof(collar->exchange.payload));
	struct cbor_in in = cbor_reader(bytes, len);
	struct message_fault fault;

	if (len == 0 || len > sizeof(collar->exchange.payload) ||
	    message_decode(&msg_record, &in, record, false, &fault) != E_OK)
		memset(record, 0, sizeof(*record));
	if (!HAS(record, RECORD_SAMPLE_MINUTES)) {
		record->sample_minutes = SAMPLE_MINUTES_DEFAULT;
		HAVE(record, RECORD_SAMPLE_MINUTES);
	}
	if (!HAS(record, RECORD_REPORT_MINUTES)) {
		record->report_minutes = REPORT_MINUTES_DEFAULT;
		HAVE(record, RECORD_REPORT_MINUTES);
	}
	record_refresh(collar);
}

int
on_info(struct collar *collar)
{
	record_refresh(collar);
	collar->result.record = collar->record;
	return ST_OK;
}

static int
refuse_field(struct collar *collar, uint8_t key, int status)
{
	collar->detail.field = key;
	HAVE(&collar->detail, ERROR_FIELD);
	return status;
}

/* Values that a range cannot describe. */
static bool
value_fits(const struct unit_record *record, uint8_t key)
{
	struct model model = { 0 };

	if (key == RECORD_SAMPLE_MINUTES)
		return 60 % record->sample_minutes == 0;
	if (key != RECORD_MODEL)
		return true;
	model_parse(record->model, &model, NULL); /* by its rule it is one */
	return model.family == FAMILY_SMART_DER;
}

static bool
may_write(const struct collar *collar, const struct field *field)
{
	uint8_t role = collar->request.role;

	/* the unit's keys derive from its serial number */
	if (field->key == RECORD_SERIAL || field->key == RECORD_MODEL)
		return role == ROLE_FACTORY && !collar_sealed(collar);
	return role >= field->writer;
}

int
record_check(struct collar *collar)
{
	const struct unit_record *record = wanted(collar);

	for (size_t i = 0; i < msg_record.count; i++) {
		const struct field *field = &msg_record.fields[i];

		if (!HAS(record, field->key))
			continue;
		if (!may_write(collar, field))
			return refuse_field(
			    collar, field->key, ST_NOT_PERMITTED);
		if (!value_fits(record, field->key))
			return refuse_field(collar, field->key, ST_BAD_VALUE);
	}
	return ST_OK;
}

bool
record_differs(const struct collar *collar)
{
	const struct unit_record *record = &collar->args.record.record;

	for (size_t i = 0; i < msg_record.count; i++) {
		const struct field *field = &msg_record.fields[i];

		if (HAS(record, field->key) &&
		    !field_equal(field, record, &collar->record))
			return true;
	}
	return false;
}

/* A new model brings the type of its modem, unless that is given too. */
static void
comms_follow(struct unit_record *record, const struct unit_record *before)
{
	const struct field *field = message_field(&msg_record, RECORD_MODEL);
	struct model model = { 0 };

	if (!HAS(record, RECORD_MODEL) || HAS(record, RECORD_COMMS_TYPE) ||
	    field_equal(field, record, before))
		return;
	model_parse(record->model, &model, NULL);
	record->comms_type = model.modem == MODEM_CELLULAR
	    ? COMMS_CELLULAR
	    : COMMS_ETHERNET_CELLULAR;
	HAVE(record, RECORD_COMMS_TYPE);
}

void
record_merge(struct collar *collar)
{
	struct unit_record *record = wanted(collar);

	comms_follow(record, &collar->record);
	for (size_t i = 0; i < msg_record.count; i++) {
		const struct field *field = &msg_record.fields[i];

		if (!HAS(record, field->key))
			field_copy(field, record, &collar->record);
	}
	record->has &= record_keys;
}

struct store_item
record_item(struct collar *collar)
{
	struct unit_record *record = wanted(collar);
	uint8_t *bytes = collar->exchange.payload;
	struct cbor_out out =
	    cbor_writer(bytes, sizeof(collar->exchange.payload));

	if (collar->clock.trusted) {
		record->updated_at = clock_s(&collar->clock);
		HAVE(record, RECORD_UPDATED_AT);
		if (!HAS(record, RECORD_CREATED_AT))
			record->created_at = record->updated_at;
		HAVE(record, RECORD_CREATED_AT);
	}
	message_encode(&msg_record, record, &out);
	return (struct store_item){
		.key = STORE_RECORD,
		.len = (uint16_t)cbor_len(&out, bytes),
		.value = bytes,
	};
}

static void
field_log(struct collar *collar, const struct field *field)
{
	const struct unit_record *record = wanted(collar);
	struct event event = event_of_request(collar, EVENT_FIELD_SET);

	text_copy(event.field, sizeof(event.field), field->name);
	HAVE(&event, EVENT_KEY_FIELD);
	if (HAS(&collar->record, field->key)) {
		field_text(
		    field, &collar->record, event.old, sizeof(event.old));
		HAVE(&event, EVENT_KEY_OLD);
	}
	if (HAS(record, field->key)) {
		field_text(field, record, event.new, sizeof(event.new));
		HAVE(&event, EVENT_KEY_NEW);
	}
	collar_log(collar, &event);
}

void
record_take(struct collar *collar)
{
	for (size_t i = 0; i < msg_record.count; i++) {
		const struct field *field = &msg_record.fields[i];

		if (field->writer != ROLE_NOBODY &&
		    !field_equal(field, wanted(collar), &collar->record))
			field_log(collar, field);
	}
	collar->record = *wanted(collar);
	record_refresh(collar);
}

void
record_answer(struct collar *collar, bool changed)
{
	struct record_changed *answer = &collar->result.changed;
	struct unit_now unit = collar_now(collar);

	*answer = (struct record_changed){
		.changed = changed,
		.status = conditions_status(&unit),
	};
	HAVE(answer, RECORD_CHANGED_CHANGED);
	HAVE(answer, RECORD_CHANGED_STATUS);
}

int
record_write(struct collar *collar)
{
	struct store_item item;
	int status;

	record_answer(collar, record_differs(collar));
	if (!collar->result.changed.changed)
		return change_commit(collar, NULL, 0);
	record_merge(collar);
	item = record_item(collar);
	status = change_commit(collar, &item, 1);
	if (status == ST_OK)
		record_take(collar);
	return status;
}

int
on_set(struct collar *collar)
{
	int status = record_check(collar);

	return status == ST_OK ? record_write(collar) : status;
}
