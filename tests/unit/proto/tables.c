/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every table of proto/ promises, looked at row by row.
 */
#include "../../../proto/ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct message *const messages[] = { &msg_hello, &msg_hello_answer,
	&msg_nothing, &msg_error_detail, &msg_plain_change, &msg_record,
	&msg_record_change, &msg_record_changed, &msg_relay_move,
	&msg_relay_confirm, &msg_relay_moved, &msg_tag_set, &msg_test_start,
	&msg_test_state, &msg_outcome_ask, &msg_outcome, &msg_unit_state,
	&msg_clock_state, &msg_clock_set, &msg_log_info, &msg_log_read,
	&msg_log_done, &msg_credit, &msg_event, &msg_link_baud, &msg_link_rate,
	&msg_link_check, &msg_link_checked };

static bool
is_text(const struct field *field)
{
	return field->type == FIELD_TEXT || field->type == FIELD_TEXTS;
}

static bool
is_number(const struct field *field)
{
	return field->type == FIELD_UINT || field->type == FIELD_INT;
}

/* The longest text, or most bytes, that the member holds. */
static int64_t
room_of(const struct field *field)
{
	switch (field->type) {
	case FIELD_TEXTS:
		return TEXTS_LEN_MAX;
	case FIELD_RANGES:
		return RANGES_MAX;
	case FIELD_PADDING:
		return UINT16_MAX;
	default:
		return field->size - 1;
	}
}

static void
check_row(const struct message *msg, const struct field *field)
{
	if (field->key >= 64 || field->min > field->max ||
	    field->at < sizeof(uint64_t) ||
	    field->at + field->size > msg->size || field->name[0] == '\0' ||
	    field->help[0] == '\0' || field->unit == NULL)
		fail_msg("%s.%s", msg->name, field->name);
	if (!is_text(field) && field->rule != RULE_NONE)
		fail_msg("%s.%s has a text rule", msg->name, field->name);
	if ((field->show == SHOW_NAME) != (field->names != NULL))
		fail_msg("%s.%s: names", msg->name, field->name);
	if (field->show != SHOW_PLAIN && !is_number(field))
		fail_msg("%s.%s: show", msg->name, field->name);
	if (!is_number(field) && field->type != FIELD_BOOL &&
	    (field->min < 0 || field->max > room_of(field)))
		fail_msg("%s.%s: length", msg->name, field->name);
}

static void
every_row_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < nitems(messages); i++)
		for (size_t k = 0; k < messages[i]->count; k++)
			check_row(messages[i], &messages[i]->fields[k]);
}

static void
keys_ascend_and_names_are_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < nitems(messages); i++) {
		const struct message *msg = messages[i];

		for (size_t k = 0; k < msg->count; k++) {
			const struct field *field = &msg->fields[k];

			if (k > 0 && field->key <= field[-1].key)
				fail_msg("%s.%s", msg->name, field->name);
			/* the header of changes has a hardware id as well */
			if (field->key < CHANGE_UNIT)
				assert_ptr_equal(
				    message_find(msg, field->name), field);
			assert_ptr_equal(message_field(msg, field->key), field);
		}
		assert_null(message_field(msg, 64));
		assert_null(message_find(msg, ""));
	}
}

static void
members_do_not_overlap(void **state)
{
	(void)state;
	for (size_t i = 0; i < nitems(messages); i++)
		for (size_t k = 0; k < messages[i]->count; k++)
			for (size_t j = 0; j < k; j++) {
				const struct field *a = &messages[i]->fields[j];
				const struct field *b = &messages[i]->fields[k];

				if (a->at + a->size > b->at &&
				    b->at + b->size > a->at)
					fail_msg("%s: %s and %s",
					    messages[i]->name, a->name,
					    b->name);
			}
}

static void
a_name_stands_for_every_number_in_range(void **state)
{
	(void)state;
	for (size_t i = 0; i < nitems(messages); i++)
		for (size_t k = 0; k < messages[i]->count; k++) {
			const struct field *field = &messages[i]->fields[k];
			int64_t count = 0;

			if (field->show != SHOW_NAME)
				continue;
			while (field->names[count] != NULL)
				count++;
			if (field->min < 0 || field->max >= count)
				fail_msg(
				    "%s.%s", messages[i]->name, field->name);
		}
}

static void
messages_have_names_of_their_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < nitems(messages); i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(
			    messages[i]->name, messages[k]->name);
}

static void
op_codes_ascend_and_are_found(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; ops[i].name != NULL; i++) {
		if (i > 0)
			assert_in_range(ops[i].code, ops[i - 1].code + 1, 0x7f);
		assert_ptr_equal(op_find(ops[i].code), &ops[i]);
		assert_in_range(ops[i].role, ROLE_NONE, ROLE_FACTORY);
	}
	assert_int_equal(i, 24);
	assert_null(op_find(0x7f));
	assert_null(op_find(0x100));
	assert_string_equal(op_find(OP_RELAY_MOVE)->name, "relay-move");
}

static void
a_change_and_only_a_change_carries_the_header(void **state)
{
	uint64_t body[256];

	(void)state;
	for (const struct op *op = ops; op->name != NULL; op++) {
		struct change *change = change_in(op->args, body);
		const struct field *unit = message_field(op->args, CHANGE_UNIT);

		assert_true(op->args->size <= sizeof(body));
		assert_int_equal(change != NULL, op->change);
		assert_int_equal(unit != NULL, op->change);
		if (change != NULL)
			assert_ptr_equal(field_in(unit, body), change->unit);
	}
}

static void
the_answer_to_a_change_can_be_kept(void **state)
{
	static uint8_t result[sizeof(struct unit_state)];
	uint8_t buf[BLOB_MAX];

	(void)state;
	for (const struct op *op = ops; op->name != NULL; op++) {
		struct cbor_out out = cbor_writer(buf, sizeof(buf));

		if (!op->change)
			continue;
		memset(result, 0xff, op->result->size);
		message_encode(op->result, result, &out);
		if (cbor_len(&out, buf) == 0)
			fail_msg("%s: longer than a blob", op->name);
	}
}

static void
conditions_events_and_roles_are_complete(void **state)
{
	size_t count = 0;

	(void)state;
	for (size_t i = 0; conditions[i].name != NULL; i++, count++) {
		assert_in_range(conditions[i].bit,
		    i > 0 ? conditions[i - 1].bit + 1 : 0, 31);
		assert_true(strlen(conditions[i].meaning) > 0);
		assert_true(strlen(conditions[i].action) > 0);
	}
	assert_int_equal(count, 23);
	assert_int_equal(conditions[22].bit, COND_CRITICAL);
	for (count = 0; event_rows[count].name != NULL; count++)
		assert_string_equal(event_rows[count].name,
		    message_find(&msg_event, "kind")
			->names[event_rows[count].kind]);
	assert_int_equal(count, 28);
	assert_string_equal(role_names[ROLE_READ_ONLY], "read-only");
	assert_string_equal(role_names[ROLE_NOBODY], "nobody");
	assert_null(role_names[ROLE_NOBODY + 1]);
	assert_string_equal(
	    unit_status_names[UNIT_UPDATE_ERROR], "update_error");
}

static void
there_are_fifty_six_usps_codes(void **state)
{
	size_t count = 0;

	(void)state;
	for (; usps_states[count] != NULL; count++) {
		assert_int_equal(strlen(usps_states[count]), 2);
		for (size_t i = 0; i < count; i++)
			assert_string_not_equal(
			    usps_states[i], usps_states[count]);
	}
	assert_int_equal(count, 56);
}

static void
provisioning_requires_the_address(void **state)
{
	(void)state;
	assert_true(record_required ==
	    ((uint64_t)1 << RECORD_ADDRESS | (uint64_t)1 << RECORD_CITY |
		(uint64_t)1 << RECORD_STATE | (uint64_t)1 << RECORD_ZIP));
	assert_int_equal(
	    message_find(&msg_record, "comms.type")->key, RECORD_COMMS_TYPE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_sound),
		cmocka_unit_test(keys_ascend_and_names_are_unique),
		cmocka_unit_test(members_do_not_overlap),
		cmocka_unit_test(a_name_stands_for_every_number_in_range),
		cmocka_unit_test(messages_have_names_of_their_own),
		cmocka_unit_test(op_codes_ascend_and_are_found),
		cmocka_unit_test(a_change_and_only_a_change_carries_the_header),
		cmocka_unit_test(the_answer_to_a_change_can_be_kept),
		cmocka_unit_test(conditions_events_and_roles_are_complete),
		cmocka_unit_test(there_are_fifty_six_usps_codes),
		cmocka_unit_test(provisioning_requires_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
