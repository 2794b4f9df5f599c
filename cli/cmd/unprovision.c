/* SPDX-License-Identifier: BSD-2-Clause */

#include "record_change.h"

static const char move[] =
    "unprovision the unit: scheduled relay moves and a hold toward SHUT are "
    "cancelled, reporting ends, the relay stays as it is";

static int
run_unprovision(struct ctx *ctx, const struct args *args)
{
	struct record_changes changes = { 0 };
	struct record_changed result = { 0 };
	struct plain_change plain = { 0 };
	struct unit_state state;
	uint64_t begun_ms;
	int err = confirm_move(ctx, args, move);

	if (err < 0)
		return err;
	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	begun_ms = link_now_ms(client_link(ctx->client));
	if ((err = read_record(ctx, &changes.before)) < 0 ||
	    (err = read_state(ctx, &state)) < 0)
		return err;
	changes.after = changes.before;
	for (size_t i = 0; i < msg_record.count; i++)
		if (record_site >> msg_record.fields[i].key & 1)
			changes_clear(&changes, &msg_record.fields[i]);
	if (ctx->dry_run)
		return changes_preview(ctx, &changes, false,
		    state.hex_status & COND_BIT(COND_UNPROVISIONED) ? NULL
								    : move);
	if ((err = client_change(ctx->client, OP_UNPROVISION, &plain, &result,
		 &ctx->failure)) < 0)
		return err;

	return changes_answer(ctx, &changes, result.changed, begun_ms);
}

const struct command cmd_unprovision = {
	.name = "unprovision",
	.group = "Change",
	.args = "",
	.flags = COMMAND_DEVICE | COMMAND_CHANGES | COMMAND_MOVES_POWER,
	.help = "take the unit out of service",
	.text =
	    "The unit forgets where it is and who installed it, cancels a "
	    "scheduled move and a hold toward SHUT, and stops reporting.  "
	    "Serial number, model, interval data, registers and the event log "
	    "stay, and so does the relay's position; only a hold toward OPEN "
	    "runs on.",
	.examples = "collarctl -p sim -s SIM0001 --yes unprovision",
	.run = run_unprovision,
};
