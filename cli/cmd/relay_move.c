/* SPDX-License-Identifier: BSD-2-Clause */

#include "relay.h"

#include <string.h>

#include "cmd.h"

const struct opt relay_shut_opts[] = {
	{ 0, "at", "TIME", TAKES_TIME, NULL,
	    "when: now (default), top-of-hour, or a time with zone" },
	{ 0, "hold", "DURATION", TAKES_DURATION, NULL,
	    "go back by itself unless confirmed; on open at most 10m" },
	{ 0 },
};

const struct opt relay_open_opts[] = {
	{ 0, "at", "TIME", TAKES_TIME, NULL,
	    "when: now (default), top-of-hour, or a time with zone" },
	{ 0, "hold", "DURATION", TAKES_DURATION, NULL,
	    "go back by itself unless confirmed; at most 10m" },
	{ 0, "tag", "TEXT", TAKES_TEXT, NULL, "tag the unit out, too" },
	{ 0 },
};

/* Says what a SHUT would meet on the unit as it stands. */
static const char *
shut_obstacle(const struct unit_state *state)
{
	static const uint8_t obstacles[] = { COND_FLIPPED, COND_TAGGED_OUT,
		COND_NO_UTILITY, COND_RELAY_FAULT, COND_METERING_FAULT,
		COND_MEMORY_FAULT, COND_VOLTAGE_LIMIT, COND_FREQUENCY_LIMIT };

	for (size_t i = 0; i < nitems(obstacles); i++)
		for (size_t row = 0; conditions[row].name; row++)
			if (conditions[row].bit == obstacles[i] &&
			    state->hex_status & COND_BIT(obstacles[i]))
				return conditions[row].name;

	return NULL;
}

static int
preview_move(struct ctx *ctx, const struct relay_move *move, const char *words)
{
	struct unit_state state;
	const char *obstacle = NULL;
	bool moves, changes;
	int err = read_state(ctx, &state);

	if (err < 0)
		return err;
	moves =
	    move->when != WHEN_NOW || move->position != state.relay_feedback;
	changes = moves || HAS(move, RELAY_MOVE_TAG) ||
	    HAS(move, RELAY_MOVE_HOLD) || HAS(&state, STATUS_HOLD_RETURNS_TO) ||
	    HAS(&state, STATUS_PENDING_ACTION);
	if (moves && move->position == RELAY_SHUT)
		obstacle = shut_obstacle(&state);
	if (ctx->out.format == FORMAT_JSON) {
		json_t *object = relay_state_json(ctx->client, &state, NULL);

		json_preview(object, changes, moves);
		json_object_set_new(object, "refused_by",
		    obstacle ? json_string(obstacle) : json_null());
		out_json(&ctx->out, object);
		return E_OK;
	}
	out_print(&ctx->out, "would %s%s\n", words,
	    changes ? "" : ": it stands so already, nothing would change");
	out_print(
	    &ctx->out, "power %s\n", moves ? "would move" : "would not move");
	if (obstacle)
		out_print(
		    &ctx->out, "the unit would refuse it now: %s\n", obstacle);

	return E_OK;
}

static int
parse_when(struct ctx *ctx, const struct args *args, struct relay_move *move)
{
	const char *at = args_get(args, "at");
	uint64_t utc_ms;
	int err;

	move->when = WHEN_NOW;
	HAVE(move, RELAY_MOVE_WHEN);
	if (!at || strcmp(at, "now") == 0)
		return E_OK;
	if (strcmp(at, "top-of-hour") == 0) {
		move->when = WHEN_TOP_OF_HOUR;
		return E_OK;
	}
	err = parse_time(at, "--at", 0, &utc_ms, &ctx->failure);
	if (err < 0)
		return err;
	if (utc_ms / 1000 > UINT32_MAX)
		return fail(
		    &ctx->failure, E_BAD_VALUE, "--at %s: too far ahead", at);
	move->when = WHEN_AT;
	move->at = (uint32_t)(utc_ms / 1000);
	HAVE(move, RELAY_MOVE_AT);

	return E_OK;
}

static int
parse_hold(struct ctx *ctx, const struct args *args, struct relay_move *move)
{
	const char *hold = args_get(args, "hold");
	uint32_t max_s =
	    move->position == RELAY_OPEN ? HOLD_OPEN_MAX_S : HOLD_MAX_S;
	int err;

	if (!hold)
		return E_OK;
	err = parse_duration(hold, "--hold", &move->hold_s, &ctx->failure);
	if (err < 0)
		return err;
	if (move->hold_s == 0 || move->hold_s > max_s)
		return fail(&ctx->failure, E_BAD_VALUE,
		    "--hold %s: from 1s to %s", hold,
		    move->position == RELAY_OPEN ? "10m on open"
						 : "7d on shut");
	HAVE(move, RELAY_MOVE_HOLD);

	return E_OK;
}

/* "OPEN the DER relay now, back by itself after 10 min unless confirmed" */
static void
describe(const struct args *args, const struct relay_move *move, char *words,
    size_t cap)
{
	const char *at = args_get(args, "at");
	char duration[32];
	size_t len;

	snprintf(words, cap, "%s the DER relay %s%s",
	    move->position == RELAY_SHUT ? "SHUT" : "OPEN",
	    move->when == WHEN_NOW ? "now" : "at ",
	    move->when == WHEN_NOW      ? ""
		: move->when == WHEN_AT ? at
					: "the top of the hour");
	len = strlen(words);
	if (HAS(move, RELAY_MOVE_HOLD))
		snprintf(words + len, cap - len,
		    ", back by itself after %s unless confirmed",
		    duration_text(duration, move->hold_s));
}

static int
make_move(struct ctx *ctx, const struct args *args, struct relay_move *move)
{
	struct relay_moved moved;
	char words[160];
	int err;

	describe(args, move, words, sizeof(words));
	if ((err = confirm_move(ctx, args, words)) < 0)
		return err;
	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if (ctx->dry_run)
		return preview_move(ctx, move, words);
	err = client_change(
	    ctx->client, OP_RELAY_MOVE, move, &moved, &ctx->failure);
	if (err < 0)
		return err;
	if (move->position == RELAY_OPEN)
		relay_warn_open(ctx);

	return relay_show(ctx, &moved);
}

int
relay_open(struct ctx *ctx, const struct args *args)
{
	struct relay_move move = { .position = RELAY_OPEN };
	const char *tag = args_get(args, "tag");
	int err;

	HAVE(&move, RELAY_MOVE_POSITION);
	if ((err = parse_when(ctx, args, &move)) < 0 ||
	    (err = parse_hold(ctx, args, &move)) < 0)
		return err;
	if (tag && (move.when != WHEN_NOW || HAS(&move, RELAY_MOVE_HOLD)))
		return fail(&ctx->failure, E_USAGE,
		    "--tag goes with an open now, without --hold");
	if (tag &&
	    (err = parse_field(&msg_relay_move,
		 message_field(&msg_relay_move, RELAY_MOVE_TAG), &move, tag,
		 &ctx->failure)) < 0)
		return err;

	return make_move(ctx, args, &move);
}

int
relay_shut(struct ctx *ctx, const struct args *args)
{
	struct relay_move move = { .position = RELAY_SHUT };
	int err;

	HAVE(&move, RELAY_MOVE_POSITION);
	if ((err = parse_when(ctx, args, &move)) < 0 ||
	    (err = parse_hold(ctx, args, &move)) < 0)
		return err;

	return make_move(ctx, args, &move);
}
