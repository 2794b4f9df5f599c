/* SPDX-License-Identifier: BSD-2-Clause */

#include "find.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../proto/line.h"
#include "../link/stop.h"

enum {
	SILENCE_MS = 700, /* a collar has answered by then, asked twice */
	/* by then it has answered once at 115200, and a probe's at 9600 */
	SERIAL_MS = 450,
	OPTICAL_MS = 600,
	RATE_MS = 180,   /* the same at each rate that it may be left at */
	BABBLE_MS = 200, /* other devices go on and on */
	FIND_MS = 1750,
	END_MS = 150, /* to give a port back, once told to */
};

/* What a child tells its parent, in one piece: who is there, and in the last
 * one all. */
struct report {
	size_t index;
	bool last;
	char port[LINK_WHY_MAX];
	struct finding is;
};

_Static_assert(sizeof(struct report) <= PIPE_BUF,
    "a pipe takes it whole, whoever else writes");

/* Children that ask. */
struct search {
	struct place *places;
	size_t count;
	const struct find_options *options;
	pid_t *children; /* of each place; 0: none */
	int pipe[2];
	size_t left; /* have not told yet */
};

/* One place, to be asked. */
struct asking {
	struct place *place;
	const char *wanted; /* the only unit that can be used; NULL: any */
	const struct search
	    *search; /* the child's; NULL: nobody waits for it */
};

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);

	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Which group to join; of USB the rules of udev decide, and the link says so.
 */
static void
advise_group(struct finding *is, const char *device)
{
	size_t len = strlen(is->why);
	char group[32];

	if (device_group(device, group, sizeof(group)))
		snprintf(is->why + len, sizeof(is->why) - len,
		    ": join its group %s (adduser $USER %s), log in again",
		    group, group);
}

/* Why it cannot be used; the port itself stands before it already. */
static void
refuse(struct place *place, int err, const char *why)
{
	const char *port = place->at.port;
	size_t len = strlen(port);
	char device[LINK_WHY_MAX];

	if (strncmp(why, port, len) == 0 && strncmp(why + len, ": ", 2) == 0)
		why += len + 2;
	snprintf(place->is.why, sizeof(place->is.why), "%s", why);
	place->is.err = err;
	if (err == E_PORT_BUSY && place->node[0] != '\0')
		device_holder(place->node, &place->is.holder);
	else if (err == E_PORT_BUSY && link_device(port, device))
		device_holder(device, &place->is.holder);
	else if (err == E_PORT_PERMISSION && link_device(port, device))
		advise_group(&place->is, device);
}

/* Tells the parent what is known by now. */
static void
report(const struct asking *asking, bool last)
{
	const struct search *search = asking->search;
	struct report made = {
		.index = (size_t)(asking->place - search->places),
		.last = last,
		.is = asking->place->is,
	};

	memcpy(made.port, asking->place->at.port, sizeof(made.port));
	if (!link_interrupted)
		(void)!write(search->pipe[1], &made, sizeof(made));
}

static void
learn(const struct asking *asking, struct client *client)
{
	const struct nothing nothing = { .has = 0 };
	struct failure failure = { .err = E_OK };
	struct finding *is = &asking->place->is;
	const char *unit = asking->wanted;
	struct unit_state state;

	is->unit = *client_unit(client);
	is->answered = true;
	if (unit != NULL && !unit_is(&is->unit, unit)) {
		is->err = E_WRONG_UNIT;
		snprintf(
		    is->why, sizeof(is->why), "another unit than %s", unit);
	}
	if (asking->search != NULL)
		report(asking, false); /* it may be slow with its status */
	if (client_call(client, OP_STATUS, &nothing, &state, &failure) == E_OK)
		field_text(message_find(&msg_unit_state, "status"), &state,
		    is->status, sizeof(is->status));
}

/* Asks it by that port, whatever comes of it. */
static void
ask(const struct asking *asking, const char *port,
    const struct client_options *how)
{
	struct place *place = asking->place;
	struct failure failure = { .err = E_OK };
	struct client *client = NULL;
	struct link *link = NULL;
	char why[LINK_WHY_MAX] = "";
	int err = link_open(&link, port, why);

	place->is = (struct finding){ .err = E_OK };
	if (err != E_OK) {
		refuse(place, err, why);
	} else if ((err = client_open(&client, link, how, &failure)) != E_OK) {
		refuse(place, err, failure.what);
	} else {
		learn(asking, client);
		client_close(&client);
	}
}

static int
interrupted(struct failure *failure)
{
	return link_interrupted ? fail(failure, E_INTERRUPTED, "interrupted")
				: E_OK;
}

int
find_ask_one(struct place *place, const struct find_options *options,
    struct failure *failure)
{
	const struct client_options how = { .timeout_ms = options->timeout_ms,
		.keep_rate = true };
	const struct asking asking = { place, options->unit, NULL };

	ask(&asking, place->at.port, &how);

	return interrupted(failure);
}

/* How long to wait for a place: not longer than the user does, nor so long that
 * nothing could be asked twice. */
static int
silence_ms(const struct search *search, const struct place *place)
{
	int wanted_ms = search->options->timeout_ms;
	int ms = SILENCE_MS;

	if (place->maybe_optical)
		ms = SERIAL_MS;
	else if (strcmp(link_transport(place->at.port), "optical") == 0)
		ms = OPTICAL_MS;

	return wanted_ms > 0 && wanted_ms < ms ? wanted_ms : ms;
}

/* A serial port that is silent may have an optical probe on it, which begins at
 * another rate; it stays at that one, there is no time for more. */
static void
ask_as_optical(const struct asking *asking, struct client_options how)
{
	struct place *place = asking->place;
	const struct finding silent = place->is;
	char device[LINK_WHY_MAX], serial[LINK_WHY_MAX], port[LINK_WHY_MAX];

	if (!link_device(place->at.port, device))
		return;
	memcpy(serial, place->at.port, sizeof(serial));
	snprintf(
	    place->at.port, sizeof(place->at.port), "optical:%.200s", device);
	snprintf(port, sizeof(port), "optical:%.200s@%d", device, RATE_OPTICAL);
	how.timeout_ms = OPTICAL_MS;
	ask(asking, port, &how);
	if (place->is.answered)
		return;
	place->is = silent;
	memcpy(place->at.port, serial, sizeof(serial));
}

/* The child: what stdio holds of the parent's is not its to write. */
static void
child(const struct search *search, size_t index)
{
	struct place *place = &search->places[index];
	const struct asking asking = { place, search->options->unit, search };
	const struct client_options how = {
		.timeout_ms = silence_ms(search, place),
		.babble_ms = BABBLE_MS,
		.find_ms = RATE_MS,
		.keep_rate = true,
	};

	close(search->pipe[0]);
	ask(&asking, place->at.port, &how);
	if (place->maybe_optical && place->is.err == E_NO_ANSWER)
		ask_as_optical(&asking, how);
	report(&asking, true);
	_exit(0);
}

static void
begin(struct search *search)
{
	for (size_t i = 0; i < search->count; i++) {
		struct place *place = &search->places[i];
		pid_t pid;

		if (!place->ask)
			continue;
		place->is = (struct finding){ .err = E_NO_ANSWER,
			.why = "no answer in time" };
		pid = fork();
		if (pid == 0)
			child(search, i);
		if (pid < 0)
			refuse(place, E_INTERNAL, strerror(errno));
		else
			search->children[i] = pid;
		search->left += pid > 0;
	}
	close(search->pipe[1]);
}

/* One report, if there is one by then.  False: there will be none any more. */
static bool
take_report(struct search *search, uint64_t ms)
{
	const struct timespec limit = { .tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000) * 1000000 };
	struct report told;
	int ready = stop_poll(search->pipe[0], POLLIN, &limit);

	if (ready <= 0)
		return ready == 0;
	if (read(search->pipe[0], &told, sizeof(told)) != sizeof(told))
		return false;
	search->places[told.index].is = told.is;
	memcpy(
	    search->places[told.index].at.port, told.port, sizeof(told.port));
	search->left -= told.last;

	return true;
}

static void
collect(struct search *search)
{
	uint64_t begun_ms = now_ms(), passed_ms = 0;

	while (search->left > 0 && passed_ms < FIND_MS && !link_interrupted &&
	    take_report(search, FIND_MS - passed_ms))
		passed_ms = now_ms() - begun_ms;
}

static void
tell_all(const struct search *search, int number)
{
	for (size_t i = 0; i < search->count; i++)
		if (search->children[i] > 0)
			kill(search->children[i], number);
}

/* Has the last one closed its end?  What still comes came too late. */
static bool
have_ended(const struct search *search, int ms)
{
	struct pollfd end = { .fd = search->pipe[0], .events = POLLIN };
	uint64_t begun_ms = now_ms();
	struct report late;

	while (now_ms() - begun_ms < (uint64_t)ms)
		if (poll(&end, 1, ms) > 0 &&
		    read(end.fd, &late, sizeof(late)) == 0)
			return true;

	return false;
}

/* A child that hangs in the kernel is left to the system. */
static void
end(struct search *search)
{
	bool ended = search->left == 0 && have_ended(search, END_MS);

	if (!ended) {
		tell_all(search, SIGTERM);
		ended = have_ended(search, END_MS);
	}
	if (!ended) {
		tell_all(search, SIGKILL);
		ended = have_ended(search, END_MS);
	}
	for (size_t i = 0; i < search->count; i++)
		if (search->children[i] > 0)
			waitpid(search->children[i], NULL, ended ? 0 : WNOHANG);
	close(search->pipe[0]);
}

int
find_ask(struct place *places, size_t count, const struct find_options *options,
    struct failure *failure)
{
	struct search search = { places, count, options, NULL, { -1, -1 }, 0 };

	if (count == 0)
		return E_OK;
	search.children = calloc(count, sizeof(*search.children));
	if (search.children == NULL || pipe(search.pipe) != 0) {
		free(search.children);
		return fail(failure, E_INTERNAL, "the ports cannot be asked");
	}
	fcntl(search.pipe[0], F_SETFD, FD_CLOEXEC);
	fcntl(search.pipe[1], F_SETFD, FD_CLOEXEC);
	begin(&search);
	collect(&search);
	end(&search);
	free(search.children);

	return interrupted(failure);
}
