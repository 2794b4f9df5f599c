/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage: paced PROGRAM PRELOAD TRACE LINE    the program dumps the interval
 * data of a unit in virtual time, over a line that is called so below, and
 * leaves its trace
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../faults/scenarios.h"

static const struct {
	const char *name;
	enum port_kind port;
	uint32_t baud;
} lines[] = {
	{ "full-duplex-9600", PORT_TERMINAL, 9600 },
	{ "full-duplex-115200", PORT_TERMINAL, 115200 },
	{ "half-duplex-9600", PORT_OPTICAL_FIXED, 9600 },
	{ "half-duplex-115200", PORT_OPTICAL, 9600 }, /* to begin with */
};

static const char dump[] = "data dump --since 7d";

static int
run(struct stage *stage, const char *trace, size_t line)
{
	const char *const words[] = { "--trace", trace, "data", "dump",
		"--since", "7d", NULL };
	const struct fault none = { .kind = FAULT_NONE };
	const struct scenario *scenario = scenarios;
	struct run run;

	while (strcmp(scenario->line, dump) != 0)
		scenario++;
	scenario_prepare(stage, scenario);
	stage_run(stage, lines[line].port, lines[line].baud, none, words, &run);
	if (run.status == 0 && run.clashes == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "%s: exit status %d, %u times out of turn\n%s",
	    lines[line].name, run.status, run.clashes, run.err);

	return EXIT_FAILURE;
}

int
main(int argc, char *argv[])
{
	char folder[] = "/tmp/collarctl-paced-XXXXXX", path[sizeof(folder) + 8];
	struct stage *stage;
	size_t line = 0;
	int status;

	while (argc == 5 && line < nitems(lines) &&
	    strcmp(lines[line].name, argv[4]) != 0)
		line++;
	if (argc != 5 || line == nitems(lines) || mkdtemp(folder) == NULL) {
		fprintf(
		    stderr, "usage: %s PROGRAM PRELOAD TRACE LINE\n", argv[0]);
		return EXIT_FAILURE;
	}
	stage = stage_new(folder, argv[1], argv[2]);
	status = run(stage, argv[3], line);
	stage_free(&stage);
	snprintf(path, sizeof(path), "%s/line", folder);
	unlink(path);
	rmdir(folder);

	return status;
}
