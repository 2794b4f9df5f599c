/* SPDX-License-Identifier: BSD-2-Clause */

#include <inttypes.h>

#include "cmd.h"

enum { WATCH_MS = 1000 };

static const struct opt start_opts[] = {
	{ 0, "minutes", "N", TAKES_NUMBER, NULL, "for so long; 1 to 10 (10)" },
	{ 0, "relay", NULL, TAKES_NOTHING, NULL,
	    "exercise the relay and return it" },
	{ 0, "watch", NULL, TAKES_NOTHING, NULL,
	    "follow it to its end; ^C stops it" },
	{ 0 },
};

static const struct opt status_opts[] = {
	{ 0, "watch", NULL, TAKES_NOTHING, NULL,
	    "follow test mode to its end" },
	{ 0 },
};

static json_t *
test_json(struct client *client, bool active, uint32_t remaining_s)
{
	json_t *object = json_unit(client);

	json_object_set_new(object, "active", json_boolean(active));
	json_object_set_new(object, "remaining_s",
	    active ? json_integer(remaining_s) : json_null());
	json_object_set_new(object, "transfer_s", json_null());
	json_object_set_new(object, "return_s", json_null());

	return object;
}

static void
show(struct ctx *ctx, bool active, uint32_t remaining_s, bool line)
{
	char text[32];

	if (ctx->out.format == FORMAT_JSON && line)
		out_json_line(
		    &ctx->out, test_json(ctx->client, active, remaining_s));
	else if (ctx->out.format == FORMAT_JSON)
		out_json(
		    &ctx->out, test_json(ctx->client, active, remaining_s));
	else if (active)
		out_print(&ctx->out, "test mode: %s left\n",
		    duration_text(text, remaining_s));
	else
		out_print(&ctx->out, "test mode: not active\n");
}

/* What a start or a stop would do, beside the state of now. */
static int
preview(struct ctx *ctx, const char *words, bool start, bool moves)
{
	struct unit_state state;
	json_t *object;
	bool changes;
	int err = read_state(ctx, &state);

	if (err < 0)
		return err;
	changes = start || state.test_active;
	if (ctx->out.format != FORMAT_JSON) {
		out_print(&ctx->out, "would %s%s\n", words,
		    changes ? "" : ": it is not active");
		out_print(
		    &ctx->out, "power would %s\n", moves ? "move" : "not move");
		return E_OK;
	}
	object =
	    test_json(ctx->client, state.test_active, state.test_remaining_s);
	json_preview(object, changes, moves);
	out_json(&ctx->out, object);

	return E_OK;
}

static int
stop(struct ctx *ctx, struct test_state *result)
{
	struct plain_change plain = { 0 };

	return client_change(
	    ctx->client, OP_TEST_STOP, &plain, result, &ctx->failure);
}

/* Follows test mode to its end. */
static int
watch(struct ctx *ctx, bool stop_on_interrupt)
{
	struct unit_state state;
	struct test_state ended;
	int err;

	for (;;) {
		if ((err = read_state(ctx, &state)) < 0)
			break;
		show(ctx, state.test_active, state.test_remaining_s, true);
		if ((err = out_flush(&ctx->out, &ctx->failure)) < 0)
			return err;
		if (!state.test_active)
			return E_OK;
		if ((err = watch_pause(ctx, WATCH_MS)) < 0)
			break;
	}
	if (err == E_INTERRUPTED && stop_on_interrupt) {
		link_interrupted = 0;
		ctx->failure = (struct failure){ 0 };
		if (stop(ctx, &ended) == E_OK) {
			fail(&ctx->failure, E_INTERRUPTED, "interrupted");
			return fail_hint(&ctx->failure, "test mode was ended");
		}
	}

	return err;
}

static int
run_status(struct ctx *ctx, const struct args *args)
{
	struct unit_state state;
	int err;

	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if (args_has(args, "watch"))
		return watch(ctx, false);
	if ((err = read_state(ctx, &state)) < 0)
		return err;
	show(ctx, state.test_active, state.test_remaining_s, false);

	return E_OK;
}

static int
parse_start(struct ctx *ctx, const struct args *args, struct test_start *start)
{
	const char *minutes = args_get(args, "minutes");
	int64_t number = TEST_MINUTES_MAX;
	int err;

	if (minutes &&
	    (err = parse_number(minutes, "--minutes", 1, TEST_MINUTES_MAX,
		 &number, &ctx->failure)) < 0)
		return err;
	start->minutes = (uint8_t)number;
	HAVE(start, TEST_START_MINUTES);
	start->relay = args_has(args, "relay");
	if (start->relay)
		HAVE(start, TEST_START_RELAY);

	return E_OK;
}

static int
run_start(struct ctx *ctx, const struct args *args)
{
	struct test_start start = { 0 };
	struct test_state state;
	char words[96];
	int err = parse_start(ctx, args, &start);

	if (err < 0)
		return err;
	snprintf(words, sizeof(words), "run test mode for %u min%s",
	    start.minutes,
	    start.relay ? ", moving the DER relay and returning it" : "");
	if ((err = confirm_move(ctx, args, words)) < 0)
		return err;
	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if (ctx->dry_run)
		return preview(ctx, words, true, start.relay);
	err = client_change(
	    ctx->client, OP_TEST_START, &start, &state, &ctx->failure);
	if (err < 0)
		return err;
	if (args_has(args, "watch"))
		return watch(ctx, true);
	show(ctx, state.active, state.remaining_s, false);

	return E_OK;
}

static int
run_stop(struct ctx *ctx, const struct args *args)
{
	struct test_state state;
	int err;

	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if (ctx->dry_run)
		return preview(ctx, "end test mode", false, false);
	if ((err = stop(ctx, &state)) < 0)
		return err;
	show(ctx, state.active, state.remaining_s, false);

	return E_OK;
}

static const struct verb test_verbs[] = {
	{ .name = "status",
	    .args = "",
	    .help = "is it active, and for how long (the default)",
	    .opts = status_opts,
	    .run = run_status },
	{ .name = "start",
	    .args = "",
	    .flags = COMMAND_CHANGES | COMMAND_MOVES_POWER,
	    .help = "begin it",
	    .opts = start_opts,
	    .run = run_start },
	{ .name = "stop",
	    .args = "",
	    .flags = COMMAND_CHANGES,
	    .help = "end it",
	    .run = run_stop },
	{ 0 },
};

const struct command cmd_test = {
	.name = "test",
	.group = "Switch",
	.args = "",
	.flags = COMMAND_DEVICE,
	.help = "test mode",
	.text =
	    "A DER collar first lights every segment and icon of its LCD, then "
	    "meters into test registers of higher resolution, while its "
	    "billing registers stand still.  Test mode ends by itself after at "
	    "most ten minutes.",
	.examples = "collarctl -p sim -s SIM0001 --yes test start --minutes 2\n"
		    "collarctl -p sim test --watch\n"
		    "collarctl -p sim test stop",
	.verbs = test_verbs,
	.default_verb = "status",
};
