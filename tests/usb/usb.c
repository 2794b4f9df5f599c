/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE

/*
 * usage: usb [--jobs N] [--all] [--fault KIND,WAY,AT,WITH] PROGRAM CLOCK
 * [WORD...]
 *
 * The program on an emulated bus: the named tests, then each scenario of
 * tests/faults without faults and with those of USB, judged as there.  CLOCK is
 * the library of clock.c.  Only what has every WORD in its title is run.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../faults/judge.h"
#include "../faults/must.h"
#include "usb.h"

enum { NAME_LEN = 64, TOLD_MAX = 10 };

/* At which of the packets a fault is tried: one in so many, of a change and of
 * what only reads; unplugged it is at each, of what is not long.  Work that the
 * program waits for costs real time. */
static const struct share {
	enum fault_kind kind;
	unsigned change, read, work;
} shares[] = {
	{ FAULT_UNPLUG, 1, 1, 1 },
	{ FAULT_REPLUG, 8, 16, 16 },
	{ FAULT_STALL, 8, 6, 16 },
	{ FAULT_GARBLE, 8, 8, 16 },
	{ FAULT_BABBLE, 8, 8, 16 },
	{ FAULT_MUTE, 16, 32, 32 },
	{ FAULT_INTERRUPT, 6, 8, 16 },
	{ FAULT_KILL, 8, 16, 16 },
};

enum {
	PACKETS_WHOLE = 40, /* longer ones are sampled, one in so many more */
	ALIKE_SHARE = 4,
};

static struct {
	bool all;
	unsigned jobs;
	const char *program, *clock, *fault;
	char *const *words;
} options = { .jobs = 2 };

/* Shared between the jobs: the next item, and how it went. */
static struct {
	unsigned next, failed, faults;
} * shared;

static bool
is_wanted(const char *title)
{
	for (char *const *word = options.words; *word != NULL; word++)
		if (strstr(title, *word) == NULL)
			return false;

	return true;
}

static void
report(bool good, const char *title, const char *more)
{
	printf("%s - usb: %s%s\n", good ? "ok" : "not ok", title, more);
	fflush(stdout);
	if (!good)
		__atomic_fetch_add(&shared->failed, 1, __ATOMIC_RELAXED);
}

static void
complain(const char *title, struct fault fault, char *why)
{
	char name[FAULT_NAME_LEN];

	printf(
	    "# usb: %s: --fault %s: %s\n", title, fault_name(fault, name), why);
}

static bool
is_fault_wanted(const struct share *share, const struct scenario *scenario,
    struct fault fault, unsigned packets)
{
	char name[FAULT_NAME_LEN];
	uint64_t number = (uint64_t)fault.kind << 32 ^
	    (uint64_t)fault.way << 24 ^ (uint64_t)fault.at << 4 ^ fault.with;
	unsigned one_in =
	    scenario->settle_ms == 0 ? share->read : share->change;

	if (options.fault != NULL)
		return strcmp(fault_name(fault, name), options.fault) == 0;
	if (options.all)
		return true;
	if (strstr(scenario->line, "exercise") != NULL ||
	    scenario->settle_ms > 60000)
		one_in = share->work;
	if (scenario->alike && share->kind != FAULT_UNPLUG)
		one_in *= ALIKE_SHARE;
	if (packets > PACKETS_WHOLE)
		one_in *= packets / PACKETS_WHOLE + 1;

	return random_next(&number) % one_in == 0;
}

struct score {
	unsigned runs, struck, wrong, untidy;
};

static void
run_fault(struct trial *trial, struct fault fault, const char *title,
    struct score *score)
{
	char why[WHY_MAX] = "";
	struct run run;
	bool good = trial_run(trial, fault, &run, why);

	score->runs++;
	score->struck += run.struck;
	if (good && stage_untidy(trial->stage) > score->untidy)
		good = wrong(why, "transfers were left behind");
	score->untidy = stage_untidy(trial->stage);
	if (good && fault.kind == FAULT_REPLUG && run.id.len > 0 &&
	    run.status != 0)
		good =
		    wrong(why, "it came back, and exit status %d", run.status);
	if (!good && score->wrong++ < TOLD_MAX)
		complain(title, fault, why);
}

static void
run_faults(struct trial *trial, const char *title, struct score *score)
{
	const size_t count = sizeof(shares) / sizeof(*shares);

	for (size_t k = 0; k < count; k++)
		for (int way = 0; way < WAYS; way++) {
			unsigned packets = trial->clean.packets[way];
			struct fault fault = { .kind = shares[k].kind,
				.way = (enum way)way };

			if (fault.kind == FAULT_BABBLE && way == TO_COLLAR)
				continue;
			for (; fault.at < packets; fault.at++)
				for (fault.with = 0; fault.with <
				     fault_rows[fault.kind].variants;
				     fault.with++)
					if (is_fault_wanted(&shares[k],
						trial->scenario, fault,
						packets))
						run_fault(
						    trial, fault, title, score);
		}
}

static void
run_scenario(const struct scenario *scenario, const char *folder)
{
	char title[LINE_MAX_LEN], why[WHY_MAX] = "", more[NAME_LEN] = "";
	struct score score = { .runs = 0 };
	struct stage *stage;
	struct trial trial;
	bool good;

	scenario_title(scenario, title);
	if (!is_wanted(title))
		return;
	stage = stage_new(folder, options.program, options.clock);
	scenario_prepare(stage, scenario);
	good = trial_make(&trial, stage, scenario, PORT_USB, 0, why);
	if (good && stage_untidy(stage) > 0)
		good = wrong(why, "transfers were left behind");
	if (!good)
		complain(title, (struct fault){ .kind = FAULT_NONE }, why);
	else
		run_faults(&trial, title, &score);
	good = good && score.wrong == 0 &&
	    (score.struck > 0 || options.fault != NULL);
	snprintf(more, sizeof(more), ": %u faults, %u struck, %u wrong",
	    score.runs, score.struck, score.wrong);
	report(good, title, more);
	__atomic_fetch_add(&shared->faults, score.runs, __ATOMIC_RELAXED);
	trial_end(&trial);
	stage_free(&stage);
}

static void
run_test(const struct usb_test *test, const char *folder)
{
	char why[WHY_MAX] = "";
	struct stage *stage;
	bool good;

	if (!is_wanted(test->name))
		return;
	stage = stage_new(folder, options.program, options.clock);
	good = test->run(stage, why);
	if (!good)
		complain(test->name, (struct fault){ .kind = FAULT_NONE }, why);
	report(good, test->name, "");
	stage_free(&stage);
}

static void
run_job(void)
{
	char folder[] = "/tmp/collarctl-usb-XXXXXX";
	unsigned tests = 0, lines = 0;

	must(mkdtemp(folder) != NULL && chmod(folder, 0755) == 0, folder);
	must(setenv("TMPDIR", folder, 1) == 0, "TMPDIR");
	while (usb_tests[tests].name != NULL)
		tests++;
	while (scenarios[lines].line != NULL)
		lines++;
	for (;;) {
		unsigned item =
		    __atomic_fetch_add(&shared->next, 1, __ATOMIC_RELAXED);

		if (item < tests)
			run_test(&usb_tests[item], folder);
		else if (item - tests < lines)
			run_scenario(&scenarios[item - tests], folder);
		else
			break;
	}
	rmdir(folder);
}

static bool
run_jobs(void)
{
	bool good = true;

	for (unsigned job = 0; job < options.jobs; job++) {
		pid_t pid = fork();

		must(pid >= 0, "fork");
		if (pid == 0) {
			run_job();
			exit(0);
		}
	}
	for (unsigned job = 0; job < options.jobs; job++) {
		int status;

		must(wait(&status) > 0, "wait");
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			printf("not ok - usb: a job ended with %#x\n",
			    (unsigned)status);
			good = false;
		}
	}

	return good;
}

static bool
take_options(int argc, char *argv[])
{
	static const struct option known[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "fault", required_argument, NULL, 'f' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+", known, NULL)) >= 0)
		switch (option) {
		case 'a':
			options.all = true;
			break;
		case 'j':
			options.jobs = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'f':
			options.fault = optarg;
			break;
		default:
			return false;
		}
	if (argc - optind < 2 || options.jobs < 1)
		return false;
	options.program = argv[optind];
	options.clock = argv[optind + 1];
	options.words = argv + optind + 2;

	return true;
}

int
main(int argc, char *argv[])
{
	bool good;

	bus_reexec(argv);
	if (!take_options(argc, argv)) {
		fputs(
		    "usage: usb [--jobs N] [--all] [--fault KIND,WAY,AT,WITH] "
		    "PROGRAM CLOCK [WORD...]\n",
		    stderr);
		return 64;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(shared != MAP_FAILED, "memory");
	good = run_jobs() && shared->failed == 0;
	printf("FIGURE faults on USB: %u\n", shared->faults);

	return good ? 0 : 1;
}
