/* SPDX-License-Identifier: BSD-2-Clause */

#include "scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../cli/command.h"

#define SITE "--address 12_Elm_Street --city Springfield --state IL --zip 62701"
#define IDENTITY "--new-serial SIM0001 --model S-B-5-02-IH-10-60A"

enum {
	HOUR_MS = 3600000,
	SETTLE_MS = 3000,
	LONG_MS = 70000, /* for an exercise, or a registration */
};

static void
let_clock_lag(struct stage *stage)
{
	struct ram_board *board = stage_board(stage);

	board->utc_ms -= HOUR_MS;
	ram_board_start(board);
	stage_pass(stage, 20000);
}

static void
let_a_day_pass(struct stage *stage)
{
	stage_pass(stage, 24 * HOUR_MS);
}

static void
let_the_log_fill(struct stage *stage)
{
	stage_pass(stage, 5 * 24 * HOUR_MS);
}

#define READ(line_, ...) \
	{ \
		.line = (line_), __VA_ARGS__ \
	}
#define CHANGE(line_, ...) \
	{ \
		.line = (line_), .settle_ms = SETTLE_MS, __VA_ARGS__ \
	}
#define LONG_CHANGE(line_, ...) \
	{ \
		.line = (line_), .settle_ms = LONG_MS, __VA_ARGS__ \
	}

const struct scenario scenarios[] = {
	READ("info", .steady = true),
	READ("status", .steady = false),
	READ("lcd", .steady = false),
	READ("doctor", .alike = true),
	READ("get city", .steady = true),
	READ("relay", .steady = true),
	READ("test", .steady = true),
	READ("clock", .steady = false),
	READ("outcome 0123456789abcdef", .steady = true),
	READ("data info", .steady = true),
	READ("set city=Shelbyville --check", .steady = true),
	READ("data dump", .steady = true, .arrange = let_a_day_pass),
	READ("data dump --since 7d", .steady = true,
	    .arrange = let_the_log_fill, .noise_alone = true),
	READ("events", .steady = true, .arrange = let_a_day_pass),
	READ("shell", .steady = true, .input = "get city\n"),
	CHANGE("provision " IDENTITY, .base = BLANK),
	LONG_CHANGE("provision --no-wait " IDENTITY " " SITE, .base = BLANK),
	LONG_CHANGE("provision " IDENTITY " " SITE, .base = BLANK),
	CHANGE("set city=Shelbyville", .before = NULL),
	CHANGE("unprovision", .before = NULL),
	CHANGE("relay shut", .before = NULL),
	CHANGE("relay open", .before = "relay shut"),
	CHANGE("relay shut --hold 1h", .before = NULL),
	CHANGE("relay open --hold 10m", .before = "relay shut"),
	CHANGE("relay open --tag Ann", .before = "relay shut"),
	CHANGE("relay shut --at top-of-hour", .before = NULL),
	CHANGE("relay open --at top-of-hour", .before = "relay shut"),
	CHANGE("relay cancel", .before = "relay shut --at top-of-hour"),
	CHANGE("relay confirm", .before = "relay shut --hold 1h"),
	LONG_CHANGE("relay exercise", .before = NULL),
	CHANGE("relay tag Ann", .before = NULL),
	CHANGE("relay untag", .before = "relay tag Ann"),
	CHANGE("test start", .before = NULL),
	CHANGE("test stop", .before = "test start"),
	CHANGE("clock set", .arrange = let_clock_lag),
	CHANGE("shell", .input = "relay shut\n"),
	{ 0 },
};

void
scenario_words(
    const char *line, enum base base, char *text, const char *words[WORDS_MAX])
{
	size_t n = 0;
	char *rest = NULL;

	words[n++] = "--serial";
	words[n++] = base == BLANK ? "hw:c001020304050607" : "SIM0001";
	words[n++] = "--yes";
	snprintf(text, LINE_MAX_LEN, "%s", line);
	for (char *word = strtok_r(text, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		if (n == WORDS_MAX - 1)
			abort();
		words[n++] = word;
	}
	words[n] = NULL;
}

void
scenario_title(const struct scenario *scenario, char title[LINE_MAX_LEN])
{
	const char *input = scenario->input != NULL ? scenario->input : "";

	snprintf(title, LINE_MAX_LEN, "%.300s%s%.*s", scenario->line,
	    input[0] != '\0' ? ": " : "", (int)strcspn(input, "\n"), input);
}

static bool
is_played(const char *name, const char *verb, bool by_default)
{
	char whole[LINE_MAX_LEN];
	size_t len = (size_t)snprintf(whole, sizeof(whole), "%s%s%s", name,
	    verb != NULL ? " " : "", verb != NULL ? verb : "");

	for (const struct scenario *s = scenarios; s->line != NULL; s++)
		if ((strncmp(s->line, whole, len) == 0 &&
			(s->line[len] == ' ' || s->line[len] == '\0')) ||
		    (by_default && strcmp(s->line, name) == 0))
			return true;

	return false;
}

static char *
missing_name(const char *name, const char *verb)
{
	char text[LINE_MAX_LEN];

	snprintf(text, sizeof(text), "%s%s%s", name, verb != NULL ? " " : "",
	    verb != NULL ? verb : "");

	return strdup(text);
}

char *
scenario_missing(void)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct command *command = commands[i];
		const struct verb *verb = command->verbs;

		if (!(command->flags & COMMAND_DEVICE))
			continue;
		if (verb == NULL && !is_played(command->name, NULL, false))
			return missing_name(command->name, NULL);
		for (; verb != NULL && verb->name != NULL; verb++) {
			bool by_default = command->default_verb != NULL &&
			    strcmp(command->default_verb, verb->name) == 0;

			if (!is_played(command->name, verb->name, by_default))
				return missing_name(command->name, verb->name);
		}
	}

	return NULL;
}

/* A command on a line without faults, which must work. */
static void
prepare_with(struct stage *stage, const char *line, enum base base)
{
	const struct fault none = { .kind = FAULT_NONE };
	const char *words[WORDS_MAX];
	char text[LINE_MAX_LEN];
	struct run run;

	scenario_words(line, base, text, words);
	stage_run(stage, PORT_SOCKET, 0, none, words, &run);
	if (run.status != 0) {
		fprintf(stderr, "preparing with %s: exit status %d\n%s%s", line,
		    run.status, run.out, run.err);
		exit(70);
	}
	stage_pass(stage, 60000);
}

void
scenario_prepare(struct stage *stage, const struct scenario *scenario)
{
	char lines[LINE_MAX_LEN], *rest = NULL;

	if (scenario->base == IN_SERVICE)
		prepare_with(stage, "provision " IDENTITY " " SITE, BLANK);
	if (scenario->before != NULL) {
		snprintf(lines, sizeof(lines), "%s", scenario->before);
		for (char *line = strtok_r(lines, ";", &rest); line != NULL;
		     line = strtok_r(NULL, ";", &rest))
			prepare_with(stage, line, IN_SERVICE);
	}
	if (scenario->arrange != NULL)
		scenario->arrange(stage);
	stage_input(stage, scenario->input != NULL ? scenario->input : "");
}
