/* SPDX-License-Identifier: BSD-2-Clause */

#include "look.h"

#include <string.h>

#include "../../proto/frame.h"

enum { CLOCK_SLACK_S = 30 }; /* a request can be late by 20 s */

/* What differs from moment to moment and says nothing of a change; so does the
 * glass, which in test mode lights everything in turn. */
static const uint8_t volatile_state[] = { STATUS_PENDING_REQUESTED_AT,
	STATUS_HOLD_AT, STATUS_HOLD_REMAINING, STATUS_HOLD_MOVE, STATUS_TAG_AT,
	STATUS_LCD_TEXT, STATUS_LCD_BLANK, STATUS_LCD_THUMBS_UP,
	STATUS_LCD_ARROW, STATUS_LCD_SKULL, STATUS_LCD_PAGES, STATUS_VOLTAGE,
	STATUS_CURRENT, STATUS_ACTIVE_POWER, STATUS_REACTIVE_POWER,
	STATUS_POWER_FACTOR, STATUS_FREQUENCY, STATUS_TEMPERATURE,
	STATUS_ENERGY_CONSUMED, STATUS_ENERGY_PRODUCED, STATUS_TEST_REMAINING,
	STATUS_TEST_ENDS_AT, STATUS_TEST_ENERGY_CONSUMED,
	STATUS_TEST_ENERGY_PRODUCED, STATUS_CLOCK_UTC,
	STATUS_UPLINK_LAST_REPORT };

static const uint8_t volatile_record[] = { RECORD_INSTALLED_AT,
	RECORD_CREATED_AT, RECORD_UPDATED_AT };

/* A request and its answer; false unless the status is OK. */
static bool
ask(struct ram_board *board, enum op_code code, const void *args, void *result)
{
	const struct op *op = op_find(code);
	uint8_t payload[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN];
	struct cbor_out out = cbor_writer(payload, PAYLOAD_TO_COLLAR_MAX);
	struct message_fault fault;
	struct envelope env;
	struct cbor_in in;
	bool answerable;
	size_t len;
	static uint32_t seq;

	seq = code == OP_HELLO ? 0 : seq + 1;
	envelope_begin(&out, DIR_REQUEST, seq, code, false);
	message_encode(op->args, args, &out);
	ram_board_send(board, payload, cbor_len(&out, payload));
	ram_board_pass(board, 300);
	len = ram_board_fetch(board, payload, sizeof(payload));
	if (len == 0 || !cbor_valid(payload, len) ||
	    envelope_open(&env, payload, len, &answerable) != E_OK ||
	    env.seq != seq || env.what != ST_OK)
		return false;
	in = cbor_reader(env.body, env.body_len);

	return message_decode(op->result, &in, result, false, &fault) == E_OK;
}

static bool
greet(struct ram_board *board)
{
	struct hello hello = { .nonce.len = NONCE_LEN,
		.version_min = PROTOCOL_VERSION_MIN,
		.version_max = PROTOCOL_VERSION_MAX,
		.receive_max = PAYLOAD_TO_HOST_MAX };
	struct hello_answer answer;
	static uint8_t count;
	uint8_t rest[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN];
	const uint8_t end = 0; /* of what was half received */

	collar_receive(board->collar, &end, 1);
	while (ram_board_fetch(board, rest, sizeof(rest)) > 0)
		;
	hello.nonce.at[0] = ++count;
	HAVE(&hello, HELLO_NONCE);
	HAVE(&hello, HELLO_VERSION_MIN);
	HAVE(&hello, HELLO_VERSION_MAX);
	HAVE(&hello, HELLO_RECEIVE_MAX);

	return ask(board, OP_HELLO, &hello, &answer);
}

static bool
take_event(struct ram_board *board, unsigned times[KINDS_MAX], bool *more)
{
	uint8_t payload[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN];
	size_t len = ram_board_fetch(board, payload, sizeof(payload));
	struct message_fault fault;
	struct envelope env;
	struct event event;
	struct cbor_in in;
	bool answerable;

	if (len == 0 || envelope_open(&env, payload, len, &answerable) != E_OK)
		return false;
	*more = env.direction == DIR_PART;
	if (!*more)
		return env.what == ST_OK;
	in = cbor_reader(env.body, env.body_len);
	if (message_decode(&msg_event, &in, &event, false, &fault) != E_OK ||
	    event.kind >= KINDS_MAX)
		return false;
	times[event.kind]++;

	return true;
}

static bool
count_events(struct ram_board *board, unsigned times[KINDS_MAX])
{
	struct nothing nothing = { 0 };
	struct log_info info;
	struct log_read read = { .has = 0 };
	uint8_t payload[PAYLOAD_TO_COLLAR_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));
	bool more = true;

	if (!ask(board, OP_EVENTS_INFO, &nothing, &info))
		return false;
	read.log_id = info.log_id;
	read.first = info.oldest;
	read.last = read.through = info.newest;
	HAVE(&read, LOG_READ_LOG_ID);
	HAVE(&read, LOG_READ_FIRST);
	HAVE(&read, LOG_READ_LAST);
	HAVE(&read, LOG_READ_THROUGH);
	envelope_begin(&out, DIR_REQUEST, 1000, OP_EVENTS_READ, false);
	message_encode(&msg_log_read, &read, &out);
	ram_board_send(board, payload, cbor_len(&out, payload));
	while (more)
		if (!take_event(board, times, &more))
			return false;

	return true;
}

static void
forget(const struct message *msg, const uint8_t *keys, size_t count, void *body)
{
	struct plain_change *any = body; /* `has` is first in every one */

	for (size_t i = 0; i < count; i++) {
		const struct field *field = message_field(msg, keys[i]);

		memset(field_in(field, body), 0, field->size);
		LACK(any, keys[i]);
	}
}

bool
look_at(struct ram_board *board, uint64_t utc_ms, struct look *look)
{
	struct nothing nothing = { 0 };

	memset(look, 0, sizeof(*look));
	if (!greet(board) || !ask(board, OP_STATUS, &nothing, &look->state) ||
	    !ask(board, OP_INFO, &nothing, &look->record) ||
	    !count_events(board, look->times))
		return false;
	look->drives = board->drives;
	look->clock_off_s =
	    (long)(look->state.clock_utc_ms / 1000) - (long)(utc_ms / 1000);
	forget(&msg_unit_state, volatile_state, sizeof(volatile_state),
	    &look->state);
	forget(&msg_record, volatile_record, sizeof(volatile_record),
	    &look->record);

	return true;
}

static const char *
fields_difference(const struct message *msg, const void *a, const void *b)
{
	for (size_t i = 0; i < msg->count; i++)
		if (!field_equal(&msg->fields[i], a, b))
			return msg->fields[i].name;

	return NULL;
}

const char *
look_difference(const struct look *a, const struct look *b)
{
	const char *name =
	    fields_difference(&msg_unit_state, &a->state, &b->state);
	long apart_s = a->clock_off_s - b->clock_off_s;

	if (name == NULL)
		name = fields_difference(&msg_record, &a->record, &b->record);
	if (name == NULL &&
	    (apart_s > CLOCK_SLACK_S || apart_s < -CLOCK_SLACK_S))
		name = "clock";

	return name;
}

bool
look_same(const struct look *a, const struct look *b)
{
	return look_difference(a, b) == NULL;
}

bool
look_outcome(
    struct ram_board *board, const struct octets *id, struct outcome *outcome)
{
	struct outcome_ask args = { .id = *id };

	HAVE(&args, OUTCOME_ASK_ID);

	return greet(board) && ask(board, OP_OUTCOME, &args, outcome);
}
