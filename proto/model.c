/* SPDX-License-Identifier: BSD-2-Clause */
#include "model.h"

#include <string.h>

#include "errors.h"
#include "record.h"

/* One spelling of a part, and what it stands for. */
struct choice {
	const char *text;
	uint8_t value;
};

enum { CHOICES_MAX = 11 };

/* A part between two hyphens; `at` is the member of struct model it fills. */
struct part {
	const char *name, *expected;
	size_t at;
	struct choice choices[CHOICES_MAX + 1]; /* text NULL ends */
};

struct family {
	const char *prefix; /* all that stands before the first part */
	const struct part *parts;
	size_t count;
	struct model model; /* what the prefix alone says */
};

static const struct part smart_parts[] = {
	{ "interconnection point", "B (load side) or T (line side)",
	    offsetof(struct model, interconnection),
	    { { "B", LOAD_SIDE }, { "T", LINE_SIDE } } },
	{ "jaws", "5", offsetof(struct model, jaws), { { "5", 5 } } },
	{ "meter form", "02 or 12", offsetof(struct model, meter_form),
	    { { "02", FORM_2S }, { "12", FORM_12S } } },
	{ "modem", "IH (Ethernet to cellular) or JC (cellular)",
	    offsetof(struct model, modem),
	    { { "IH", MODEM_ETHERNET_CELLULAR }, { "JC", MODEM_CELLULAR } } },
	{ "AIC rating", "10 or 22 (kA)", offsetof(struct model, aic_ka),
	    { { "10", 10 }, { "22", 22 } } },
	{ "overcurrent rating",
	    "15A, 20A, 25A, 30A, 35A, 40A, 45A, 50A, 60A, 70A or 80A",
	    offsetof(struct model, breaker_a),
	    { { "15A", 15 }, { "20A", 20 }, { "25A", 25 }, { "30A", 30 },
		{ "35A", 35 }, { "40A", 40 }, { "45A", 45 }, { "50A", 50 },
		{ "60A", 60 }, { "70A", 70 }, { "80A", 80 } } },
};

static const struct part solar_parts[] = {
	{ "interconnection point", "B (load side)",
	    offsetof(struct model, interconnection), { { "B", LOAD_SIDE } } },
	{ "jaws", "5", offsetof(struct model, jaws), { { "5", 5 } } },
	{ "AIC rating", "22 (kA)", offsetof(struct model, aic_ka),
	    { { "22", 22 } } },
	{ "overcurrent rating", "40, 60 or 80",
	    offsetof(struct model, breaker_a),
	    { { "40", 40 }, { "60", 60 }, { "80", 80 } } },
};

static const struct part transfer_parts[] = {
	{ "type", "731", offsetof(struct model, family),
	    { { "731", FAMILY_TRANSFER } } },
};

/* Not on the shelf; breakers of the smart family only. */
static const uint8_t long_lead_a[] = { 25, 35, 45, 70, 80 };

static const struct family families[] = {
	{ "S", smart_parts, nitems(smart_parts),
	    { .family = FAMILY_SMART_DER, .has_meter_form = true } },
	{ "C", solar_parts, nitems(solar_parts),
	    { .family = FAMILY_SOLAR_MSA } },
	{ "BPTM", transfer_parts, nitems(transfer_parts),
	    { .family = FAMILY_TRANSFER,
		.jaws = 4,
		.has_meter_form = true,
		.meter_form = FORM_2S,
		.breaker_a = 30 } },
};

static const struct part first_part = { .name = "product version",
	.expected = "S (smart DER collar), C (Solar MSA) or BPTM (transfer)" };
static const struct part no_part = { .name = "model number",
	.expected = "nothing after the last field" };

static size_t
part_len(const char *text)
{
	size_t len = 0;

	while (text[len] != '\0' && text[len] != '-')
		len++;

	return len;
}

static bool
same(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && memcmp(word, text, len) == 0;
}

static int
refuse(struct model_fault *fault, size_t offset, const struct part *part)
{
	if (fault != NULL)
		*fault = (struct model_fault){ .offset = offset,
			.field = part->name,
			.expected = part->expected };

	return E_BAD_VALUE;
}

static const struct family *
family_find(const char *text, size_t len)
{
	for (size_t i = 0; i < nitems(families); i++)
		if (same(families[i].prefix, text, len))
			return &families[i];

	return NULL;
}

static bool
part_read(
    const struct part *part, const char *text, size_t len, struct model *model)
{
	const struct choice *choice = part->choices;

	while (choice->text != NULL && !same(choice->text, text, len))
		choice++;
	if (choice->text == NULL)
		return false;
	memcpy((uint8_t *)model + part->at, &choice->value, 1);

	return true;
}

static bool
is_long_lead(const struct model *model)
{
	if (model->family != FAMILY_SMART_DER)
		return false;
	for (size_t i = 0; i < nitems(long_lead_a); i++)
		if (long_lead_a[i] == model->breaker_a)
			return true;

	return false;
}

int
model_parse(const char *text, struct model *model, struct model_fault *fault)
{
	size_t len = part_len(text), at = len;
	const struct family *family = family_find(text, len);
	struct model got;

	if (family == NULL)
		return refuse(fault, 0, &first_part);
	got = family->model;
	for (size_t i = 0; i < family->count; i++, at += len) {
		at += text[at] == '-';
		len = part_len(text + at);
		if (!part_read(&family->parts[i], text + at, len, &got))
			return refuse(fault, at, &family->parts[i]);
	}
	if (text[at] != '\0')
		return refuse(fault, at, &no_part);
	got.long_lead_time = is_long_lead(&got);
	*model = got;

	return E_OK;
}
