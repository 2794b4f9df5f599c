/* SPDX-License-Identifier: BSD-2-Clause */

#include "interval.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum column_kind { COLUMN_TIME, COLUMN_SERIAL, COLUMN_VALUE, COLUMN_REGISTER };

struct column {
	const char *title;
	enum column_kind kind;
	unsigned decimals;
	struct field field; /* JSON name and place of the value */
};

#define VALUE(kind_, title_, member, json, decimals_) \
	{ \
		.title = (title_), .kind = (kind_), .decimals = (decimals_), \
		.field = FIELD_ROW(struct interval, member, json, 0, REQUIRED, \
		    0, 0, RULE_NONE, ROLE_NOBODY, SHOW_PLAIN, NULL, "", "") \
	}

static const struct column columns[] = {
	{ .title = "Sampled At", .kind = COLUMN_TIME },
	{ .title = "Serial Number", .kind = COLUMN_SERIAL },
	VALUE(COLUMN_VALUE, "Power Factor (Scale -1 to 1)", power_factor_c,
	    "power_factor", 2),
	VALUE(COLUMN_VALUE, "Frequency (Hz)", frequency_chz, "frequency_hz", 2),
	VALUE(COLUMN_VALUE, "Active Power (kW)", active_power_cw,
	    "active_power_kw", 5),
	VALUE(COLUMN_VALUE, "Reactive Power (kVar)", reactive_power_cvar,
	    "reactive_power_kvar", 5),
	VALUE(COLUMN_VALUE, "Temperature (F)", temperature_df, "temperature_f",
	    1),
	VALUE(COLUMN_REGISTER, "Energy Consumed (kWh)", energy_consumed_wh,
	    "energy_consumed_kwh", 3),
	VALUE(COLUMN_REGISTER, "Energy Produced (kWh)", energy_produced_wh,
	    "energy_produced_kwh", 3),
	VALUE(COLUMN_VALUE, "RMS Voltage (V)", voltage_dv, "voltage_v", 1),
	VALUE(COLUMN_VALUE, "RMS Current (A)", current_ca, "current_a", 2),
};

/* 12/4/2016 17:30 */
static void
us_time_text(char *text, size_t cap, uint32_t at)
{
	time_t seconds = (time_t)at;
	struct tm utc;

	if (!gmtime_r(&seconds, &utc))
		utc = (struct tm){ 0 };
	snprintf(text, cap, "%d/%d/%d %02d:%02d", utc.tm_mon + 1, utc.tm_mday,
	    utc.tm_year + 1900, utc.tm_hour, utc.tm_min);
}

static void
print_time(struct out *out, const struct interval_style *style,
    const struct block_header *header, uint32_t at)
{
	char text[48];

	if (header->untrusted)
		return;
	if (style->us_time)
		us_time_text(text, sizeof(text), at);
	else
		utc_text(text, at);
	out_print(out, "%s", text);
}

static void
print_value(struct out *out, const struct interval_style *style,
    const struct column *column, const struct interval *record)
{
	int64_t value = field_number(&column->field, record);
	char text[DECIMAL_LEN];

	if (column->kind == COLUMN_REGISTER && style->whole_kwh)
		decimal_text(text, value / 1000, 0);
	else
		decimal_text(text, value, column->decimals);
	out_print(out, "%s", text);
}

static json_t *
flags_json(uint16_t flags)
{
	json_t *list = json_array();

	for (unsigned bit = 0; interval_flag_names[bit]; bit++)
		if (flags >> bit & 1)
			json_array_append_new(
			    list, json_string(interval_flag_names[bit]));

	return list;
}

static json_t *
decimal_json(int64_t value, unsigned decimals)
{
	double scale = 1;

	while (decimals-- > 0)
		scale *= 10;

	return json_real((double)value / scale);
}

void
interval_csv_head(struct out *out)
{
	for (size_t i = 0; i < nitems(columns); i++)
		out_print(out, "%s%s", i > 0 ? "," : "", columns[i].title);
	out_print(out, "\n");
}

void
interval_csv_row(struct out *out, const struct interval_style *style,
    const struct block_header *header, const struct interval *record)
{
	for (size_t i = 0; i < nitems(columns); i++) {
		if (i > 0)
			out_print(out, ",");
		if (columns[i].kind == COLUMN_TIME)
			print_time(out, style, header, record->at);
		else if (columns[i].kind == COLUMN_SERIAL)
			out_print(out, "%s", style->serial);
		else
			print_value(out, style, &columns[i], record);
	}
	out_print(out, "\n");
}

json_t *
interval_json(const struct block_header *header, const struct interval *record)
{
	json_t *object = json_object();
	char text[UTC_TEXT_LEN];

	json_object_set_new(object, "sampled_at",
	    header->untrusted ? json_null()
			      : json_string(utc_text(text, record->at)));
	for (size_t i = 0; i < nitems(columns); i++)
		if (columns[i].field.name)
			json_object_set_new(object, columns[i].field.name,
			    decimal_json(
				field_number(&columns[i].field, record),
				columns[i].decimals));
	json_object_set_new(object, "flags", flags_json(record->flags));
	if (header->untrusted) {
		json_object_set_new(object, "boot", json_integer(header->boot));
		json_object_set_new(
		    object, "uptime_s", json_integer(record->at));
	}

	return object;
}
