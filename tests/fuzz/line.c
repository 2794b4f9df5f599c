/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Whatever a person may type on one line: split into words, completed, read
 * against the tables of options, and run as far as to the collar, which is not
 * there.  What would touch files or ports is only parsed.
 */

#include <stdlib.h>
#include <string.h>

#include "../../cli/complete.h"
#include "../../cli/words.h"
#include "support/feed.h"
#include "support/screen.h"

enum { LINE_MAX_LEN = 1000, PART_MAX = 80 };

int __wrap_serial_ports(
    int (*each)(const struct serial_port *, void *), void *ctx);

/* In place of what this computer has: two ports. */
int
__wrap_serial_ports(int (*each)(const struct serial_port *, void *), void *ctx)
{
	static const struct serial_port ports[] = {
		{ .port = "serial:/dev/ttyUSB0" },
		{ .port = "serial:/dev/tty\x1b[2J" },
	};
	int err = each(&ports[0], ctx);

	return err == E_OK ? each(&ports[1], ctx) : err;
}

/* Every candidate goes on from what was typed. */
static int
judge_candidate(const char *candidate, void *ctx)
{
	const char *part = ctx;

	must(candidate[0] != '\0');
	if (strlen(part) < PART_MAX - 1)
		must(strncmp(candidate, part, strlen(part)) == 0);

	return E_OK;
}

static void
complete(const struct words *words)
{
	const char *before[WORDS_MAX];
	struct config_port ports[] = { { "roof", "serial:/dev/ttyUSB0", 1 } };
	const struct config config = { .ports = ports, .count = 1 };
	char none[] = "";
	int count = words->count > 0 ? words->count - 1 : 0;
	char *part = words->count > 0 ? words->at[count] : none;

	for (int i = 0; i < count; i++)
		before[i] = words->at[i];
	complete_line(&config, count, before, part, judge_candidate, part);
	complete_line(&config, count, before, none, judge_candidate, none);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ctx ctx = { .port = "nowhere" };
	struct failure failure = { 0 };
	char line[LINE_MAX_LEN + 1];
	struct words words;

	if (len > LINE_MAX_LEN)
		return 0;
	setenv("COLLARCTL_SIM_DIR", "/nonexistent", 1);
	memcpy(line, data, len);
	line[len] = '\0';
	if (words_split(&words, line, &failure) != E_OK) {
		must(failure.what[0] != '\0');
		return 0;
	}
	complete(&words);
	if (screen_may_run(words.count, words.at))
		screen_run(&ctx, words.count, words.at);
	ctx_close(&ctx);

	return 0;
}
