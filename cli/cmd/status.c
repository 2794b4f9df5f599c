/* SPDX-License-Identifier: BSD-2-Clause */

#include <inttypes.h>
#include <string.h>

#include "cmd.h"

static json_t *
conditions_json(uint32_t hex_status)
{
	json_t *list = json_array();

	for (size_t i = 0; conditions[i].name; i++)
		if (hex_status & COND_BIT(conditions[i].bit))
			json_array_append_new(
			    list, json_string(conditions[i].name));

	return list;
}

json_t *
status_json(struct client *client, const struct unit_state *state)
{
	json_t *object = json_unit(client);
	json_t *fields = json_of(&msg_unit_state, state, state_collapse);
	double drift_s = (double)state->clock_utc_ms / 1000 -
	    (double)link_now_utc_ms(client_link(client)) / 1000;

	json_object_update_missing(object, fields);
	json_decref(fields);
	json_object_set_new(
	    object, "conditions", conditions_json(state->hex_status));
	json_object_set_new(object, "withheld", json_array());
	json_object_set_new(object, "lcd", lcd_json(state));
	json_put(object, "clock.drift_s",
	    HAS(state, STATUS_CLOCK_UTC) ? json_real((double)(int64_t)drift_s)
					 : json_null());
	json_object_set_new(object, "transfer", json_null());

	return object;
}

static void
print_conditions(struct out *out, uint32_t hex_status)
{
	for (size_t i = 0; conditions[i].name; i++)
		if (hex_status & COND_BIT(conditions[i].bit))
			out_line(out, "", "%s: %s; %s", conditions[i].name,
			    conditions[i].meaning, conditions[i].action);
}

static const char *
upper(uint8_t position)
{
	return position == RELAY_SHUT ? "SHUT" : "OPEN";
}

void
print_relay(struct out *out, const struct unit_state *state)
{
	char at[UTC_TEXT_LEN], requested[UTC_TEXT_LEN];
	char text[4 * sizeof(state->tag_text)];
	char who[4 * sizeof(state->tag_holder)];

	out_line(out, "Relay", "%s (contact: %s)", upper(state->relay_state),
	    upper(state->relay_feedback));
	if (HAS(state, STATUS_PENDING_ACTION))
		out_line(out, "Pending", "%s at %s, requested at %s by %s",
		    upper(state->pending_action),
		    utc_text(at, state->pending_at),
		    utc_text(requested, state->pending_requested_at),
		    escape(who, sizeof(who), state->pending_by));
	if (HAS(state, STATUS_HOLD_RETURNS_TO))
		out_line(out, "Hold", "goes back to %s at %s unless confirmed",
		    upper(state->hold_returns_to),
		    utc_text(at, state->hold_at));
	if (HAS(state, STATUS_TAG_TEXT))
		out_line(out, "Tagged out", "\"%s\" by %s at %s",
		    escape(text, sizeof(text), state->tag_text),
		    escape(who, sizeof(who), state->tag_holder),
		    utc_text(at, state->tag_at));
}

/* What is measured, with its units as people write them. */
static const struct {
	uint8_t key;
	const char *label, *unit;
} measured[] = {
	{ STATUS_VOLTAGE, "Voltage", " V" },
	{ STATUS_CURRENT, "Current", " A" },
	{ STATUS_ACTIVE_POWER, "Active power", " kW" },
	{ STATUS_REACTIVE_POWER, "Reactive power", " kvar" },
	{ STATUS_POWER_FACTOR, "Power factor", "" },
	{ STATUS_FREQUENCY, "Frequency", " Hz" },
	{ STATUS_TEMPERATURE, "Temperature", " °F" },
	{ STATUS_ENERGY_CONSUMED, "Energy consumed", " kWh" },
	{ STATUS_ENERGY_PRODUCED, "Energy produced", " kWh" },
};

static void
print_measured(struct out *out, const struct unit_state *state)
{
	char text[64];

	for (size_t i = 0; i < nitems(measured); i++)
		if (field_text(message_field(&msg_unit_state, measured[i].key),
			state, text, sizeof(text)) > 0)
			out_line(out, measured[i].label, "%s%s", text,
			    measured[i].unit);
}

static void
print_unit(struct out *out, const struct hello_answer *unit)
{
	char name[UNIT_NAME_LEN];

	out_line(out, "Unit", "%s%s", unit_name(name, unit),
	    HAS(unit, HELLO_ANSWER_SERIAL) ? "" : " (no serial number yet)");
}

static enum out_style
status_style(uint8_t status)
{
	switch (status) {
	case UNIT_OPERATIONAL:
		return STYLE_GOOD;
	case UNIT_UNPROVISIONED:
		return STYLE_PLAIN;
	case UNIT_PROVISIONING:
		return STYLE_WARN;
	default:
		return STYLE_BAD;
	}
}

static void
print_status(struct out *out, const struct unit_state *state)
{
	char text[64];

	field_text(message_field(&msg_unit_state, STATUS_STATUS), state, text,
	    sizeof(text));
	out_style(out, status_style(state->status));
	out_line(out, "Status", "%s", text);
	out_style(out, STYLE_PLAIN);
}

static void
print_text(
    struct out *out, struct client *client, const struct unit_state *state)
{
	const struct hello_answer *unit = client_unit(client);
	struct lcd_advice advice = lcd_advise(state);
	char at[UTC_TEXT_LEN];

	print_shuts_by_itself(out, state);
	print_unit(out, unit);
	print_status(out, state);
	out_line(out, "Hex status", "0x%08" PRIx32, state->hex_status);
	print_conditions(out, state->hex_status);
	print_relay(out, state);
	out_line(out, "LCD", "%s%s%s%s",
	    state->lcd_blank ? "(blank)" : state->lcd_text,
	    state->lcd_thumbs_up ? "  [thumbs-up]" : "",
	    state->lcd_arrow ? "  [arrow]" : "",
	    state->lcd_skull ? "  [skull]" : "");
	out_line(out, "", "%s; to do: %s", advice.meaning, advice.action);
	print_measured(out, state);
	if (state->test_active)
		out_line(out, "Test mode", "%" PRIu32 " s remain",
		    state->test_remaining_s);
	out_line(out, "Test registers",
	    "consumed %" PRIu64 ".%03u Wh, "
	    "produced %" PRIu64 ".%03u Wh",
	    state->test_energy_consumed_mwh / 1000,
	    (unsigned)(state->test_energy_consumed_mwh % 1000),
	    state->test_energy_produced_mwh / 1000,
	    (unsigned)(state->test_energy_produced_mwh % 1000));
	out_line(out, "Clock", "%s%s", utc_text(at, state->clock_utc_ms / 1000),
	    state->clock_trusted ? "" : " (not trusted: set it)");
	out_line(out, "Uplink", "%s, last report %s, %u failures in a row",
	    state->uplink_registered ? "registered" : "not registered",
	    HAS(state, STATUS_UPLINK_LAST_REPORT)
		? utc_text(at, state->uplink_last_report_at)
		: "never",
	    state->uplink_failures);
}

static int
run_status(struct ctx *ctx, const struct args *args)
{
	struct unit_state state;
	int err;

	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if ((err = read_state(ctx, &state)) < 0)
		return err;
	if (ctx->out.format == FORMAT_JSON)
		out_json(&ctx->out, status_json(ctx->client, &state));
	else
		print_text(&ctx->out, ctx->client, &state);

	return E_OK;
}

const struct command cmd_status = {
	.name = "status",
	.group = "Read",
	.args = "",
	.flags = COMMAND_DEVICE,
	.help =
	    "operating status, hex status decoded, relay, LCD, measured values",
	.examples = "collarctl -p sim status\n"
		    "collarctl -p sim status --json",
	.run = run_status,
};
