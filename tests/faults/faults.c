/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every fault of a line, at every byte of every command's exchange, on a socket
 * and a pseudo-terminal, as fast as it goes and at 9600, and under an optical
 * probe.  A failure names its fault so that --fault runs that one alone.
 */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "judge.h"

struct line_kind {
	const char *name;
	enum port_kind port;
	uint32_t baud;
	unsigned thin; /* its share of the sample: one in so many */
};

static const struct line_kind line_kinds[] = {
	{ "unpaced socket", PORT_SOCKET, 0, 1 },
	{ "socket at 9600", PORT_SOCKET, 9600, 1 },
	{ "unpaced terminal", PORT_TERMINAL, 0, 1 },
	{ "terminal at 9600", PORT_TERMINAL, 9600, 1 },
	{ "optical probe at 9600", PORT_OPTICAL_FIXED, 9600, 8 },
	{ "optical probe from 9600 on", PORT_OPTICAL, 9600, 40 },
};

enum { LINE_KINDS = sizeof(line_kinds) / sizeof(line_kinds[0]) };

/* How a set of runs went, shared between the jobs. */
struct tally {
	unsigned runs, failed;
	unsigned statuses[256];
	/* in virtual time: without faults, and of all that ended well in noise
	 */
	uint64_t clean_ms, noisy_ms;
	unsigned noisy;
};

enum {
	SCENARIOS_MAX = 64,
	JOBS_MAX = 64,
	SIGNALS_MAX = 64,
	KINDRED_SHARE = 8,
	ALIKE_SHARE = 4,
	NOISY_TIMES_MAX = 3, /* as long as without noise, at most */
};

static const char usage[] =
    "usage: faults [--all] [--sample N] [--seed N] [--jobs N]\n"
    "           [--fault KIND,WAY,AT,WITH] PROGRAM PRELOAD [WORD...]\n"
    "\n"
    "Runs what holds every WORD in its command and line: changes over an\n"
    "unpaced socket with every fault, kinds that end as another one does at\n"
    "one byte in eight; of the rest one fault in N (--sample, 100); with\n"
    "--all everything.\n";

static struct {
	bool all;
	unsigned long sample, seed, jobs;
	const char *program, *preload, *fault;
	char *const *words;
} options = { .sample = 100, .seed = 1, .jobs = 2 };

/* By scenario and line, shared between the jobs. */
static struct tally (*tallies)[LINE_KINDS];

static void
title_make(const struct scenario *scenario, const struct line_kind *kind,
    char title[LINE_MAX_LEN])
{
	char line[LINE_MAX_LEN];

	scenario_title(scenario, line);
	snprintf(title, LINE_MAX_LEN, "faults: %.350s, %s", line, kind->name);
}

static bool
is_wanted(const struct scenario *scenario, const struct line_kind *kind)
{
	char title[LINE_MAX_LEN];

	/* where noise keeps the rate from being raised, no time is alike */
	if (scenario->noise_alone && kind->port == PORT_OPTICAL)
		return false;
	title_make(scenario, kind, title);
	for (char *const *word = options.words; *word != NULL; word++)
		if (strstr(title, *word) == NULL)
			return false;

	return true;
}

/* Which of the many are in the sample depends on the seed only. */
static uint64_t
mix(uint64_t number)
{
	return random_next(&number);
}

static bool
is_run_whole(const struct scenario *scenario, const struct line_kind *kind)
{
	return options.all || (scenario->settle_ms > 0 && kind == line_kinds);
}

/* One in so many of the faults of this kind is run. */
static unsigned long
share(const struct scenario *scenario, const struct line_kind *kind,
    struct fault fault)
{
	bool whole = is_run_whole(scenario, kind);

	if (options.all || (whole && !(fault_rows[fault.kind].does & KINDRED)))
		return 1;
	if (whole)
		return KINDRED_SHARE;

	return options.sample * kind->thin *
	    (scenario->alike ? ALIKE_SHARE : 1);
}

/* A byte can be flipped in many ways; one will do where not all is run. */
static bool
is_variant_wanted(struct fault fault)
{
	return options.all || fault.with == 0 ||
	    fault_rows[fault.kind].per != PER_BYTE;
}

/* number: of the fault among all of this scenario and line. */
static bool
is_fault_wanted(const struct scenario *scenario, const struct line_kind *kind,
    struct fault fault, uint64_t number)
{
	char name[FAULT_NAME_LEN];

	if (options.fault != NULL)
		return strcmp(fault_name(fault, name), options.fault) == 0;
	/* noise keeps a rate from being raised: then it is the line that keeps
	 * its own */
	if (fault_rows[fault.kind].per == PER_SEED)
		return kind->port != PORT_OPTICAL;

	return is_variant_wanted(fault) &&
	    mix(options.seed << 40 ^ number) % share(scenario, kind, fault) ==
	    0;
}

/* The faults of a scenario on a line, one after the other. */
struct faults {
	const struct run *clean;
	struct fault next;
};

static unsigned
places(const struct faults *faults)
{
	const struct run *clean = faults->clean;

	switch (fault_rows[faults->next.kind].per) {
	case PER_SEED:
		return faults->next.way == TO_COLLAR;
	case PER_BYTE:
		return clean->bytes[faults->next.way];
	case PER_FRAME:
		return clean->frames[faults->next.way];
	case PER_FLASH:
		return faults->next.way == TO_COLLAR ? clean->flash_ops + 1 : 0;
	default:
		return 0;
	}
}

/* Moves on to the next fault; false behind the last. */
static bool
faults_step(struct faults *faults)
{
	struct fault *next = &faults->next;

	if (++next->with < fault_rows[next->kind].variants &&
	    next->at < places(faults))
		return true;
	next->with = 0;
	next->at++;
	while (next->at >= places(faults)) {
		next->at = fault_rows[next->kind].per == PER_FLASH;
		if (++next->way == WAYS) {
			next->way = TO_COLLAR;
			if (++next->kind == FAULT_KINDS)
				return false;
			next->at = fault_rows[next->kind].per == PER_FLASH;
		}
	}

	return true;
}

static void
run_fault(struct trial *trial, struct fault fault, const char *title,
    struct tally *tally)
{
	char name[FAULT_NAME_LEN], why[WHY_MAX] = "";
	struct run run = { .status = 0 };
	bool good = trial_run(trial, fault, &run, why);

	__atomic_fetch_add(&tally->runs, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(
	    &tally->statuses[run.status & 255], 1, __ATOMIC_RELAXED);
	if (fault.kind == FAULT_NOISE && run.status == 0) {
		__atomic_fetch_add(&tally->noisy, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&tally->noisy_ms, run.ms, __ATOMIC_RELAXED);
	}
	if (good)
		return;
	if (__atomic_fetch_add(&tally->failed, 1, __ATOMIC_RELAXED) < 10)
		printf("# %s: --fault %s: %s\n", title, fault_name(fault, name),
		    why);
	fflush(stdout);
}

static void
run_line_kind(struct stage *stage, size_t s, size_t k, unsigned job)
{
	const struct scenario *scenario = &scenarios[s];
	const struct line_kind *kind = &line_kinds[k];
	char title[LINE_MAX_LEN], why[WHY_MAX];
	struct faults faults = { .next.kind = FAULT_NONE };
	struct trial trial;

	title_make(scenario, kind, title);
	if (!trial_make(&trial, stage, scenario, kind->port, kind->baud, why)) {
		printf("# %s: %s\n", title, why);
		tallies[s][k].failed++;
		trial_end(&trial);
		return;
	}
	faults.clean = &trial.clean;
	if (job == 0)
		tallies[s][k].clean_ms = trial.clean.ms;
	for (uint64_t n = 0; faults_step(&faults); n++) {
		uint64_t number = (uint64_t)s << 32 ^ (uint64_t)k << 28 ^ n;

		if (mix(n) % options.jobs == job &&
		    (!scenario->noise_alone ||
			faults.next.kind == FAULT_NOISE) &&
		    is_fault_wanted(scenario, kind, faults.next, number))
			run_fault(&trial, faults.next, title, &tallies[s][k]);
	}
	stage_restore(stage, trial.begin);
	trial_end(&trial);
}

static void
run_job(unsigned job)
{
	char folder[] = "/tmp/collarctl-faults-XXXXXX", line[64];

	if (mkdtemp(folder) == NULL)
		exit(70);
	for (size_t s = 0; scenarios[s].line != NULL; s++) {
		struct stage *stage = NULL;

		for (size_t k = 0; k < LINE_KINDS; k++) {
			if (!is_wanted(&scenarios[s], &line_kinds[k]))
				continue;
			if (stage == NULL) {
				stage = stage_new(
				    folder, options.program, options.preload);
				scenario_prepare(stage, &scenarios[s]);
			}
			run_line_kind(stage, s, k, job);
		}
		stage_free(&stage);
	}
	snprintf(line, sizeof(line), "%s/line", folder);
	unlink(line);
	rmdir(folder);
}

/* "exit status 0: 12, signal 9: 3": how often each end was seen. */
static void
print_statuses(const struct tally *tally)
{
	const char *between = "# ";

	for (unsigned i = 0; i < 256; i++) {
		bool killed = i > 256 - SIGNALS_MAX;

		if (tally->statuses[i] == 0)
			continue;
		printf("%s%s %u: %u", between,
		    killed ? "signal" : "exit status", killed ? 256 - i : i,
		    tally->statuses[i]);
		between = ", ";
	}
	putchar('\n');
}

static bool
report_missing(void)
{
	char *missing = scenario_missing();

	printf("%s - faults: every command that talks to a unit is tried%s%s\n",
	    missing != NULL ? "not ok" : "ok", missing != NULL ? ", but " : "",
	    missing != NULL ? missing : "");
	free(missing);

	return missing == NULL;
}

/*
 * Is what only has to come through noise whole, each time, and in time?  As
 * fast as it goes there is no time to be lost but that of the repeats.
 */
static bool
report_noisy(const char *title, const struct tally *tally, uint32_t baud)
{
	double times = tally->noisy == 0 || tally->clean_ms == 0
	    ? 0
	    : (double)tally->noisy_ms /
		((double)tally->clean_ms * (double)tally->noisy);
	bool good = tally->runs > 0 && tally->noisy == tally->runs &&
	    (baud == 0 || (times > 0 && times <= NOISY_TIMES_MAX));

	printf("%s - %s: one bit in %d flipped: whole %u of %u times",
	    good ? "ok" : "not ok", title, NOISE_BITS, tally->noisy,
	    tally->runs);
	if (baud > 0)
		printf(", in %.2f times the time, at most %d", times,
		    NOISY_TIMES_MAX);
	putchar('\n');
	if (baud > 0)
		printf("FIGURE %s: with one bit in %d flipped in %.2f times "
		       "the time\n",
		    title, NOISE_BITS, times);

	return good;
}

/* One line for each command and line; returns whether all are good. */
static bool
report(void)
{
	char title[LINE_MAX_LEN];
	unsigned runs = 0;
	bool good = true;

	for (size_t s = 0; scenarios[s].line != NULL; s++)
		for (size_t k = 0; k < LINE_KINDS; k++) {
			const struct tally *tally = &tallies[s][k];

			if (!is_wanted(&scenarios[s], &line_kinds[k]))
				continue;
			title_make(&scenarios[s], &line_kinds[k], title);
			printf("%s - %s: %u of them%s, %u wrong\n",
			    tally->failed > 0 || tally->runs == 0 ? "not ok"
								  : "ok",
			    title, tally->runs,
			    is_run_whole(&scenarios[s], &line_kinds[k])
				? ", at every byte"
				: ", sampled",
			    tally->failed);
			print_statuses(tally);
			good = good && tally->failed == 0 && tally->runs > 0;
			runs += tally->runs;
			if (scenarios[s].noise_alone)
				good = report_noisy(
					   title, tally, line_kinds[k].baud) &&
				    good;
		}
	printf("FIGURE link faults: %u, seed %lu\n", runs, options.seed);

	return good;
}

static bool
take_options(int argc, char *argv[])
{
	static const struct option known[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "sample", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
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
		case 'n':
			options.sample = strtoul(optarg, NULL, 10);
			break;
		case 's':
			options.seed = strtoul(optarg, NULL, 10);
			break;
		case 'j':
			options.jobs = strtoul(optarg, NULL, 10);
			break;
		case 'f':
			options.fault = optarg;
			break;
		default:
			return false;
		}
	if (argc - optind < 2 || options.sample == 0 || options.jobs == 0 ||
	    options.jobs > JOBS_MAX)
		return false;
	options.program = argv[optind];
	options.preload = argv[optind + 1];
	options.words = argv + optind + 2;

	return true;
}

int
main(int argc, char *argv[])
{
	bool good = true;
	int status;

	if (!take_options(argc, argv)) {
		fputs(usage, stderr);
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	tallies = mmap(NULL, SCENARIOS_MAX * sizeof(*tallies),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tallies == MAP_FAILED)
		return 70;
	fflush(stdout);
	for (unsigned job = 0; job < options.jobs; job++)
		if (fork() == 0) {
			run_job(job);
			exit(0);
		}
	while (wait(&status) > 0)
		good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!good)
		printf("not ok - faults: every job ended well\n");

	good = report_missing() && good;

	return report() && good ? 0 : 1;
}
