/* SPDX-License-Identifier: BSD-2-Clause */

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../proto/model.h"
#include "cmd.h"
#include "diagnostic.h"

enum { HEX_MAX = 4096, HEX_STATUS_DIGITS = 8 };

/* Torque of the terminals for a wire size, in inch-pounds. */
struct torque {
	const char *wire, *awg;
	int in_lb;
};

static const struct torque torques[] = {
	{ "field wiring", "14-10", 35 },
	{ "field wiring", "8", 40 },
	{ "field wiring", "6-4", 45 },
	{ "field wiring", "3", 50 },
	{ "neutral pigtail", "14-12", 15 },
	{ "neutral pigtail", "10-6", 40 },
	{ "neutral pigtail", "2-4", 50 },
	{ "junction-box screws", NULL, 5 },
};

/* The neutral pigtail goes by the breaker: up to so many amperes, this size. */
static const struct {
	int breaker_a, awg;
} neutrals[] = { { 30, 10 }, { 40, 8 }, { 60, 6 }, { 80, 4 } };

static const char *const families[] = { [FAMILY_SMART_DER] = "smart DER collar",
	[FAMILY_SOLAR_MSA] = "solar meter socket adapter, not smart",
	[FAMILY_TRANSFER] = "transfer collar for a portable generator" };

static const char *const sides[] = {
	[LOAD_SIDE] = "load side", [LINE_SIDE] = "line side"
};

static const char *const modems[] = { [MODEM_NONE] = NULL,
	[MODEM_ETHERNET_CELLULAR] = "ethernet-cellular",
	[MODEM_CELLULAR] = "cellular" };

static int
neutral_awg(const struct model *model)
{
	if (model->family == FAMILY_TRANSFER)
		return 0;
	for (size_t i = 0; i < nitems(neutrals); i++)
		if (model->breaker_a <= neutrals[i].breaker_a)
			return neutrals[i].awg;

	return 0;
}

static json_t *
number_or_null(int number)
{
	return number > 0 ? json_integer(number) : json_null();
}

static json_t *
text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *
torques_json(const struct model *model)
{
	json_t *list = json_array();

	if (model->family == FAMILY_TRANSFER)
		return list;
	for (size_t i = 0; i < nitems(torques); i++) {
		json_t *one = json_object();

		json_object_set_new(one, "wire", json_string(torques[i].wire));
		json_object_set_new(one, "awg", text_or_null(torques[i].awg));
		json_object_set_new(
		    one, "in_lb", json_integer(torques[i].in_lb));
		json_array_append_new(list, one);
	}

	return list;
}

static json_t *
notes_json(const struct model *model)
{
	json_t *list = json_array();
	const char *const notes[] = {
		model->family == FAMILY_SMART_DER &&
			model->interconnection == LINE_SIDE
		    ? "line side: for utility-owned systems only"
		    : NULL,
		model->family == FAMILY_SMART_DER && model->aic_ka == 22
		    ? "22 kA: pending regulatory approval"
		    : NULL,
		model->long_lead_time
		    ? "this breaker rating has a longer lead time"
		    : NULL,
		model->has_meter_form && model->meter_form == FORM_12S
		    ? "form 12S: the fifth jaw may be too small for the "
		      "neutral; "
		      "then attach the pigtail"
		    : NULL,
		model->family == FAMILY_SMART_DER
		    ? "a 4-jaw socket always needs the neutral pigtail"
		    : NULL,
		model->family == FAMILY_SOLAR_MSA
		    ? "only in 100 to 200 A ringless sockets, fifth terminal "
		      "in "
		      "5-jaw sockets, 44 in clearance"
		    : NULL,
		model->family == FAMILY_SOLAR_MSA
		    ? "not on 120/208 V network-protector services"
		    : NULL,
		model->family == FAMILY_TRANSFER
		    ? "200 A, 120/240 V; generator 30 A, 120/240 V, L14-30; "
		      "the breakers sit in the 25 ft cable"
		    : NULL,
	};

	for (size_t i = 0; i < nitems(notes); i++)
		if (notes[i])
			json_array_append_new(list, json_string(notes[i]));

	return list;
}

static json_t *
model_json(const char *text, const struct model *model)
{
	json_t *object = json_object();
	bool der = model->family != FAMILY_TRANSFER;

	json_object_set_new(object, "model", json_string(text));
	json_object_set_new(
	    object, "family", json_string(families[model->family]));
	json_object_set_new(object, "interconnection",
	    text_or_null(der ? sides[model->interconnection] : NULL));
	json_object_set_new(object, "jaws", number_or_null(model->jaws));
	json_object_set_new(object, "meter_form",
	    text_or_null(model->has_meter_form
		    ? meter_form_names[model->meter_form]
		    : NULL));
	json_object_set_new(
	    object, "modem", text_or_null(modems[model->modem]));
	json_object_set_new(object, "aic_ka", number_or_null(model->aic_ka));
	json_object_set_new(
	    object, "breaker_a", number_or_null(model->breaker_a));
	json_object_set_new(object, "max_continuous_a",
	    number_or_null(model->breaker_a * 8 / 10));
	json_object_set_new(
	    object, "neutral_awg", number_or_null(neutral_awg(model)));
	json_object_set_new(object, "torques", torques_json(model));
	json_object_set_new(object, "notes", notes_json(model));

	return object;
}

static void
print_torques(struct out *out)
{
	for (size_t i = 0; i < nitems(torques); i++)
		out_line(out, i == 0 ? "Torque" : "", "%s%s%s: %d in·lb",
		    torques[i].wire, torques[i].awg ? " AWG " : "",
		    torques[i].awg ? torques[i].awg : "", torques[i].in_lb);
}

static void
print_model(struct out *out, const char *text, const struct model *model)
{
	json_t *notes = notes_json(model), *note;
	size_t i;

	out_line(out, "Model", "%s: %s", text, families[model->family]);
	if (model->family != FAMILY_TRANSFER)
		out_line(out, "Interconnection", "%s",
		    sides[model->interconnection]);
	out_line(out, "Jaws", "%d", model->jaws);
	if (model->has_meter_form)
		out_line(out, "Meter form", "%s",
		    meter_form_names[model->meter_form]);
	if (modems[model->modem])
		out_line(out, "Modem", "%s", modems[model->modem]);
	if (model->aic_ka)
		out_line(out, "AIC rating", "%d kA", model->aic_ka);
	if (model->breaker_a) {
		out_line(out, "Breaker", "%d A", model->breaker_a);
		out_line(out, "Continuous", "at most %d A",
		    model->breaker_a * 8 / 10);
	}
	if (neutral_awg(model))
		out_line(out, "Neutral pigtail", "AWG %d, copper",
		    neutral_awg(model));
	if (model->family != FAMILY_TRANSFER)
		print_torques(out);
	json_array_foreach(notes, i, note)
	    out_line(out, i == 0 ? "Notes" : "", "%s", json_string_value(note));
	json_decref(notes);
}

static int
run_model(struct ctx *ctx, const struct args *args)
{
	const char *text = args->pos[0];
	struct model_fault fault;
	struct model model;

	if (model_parse(text, &model, &fault) < 0)
		return fail(&ctx->failure, E_BAD_VALUE,
		    "model \"%s\": %s at character %zu: expected %s", text,
		    fault.field, fault.offset + 1, fault.expected);
	if (ctx->out.format == FORMAT_JSON)
		out_json(&ctx->out, model_json(text, &model));
	else
		print_model(&ctx->out, text, &model);

	return E_OK;
}

static int
parse_hex_status(const char *text, uint32_t *value, struct failure *failure)
{
	const char *digits = text;

	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		digits += 2;
	if (strspn(digits, "0123456789abcdefABCDEF") != strlen(digits) ||
	    digits[0] == '\0' || strlen(digits) > HEX_STATUS_DIGITS)
		return fail(failure, E_BAD_VALUE,
		    "hex status \"%s\": expected 1 to 8 hex digits, as in "
		    "0x00010020",
		    text);
	*value = (uint32_t)strtoul(digits, NULL, 16);

	return E_OK;
}

static int
run_hex_status(struct ctx *ctx, const struct args *args)
{
	uint32_t value = 0, known = 0;
	json_t *list = json_array();
	char hex[16];
	int err = parse_hex_status(args->pos[0], &value, &ctx->failure);

	for (size_t i = 0; err == E_OK && conditions[i].name; i++) {
		known |= COND_BIT(conditions[i].bit);
		if (!(value & COND_BIT(conditions[i].bit)))
			continue;
		json_array_append_new(list, json_string(conditions[i].name));
		if (ctx->out.format != FORMAT_JSON)
			out_line(&ctx->out, conditions[i].name, "%s; %s",
			    conditions[i].meaning, conditions[i].action);
	}
	if (err == E_OK && ctx->out.format == FORMAT_JSON) {
		json_t *object = json_object();

		snprintf(hex, sizeof(hex), "0x%08" PRIx32, value);
		json_object_set_new(object, "hex_status", json_string(hex));
		json_object_set(object, "conditions", list);
		snprintf(hex, sizeof(hex), "0x%08" PRIx32, value & ~known);
		json_object_set_new(object, "unknown_bits", json_string(hex));
		out_json(&ctx->out, object);
	} else if (err == E_OK && (value & ~known || value == 0)) {
		out_line(&ctx->out, value ? "unknown bits" : "0x00000000",
		    value ? "0x%08" PRIx32 : "no condition", value & ~known);
	}
	json_decref(list);

	return err;
}

/* Hex digits, white space between them, into bytes. */
static int
parse_hex(const struct args *args, uint8_t *bytes, size_t *len,
    struct failure *failure)
{
	size_t digits = 0;

	for (int i = 0; i < args->npos; i++)
		for (const char *at = args->pos[i]; *at; at++) {
			int value = hex_digit(*at);

			if (isspace((unsigned char)*at))
				continue;
			if (value < 0)
				return fail(failure, E_BAD_VALUE,
				    "\"%c\" at character %zu of argument %d is "
				    "no hex digit",
				    *at, (size_t)(at - args->pos[i]) + 1,
				    i + 1);
			if (digits == 2 * (size_t)HEX_MAX)
				return fail(failure, E_BAD_VALUE,
				    "more than %d bytes", HEX_MAX);
			bytes[digits / 2] = (uint8_t)(digits % 2
				? bytes[digits / 2] * 16 + value
				: value);
			digits++;
		}
	if (digits % 2)
		return fail(failure, E_BAD_VALUE,
		    "%zu hex digits: a byte has two", digits);
	*len = digits / 2;

	return E_OK;
}

static int
run_cbor(struct ctx *ctx, const struct args *args)
{
	static const char *const reasons[] = { [CBOR_SHORT] =
						   "it ends too early",
		[CBOR_FORM] = "it is not deterministic CBOR of the profile",
		[CBOR_TYPE] = "a type is wrong",
		[CBOR_RANGE] = "a number or length is too large" };
	uint8_t bytes[HEX_MAX];
	size_t len = 0, offset = 0;
	enum cbor_err why;
	char *text;
	int err = parse_hex(args, bytes, &len, &ctx->failure);

	if (err < 0)
		return err;
	why = cbor_check(bytes, len, &offset);
	if (why != CBOR_OK)
		return fail(&ctx->failure, E_BAD_DATA, "at byte %zu of %zu: %s",
		    offset, len, reasons[why]);
	text = diagnostic_text(bytes, len);
	if (!text)
		return fail(&ctx->failure, E_INTERNAL, "out of memory");
	if (ctx->out.format == FORMAT_JSON) {
		json_t *object = json_object();

		json_object_set_new(
		    object, "bytes", json_integer((json_int_t)len));
		json_object_set_new(object, "diagnostic", json_string(text));
		out_json(&ctx->out, object);
	} else {
		out_print(&ctx->out, "%s\n", text);
	}
	free(text);

	return E_OK;
}

static const struct verb decode_verbs[] = {
	{ .name = "model",
	    .args = "MODEL",
	    .takes = TAKES_TEXT,
	    .min = 1,
	    .max = 1,
	    .help = "a model number: breaker, neutral pigtail, torques",
	    .run = run_model },
	{ .name = "hex-status",
	    .args = "HEX",
	    .takes = TAKES_TEXT,
	    .min = 1,
	    .max = 1,
	    .help = "a hex status: its conditions and what to do",
	    .run = run_hex_status },
	{ .name = "cbor",
	    .args = "HEX...",
	    .takes = TAKES_TEXT,
	    .min = 1,
	    .max = -1,
	    .help = "CBOR bytes in hex, in diagnostic notation",
	    .run = run_cbor },
	{ 0 },
};

const struct command cmd_decode = {
	.name = "decode",
	.group = "Look up",
	.args = "",
	.help = "model numbers, hex status and CBOR, without a collar",
	.examples = "collarctl decode model S-B-5-02-IH-10-60A\n"
		    "collarctl decode hex-status 0x00010020\n"
		    "collarctl decode cbor 'a1 01 6161'",
	.verbs = decode_verbs,
};
