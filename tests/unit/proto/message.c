/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../../proto/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../../../proto/ops.h"

static const struct message *const messages[] = { &msg_hello, &msg_hello_answer,
	&msg_nothing, &msg_error_detail, &msg_plain_change, &msg_record,
	&msg_record_change, &msg_record_changed, &msg_relay_move,
	&msg_relay_confirm, &msg_relay_moved, &msg_tag_set, &msg_test_start,
	&msg_test_state, &msg_outcome_ask, &msg_outcome, &msg_unit_state,
	&msg_clock_state, &msg_clock_set, &msg_log_info, &msg_log_read,
	&msg_log_done, &msg_credit, &msg_event, &msg_link_baud, &msg_link_rate,
	&msg_link_check, &msg_link_checked };

/* Room for the body of any message. */
union body {
	uint64_t has;
	struct record_change record;
	struct unit_state state;
	struct event event;
	struct relay_move move;
	struct credit credit;
	struct hello hello;
	struct outcome outcome;
};

static int
decode(const struct message *msg, const uint8_t *item, size_t len, void *body,
    bool strict, struct message_fault *fault)
{
	struct cbor_in in = cbor_reader(item, len);
	int err = message_decode(msg, &in, body, strict, fault);

	if (err == E_OK)
		assert_true(cbor_done(&in));

	return err;
}

#define DECODE(msg, item, body, strict, fault) \
	decode(msg, item, sizeof(item), body, strict, fault)

/* A text that its row's rule allows, of len bytes where the rule leaves it. */
static void
fill_text(const struct field *field, char *text, size_t len)
{
	memset(text, 'x', len);
	text[len] = '\0';
	if (field->rule == RULE_STATE)
		memcpy(text, "OH", 2);
	else if (field->rule == RULE_ZIP)
		memcpy(text, "43215-0042", 10);
	else if (field->rule == RULE_MODEL)
		memcpy(text, "S-B-5-02-IH-10-60A", 19);
}

/* The greatest (or least) value that the row allows, present. */
static void
fill_field(const struct field *field, void *body, bool greatest)
{
	void *at = field_in(field, body);
	int64_t limit = greatest ? field->max : field->min;

	switch (field->type) {
	case FIELD_BOOL:
	case FIELD_UINT:
	case FIELD_INT:
	case FIELD_PADDING:
		field_set_number(field, body, limit);
		break;
	case FIELD_TEXT:
		fill_text(field, at, (size_t)limit);
		break;
	case FIELD_TEXTS: {
		struct texts *texts = at;

		texts->count = greatest ? TEXTS_MAX : 0;
		for (size_t i = 0; i < texts->count; i++)
			fill_text(field, texts->at[i], (size_t)limit);
		break;
	}
	case FIELD_RANGES: {
		struct ranges *ranges = at;

		ranges->count = greatest ? RANGES_MAX : 0;
		for (uint32_t i = 0; i < ranges->count; i++)
			ranges->at[i] = (struct range){ i, UINT32_MAX - i };
		break;
	}
	default:
		memset(at, 0xee, field->size);
		*(uint8_t *)at = (uint8_t)limit;
	}
	*(uint64_t *)body |= (uint64_t)1 << field->key;
}

static bool
is_given(const struct field *field)
{
	/* rules that leave no choice of length are filled at their greatest */
	return field->rule != RULE_ZIP && field->rule != RULE_MODEL;
}

static void
round_trip(const struct message *msg, bool greatest)
{
	union body there = { 0 }, back;
	uint8_t buf[1056];
	struct cbor_out out = cbor_writer(buf, sizeof(buf));
	struct message_fault fault;

	assert_true(msg->size <= sizeof(there));
	for (size_t i = 0; i < msg->count; i++)
		fill_field(&msg->fields[i], &there,
		    greatest || !is_given(&msg->fields[i]));
	message_encode(msg, &there, &out);
	assert_in_range(cbor_len(&out, buf), 1, sizeof(buf));
	assert_true(cbor_valid(buf, cbor_len(&out, buf)));
	for (int strict = 0; strict < 2; strict++) {
		memset(&back, 0xa5, sizeof(back));
		if (decode(msg, buf, cbor_len(&out, buf), &back, strict,
			&fault) != E_OK)
			fail_msg("%s: key %u", msg->name, fault.key);
		for (size_t i = 0; i < msg->count; i++)
			if (!field_equal(&msg->fields[i], &there, &back))
				fail_msg(
				    "%s.%s", msg->name, msg->fields[i].name);
		assert_true(there.has == back.has);
	}
}

static void
every_message_comes_back_with_all_fields_at_their_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < nitems(messages); i++) {
		round_trip(messages[i], true);
		round_trip(messages[i], false);
	}
}

static void
every_field_alone_comes_back_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < nitems(messages); i++)
		for (size_t k = 0; k < messages[i]->count; k++) {
			struct field field = messages[i]->fields[k];
			struct message msg = { .name = "one",
				.fields = &field,
				.count = 1,
				.size = messages[i]->size };

			field.presence = REQUIRED;
			round_trip(&msg, true);
		}
}

static const uint8_t move_bytes[] = { 0xa5, 0x01, 0x01, 0x04, 0x19, 0x0e, 0x10,
	0x18, 0x3c, 0x67, 'S', 'I', 'M', '0', '0', '0', '1', 0x18, 0x3e, 0x48,
	0, 1, 2, 3, 4, 5, 6, 7, 0x18, 0x3f, 0x62, 'j', 'o' };

static const struct relay_move move_body = {
	.has = (uint64_t)1 << RELAY_MOVE_POSITION |
	    (uint64_t)1 << RELAY_MOVE_HOLD | (uint64_t)1 << CHANGE_UNIT |
	    (uint64_t)1 << CHANGE_ID | (uint64_t)1 << CHANGE_HOLDER,
	.position = RELAY_SHUT,
	.hold_s = 3600,
	.change = { .unit = "SIM0001",
	    .id = { 8, { 0, 1, 2, 3, 4, 5, 6, 7 } },
	    .holder = "jo" },
};

static void
padding_is_any_bytes_and_only_its_length_is_kept(void **state)
{
	static const uint8_t item[] = { 0xa1, 1, 0x43, 9, 9, 9 };
	static const uint8_t written[] = { 0xa1, 1, 0x43, 0, 157, 58 };
	static const uint8_t huge[7 + 65536] = { 0xa1, 1, 0x5a, 0, 1, 0, 0 };
	struct message_fault fault;
	struct link_checked checked;
	uint8_t buf[8];
	struct cbor_out out = cbor_writer(buf, sizeof(buf));

	(void)state;
	assert_int_equal(
	    DECODE(&msg_link_checked, item, &checked, false, &fault), E_OK);
	assert_int_equal(checked.padding.len, 3);
	message_encode(&msg_link_checked, &checked, &out);
	assert_int_equal(cbor_len(&out, buf), sizeof(written));
	assert_memory_equal(buf, written, sizeof(written));
	checked.padding.len = 6;
	out = cbor_writer(buf, sizeof(buf));
	message_encode(&msg_link_checked, &checked, &out);
	assert_int_equal(cbor_len(&out, buf), 0);
	assert_int_equal(
	    decode(&msg_link_checked, huge, 7 + 65536, &checked, false, &fault),
	    E_BAD_VALUE);
}

static void
a_relay_move_has_these_bytes(void **state)
{
	uint8_t buf[64];
	struct cbor_out out = cbor_writer(buf, sizeof(buf));
	struct relay_move move;

	(void)state;
	message_encode(&msg_relay_move, &move_body, &out);
	assert_int_equal(cbor_len(&out, buf), sizeof(move_bytes));
	assert_memory_equal(buf, move_bytes, sizeof(move_bytes));

	assert_int_equal(
	    DECODE(&msg_relay_move, move_bytes, &move, true, NULL), E_OK);
	assert_true(move.has == move_body.has);
	assert_int_equal(move.position, RELAY_SHUT);
	assert_int_equal(move.hold_s, 3600);
	assert_string_equal(move.change.unit, "SIM0001");
	assert_string_equal(move.change.holder, "jo");
	assert_ptr_equal(change_in(&msg_relay_move, &move), &move.change);
}

static void
a_credit_has_these_bytes(void **state)
{
	static const uint8_t expected[] = { 0xa2, 0x01, 0x18, 0x28, 0x02, 0x84,
		0x03, 0x05, 0x09, 0x09 };
	struct credit credit = { .through = 40,
		.gaps = { 2, { { 3, 5 }, { 9, 9 } } } };
	uint8_t buf[32];
	struct cbor_out out = cbor_writer(buf, sizeof(buf));

	(void)state;
	HAVE(&credit, CREDIT_THROUGH);
	HAVE(&credit, CREDIT_GAPS);
	message_encode(&msg_credit, &credit, &out);
	assert_int_equal(cbor_len(&out, buf), sizeof(expected));
	assert_memory_equal(buf, expected, sizeof(expected));
}

static void
measured_values_have_these_bytes(void **state)
{
	static const uint8_t expected[] = { 0xa4, 0x01, 0x04, 0x02, 0x1a, 0x80,
		0x00, 0x00, 0x01, 0x03, 0xf4, 0x18, 0x19, 0x39, 0x03, 0xe7 };
	struct unit_state unit = { .status = UNIT_OPERATIONAL,
		.hex_status = 0x80000001,
		.active_power_cw = -1000 };
	uint8_t buf[32];
	struct cbor_out out = cbor_writer(buf, sizeof(buf));

	(void)state;
	HAVE(&unit, STATUS_STATUS);
	HAVE(&unit, STATUS_HEX_STATUS);
	HAVE(&unit, STATUS_SEALED);
	HAVE(&unit, STATUS_ACTIVE_POWER);
	message_encode(&msg_unit_state, &unit, &out);
	assert_int_equal(cbor_len(&out, buf), sizeof(expected));
	assert_memory_equal(buf, expected, sizeof(expected));
}

static void
an_absent_field_is_not_written_whatever_its_member_holds(void **state)
{
	struct test_state test = { .active = true, .remaining_s = 600 };
	uint8_t buf[8];
	struct cbor_out out = cbor_writer(buf, sizeof(buf));

	(void)state;
	message_encode(&msg_test_state, &test, &out);
	assert_int_equal(cbor_len(&out, buf), 1);
	assert_int_equal(buf[0], 0xa0);
}

static const struct refusal {
	const char *what;
	uint8_t item[48];
	size_t len;
	int strict, lax; /* what a collar and what a host say of it */
	uint32_t key;
	size_t offset;
} refusals[] = {
	/* of msg_test_start, whose header is cut away in the table below */
	{ "not a map", { 0x80 }, 1, E_MALFORMED, E_MALFORMED, 0, 0 },
	{ "nothing at all", { 0 }, 0, E_MALFORMED, E_MALFORMED, 0, 0 },
	{ "a text as key", { 0xa1, 0x61, 'a', 0x00 }, 4, E_MALFORMED,
	    E_MALFORMED, 0, 1 },
	{ "a map that ends early", { 0xa1, 0x01 }, 2, E_MALFORMED, E_MALFORMED,
	    0, 0 },
	{ "minutes as text", { 0xa1, 0x01, 0x61, '5' }, 4, E_MALFORMED,
	    E_MALFORMED, 1, 2 },
	{ "no minutes", { 0xa1, 0x01, 0x00 }, 3, E_BAD_VALUE, E_OK, 1, 1 },
	{ "more minutes than there are", { 0xa1, 0x01, 0x0b }, 3, E_BAD_VALUE,
	    E_OK, 1, 1 },
	{ "minutes beyond the member", { 0xa1, 0x01, 0x19, 0x01, 0x00 }, 5,
	    E_BAD_VALUE, E_BAD_VALUE, 1, 2 },
	{ "minutes below zero", { 0xa1, 0x01, 0x20 }, 3, E_BAD_VALUE,
	    E_BAD_VALUE, 1, 2 },
	{ "a number as truth", { 0xa1, 0x02, 0x01 }, 3, E_MALFORMED,
	    E_MALFORMED, 2, 2 },
	{ "keys descending", { 0xa2, 0x02, 0xf4, 0x01, 0x05 }, 5, E_MALFORMED,
	    E_MALFORMED, 1, 4 },
	{ "a key twice", { 0xa2, 0x01, 0x05, 0x01, 0x05 }, 5, E_MALFORMED,
	    E_MALFORMED, 1, 4 },
	{ "an unknown critical key", { 0xa2, 0x01, 0x05, 0x18, 0x7f, 0x00 }, 6,
	    E_UNSUPPORTED_FIELD, E_OK, 127, 3 },
	{ "an unknown elective key",
	    { 0xa2, 0x01, 0x05, 0x18, 0x80, 0x81, 0xa1, 0x00, 0x40 }, 9, E_OK,
	    E_OK, 0, 0 },
	{ "a key beyond 32 bits", { 0xa1, 0x1b, 0, 0, 0, 1, 0, 0, 0, 0, 0x00 },
	    11, E_MALFORMED, E_MALFORMED, 0, 1 },
	{ "an id of seven bytes",
	    { 0xa1, 0x18, 0x3e, 0x47, 1, 2, 3, 4, 5, 6, 7 }, 11, E_BAD_VALUE,
	    E_OK, 62, 1 },
	{ "an id beyond the member",
	    { 0xa1, 0x18, 0x3e, 0x51, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
		14, 15, 16, 17 },
	    21, E_BAD_VALUE, E_BAD_VALUE, 62, 21 },
	{ "a holder without a name", { 0xa1, 0x18, 0x3f, 0x60 }, 4, E_BAD_VALUE,
	    E_OK, 63, 1 },
	{ "a control character", { 0xa1, 0x18, 0x3f, 0x61, 0x1b }, 5,
	    E_BAD_VALUE, E_OK, 63, 1 },
	{ "a control character of two bytes",
	    { 0xa1, 0x18, 0x3f, 0x62, 0xc2, 0x9b }, 6, E_BAD_VALUE, E_OK, 63,
	    1 },
	{ "a NUL in a text", { 0xa1, 0x18, 0x3f, 0x63, 'a', 0, 'b' }, 7,
	    E_BAD_VALUE, E_BAD_VALUE, 63, 7 },
	{ "a serial number with a blank", { 0xa1, 0x18, 0x3c, 0x62, 'A', ' ' },
	    6, E_BAD_VALUE, E_OK, 60, 1 },
	{ "a serial number beyond the member",
	    { 0xa1, 0x18, 0x3c, 0x71, '1', '2', '3', '4', '5', '6', '7', '8',
		'9', '0', '1', '2', '3', '4', '5', '6', '7' },
	    21, E_BAD_VALUE, E_BAD_VALUE, 60, 21 },
};

static void
a_collar_and_a_host_refuse_what_they_must(void **state)
{
	struct field fields[6];
	struct message msg = msg_test_start;

	(void)state;
	memcpy(fields, msg.fields, sizeof(fields));
	for (size_t i = 0; i < nitems(fields); i++)
		fields[i].presence = OPTIONAL;
	msg.fields = fields;
	for (size_t i = 0; i < nitems(refusals); i++) {
		const struct refusal *row = &refusals[i];

		for (int strict = 0; strict < 2; strict++) {
			struct test_start start;
			struct message_fault fault;
			int err = decode(
			    &msg, row->item, row->len, &start, strict, &fault);

			if (err != (strict ? row->strict : row->lax))
				fail_msg("%s: %d, strict %d", row->what, err,
				    strict);
			if (err != E_OK &&
			    (fault.key != row->key ||
				fault.offset != row->offset))
				fail_msg("%s: key %u at %zu", row->what,
				    fault.key, fault.offset);
			if (err != E_OK && fault.field != NULL)
				assert_int_equal(fault.field->key, row->key);
		}
	}
}

static void
a_missing_field_that_is_required_is_named(void **state)
{
	uint8_t short_of_holder[sizeof(move_bytes)];
	struct relay_move move;
	struct message_fault fault;

	(void)state;
	memcpy(short_of_holder, move_bytes, sizeof(move_bytes));
	short_of_holder[0] = 0xa4;
	assert_int_equal(decode(&msg_relay_move, short_of_holder,
			     sizeof(move_bytes) - 5, &move, true, &fault),
	    E_MALFORMED);
	assert_int_equal(fault.key, CHANGE_HOLDER);
	assert_string_equal(fault.field->name, "holder");
}

static void
a_message_cut_anywhere_is_malformed(void **state)
{
	struct relay_move move;

	(void)state;
	for (size_t len = 0; len < sizeof(move_bytes); len++)
		assert_int_equal(
		    decode(&msg_relay_move, move_bytes, len, &move, true, NULL),
		    E_MALFORMED);
}

/* No byte of a message may lead the engine outside its structs; the sanitizer
 * and the canary watch. */
static void
no_changed_byte_writes_beyond_the_body(void **state)
{
	uint8_t item[sizeof(move_bytes)];
	struct {
		struct relay_move move;
		uint8_t canary[32];
	} room;

	(void)state;
	for (size_t i = 0; i < sizeof(item); i++)
		for (unsigned byte = 0; byte < 256; byte++) {
			struct cbor_in in = cbor_reader(item, sizeof(item));

			memcpy(item, move_bytes, sizeof(item));
			item[i] = (uint8_t)byte;
			memset(&room, 0x5a, sizeof(room));
			message_decode(
			    &msg_relay_move, &in, &room.move, true, NULL);
			for (size_t k = 0; k < sizeof(room.canary); k++)
				assert_int_equal(room.canary[k], 0x5a);
			assert_true(memchr(room.move.change.unit, 0,
					sizeof(room.move.change.unit)) != NULL);
		}
}

static void
ranges_are_pairs_that_rise(void **state)
{
	static const uint8_t odd[] = { 0xa2, 1, 9, 2, 0x83, 1, 2, 3 };
	static const uint8_t falling[] = { 0xa2, 1, 9, 2, 0x82, 2, 1 };
	static const uint8_t many[] = { 0xa2, 1, 9, 2, 0x92, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	static const uint8_t good[] = { 0xa2, 1, 9, 2, 0x82, 4, 7 };
	struct credit credit;

	(void)state;
	assert_int_equal(
	    DECODE(&msg_credit, odd, &credit, true, NULL), E_MALFORMED);
	assert_int_equal(
	    DECODE(&msg_credit, falling, &credit, true, NULL), E_BAD_VALUE);
	assert_int_equal(
	    DECODE(&msg_credit, falling, &credit, false, NULL), E_BAD_VALUE);
	assert_int_equal(
	    DECODE(&msg_credit, many, &credit, true, NULL), E_BAD_VALUE);
	assert_int_equal(DECODE(&msg_credit, good, &credit, true, NULL), E_OK);
	assert_int_equal(credit.gaps.count, 1);
	assert_int_equal(credit.gaps.at[0].first, 4);
	assert_int_equal(credit.gaps.at[0].last, 7);
}

static void
tags_are_checked_one_by_one(void **state)
{
	static const uint8_t good[] = { 0xa1, 0x12, 0x82, 0x62, 'p', 'v', 0x61,
		'7' };
	static const uint8_t empty_one[] = { 0xa1, 0x12, 0x82, 0x61, 'a',
		0x60 };
	static const uint8_t nine[] = { 0xa1, 0x12, 0x89, 0x61, 'a', 0x61, 'a',
		0x61, 'a', 0x61, 'a', 0x61, 'a', 0x61, 'a', 0x61, 'a', 0x61,
		'a', 0x61, 'a' };
	static const uint8_t long_one[] = { 0xa1, 0x12, 0x81, 0x71, 'a', 'a',
		'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a',
		'a', 'a' };
	struct unit_record record;
	char text[32];

	(void)state;
	assert_int_equal(DECODE(&msg_record, good, &record, true, NULL), E_OK);
	assert_int_equal(record.tags.count, 2);
	field_text(
	    message_find(&msg_record, "tags"), &record, text, sizeof(text));
	assert_string_equal(text, "pv,7");
	assert_int_equal(
	    DECODE(&msg_record, empty_one, &record, true, NULL), E_BAD_VALUE);
	assert_int_equal(
	    DECODE(&msg_record, nine, &record, true, NULL), E_BAD_VALUE);
	assert_int_equal(
	    DECODE(&msg_record, nine, &record, false, NULL), E_BAD_VALUE);
	assert_int_equal(
	    DECODE(&msg_record, long_one, &record, false, NULL), E_BAD_VALUE);
}

static void
a_name_that_the_host_does_not_know_is_kept_as_a_number(void **state)
{
	static const uint8_t item[] = { 0xa2, 0x01, 0xf5, 0x02, 0x18, 0x63 };
	struct record_changed changed;
	char text[32];

	(void)state;
	assert_int_equal(
	    DECODE(&msg_record_changed, item, &changed, false, NULL), E_OK);
	assert_int_equal(changed.status, 99);
	field_text(message_find(&msg_record_changed, "status"), &changed, text,
	    sizeof(text));
	assert_string_equal(text, "99");
	assert_int_equal(
	    DECODE(&msg_record_changed, item, &changed, true, NULL),
	    E_BAD_VALUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_message_comes_back_with_all_fields_at_their_limits),
		cmocka_unit_test(every_field_alone_comes_back_alone),
		cmocka_unit_test(
		    padding_is_any_bytes_and_only_its_length_is_kept),
		cmocka_unit_test(a_relay_move_has_these_bytes),
		cmocka_unit_test(a_credit_has_these_bytes),
		cmocka_unit_test(measured_values_have_these_bytes),
		cmocka_unit_test(
		    an_absent_field_is_not_written_whatever_its_member_holds),
		cmocka_unit_test(a_collar_and_a_host_refuse_what_they_must),
		cmocka_unit_test(a_missing_field_that_is_required_is_named),
		cmocka_unit_test(a_message_cut_anywhere_is_malformed),
		cmocka_unit_test(no_changed_byte_writes_beyond_the_body),
		cmocka_unit_test(ranges_are_pairs_that_rise),
		cmocka_unit_test(tags_are_checked_one_by_one),
		cmocka_unit_test(
		    a_name_that_the_host_does_not_know_is_kept_as_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
