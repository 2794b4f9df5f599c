/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../proto/errors.h"
#include "../../../proto/model.h"
#include "../../../proto/record.h"

static struct model
parsed(const char *text)
{
	struct model model;

	assert_int_equal(model_parse(text, &model, NULL), E_OK);

	return model;
}

static void
a_der_collar_says_all_of_itself(void **state)
{
	struct model model = parsed("S-B-5-02-IH-10-60A");

	(void)state;
	assert_int_equal(model.family, FAMILY_SMART_DER);
	assert_int_equal(model.interconnection, LOAD_SIDE);
	assert_int_equal(model.jaws, 5);
	assert_true(model.has_meter_form);
	assert_int_equal(model.meter_form, FORM_2S);
	assert_int_equal(model.modem, MODEM_ETHERNET_CELLULAR);
	assert_int_equal(model.aic_ka, 10);
	assert_int_equal(model.breaker_a, 60);
	assert_false(model.long_lead_time);
}

static void
the_other_choice_of_each_field_is_told(void **state)
{
	struct model model = parsed("S-T-5-12-JC-22-15A");

	(void)state;
	assert_int_equal(model.interconnection, LINE_SIDE);
	assert_int_equal(model.meter_form, FORM_12S);
	assert_int_equal(model.modem, MODEM_CELLULAR);
	assert_int_equal(model.aic_ka, 22);
	assert_int_equal(model.breaker_a, 15);
}

static void
five_breakers_take_longer_to_get(void **state)
{
	static const uint8_t breakers[] = { 15, 20, 25, 30, 35, 40, 45, 50, 60,
		70, 80 };
	static const bool late[] = { false, false, true, false, true, false,
		true, false, false, true, true };

	(void)state;
	for (size_t i = 0; i < sizeof(breakers); i++) {
		char text[32];
		struct model model;

		snprintf(text, sizeof(text), "S-B-5-02-IH-10-%dA", breakers[i]);
		model = parsed(text);
		assert_int_equal(model.breaker_a, breakers[i]);
		assert_int_equal(model.long_lead_time, late[i]);
	}
}

static void
a_solar_msa_is_not_smart(void **state)
{
	static const char *const texts[] = { "C-B-5-22-40", "C-B-5-22-60",
		"C-B-5-22-80" };
	static const uint8_t breakers[] = { 40, 60, 80 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct model model = parsed(texts[i]);

		assert_int_equal(model.family, FAMILY_SOLAR_MSA);
		assert_int_equal(model.interconnection, LOAD_SIDE);
		assert_int_equal(model.jaws, 5);
		assert_false(model.has_meter_form);
		assert_int_equal(model.modem, MODEM_NONE);
		assert_int_equal(model.aic_ka, 22);
		assert_int_equal(model.breaker_a, breakers[i]);
		assert_false(model.long_lead_time);
	}
}

static void
a_transfer_collar_is_form_2s_with_30_a_breakers(void **state)
{
	struct model model = parsed("BPTM-731");

	(void)state;
	assert_int_equal(model.family, FAMILY_TRANSFER);
	assert_int_equal(model.jaws, 4);
	assert_true(model.has_meter_form);
	assert_int_equal(model.meter_form, FORM_2S);
	assert_int_equal(model.modem, MODEM_NONE);
	assert_int_equal(model.aic_ka, 0);
	assert_int_equal(model.breaker_a, 30);
}

/* text, offset and name of the part at fault, and a word of what would do */
static const struct {
	const char *text;
	size_t offset;
	const char *field, *word;
} faults[] = {
	{ "", 0, "product version", "BPTM" },
	{ "X-B-5-02-IH-10-60A", 0, "product version", "S" },
	{ "s-B-5-02-IH-10-60A", 0, "product version", "S" },
	{ "SS-B-5-02-IH-10-60A", 0, "product version", "S" },
	{ "S", 1, "interconnection point", "T" },
	{ "S-", 2, "interconnection point", "T" },
	{ "S-X-5-02-IH-10-60A", 2, "interconnection point", "T" },
	{ "S-B-4-02-IH-10-60A", 4, "jaws", "5" },
	{ "S-B-5-2-IH-10-60A", 6, "meter form", "02 or 12" },
	{ "S-B-5-2S-IH-10-60A", 6, "meter form", "02 or 12" },
	{ "S-B-5-02-XX-10-60A", 9, "modem", "JC" },
	{ "S-B-5-02-IH-11-60A", 12, "AIC rating", "22" },
	{ "S-B-5-02-IH-10", 14, "overcurrent rating", "15A" },
	{ "S-B-5-02-IH-10-60", 15, "overcurrent rating", "60A" },
	{ "S-B-5-02-IH-10-55A", 15, "overcurrent rating", "50A" },
	{ "S-B-5-02-IH-10-60A-", 18, "model number", "nothing" },
	{ "S-B-5-02-IH-10-60A-X", 18, "model number", "nothing" },
	{ "S-B-5-02-IH-10-60A ", 15, "overcurrent rating", "60A" },
	{ "C-T-5-22-40", 2, "interconnection point", "B" },
	{ "C-B-4-22-40", 4, "jaws", "5" },
	{ "C-B-5-10-40", 6, "AIC rating", "22" },
	{ "C-B-5-22-50", 9, "overcurrent rating", "40, 60 or 80" },
	{ "C-B-5-22-40A", 9, "overcurrent rating", "40, 60 or 80" },
	{ "BPTM", 4, "type", "731" },
	{ "BPTM-732", 5, "type", "731" },
	{ "BPTM731", 0, "product version", "BPTM" },
	{ "BPTM-731-1", 8, "model number", "nothing" },
};

static void
the_part_at_fault_is_named_with_what_would_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct model model = { .breaker_a = 99 };
		struct model_fault fault = { 0 };

		assert_int_equal(
		    model_parse(faults[i].text, &model, &fault), E_BAD_VALUE);
		assert_int_equal(fault.offset, faults[i].offset);
		assert_string_equal(fault.field, faults[i].field);
		assert_non_null(strstr(fault.expected, faults[i].word));
		assert_int_equal(model.breaker_a, 99);
	}
}

static void
a_fault_need_not_be_asked_for(void **state)
{
	struct model model;

	(void)state;
	assert_int_equal(model_parse("nothing", &model, NULL), E_BAD_VALUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_der_collar_says_all_of_itself),
		cmocka_unit_test(the_other_choice_of_each_field_is_told),
		cmocka_unit_test(five_breakers_take_longer_to_get),
		cmocka_unit_test(a_solar_msa_is_not_smart),
		cmocka_unit_test(
		    a_transfer_collar_is_form_2s_with_30_a_breakers),
		cmocka_unit_test(the_part_at_fault_is_named_with_what_would_do),
		cmocka_unit_test(a_fault_need_not_be_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
