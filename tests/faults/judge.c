/* SPDX-License-Identifier: BSD-2-Clause */

#include "judge.h"

#include <jansson.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	EX_DONE = 0,
	EX_NO_ANSWER = 75,
	EX_REFUSED = 79,
	EX_UNKNOWN = 81,
	EX_INTERRUPT = 130,
	LATE_BEYOND_REPEATS = 2, /* the variant of FAULT_LATE */
};

/* What the program said of its change. */
struct claim {
	const char *outcome; /* "not_done", "unknown"; NULL: it was done */
	struct octets id;    /* of the change, with "unknown" */
	bool changed;        /* it claims to have changed something */
};

bool
wrong(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, WHY_MAX, format, args);
	va_end(args);
	for (char *at = why; (at = strchr(at, '\n')) != NULL;)
		*at = ' ';

	return false;
}

static void
run_line(
    struct trial *trial, struct fault fault, const char *line, struct run *run)
{
	const char *words[WORDS_MAX];
	char text[LINE_MAX_LEN];

	scenario_words(line, trial->scenario->base, text, words);
	stage_run(trial->stage, trial->port, trial->baud, fault, words, run);
}

static bool
look(struct trial *trial, struct look *at, char *why)
{
	stage_pass(trial->stage, trial->scenario->settle_ms);
	if (look_at(stage_board(trial->stage), stage_utc_ms(trial->stage), at))
		return true;

	return wrong(why, "the unit does not answer afterwards");
}

static void
id_parse(const char *hex, struct octets *id)
{
	unsigned byte;

	for (id->len = 0; id->len < CHANGE_ID_LEN &&
	     sscanf(hex + 2 * id->len, "%2x", &byte) == 1;)
		id->at[id->len++] = (uint8_t)byte;
}

/* False if what was printed is no JSON object. */
static bool
claim_read(const char *out, struct claim *claim)
{
	static char outcome[16];
	json_t *object = json_loads(out, 0, NULL);
	json_t *error = json_object_get(object, "error");
	const char *id = json_string_value(
	    json_object_get(json_object_get(error, "detail"), "id"));
	bool good = json_is_object(object);

	*claim = (struct claim){ .changed = json_is_true(
				     json_object_get(object, "changed")) };
	if (error != NULL) {
		const char *text =
		    json_string_value(json_object_get(error, "outcome"));

		snprintf(outcome, sizeof(outcome), "%s",
		    text == NULL ? "nothing" : text);
		claim->outcome = outcome;
	}
	if (id != NULL)
		id_parse(id, &claim->id);
	json_decref(object);

	return good;
}

/* Events that the world and a restart bring about, whatever was asked: an
 * exercise that is cut goes back, too. */
static bool
is_of_world(size_t kind)
{
	return kind == EVENT_RESTART || kind == EVENT_INTERRUPTED ||
	    kind == EVENT_CONDITION_RAISED || kind == EVENT_CONDITION_CLEARED ||
	    kind == EVENT_HOLD_UNDONE;
}

static bool
logged_alike(const struct look *a, const struct look *b)
{
	for (size_t kind = 0; kind < KINDS_MAX; kind++)
		if (!is_of_world(kind) && a->times[kind] != b->times[kind])
			return false;

	return true;
}

/*
 * The same state.  What a change does and takes back is told by the log alone;
 * so is who did it, unless the power went between change and log.
 */
static bool
is_like(const struct trial *trial, bool restarted, const struct look *now,
    const struct look *then)
{
	bool log = !restarted || look_same(&trial->before, &trial->after);

	return look_same(now, then) && (!log || logged_alike(now, then));
}

static bool
is_old(const struct trial *trial, bool restarted, const struct look *now)
{
	return is_like(trial, restarted, now, &trial->before) ||
	    (restarted && look_same(now, &trial->before_restarted));
}

static bool
is_new(const struct trial *trial, bool restarted, const struct look *now)
{
	return is_like(trial, restarted, now, &trial->after) ||
	    (restarted && look_same(now, &trial->after_restarted));
}

static unsigned
most(const struct trial *trial, size_t kind)
{
	const struct look *looks[] = { &trial->before, &trial->after,
		&trial->before_restarted, &trial->after_restarted };
	unsigned most = 0;

	for (size_t i = 0; i < nitems(looks); i++)
		if (looks[i]->times[kind] > most)
			most = looks[i]->times[kind];

	return most;
}

/* Nothing was done more often than without faults, or by a restart. */
static bool
done_at_most_once(const struct trial *trial, const struct look *now, char *why)
{
	unsigned drives = trial->after.drives;

	if (drives < trial->before_restarted.drives)
		drives = trial->before_restarted.drives;
	if (drives < trial->after_restarted.drives)
		drives = trial->after_restarted.drives;
	if (now->drives > drives)
		return wrong(why, "the relay was driven %u times, not %u",
		    now->drives, drives);
	for (size_t kind = 0; kind < KINDS_MAX; kind++)
		if (!is_of_world(kind) && now->times[kind] > most(trial, kind))
			return wrong(why,
			    "event %zu was logged %u times, not "
			    "%u",
			    kind, now->times[kind], most(trial, kind));

	return true;
}

/* Looks at the unit as it would be after a restart now. */
static bool
look_restarted(struct trial *trial, const struct unit_image *image,
    struct look *at, char *why)
{
	stage_restore(trial->stage, image);
	ram_board_start(stage_board(trial->stage));

	return look(trial, at, why);
}

bool
trial_make(struct trial *trial, struct stage *stage,
    const struct scenario *scenario, enum port_kind port, uint32_t baud,
    char *why)
{
	const struct fault none = { .kind = FAULT_NONE };
	struct claim claim = { .outcome = NULL };
	struct unit_image *end = NULL;
	int wanted = strstr(scenario->line, "--check") != NULL;
	bool good;

	*trial = (struct trial){ .stage = stage,
		.scenario = scenario,
		.port = port,
		.baud = baud,
		.begin = stage_keep(stage) };
	good = look(trial, &trial->before, why);
	stage_restore(stage, trial->begin);
	run_line(trial, none, scenario->line, &trial->clean);
	if (good && trial->clean.status != wanted)
		good = wrong(why, "without faults: exit status %d: %.200s",
		    trial->clean.status, trial->clean.err);
	if (good && trial->clean.clashes > 0)
		good = wrong(why, "without faults: %u times out of turn",
		    trial->clean.clashes);
	trial->clean_out = strdup(trial->clean.out);
	good = good && claim_read(trial->clean.out, &claim);
	trial->claims_change = claim.changed;
	end = stage_keep(stage);
	good = good && look(trial, &trial->after, why) &&
	    look_restarted(
		trial, trial->begin, &trial->before_restarted, why) &&
	    look_restarted(trial, end, &trial->after_restarted, why);
	if (good &&
	    (scenario->settle_ms > 0) ==
		(look_same(&trial->before, &trial->after) &&
		    logged_alike(&trial->before, &trial->after)))
		good = wrong(why, "without faults: the unit is %s",
		    scenario->settle_ms > 0 ? "as it was" : "changed");
	free(end);

	return good;
}

void
trial_end(struct trial *trial)
{
	free(trial->begin);
	free(trial->clean_out);
}

/* What the program says of an unknown change, by its own command. */
static bool
outcome_agrees(
    struct trial *trial, const struct octets *id, bool old, bool new, char *why)
{
	const struct fault none = { .kind = FAULT_NONE };
	char line[LINE_MAX_LEN] = "outcome ";
	struct run run;
	json_t *object;
	const char *text;
	bool good;

	if (id->len != CHANGE_ID_LEN)
		return wrong(why, "unknown, and no id is given");
	for (size_t i = 0; i < id->len; i++)
		sprintf(line + strlen(line), "%02x", id->at[i]);
	run_line(trial, none, line, &run);
	object = json_loads(run.out, 0, NULL);
	text = json_string_value(json_object_get(object, "outcome"));
	good = text != NULL &&
	    ((strcmp(text, "done") == 0 && new) ||
		(strcmp(text, "not_seen") == 0 && old) ||
		strcmp(text, "interrupted") == 0);
	if (!good)
		wrong(why, "outcome says %s, the unit is %s",
		    text == NULL ? "nothing" : text, new ? "new" : "old");
	json_decref(object);

	return good;
}

/* What the unit itself remembers of the change that it was last asked for. */
static bool
memory_agrees(
    struct trial *trial, const struct octets *id, bool old, bool new, char *why)
{
	struct outcome outcome;
	bool good;

	if (id->len == 0)
		return old || wrong(why, "changed, and nobody asked for it");
	if (!look_outcome(stage_board(trial->stage), id, &outcome))
		return wrong(why, "the unit does not tell the outcome");
	switch (outcome.outcome) {
	case OUTCOME_DONE:
		good = outcome.status == ST_OK ? new : old;
		break;
	case OUTCOME_NOT_SEEN:
		good = old;
		break;
	default: /* what the contact says decides */
		good = outcome.outcome == OUTCOME_INTERRUPTED;
	}

	return good ||
	    wrong(why, "the unit remembers %s (%u), and is %s",
		outcome_names[outcome.outcome & 3], outcome.status,
		new ? "new" : "old");
}

/* Faults that the next repeat makes good. */
static bool
must_succeed(struct fault fault)
{
	unsigned does = fault_rows[fault.kind].does;

	return !(does & (RESTARTS | SEVERS | LASTS)) &&
	    fault.kind != FAULT_INTERRUPT &&
	    !(fault.kind == FAULT_LATE && fault.with == LATE_BEYOND_REPEATS);
}

static size_t
objects(const char *json)
{
	size_t count = 0;

	for (; *json != '\0'; json++)
		count += *json == '{';

	return count;
}

/* The same, or after a restart, which adds to what there is, no less. */
static bool
printed_alike(const struct trial *trial, struct fault fault, const char *out)
{
	if (fault_rows[fault.kind].does & RESTARTS)
		return objects(out) >= objects(trial->clean_out);

	return strcmp(out, trial->clean_out) == 0;
}

static bool
judge_read(const struct trial *trial, struct fault fault, const struct run *run,
    char *why)
{
	if (run->status == trial->clean.status) {
		if (trial->scenario->steady &&
		    !printed_alike(trial, fault, run->out))
			return wrong(
			    why, "it printed something else: %.200s", run->out);
		return true;
	}
	if (fault.kind == FAULT_INTERRUPT && run->status == EX_INTERRUPT)
		return true;
	if (!must_succeed(fault) && run->status == EX_NO_ANSWER)
		return true;

	return wrong(why, "exit status %d: %.200s", run->status, run->err);
}

/* A change: does what the program says agree with what the unit did? */
static bool
judge_claim(struct trial *trial, struct fault fault, const struct run *run,
    const struct claim *claim, const struct look *now, char *why)
{
	bool restarts = fault_rows[fault.kind].does & RESTARTS;
	bool old = is_old(trial, restarts, now);
	bool new = is_new(trial, restarts, now);
	bool unknown =
	    claim->outcome != NULL && strcmp(claim->outcome, "unknown") == 0;

	if (!old && !new)
		return wrong(why, "neither old nor new: %s",
		    look_difference(now, &trial->after));
	if (!memory_agrees(trial, &run->id, old, new, why))
		return false;
	if (run->status == -SIGKILL)
		return true;
	if (must_succeed(fault) && run->status != EX_DONE)
		return wrong(
		    why, "exit status %d: %.200s", run->status, run->err);
	if (run->status == EX_DONE)
		return (new && claim->outcome == NULL &&
			   claim->changed == trial->claims_change) ||
		    wrong(why, "exit status 0, the unit is %s, changed %d",
			new ? "new" : "old", claim->changed);
	if (unknown &&
	    (run->status == EX_UNKNOWN || run->status == EX_INTERRUPT))
		return outcome_agrees(trial, &claim->id, old, new, why);
	if (run->status == EX_NO_ANSWER || run->status == EX_INTERRUPT ||
	    (restarts && run->status == EX_REFUSED))
		return (old && !unknown) ||
		    wrong(why, "exit status %d, but the unit is new",
			run->status);

	return wrong(why, "exit status %d: %.200s", run->status, run->err);
}

bool
trial_run(struct trial *trial, struct fault fault, struct run *run, char *why)
{
	struct claim claim = { .outcome = NULL };
	struct look now;

	stage_restore(trial->stage, trial->begin);
	run_line(trial, fault, trial->scenario->line, run);
	if (run->hung)
		return wrong(why, "it does not end: %.200s", run->err);
	if (run->status < 0 && run->status != -SIGKILL)
		return wrong(why, "killed by signal %d", -run->status);
	if (run->status == -SIGKILL && fault.kind != FAULT_KILL)
		return wrong(why, "killed");
	if (run->status != -SIGKILL && !claim_read(run->out, &claim))
		return wrong(why, "no JSON: %.200s", run->out);
	if (!look(trial, &now, why) || !done_at_most_once(trial, &now, why))
		return false;
	if (trial->scenario->settle_ms == 0) {
		if (run->status == -SIGKILL)
			return true;
		return judge_read(trial, fault, run, why);
	}

	return judge_claim(trial, fault, run, &claim, &now, why);
}
