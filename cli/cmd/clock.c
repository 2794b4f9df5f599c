/* SPDX-License-Identifier: BSD-2-Clause */

#include <inttypes.h>

#include "cmd.h"

/*
 * A collar answers within a quarter of a second.  Where it took longer an
 * answer was lost, or the line is slow: the middle of the round trip says
 * little of when the clock was read.
 */
enum { FAIR_TRIP_MS = 300, READINGS_MAX = 3 };

/* How far the unit's clock is ahead of this computer's, in ms: taken at the
 * middle of the round trip. */
struct reading {
	struct clock_state clock;
	int64_t drift_ms;
	uint64_t trip_ms;
};

static int
read_once(struct ctx *ctx, struct reading *reading)
{
	struct link *link = client_link(ctx->client);
	struct nothing nothing = { 0 };
	uint64_t before_ms = link_now_utc_ms(link);
	int err = client_call(
	    ctx->client, OP_CLOCK, &nothing, &reading->clock, &ctx->failure);

	reading->trip_ms = link_now_utc_ms(link) - before_ms;
	reading->drift_ms = (int64_t)reading->clock.utc_ms -
	    (int64_t)(before_ms + reading->trip_ms / 2);

	return err;
}

/* The best of a few readings, the first one if it is fair. */
static int
read_clock(struct ctx *ctx, struct reading *best)
{
	int err = read_once(ctx, best);

	for (int i = 1;
	     err == E_OK && i < READINGS_MAX && best->trip_ms > FAIR_TRIP_MS;
	     i++) {
		struct reading next;

		err = read_once(ctx, &next);
		if (err == E_OK && next.trip_ms < best->trip_ms)
			*best = next;
	}

	return err;
}

static void
show(struct ctx *ctx, const struct reading *reading)
{
	int64_t drift_ms = reading->drift_ms;
	uint64_t distance_ms =
	    drift_ms < 0 ? -(uint64_t)drift_ms : (uint64_t)drift_ms;
	char at[UTC_TEXT_LEN];
	json_t *object;

	utc_text(at, reading->clock.utc_ms / 1000);
	if (ctx->out.format == FORMAT_JSON) {
		object = json_unit(ctx->client);
		json_object_set_new(object, "utc", json_string(at));
		json_object_set_new(
		    object, "drift_s", json_real((double)drift_ms / 1000));
		json_object_set_new(
		    object, "trusted", json_boolean(reading->clock.trusted));
		if (ctx->dry_run)
			json_preview(object, true, false);
		out_json(&ctx->out, object);
		return;
	}
	out_line(&ctx->out, "UTC", "%s", at);
	out_line(&ctx->out, "Drift", "%" PRIu64 ".%03u s %s this computer",
	    distance_ms / 1000, (unsigned)(distance_ms % 1000),
	    drift_ms < 0 ? "behind" : "ahead of");
	out_line(&ctx->out, "Trusted", "%s",
	    reading->clock.trusted ? "yes"
				   : "no: set it with collarctl clock set");
}

static int
run_show(struct ctx *ctx, const struct args *args)
{
	struct reading reading;
	int err;

	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if ((err = read_clock(ctx, &reading)) < 0)
		return err;
	show(ctx, &reading);

	return E_OK;
}

static int
run_set(struct ctx *ctx, const struct args *args)
{
	struct clock_set set = { 0 };
	struct clock_state result;
	struct reading reading;
	int err;

	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if (!ctx->dry_run) {
		err = client_change(
		    ctx->client, OP_CLOCK_SET, &set, &result, &ctx->failure);
		if (err < 0)
			return err;
	}
	if ((err = read_clock(ctx, &reading)) < 0)
		return err;
	if (ctx->dry_run && ctx->out.format != FORMAT_JSON)
		out_print(&ctx->out,
		    "would set the unit's clock to this "
		    "computer's; now it reads:\n");
	show(ctx, &reading);

	return E_OK;
}

static const struct verb clock_verbs[] = {
	{ .name = "show",
	    .args = "",
	    .help = "the unit's clock and its drift (the default)",
	    .run = run_show },
	{ .name = "set",
	    .args = "",
	    .flags = COMMAND_CHANGES,
	    .help = "set it to this computer's UTC",
	    .run = run_set },
	{ 0 },
};

const struct command cmd_clock = {
	.name = "clock",
	.group = "Read",
	.args = "",
	.flags = COMMAND_DEVICE,
	.help = "the unit's clock: UTC, drift against this computer, trusted "
		"or not",
	.text =
	    "A step of more than a second is flagged in the interval data, and "
	    "shows there as a break.",
	.examples = "collarctl -p sim clock\n"
		    "collarctl -p sim clock set",
	.verbs = clock_verbs,
	.default_verb = "show",
};
