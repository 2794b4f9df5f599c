/* SPDX-License-Identifier: BSD-2-Clause */

#include "relay.h"

#include "cmd.h"

static const char not_isolation[] = "relay OPEN is not isolation: lock out the "
				    "breaker, prove dead with a meter";

json_t *
relay_state_json(struct client *client, const struct unit_state *state,
    const struct relay_moved *moved)
{
	json_t *object = json_unit(client);
	json_t *all = json_of(&msg_unit_state, state, state_collapse);

	json_object_update_missing(object, json_object_get(all, "relay"));
	json_decref(all);
	json_object_set_new(
	    object, "changed", json_boolean(moved && moved->changed));
	if (moved && HAS(moved, RELAY_MOVED_FEEDBACK_OTHER)) {
		json_object_set_new(object, "feedback_other",
		    json_of_field(message_field(&msg_relay_moved,
				      RELAY_MOVED_FEEDBACK_OTHER),
			moved));
		json_object_set_new(object, "voltage_followed",
		    json_boolean(moved->voltage_followed));
	}

	return object;
}

int
relay_show(struct ctx *ctx, const struct relay_moved *moved)
{
	struct out *out = &ctx->out;
	struct unit_state state;
	int err = read_state(ctx, &state);

	if (err < 0)
		return err;
	if (out->format == FORMAT_JSON) {
		out_json(out, relay_state_json(ctx->client, &state, moved));
		return E_OK;
	}
	print_shuts_by_itself(out, &state);
	print_relay(out, &state);
	if (moved)
		out_line(out, "Changed", "%s", moved->changed ? "yes" : "no");
	if (moved && HAS(moved, RELAY_MOVED_FEEDBACK_OTHER))
		out_line(out, "Exercise",
		    "contact reached %s and came back; voltage %s",
		    moved->feedback_other == RELAY_SHUT ? "SHUT" : "OPEN",
		    moved->voltage_followed ? "followed" : "did not follow");

	return E_OK;
}

void
relay_warn_open(struct ctx *ctx)
{
	if (ctx->out.format == FORMAT_JSON) {
		fprintf(stderr, "%s\n", not_isolation);
		return;
	}
	out_style(&ctx->out, STYLE_WARN);
	out_print(&ctx->out, "%s", not_isolation);
	out_style(&ctx->out, STYLE_PLAIN);
	out_print(&ctx->out, "\n");
}

static int
run_status(struct ctx *ctx, const struct args *args)
{
	if (!ctx_client(ctx, args))
		return ctx->failure.err;

	return relay_show(ctx, NULL);
}

/* What a change without a position would do; key: the part of the state that it
 * takes away, or 0. */
static int
preview(struct ctx *ctx, const char *words, uint8_t key, bool moves)
{
	struct unit_state state;
	bool changes;
	int err = read_state(ctx, &state);

	if (err < 0)
		return err;
	changes = key == 0 || HAS(&state, key);
	if (ctx->out.format == FORMAT_JSON) {
		json_t *object = relay_state_json(ctx->client, &state, NULL);

		json_preview(object, changes, moves);
		out_json(&ctx->out, object);
		return E_OK;
	}
	out_print(
	    &ctx->out, "would %s%s\n", words, changes ? "" : ": there is none");
	out_print(&ctx->out, "power would %s\n", moves ? "move" : "not move");

	return E_OK;
}

/* A change without a prompt: it moves no power. */
static int
change(struct ctx *ctx, const struct args *args, enum op_code op, void *request,
    uint8_t key, const char *words)
{
	struct relay_moved moved;
	int err;

	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if (ctx->dry_run)
		return preview(ctx, words, key, false);
	err = client_change(ctx->client, op, request, &moved, &ctx->failure);

	return err < 0 ? err : relay_show(ctx, &moved);
}

static int
run_cancel(struct ctx *ctx, const struct args *args)
{
	struct plain_change plain = { 0 };

	return change(ctx, args, OP_RELAY_CANCEL, &plain, STATUS_PENDING_ACTION,
	    "cancel the scheduled move");
}

static int
run_confirm(struct ctx *ctx, const struct args *args)
{
	struct relay_confirm confirm = { 0 };
	struct unit_state state;
	int err;

	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if ((err = read_state(ctx, &state)) < 0)
		return err;
	if (!HAS(&state, STATUS_HOLD_MOVE))
		return fail(&ctx->failure, E_NOTHING_PENDING,
		    "no move with a hold is waiting to be confirmed");
	confirm.move = state.hold_move;
	HAVE(&confirm, RELAY_CONFIRM_MOVE);

	return change(ctx, args, OP_RELAY_CONFIRM, &confirm, STATUS_HOLD_MOVE,
	    "confirm the move with its hold");
}

static int
run_exercise(struct ctx *ctx, const struct args *args)
{
	static const char words[] =
	    "move the DER relay to its other position and back within 60 s";
	struct plain_change plain = { 0 };
	struct relay_moved moved;
	int err = confirm_move(ctx, args, words);

	if (err < 0)
		return err;
	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if (ctx->dry_run)
		return preview(ctx, words, 0, true);
	err = client_change(
	    ctx->client, OP_RELAY_EXERCISE, &plain, &moved, &ctx->failure);
	if (err < 0)
		return err;
	relay_warn_open(ctx);

	return relay_show(ctx, &moved);
}

static int
run_tag(struct ctx *ctx, const struct args *args)
{
	struct tag_set tag = { 0 };
	int err =
	    parse_field(&msg_tag_set, message_field(&msg_tag_set, TAG_SET_TEXT),
		&tag, args->pos[0], &ctx->failure);

	if (err < 0)
		return err;

	return change(ctx, args, OP_TAG, &tag, 0, "tag the unit out");
}

static int
run_untag(struct ctx *ctx, const struct args *args)
{
	struct plain_change plain = { 0 };

	return change(ctx, args, OP_UNTAG, &plain, STATUS_TAG_TEXT,
	    "take the tag-out off");
}

static const struct verb relay_verbs[] = {
	{ .name = "status",
	    .args = "",
	    .help = "position, contact, and what is pending (the default)",
	    .run = run_status },
	{ .name = "open",
	    .args = "",
	    .flags = COMMAND_CHANGES | COMMAND_MOVES_POWER,
	    .help = "disconnect the DER circuit",
	    .opts = relay_open_opts,
	    .run = relay_open },
	{ .name = "shut",
	    .args = "",
	    .flags = COMMAND_CHANGES | COMMAND_MOVES_POWER,
	    .help = "connect the DER circuit",
	    .opts = relay_shut_opts,
	    .run = relay_shut },
	{ .name = "cancel",
	    .args = "",
	    .flags = COMMAND_CHANGES,
	    .help = "cancel a scheduled move",
	    .run = run_cancel },
	{ .name = "confirm",
	    .args = "",
	    .flags = COMMAND_CHANGES,
	    .help = "keep a move that would go back by itself",
	    .run = run_confirm },
	{ .name = "exercise",
	    .args = "",
	    .flags = COMMAND_CHANGES | COMMAND_MOVES_POWER,
	    .help =
		"to the other position and back, judged by contact and voltage",
	    .run = run_exercise },
	{ .name = "tag",
	    .args = "TEXT",
	    .takes = TAKES_TEXT,
	    .min = 1,
	    .max = 1,
	    .flags = COMMAND_CHANGES,
	    .help = "tag the unit out: refuse every SHUT",
	    .run = run_tag },
	{ .name = "untag",
	    .args = "",
	    .flags = COMMAND_CHANGES,
	    .help = "take the tag-out off",
	    .run = run_untag },
	{ 0 },
};

const struct command cmd_relay = {
	.name = "relay",
	.group = "Switch",
	.args = "",
	.flags = COMMAND_DEVICE,
	.needs = CAN_DER_RELAY,
	.help = "the DER relay: look, OPEN, SHUT, tag out",
	.text =
	    "open, shut and exercise show the unit and ask first; without a "
	    "terminal they need --yes and a unit named with -s.  A move with "
	    "--hold goes back by itself unless `relay confirm` comes in time.  "
	    "A "
	    "tag-out refuses every SHUT until its holder or an admin takes it "
	    "off.  After a SHUT an inverter waits about five minutes.",
	.examples = "collarctl -p sim relay\n"
		    "collarctl -p sim -s SIM0001 --yes relay shut --hold 10m\n"
		    "collarctl -p sim -s SIM0001 --yes relay open "
		    "--tag 'J. Doe on the roof'\n"
		    "collarctl -p sim -s SIM0001 --yes relay open "
		    "--at top-of-hour",
	.verbs = relay_verbs,
	.default_verb = "status",
};
