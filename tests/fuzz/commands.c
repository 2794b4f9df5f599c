/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Whole commands whose collar answers as the input says (see client.c): what
 * they print of it must be fit for a terminal and for programs.
 */

#include <stdlib.h>
#include <string.h>

#include "../../cli/client/client.h"
#include "../../cli/words.h"
#include "support/screen.h"
#include "support/wire.h"

enum { COMMANDS_MAX = 6, COMMAND_MAX_MS = 4 * 3600 * 1000 };

void random_restart(void);

/* As they stand in a batch, whose collar and unit are given before. */
static const char *const lines[] = { "status", "status --json", "doctor",
	"doctor --json", "info", "info --json",
	"get premises_id relay.state measured.voltage_v tags",
	"get --json hex_status serial lcd.pages", "events", "events --json",
	"events --since 2026-11-21 -f csv", "lcd", "lcd --json", "data info",
	"data info --json", "data dump", "data dump --json",
	"data dump --since install --time-format us --whole-kwh",
	"data dump --since 7d", "relay", "relay --json", "relay open",
	"relay open --hold 5m --json", "relay open --tag hands", "relay shut",
	"relay shut --at top-of-hour", "relay shut -n --json", "relay cancel",
	"relay confirm", "relay exercise", "relay exercise --json",
	"relay tag hands", "relay untag", "clock", "clock --json", "clock set",
	"clock set --check", "test", "test start --minutes 3 --relay",
	"test start --json", "test stop", "outcome 0700000000000000",
	"outcome 0700000000000000 --json", "unprovision", "unprovision -n",
	"set description=roof tags=a,b", "set zip=62701 --check --json",
	"provision --address 'Elm 1' --city X --state IL --zip 62701",
	"provision --new-serial A --model S-B-5-02-IH-10-60A -n",
	"provision --wait 10s --json" };

static const char unit[] = "hw:0707070707070707";

/* A context whose collar is open already. */
static bool
begin(struct ctx *ctx, struct wire *wire)
{
	struct client_options options = { .unit = unit, .holder = "tester" };
	struct failure failure = { 0 };
	char opened[64];

	*ctx = (struct ctx){ .port = "unix:wire", .unit = unit, .yes = true };
	if (client_open(&ctx->client, &wire->link, &options, &failure) != E_OK)
		return false;
	snprintf(opened, sizeof(opened), "unix:wire\n%s\n\n0", unit);
	ctx->opened = strdup(opened);
	must(ctx->opened != NULL);

	return true;
}

static void
run_line(struct ctx *ctx, const char *text)
{
	struct words words;
	char line[200];

	snprintf(line, sizeof(line), "%s", text);
	must(words_split(&words, line, &ctx->failure) == E_OK);
	screen_run(ctx, words.count, words.at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed feed = feed_of(data, len);
	static struct wire wire;
	struct ctx ctx;

	random_restart();
	link_interrupted = 0;
	wire_init(&wire, &feed);
	wire_limit(&wire, COMMAND_MAX_MS);
	if (!begin(&ctx, &wire))
		return 0;
	for (unsigned i = 0; i < COMMANDS_MAX && !feed_is_empty(&feed); i++) {
		link_interrupted = 0;
		wire_limit(&wire, COMMAND_MAX_MS);
		run_line(&ctx, lines[feed_below(&feed, nitems(lines))]);
	}
	ctx_close(&ctx);
	link_interrupted = 0;

	return 0;
}
