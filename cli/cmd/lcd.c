/* SPDX-License-Identifier: BSD-2-Clause */

#include "cmd.h"

enum { WATCH_MS = 1000 };

static const struct opt lcd_opts[] = {
	{ 0, "watch", NULL, TAKES_NOTHING, NULL,
	    "go on as the glass changes; ^C ends it" },
	{ 0 },
};

/* The arrow says nothing on a blank glass, nor when all its parts are lit. */
static const char *
relay_words(const struct unit_state *state)
{
	bool shut = state->relay_feedback == RELAY_SHUT;

	if (shut != state->lcd_arrow)
		return shut ? "SHUT (by its contact)" : "OPEN (by its contact)";

	return shut ? "SHUT (arrow)" : "OPEN (no arrow)";
}

static void
show_text(struct out *out, const struct unit_state *state, bool whole)
{
	struct lcd_advice advice = lcd_advise(state);

	print_shuts_by_itself(out, state);
	draw_glass(out, state);
	if (!state->lcd_blank)
		out_line(out, "Glass", "%s", state->lcd_text);
	if (!whole)
		return;
	for (int i = 0; i < state->lcd_pages.count && i < TEXTS_MAX; i++)
		out_line(
		    out, i == 0 ? "Pages" : "", "%s", state->lcd_pages.at[i]);
	out_line(out, "Meaning", "%s", advice.meaning);
	if (state->lcd_thumbs_up && state->status != UNIT_UNPROVISIONED)
		out_line(out, "Thumbs-up", "the unit is provisioned");
	out_line(out, "Relay", "%s", relay_words(state));
	out_line(out, "To do", "%s", advice.action);
}

static int
show(struct ctx *ctx, bool whole)
{
	struct unit_state state;
	json_t *object;
	int err = read_state(ctx, &state);

	if (err < 0)
		return err;
	if (ctx->out.format != FORMAT_JSON) {
		show_text(&ctx->out, &state, whole);
		return E_OK;
	}
	object = json_unit(ctx->client);
	json_object_set_new(object, "lcd", lcd_json(&state));
	if (whole)
		out_json(&ctx->out, object);
	else
		out_json_line(&ctx->out, object);

	return E_OK;
}

static int
run_lcd(struct ctx *ctx, const struct args *args)
{
	int err;

	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if (!args_has(args, "watch"))
		return show(ctx, true);
	while ((err = show(ctx, false)) == E_OK) {
		if ((err = out_flush(&ctx->out, &ctx->failure)) < 0 ||
		    (err = watch_pause(ctx, WATCH_MS)) < 0)
			return err;
	}

	return err;
}

const struct command cmd_lcd = {
	.name = "lcd",
	.group = "Read",
	.args = "",
	.flags = COMMAND_DEVICE,
	.needs = CAN_LCD,
	.help = "the unit's glass as it looks, what it means, what to do",
	.examples = "collarctl -p sim lcd\n"
		    "collarctl -p sim lcd --watch",
	.opts = lcd_opts,
	.run = run_lcd,
};
