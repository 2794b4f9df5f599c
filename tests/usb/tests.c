/* SPDX-License-Identifier: BSD-2-Clause */

#include "usb.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../devices/collar/state.h"
#include "busy.h"

#define WORDS(...) \
	(const char *const[]) \
	{ \
		__VA_ARGS__, NULL \
	}
enum {
	INTERRUPT_MS = 150,
	/* calls of a test's own since ^C: of a ms or less each */
	MARK_TERM = 40,
	MARK_BACK = 80,
};

#define UNIT "hw:c001020304050607"

/* Must end so, and say that somewhere. */
static bool
ends(struct stage *stage, const char *const words[], int status,
    const char *text, char *why)
{
	const char *last = words[0];
	struct run run;

	for (size_t i = 0; words[i] != NULL; i++)
		last = words[i];
	stage_run_words(stage, words, &run);
	if (run.status != status)
		return wrong(why, "%s ... %s: exit status %d, not %d: %.120s",
		    words[0], last, run.status, status, run.err);
	if (strstr(run.out, text) == NULL && strstr(run.err, text) == NULL)
		return wrong(why, "does not say '%s': %.120s%.120s", text,
		    run.out, run.err);

	return true;
}

static bool
finds_the_only_one(struct stage *stage, char *why)
{
	return ends(stage, WORDS("-p", "usb", "get", "status"), 0,
		   "unprovisioned", why) &&
	    ends(stage, WORDS("-p", "usb:" UNIT, "get", "status"), 0,
		"unprovisioned", why) &&
	    ends(stage, WORDS("-p", "usb:SIM0002", "get", "status"), 69,
		"SIM0002", why) &&
	    ends(stage, WORDS("-p", "usb:", "get", "status"), 64, "usb:SERIAL",
		why);
}

/* `list --watch` in both its formats. */
static const struct watching {
	const char *words[4], *said[3];
} watchings[] = {
	{ { "list", "--watch" },
	    { "present    usb:" UNIT, "\nunplugged  usb:" UNIT,
		"\nplugged    usb:" UNIT } },
	{ { "list", "--watch", "--json" },
	    { "\"present\"", "\"unplugged\"", "\"plugged\"" } },
};

/* It has said what it should: the next thing happens. */
static void
watch_step(struct stage *stage, const struct watching *watching)
{
	const char *out = stage_output(stage);
	unsigned *done = stage_mark(stage);

	if (*done == nitems(watching->said) ||
	    strstr(out, watching->said[*done]) == NULL)
		return;
	++*done;
	if (*done == 1)
		usbfs_unplug(stage_usbfs(stage));
	else if (*done == 2)
		stage_replug(stage);
	else
		stage_signal(stage, SIGINT);
}

static void
watch_step_text(struct stage *stage, uint64_t ms)
{
	(void)ms;
	watch_step(stage, &watchings[0]);
}

static void
watch_step_json(struct stage *stage, uint64_t ms)
{
	(void)ms;
	watch_step(stage, &watchings[1]);
}

static bool
is_watched_as_it_comes_and_goes(struct stage *stage, char *why)
{
	static void (*const steps[])(
	    struct stage *, uint64_t) = { watch_step_text, watch_step_json };

	bus_tell(stage_bus(stage), true);
	for (size_t i = 0; i < nitems(watchings); i++) {
		struct run run;

		stage_run_acting(stage, watchings[i].words, steps[i], &run);
		if (run.status != 130 || *stage_mark(stage) != 3)
			return wrong(why,
			    "exit status %d after %u of 3: %.200s", run.status,
			    *stage_mark(stage), run.out);
	}

	return true;
}

static bool
follows_the_serial_number(struct stage *stage, char *why)
{
	return ends(stage,
		   WORDS("-p", "usb", "-s", UNIT, "provision", "--new-serial",
		       "SIM0001", "--model", "S-B-5-02-IH-10-60A"),
		   0, "SIM0001", why) &&
	    ends(stage, WORDS("-p", "usb:SIM0001", "get", "serial"), 0,
		"SIM0001", why) &&
	    ends(stage, WORDS("-p", "usb:" UNIT, "get", "serial"), 69, UNIT,
		why);
}

static bool
believes_the_unit_and_not_the_bus(struct stage *stage, char *why)
{
	stage_manners(stage)->serial = "OTHER1";

	return ends(stage, WORDS("-p", "usb:OTHER1", "get", "status"), 69,
		   UNIT " is on usb:OTHER1, not OTHER1", why) &&
	    ends(stage, WORDS("-p", "usb", "-s", UNIT, "get", "status"), 0,
		"unprovisioned", why) &&
	    ends(stage, WORDS("-p", "usb", "-s", "OTHER1", "get", "status"), 69,
		"not OTHER1", why);
}

static bool
finds_nothing_on_an_empty_bus(struct stage *stage, char *why)
{
	usbfs_unplug(stage_usbfs(stage));

	return ends(stage, WORDS("-p", "usb", "get", "status"), 69,
	    "no collar is on USB", why);
}

static bool
takes_no_device_of_another_maker(struct stage *stage, char *why)
{
	stage_manners(stage)->maker = "Other";

	return ends(stage, WORDS("-p", "usb", "get", "status"), 69,
	    "no collar is on USB", why);
}

/* Its maker is not known, so that it is not talked to. */
static bool
tells_of_one_that_does_not_say_its_name(struct stage *stage, char *why)
{
	stage_manners(stage)->nameless = true;

	return ends(stage, WORDS("-p", "usb", "get", "status"), 75,
		   "/dev/bus/usb/001/002, a collar: ", why) &&
	    ends(stage, WORDS("list", "--json"), 69, "\"port\": \"usb\"", why);
}

static bool
names_the_rules_file_without_permission(struct stage *stage, char *why)
{
	stage_plain(stage);
	stage_deny(stage);

	return ends(stage, WORDS("-p", "usb", "get", "status"), 77,
		   "70-collarctl.rules", why) &&
	    ends(stage, WORDS("-p", "usb:SIM0001", "get", "status"), 77,
		"/dev/bus/usb/001/003", why);
}

static bool
says_that_another_has_it(struct stage *stage, char *why)
{
	stage_plain(stage);
	usbfs_occupy(stage_usbfs(stage), true);

	return ends(stage, WORDS("-p", "usb", "get", "status"), 75,
	    "is in use by", why);
}

static bool
keeps_several_transfers_in_flight(struct stage *stage, char *why)
{
	struct run run;
	unsigned most;

	stage_run_words(stage, WORDS("-p", "usb", "get", "status"), &run);
	most = stage_counts(stage).in_wanted_most;
	if (run.status != 0 || most < 2)
		return wrong(
		    why, "exit status %d, %u transfers", run.status, most);

	return true;
}

/* Answers of 64 lengths: one of them fills its last packet. */
static bool
reads_answers_of_every_length(struct stage *stage, char *why)
{
	struct unit_record *record = &stage_board(stage)->collar->record;
	unsigned empty = 0;

	HAVE(record, RECORD_DESCRIPTION);
	for (unsigned len = 1; len <= USB_PACKET_LEN; len++) {
		struct run run;

		memset(record->description, 0, sizeof(record->description));
		memset(record->description, 'x', len);
		stage_run_words(
		    stage, WORDS("-p", "usb", "get", "description"), &run);
		if (run.status != 0 || strspn(run.out, "x") != len)
			return wrong(why, "%u: exit status %d: %.100s%.100s",
			    len, run.status, run.out, run.err);
		empty += run.empty;
	}
	if (empty == 0)
		return wrong(why, "no burst ended in an empty packet");

	return true;
}

/* The same, and the empty packet is missing: the request is repeated. */
static bool
gets_by_without_an_empty_packet(struct stage *stage, char *why)
{
	struct unit_record *record = &stage_board(stage)->collar->record;
	const struct fault fault = { .kind = FAULT_NO_ZLP, .way = TO_HOST };
	unsigned struck = 0;

	HAVE(record, RECORD_DESCRIPTION);
	for (unsigned len = 1; len <= USB_PACKET_LEN; len++) {
		struct run run;

		memset(record->description, 0, sizeof(record->description));
		memset(record->description, 'x', len);
		stage_run(stage, PORT_USB, 0, fault,
		    WORDS("get", "description"), &run);
		if (run.status != 0)
			return wrong(why, "%u: exit status %d: %.200s", len,
			    run.status, run.err);
		struck += run.struck;
	}
	if (struck == 0)
		return wrong(why, "no burst ended in an empty packet");

	return true;
}

/* A pipe that stalls for ever is an end, not a loop. */
static bool
gives_up_a_pipe_that_stays_halted(struct stage *stage, char *why)
{
	struct run run;

	stage_manners(stage)->halting = true;
	stage_run_words(stage, WORDS("-p", "usb", "get", "status"), &run);
	stage_manners(stage)->halting = false;
	if (run.status != 75)
		return wrong(
		    why, "exit status %d: %.200s", run.status, run.err);
	if (stage_counts(stage).submitted > 200)
		return wrong(
		    why, "%u transfers", stage_counts(stage).submitted);

	return stage_untidy(stage) == 0 || wrong(why, "left transfers behind");
}

/* Nothing comes: its time-out ends it, or ^C at once. */
static void
interrupt_soon(struct stage *stage, uint64_t ms)
{
	bool open = usbfs_counts(stage_usbfs(stage)).claims > 0;

	if (open && ms > INTERRUPT_MS && ++*stage_mark(stage) == 1)
		stage_signal(stage, SIGINT);
}

static bool
ends_when_nothing_comes(struct stage *stage, char *why)
{
	struct run run;

	stage_manners(stage)->deaf = true;
	if (!ends(stage, WORDS("-p", "usb", "get", "status", "--timeout", "1s"),
		75, "", why))
		return false;
	stage_run_acting(
	    stage, WORDS("-p", "usb", "get", "status"), interrupt_soon, &run);
	if (run.status != 130)
		return wrong(why, "^C: exit status %d", run.status);

	return stage_untidy(stage) == 0 || wrong(why, "left transfers behind");
}

/* It is on its way out when ^C comes, and SIGTERM while it is taken back. */
static void
interrupt_twice(struct stage *stage, uint64_t ms)
{
	unsigned *mark = stage_mark(stage);

	if (*mark == 0) {
		if (usbfs_counts(stage_usbfs(stage)).claims == 0 ||
		    ms <= INTERRUPT_MS)
			return;
		usbfs_hold(stage_usbfs(stage), true);
		stage_signal(stage, SIGINT);
	}
	++*mark;
	if (*mark == MARK_TERM)
		stage_signal(stage, SIGTERM);
	if (*mark == MARK_BACK)
		usbfs_hold(stage_usbfs(stage), false);
}

static bool
takes_all_back_on_a_second_signal(struct stage *stage, char *why)
{
	struct run run;

	stage_manners(stage)->deaf = true;
	stage_run_acting(
	    stage, WORDS("-p", "usb", "get", "status"), interrupt_twice, &run);
	if (run.status != 130 || *stage_mark(stage) < MARK_BACK)
		return wrong(
		    why, "exit status %d: %.200s", run.status, run.err);

	return stage_untidy(stage) == 0 ||
	    wrong(why, "left transfers or the interface behind");
}

/* News without a byte does not keep it waiting. */
static bool
ends_where_only_empty_packets_come(struct stage *stage, char *why)
{
	stage_manners(stage)->chatters = true;

	return ends(stage,
		   WORDS("-p", "usb", "get", "status", "--timeout", "1s"), 75,
		   "", why) &&
	    (stage_untidy(stage) == 0 || wrong(why, "left transfers behind"));
}

/* Requests of growing length, until one has filled its last packet. */
static bool
ends_each_burst_in_a_short_packet(struct stage *stage, char *why)
{
	char text[] = "description=................................"
		      "................................";
	char *const value = strchr(text, '=') + 1;

	for (unsigned len = 1; len <= USB_PACKET_LEN; len++) {
		struct usbfs_counts counts;

		value[len] = '\0';
		if (!ends(stage, WORDS("-p", "usb", "-s", UNIT, "set", text), 0,
			value, why))
			return false;
		value[len] = '.';
		counts = stage_counts(stage);
		if (counts.out_open)
			return wrong(
			    why, "%u: a burst ended in a full packet", len);
		if (counts.out_empty > 0)
			return true;
	}

	return wrong(why, "no burst ended in an empty packet");
}

static bool
lists_it_with_its_numbers(struct stage *stage, char *why)
{
	return ends(stage, WORDS("list", "--json"), 0,
		   "\"port\": \"usb:" UNIT "\"", why) &&
	    ends(stage, WORDS("list", "--json"), 0, "\"vid\": \"1209\"", why) &&
	    ends(stage, WORDS("list", "--json"), 0, "\"usable\": true", why) &&
	    ends(stage, WORDS("list", "--json"), 0, "\"transport\": \"usb\"",
		why) &&
	    ends(stage, WORDS("list", "-s", UNIT), 0, "unprovisioned", why) &&
	    ends(stage, WORDS("list", "-s", "SIM0002"), 69,
		"another unit than SIM0002", why);
}

static bool
is_used_when_no_port_is_named(struct stage *stage, char *why)
{
	return ends(stage, WORDS("get", "status"), 0,
		   "using " UNIT " on usb:" UNIT, why) &&
	    ends(stage, WORDS("get", "status", "-s", UNIT), 0, "unprovisioned",
		why) &&
	    ends(stage, WORDS("get", "status", "-s", "SIM0002"), 69,
		"SIM0002 is not found", why) &&
	    ends(stage, WORDS("doctor", "--json"), 0, "\"transport\": \"usb\"",
		why);
}

static bool
list_and_doctor_say_why_it_cannot_be_used(struct stage *stage, char *why)
{
	stage_plain(stage);
	usbfs_occupy(stage_usbfs(stage), true);
	if (!ends(stage, WORDS("list", "--json"), 69, "is in use", why) ||
	    !ends(stage, WORDS("-p", "usb", "doctor"), 75,
		"holder               FAULT: ", why))
		return false;
	usbfs_occupy(stage_usbfs(stage), false);
	stage_deny(stage);

	return ends(stage, WORDS("list"), 69, "70-collarctl.rules", why) &&
	    ends(stage, WORDS("-p", "usb", "doctor"), 77,
		"permission           FAULT: ", why);
}

/* The unit, and a collar beside it that another program has: it may be the one
 * that is meant. */
static bool
chooses_none_of_two(struct stage *stage, char *why)
{
	struct busy *other = busy_plug(
	    stage_bus(stage), 2, stage_board(stage)->collar, "OTHER1");
	bool good =
	    ends(stage, WORDS("get", "status"), 69, "2 collars found", why) &&
	    ends(stage, WORDS("get", "status"), 69, "usb:OTHER1", why) &&
	    ends(stage, WORDS("-p", "usb", "get", "status"), 69,
		"several collars are on USB", why) &&
	    ends(stage, WORDS("list"), 0, "usb:" UNIT, why) &&
	    ends(stage, WORDS("list"), 0, "usb:OTHER1", why);

	busy_free(&other);

	return good && ends(stage, WORDS("get", "status"), 0, "using", why);
}

static bool
finds_the_one_of_two_that_is_named(struct stage *stage, char *why)
{
	struct busy *other = busy_plug(
	    stage_bus(stage), 2, stage_board(stage)->collar, "OTHER1");
	bool good = ends(stage, WORDS("-s", UNIT, "get", "status"), 0,
			"unprovisioned", why) &&
	    ends(stage, WORDS("-p", "usb", "-s", UNIT, "get", "status"), 0,
		"unprovisioned", why) &&
	    ends(stage, WORDS("-p", "usb:" UNIT, "get", "status"), 0,
		"unprovisioned", why) &&
	    ends(stage, WORDS("-s", "OTHER1", "get", "status"), 75,
		"is in use by", why) &&
	    ends(stage, WORDS("-s", "SIM0002", "get", "status"), 69,
		"SIM0002 is not found", why);

	busy_free(&other);

	return good;
}

const struct usb_test usb_tests[] = {
	{ "chooses none of two", chooses_none_of_two },
	{ "finds the one of two that is named",
	    finds_the_one_of_two_that_is_named },
	{ "finds the only one, or the one that is named", finds_the_only_one },
	{ "a collar is watched as it comes and goes",
	    is_watched_as_it_comes_and_goes },
	{ "a unit goes by its serial number once it has one",
	    follows_the_serial_number },
	{ "believes the unit and not the bus",
	    believes_the_unit_and_not_the_bus },
	{ "finds nothing on an empty bus", finds_nothing_on_an_empty_bus },
	{ "takes no device of another maker",
	    takes_no_device_of_another_maker },
	{ "tells of one that does not say its name",
	    tells_of_one_that_does_not_say_its_name },
	{ "names the rules file where permission is missing",
	    names_the_rules_file_without_permission },
	{ "says that another has it", says_that_another_has_it },
	{ "keeps several transfers in flight",
	    keeps_several_transfers_in_flight },
	{ "reads answers of every length", reads_answers_of_every_length },
	{ "gets by without an empty packet", gets_by_without_an_empty_packet },
	{ "gives up a pipe that stays halted",
	    gives_up_a_pipe_that_stays_halted },
	{ "ends when nothing comes, and at once on ^C",
	    ends_when_nothing_comes },
	{ "takes all back on a second signal",
	    takes_all_back_on_a_second_signal },
	{ "ends where only empty packets come",
	    ends_where_only_empty_packets_come },
	{ "ends each burst in a short packet",
	    ends_each_burst_in_a_short_packet },
	{ "list shows it with its numbers", lists_it_with_its_numbers },
	{ "it is used when no port is named", is_used_when_no_port_is_named },
	{ "list and doctor say why it cannot be used",
	    list_and_doctor_say_why_it_cannot_be_used },
	{ NULL, NULL },
};
