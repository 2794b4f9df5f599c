/* SPDX-License-Identifier: BSD-2-Clause */

#include "doctor.h"

#include <inttypes.h>
#include <string.h>

enum { OTHER_SILENCE_MS = 400, ECHO_MS = 300 };

/* All that an examination has found, step by step. */
struct chart {
	struct examined steps[DOCTOR_STEPS_MAX];
	size_t count;
	size_t at_fault; /* count: none is */
};

/* The step that a failure to open the collar is the fault of; count: none, the
 * line or the program is at fault. */
static size_t
opening_step(int err)
{
	size_t i = 0;

	while (doctor_steps[i].name != NULL &&
	    doctor_steps[i].opening[0] != err &&
	    doctor_steps[i].opening[1] != err)
		i++;

	return i;
}

/* Does a collar answer there? */
static bool
answers(const char *port)
{
	struct place place = { .ask = true };
	const struct find_options options = { .timeout_ms = OTHER_SILENCE_MS };
	struct failure failure = { .err = E_OK };

	snprintf(place.at.port, sizeof(place.at.port), "%s", port);

	return find_ask_one(&place, &options, &failure) == E_OK &&
	    place.is.answered;
}

/*
 * A collar that is silent at the usual rate may be set to another one.  Sets
 * what to do, if so.
 */
static void
try_other_rates(const struct doctor *doctor, struct examined *found)
{
	static const unsigned rates[] = { 9600, 19200, 38400, 57600, 230400 };
	const char *transport = link_transport(doctor->port);
	char port[2 * LINK_WHY_MAX];

	if (transport == NULL || strcmp(transport, "serial") != 0 ||
	    strchr(doctor->port, '@') != NULL)
		return;
	for (size_t i = 0; i < nitems(rates) && !link_interrupted; i++) {
		snprintf(port, sizeof(port), "%s@%u", doctor->port, rates[i]);
		if (strlen(port) < LINK_WHY_MAX && answers(port)) {
			snprintf(found->action, sizeof(found->action),
			    "it answers at another rate: use -p %.300s", port);
			return;
		}
	}
}

/* A silent probe: does it send back what it is sent?  What that is, is a frame
 * to nobody. */
static bool
has_echo(const char *port)
{
	static const uint8_t noise[] = { 'c', 'o', 'l', 'l', 'a', 'r', 'c', 't',
		'l', 0 };
	uint8_t heard[64];
	char why[LINK_WHY_MAX];
	struct link *link = NULL;
	int write_ms = ECHO_MS, ms = ECHO_MS;
	bool has = false;

	if (link_open(&link, port, why) != E_OK)
		return false;
	if (link_write(link, noise, sizeof(noise), &write_ms) == E_OK)
		while (link_read(link, heard, sizeof(heard), &ms) > 0)
			continue;
	has = link->echoes.whole + link->echoes.damaged > 0;
	link_close(&link);

	return has;
}

static void
listen_to_probe(const struct doctor *doctor, struct examined *found)
{
	const char *transport = link_transport(doctor->port);

	if (transport == NULL || strcmp(transport, "optical") != 0)
		return;
	snprintf(found->action, sizeof(found->action), "%s",
	    has_echo(doctor->port)
		? "the probe echoes, so it has power: set it on the unit's "
		  "optical port anew"
		: "the probe does not echo: see that it has power, and set it "
		  "on the unit's optical port");
}

/* Opening got as far as to this step. */
static void
note_opening(const struct doctor *doctor, const struct failure *failure,
    struct examined *found)
{
	*found = (struct examined){ .reached = true, .err = failure->err };
	snprintf(found->finding, sizeof(found->finding), "%s", failure->what);
	snprintf(found->action, sizeof(found->action), "%s",
	    failure->hint[0] != '\0' ? failure->hint
				     : error_find(failure->err)->hint);
	if (failure->err != E_NO_ANSWER)
		return;
	try_other_rates(doctor, found);
	listen_to_probe(doctor, found);
}

/* What opening did before that step, without a unit: it went well. */
static void
look_before(struct doctor *doctor, struct chart *chart)
{
	for (size_t i = 0; i < chart->at_fault; i++) {
		if (doctor_steps[i].asks)
			return;
		chart->steps[i].reached = true;
		doctor_steps[i].look(doctor, &chart->steps[i]);
	}
}

static int
open_unit(struct doctor *doctor, const struct args *args, struct chart *chart)
{
	struct ctx *ctx = doctor->ctx;
	size_t step;

	if (ctx_client(ctx, args) != NULL) {
		doctor->port = ctx->port;
		return E_OK;
	}
	step = opening_step(ctx->failure.err);
	if (doctor_steps[step].name == NULL)
		return ctx->failure.err;
	doctor->port = ctx->port;
	chart->at_fault = step;
	look_before(doctor, chart);
	note_opening(doctor, &ctx->failure, &chart->steps[step]);

	return E_OK;
}

/* Step after step, until one is at fault. */
static int
look_at_all(struct doctor *doctor, struct chart *chart)
{
	for (size_t i = 0; i < chart->count; i++) {
		struct examined *found = &chart->steps[i];

		out_progress(&doctor->ctx->out, doctor_steps[i].name, i + 1,
		    chart->count);
		found->reached = true;
		found->err = doctor_steps[i].look(doctor, found);
		if (link_interrupted || found->err == E_INTERRUPTED)
			return fail(&doctor->ctx->failure, E_INTERRUPTED,
			    "interrupted");
		if (found->err != E_OK) {
			chart->at_fault = i;
			return E_OK;
		}
	}

	return E_OK;
}

static json_t *
text_json(const char *text)
{
	return text[0] != '\0' ? json_text(text) : json_null();
}

static json_t *
step_json(size_t step, const struct examined *found)
{
	return json_pack("{s:s, s:o, s:o, s:o}", "step",
	    doctor_steps[step].name, "ok",
	    found->reached ? json_boolean(found->err == E_OK) : json_null(),
	    "finding", text_json(found->finding), "action",
	    text_json(found->action));
}

static json_t *
rate_json(const struct line_quality *line)
{
	return json_pack("{s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:s}",
	    "baud", line->baud > 0 ? json_integer(line->baud) : json_null(),
	    "round_trips", line->trips, "round_trip_min_ms", line->min_ms,
	    "round_trip_median_ms", line->mid_ms, "round_trip_max_ms",
	    line->max_ms, "frames", line->frames + line->broken, "frame_errors",
	    line->broken, "retries", line->repeats, "verdict",
	    line_verdicts[line->verdict]);
}

/* The verdict is the best one: at that rate the line can be used. */
static json_t *
line_json(const struct doctor *doctor)
{
	const char *transport =
	    doctor->port != NULL ? link_transport(doctor->port) : NULL;
	enum line_verdict best = LINE_BAD;
	json_t *rates = json_array();

	for (size_t i = 0; i < doctor->lines.count; i++) {
		const struct line_quality *line = &doctor->lines.at[i];

		json_array_append_new(rates, rate_json(line));
		if (line->verdict < best)
			best = line->verdict;
	}

	return json_pack("{s:o, s:o, s:o, s:o}", "port",
	    text_json(doctor->port != NULL ? doctor->port : ""), "transport",
	    text_json(transport != NULL ? transport : ""), "verdict",
	    doctor->lines.count > 0 ? json_string(line_verdicts[best])
				    : json_null(),
	    "rates", rates);
}

/* The unit may not have been met: then who it is is not known. */
static json_t *
heading_json(const struct doctor *doctor)
{
	return doctor->ctx->client != NULL
	    ? json_unit(doctor->ctx->client)
	    : json_pack("{s:n, s:n, s:n}", "serial", "kind", "virtual");
}

static void
print_json(const struct doctor *doctor, const struct chart *chart)
{
	json_t *object = heading_json(doctor), *steps = json_array();

	for (size_t i = 0; i < chart->count; i++)
		json_array_append_new(steps, step_json(i, &chart->steps[i]));
	json_object_set_new(
	    object, "ok", json_boolean(chart->at_fault == chart->count));
	json_object_set_new(object, "steps", steps);
	json_object_set_new(object, "line", line_json(doctor));
	out_json(&doctor->ctx->out, object);
}

/* Where there is a choice. */
static void
print_rates(struct out *out, const struct line_qualities *lines)
{
	for (size_t i = 0; i < lines->count && lines->count > 1; i++) {
		const struct line_quality *line = &lines->at[i];

		out_line(out, i == 0 ? "Line" : "",
		    "%6" PRIu32 " baud: %s, %" PRIu32
		    " ms a round trip, of %" PRIu32 " frames %" PRIu32
		    " broken, %" PRIu32 " repeats",
		    line->baud, line_verdicts[line->verdict], line->mid_ms,
		    line->frames + line->broken, line->broken, line->repeats);
	}
}

static void
print_text(struct out *out, const struct chart *chart,
    const struct line_qualities *lines)
{
	char text[4 * FAILURE_LEN];

	for (size_t i = 0; i < chart->count; i++) {
		const struct examined *found = &chart->steps[i];

		if (!found->reached)
			continue;
		out_style(out, found->err == E_OK ? STYLE_PLAIN : STYLE_BAD);
		out_line(out, doctor_steps[i].name, "%s%s",
		    found->err == E_OK ? "" : "FAULT: ",
		    escape(text, sizeof(text), found->finding));
		out_style(out, STYLE_PLAIN);
	}
	print_rates(out, lines);
	out_line(out, "To do", "%s",
	    chart->at_fault < chart->count
		? escape(
		      text, sizeof(text), chart->steps[chart->at_fault].action)
		: "nothing: all is well");
}

/* The failure is that of the step at fault. */
static int
verdict(struct doctor *doctor, const struct chart *chart)
{
	struct failure *failure = &doctor->ctx->failure;
	const struct examined *found;

	if (chart->at_fault == chart->count)
		return E_OK;
	found = &chart->steps[chart->at_fault];
	*failure = (struct failure){ .err = E_OK };
	fail(failure, found->err, "%s: %.380s",
	    doctor_steps[chart->at_fault].name, found->finding);

	return fail_hint(failure, "%s", found->action);
}

static int
run_doctor(struct ctx *ctx, const struct args *args)
{
	struct doctor doctor = { .ctx = ctx };
	struct chart chart = { .count = 0 };
	int err;

	while (doctor_steps[chart.count].name != NULL)
		chart.count++;
	chart.at_fault = chart.count;
	err = open_unit(&doctor, args, &chart);
	if (err == E_OK && chart.at_fault == chart.count)
		err = look_at_all(&doctor, &chart);
	if (err != E_OK)
		return err;
	if (ctx->out.format == FORMAT_JSON)
		print_json(&doctor, &chart);
	else
		print_text(&ctx->out, &chart, &doctor.lines);
	ctx->out.answered = true;

	return verdict(&doctor, &chart);
}

const struct command cmd_doctor = {
	.name = "doctor",
	.group = "Find",
	.args = "",
	.flags = COMMAND_DEVICE,
	.help = "what is wrong, from the socket to the contacts",
	.text = "Looks at cable, permission, driver, who holds the port, "
		"whether a collar answers, the quality of the line, and then "
		"at the unit. Stops at the first fault and says what to do. "
		"Changes nothing.",
	.examples = "collarctl doctor\n"
		    "collarctl -p sim doctor --json",
	.run = run_doctor,
};
