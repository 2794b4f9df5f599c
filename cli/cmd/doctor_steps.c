/* SPDX-License-Identifier: BSD-2-Clause */

/* From the socket to the contacts, in the order in which one fault hides what
 * lies behind it. */

#include "doctor.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { DRIFT_MAX_S = 60 };

static int well(struct examined *found, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int
well(struct examined *found, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(found->finding, sizeof(found->finding), format, args);
	va_end(args);

	return E_OK;
}

static int
fault(struct examined *found, int err, const char *finding, const char *action)
{
	snprintf(found->finding, sizeof(found->finding), "%s", finding);
	snprintf(found->action, sizeof(found->action), "%s", action);

	return err;
}

/* A file that the port is, of this computer. */
static bool
has_device(const struct doctor *doctor, char device[LINK_WHY_MAX])
{
	return link_device(doctor->port, device);
}

static int
look_cable(struct doctor *doctor, struct examined *found)
{
	return well(found, "%s is there", doctor->port);
}

static int
look_permission(struct doctor *doctor, struct examined *found)
{
	char device[LINK_WHY_MAX];

	(void)doctor;
	return has_device(doctor, device)
	    ? well(found, "%s may be opened", device)
	    : well(found, "it may be opened");
}

static int
look_driver(struct doctor *doctor, struct examined *found)
{
	char device[LINK_WHY_MAX], driver[64];

	if (!has_device(doctor, device))
		return well(found, "a %s port needs none",
		    link_transport(doctor->port));
	if (!device_driver(device, driver, sizeof(driver)))
		return well(found, "a terminal without hardware");

	return well(found, "%s", driver);
}

static int
look_holder(struct doctor *doctor, struct examined *found)
{
	(void)doctor;
	return well(found, "no other program has it open");
}

static int
look_answer(struct doctor *doctor, struct examined *found)
{
	const struct link *link = client_link(doctor->ctx->client);

	if (link->baud == 0)
		return well(found, "a collar answers");

	return well(found, "a collar answers at %" PRIu32 " baud", link->baud);
}

static int
look_unit(struct doctor *doctor, struct examined *found)
{
	const struct hello_answer *unit = client_unit(doctor->ctx->client);
	char name[UNIT_NAME_LEN];

	return well(found, "%s%s%s%s", unit_name(name, unit),
	    HAS(unit, HELLO_ANSWER_MODEL) ? ", " : "",
	    HAS(unit, HELLO_ANSWER_MODEL) ? unit->model : "",
	    client_is_virtual(doctor->ctx->client) ? ", virtual" : "");
}

/* Only an optical probe takes its power from the lines of the port. */
static int
look_power(struct doctor *doctor, struct examined *found)
{
	const struct link *link = client_link(doctor->ctx->client);

	if (!link->half_duplex)
		return well(found, "the port feeds no probe");

	return link->powered
	    ? well(found, "DTR and RTS are up and feed the probe")
	    : well(
		  found, "the port has no DTR and RTS that could feed a probe");
}

static int
look_echo(struct doctor *doctor, struct examined *found)
{
	const struct link *link = client_link(doctor->ctx->client);
	const struct link_echoes *echoes = &link->echoes;

	if (!link->half_duplex)
		return well(found, "both ends talk at a time");
	if (echoes->whole + echoes->damaged == 0)
		return well(found, "the probe does not echo");

	return well(found,
	    "the probe echoes: of %u turns %u whole, %u damaged, all taken out",
	    echoes->turns, echoes->whole, echoes->damaged);
}

/* The rate that the line is at now, which is the best. */
static const struct line_quality *
line_now(const struct doctor *doctor)
{
	const struct line_qualities *lines = &doctor->lines;
	uint32_t baud = client_link(doctor->ctx->client)->baud;
	size_t i = lines->count - 1;

	while (i > 0 && lines->at[i].baud != baud)
		i--;

	return &lines->at[i];
}

static int
look_speed(struct doctor *doctor, struct examined *found)
{
	struct failure failure = { .err = E_OK };
	const struct line_quality *line;
	int err = line_measure(doctor->ctx->client, &doctor->lines, &failure);

	if (err != E_OK)
		return fault(found, err, failure.what,
		    "sit the cable or the probe anew, away from what disturbs "
		    "it");
	line = line_now(doctor);
	well(found,
	    "%u round trips of %" PRIu32 " ms, at least %" PRIu32
	    ", at most %" PRIu32,
	    line->trips, line->mid_ms, line->min_ms, line->max_ms);
	if (line->baud > 0)
		snprintf(found->finding + strlen(found->finding),
		    sizeof(found->finding) - strlen(found->finding),
		    ", at %" PRIu32 " baud", line->baud);

	return E_OK;
}

static int
look_frames(struct doctor *doctor, struct examined *found)
{
	const struct line_quality *line = line_now(doctor);
	char text[FAILURE_LEN];

	snprintf(text, sizeof(text),
	    "%s: of %" PRIu32 " frames %" PRIu32 " broken, %" PRIu32
	    " requests repeated",
	    line_verdicts[line->verdict], line->frames + line->broken,
	    line->broken, line->repeats);
	if (line->verdict == LINE_BAD)
		return fault(found, E_NO_ANSWER, text,
		    "sit the cable or the probe anew, try a lower rate with "
		    "@BAUD");

	return well(found, "%s", text);
}

/* A condition of the unit's that is a fault of the step. */
struct trouble {
	enum condition condition;
	int err;
};

/* The first of these that the unit is in, as a fault; E_OK if in none. */
static int
trouble_find(const struct doctor *doctor, const struct trouble *troubles,
    size_t count, struct examined *found)
{
	for (size_t i = 0; i < count; i++) {
		const struct condition_row *row = conditions;

		if ((doctor->state.hex_status &
			COND_BIT(troubles[i].condition)) == 0)
			continue;
		while (row->bit != troubles[i].condition)
			row++;
		return fault(found, troubles[i].err, row->meaning, row->action);
	}

	return E_OK;
}

/* What the unit says now is read once, here. */
static int
look_clock(struct doctor *doctor, struct examined *found)
{
	static const struct trouble troubles[] = { { COND_CLOCK_UNTRUSTED,
	    E_UNIT_FAULT } };
	const struct nothing nothing = { .has = 0 };
	struct failure failure = { .err = E_OK };
	struct client *client = doctor->ctx->client;
	int64_t drift_s;
	int err =
	    client_call(client, OP_STATUS, &nothing, &doctor->state, &failure);

	if (err != E_OK)
		return fault(found, err, failure.what, error_find(err)->hint);
	err = trouble_find(doctor, troubles, nitems(troubles), found);
	if (err != E_OK)
		return err;
	drift_s = (int64_t)(doctor->state.clock_utc_ms / 1000) -
	    (int64_t)(link_now_utc_ms(client_link(client)) / 1000);
	well(found, "%" PRId64 " s %s this computer's",
	    drift_s < 0 ? -drift_s : drift_s,
	    drift_s < 0 ? "behind" : "ahead of");
	if (drift_s <= DRIFT_MAX_S && drift_s >= -DRIFT_MAX_S)
		return E_OK;
	snprintf(found->action, sizeof(found->action),
	    "check this computer's clock, then set the unit's: collarctl "
	    "clock set");

	return E_UNIT_FAULT;
}

static int
look_firmware(struct doctor *doctor, struct examined *found)
{
	static const struct trouble troubles[] = {
		{ COND_MEMORY_FAULT, E_MEMORY_FAULT },
	};
	const struct hello_answer *unit = client_unit(doctor->ctx->client);
	int err = trouble_find(doctor, troubles, nitems(troubles), found);

	return err != E_OK ? err
			   : well(found, "version %s, protocol %u",
				 unit->firmware_version, unit->version);
}

static int
look_utility(struct doctor *doctor, struct examined *found)
{
	static const struct trouble troubles[] = { { COND_NO_UTILITY,
	    E_NO_UTILITY } };
	int err = trouble_find(doctor, troubles, nitems(troubles), found);
	char voltage[DECIMAL_LEN];

	if (err != E_OK)
		return err;
	if (!HAS(&doctor->state, STATUS_VOLTAGE))
		return well(found, "there is utility power");

	return well(found, "%s V at the unit",
	    decimal_text(voltage, doctor->state.voltage_dv, 1));
}

static int
look_breaker(struct doctor *doctor, struct examined *found)
{
	static const struct trouble troubles[] = { { COND_BREAKER_OPEN,
	    E_UNIT_FAULT } };
	int err = trouble_find(doctor, troubles, nitems(troubles), found);

	return err != E_OK ? err : well(found, "shut");
}

static int
look_flipped(struct doctor *doctor, struct examined *found)
{
	static const struct trouble troubles[] = { { COND_FLIPPED,
	    E_FLIPPED } };
	int err = trouble_find(doctor, troubles, nitems(troubles), found);

	return err != E_OK ? err : well(found, "it sits upright");
}

static int
look_modem(struct doctor *doctor, struct examined *found)
{
	static const struct trouble troubles[] = {
		{ COND_MODEM_INACTIVE, E_UNIT_FAULT },
		{ COND_NOT_REGISTERED, E_UNIT_FAULT },
	};
	const struct hello_answer *unit = client_unit(doctor->ctx->client);
	int err = trouble_find(doctor, troubles, nitems(troubles), found);

	if (err != E_OK)
		return err;

	return (unit->capabilities & CAN_REPORT) == 0
	    ? well(found, "this unit has none")
	    : well(found, "activated, and registered with its network");
}

static int
look_reports(struct doctor *doctor, struct examined *found)
{
	static const struct trouble troubles[] = {
		{ COND_PROVISIONING_ERROR, E_PROVISIONING_FAILED },
		{ COND_REPORTING_ERROR, E_UNIT_FAULT },
		{ COND_UPDATE_ERROR, E_UNIT_FAULT },
	};
	const struct unit_state *state = &doctor->state;
	int err = trouble_find(doctor, troubles, nitems(troubles), found);
	char at[UTC_TEXT_LEN];

	if (err != E_OK)
		return err;
	if (state->status == UNIT_UNPROVISIONED)
		return well(found, "the unit is not provisioned yet");
	if (!HAS(state, STATUS_UPLINK_LAST_REPORT))
		return well(found, "none is due yet");

	return well(found, "the last one at %s",
	    utc_text(at, state->uplink_last_report_at));
}

static int
look_meter(struct doctor *doctor, struct examined *found)
{
	static const struct trouble troubles[] = {
		{ COND_METERING_FAULT, E_UNIT_FAULT },
		{ COND_FORM_MISMATCH, E_UNIT_FAULT },
		{ COND_VOLTAGE_LIMIT, E_UNIT_FAULT },
		{ COND_FREQUENCY_LIMIT, E_UNIT_FAULT },
	};
	int err = trouble_find(doctor, troubles, nitems(troubles), found);

	return err != E_OK ? err : well(found, "it measures");
}

static int
look_contacts(struct doctor *doctor, struct examined *found)
{
	static const struct trouble troubles[] = {
		{ COND_RELAY_FAULT, E_RELAY_FAULT },
		{ COND_CONTACT_WELDED, E_UNIT_FAULT },
		{ COND_LOCKOUT, E_LOCKOUT }, { COND_OVERLOAD, E_OVERLOAD },
		{ COND_CRITICAL, E_UNIT_FAULT }, /* if nothing said more */
	};
	const struct unit_state *state = &doctor->state;
	int err = trouble_find(doctor, troubles, nitems(troubles), found);

	if (err != E_OK)
		return err;

	return well(found, "relay %s, and so are its contacts",
	    state->relay_feedback == RELAY_SHUT ? "SHUT" : "OPEN");
}

const struct doctor_step doctor_steps[] = {
	{ "cable", false, { E_NO_COLLAR }, look_cable },
	{ "permission", false, { E_PORT_PERMISSION }, look_permission },
	{ "driver", false, { E_IO }, look_driver },
	{ "holder", false, { E_PORT_BUSY }, look_holder },
	{ "power", true, { 0 }, look_power },
	{ "echo", true, { 0 }, look_echo },
	{ "answer", true, { E_NO_ANSWER, E_PROTOCOL }, look_answer },
	{ "unit", true, { E_WRONG_UNIT }, look_unit },
	{ "speed", true, { 0 }, look_speed },
	{ "frames", true, { 0 }, look_frames },
	{ "clock", true, { 0 }, look_clock },
	{ "firmware", true, { E_VERSION }, look_firmware },
	{ "utility", true, { 0 }, look_utility },
	{ "breaker", true, { 0 }, look_breaker },
	{ "flipped", true, { 0 }, look_flipped },
	{ "modem", true, { 0 }, look_modem },
	{ "reports", true, { 0 }, look_reports },
	{ "meter", true, { 0 }, look_meter },
	{ "contacts", true, { 0 }, look_contacts },
	{ NULL, false, { 0 }, NULL },
};
