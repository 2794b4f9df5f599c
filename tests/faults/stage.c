/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE

#include "stage_state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"
#include "virtual_time.h"

enum {
	REAL_LIMIT_S = 60,
	BEGIN_US = 1000000,
	CHUNK = 4096,
};

static const uint32_t seed_step = 2654435761; /* odd: no run gets 0 */

/* The program */

static void
port_make(struct stage *stage, enum port_kind kind)
{
	char path[PATH_LEN + 8];
	int host, slave;

	snprintf(path, sizeof(path), "%s/line", stage->folder);
	unlink(path);
	if (kind == PORT_SOCKET) {
		struct sockaddr_un at = { .sun_family = AF_UNIX };

		snprintf(at.sun_path, sizeof(at.sun_path), "%.100s", path);
		stage->listener = socket(
		    AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		must(bind(stage->listener,
			 (const struct sockaddr *)(const void *)&at,
			 sizeof(at)) == 0 &&
			listen(stage->listener, 1) == 0,
		    path);
		snprintf(stage->port, sizeof(stage->port), "unix:%.180s", path);
		return;
	}
	host = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	must(host >= 0 && grantpt(host) == 0 && unlockpt(host) == 0 &&
		symlink(ptsname(host), path) == 0,
	    "pseudo-terminal");
	/* once opened, it reads as ended also if the program never opens it */
	slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	must(slave >= 0 && close(slave) == 0, path);
	stage->host = host;
	if (kind == PORT_OPTICAL)
		snprintf(
		    stage->port, sizeof(stage->port), "optical:%.170s", path);
	else
		snprintf(stage->port, sizeof(stage->port), "%s:%.170s@%u",
		    kind == PORT_TERMINAL ? "serial" : "optical", path,
		    stage->line.baud > 0 ? (unsigned)stage->line.baud
					 : 115200U);
}

static void
run_start(struct stage *stage, const char *const words[])
{
	const char *argv[WORDS_MAX + 4] = { stage->programs.path, "--json",
		"--port", stage->port };

	for (size_t i = 0; words[i] != NULL; i++) {
		must(i < WORDS_MAX - 1, "too many words");
		argv[i + 4] = words[i];
	}
	stage->pid = program_start(&stage->programs, argv, &stage->control);
}

static void
set_out(struct stage *stage, uint8_t byte)
{
	size_t len = sent_byte(&stage->sent, byte, &stage->run->id);

	if (!stage->optical) {
		line_put(&stage->line, TO_COLLAR, byte, stage->now_us);
		return;
	}
	stage->run->clashes += len > 0 && stage->now_us < stage->said_us;
	line_put(&stage->line, TO_COLLAR,
	    byte_heard(stage, byte, TO_COLLAR, stage->unit.board->baud),
	    stage->now_us);
	line_put(&stage->line, TO_HOST, byte, stage->now_us); /* its echo */
}

/* What the program has put on the line sets out now. */
static void
take_written(struct stage *stage, uint64_t written)
{
	uint8_t bytes[CHUNK];

	if (stage->host < 0 && stage->listener >= 0 && !stage->gone)
		stage->host =
		    accept4(stage->listener, NULL, NULL, SOCK_CLOEXEC);
	while (stage->host >= 0 && stage->read < written) {
		ssize_t len = read(stage->host, bytes, sizeof(bytes));

		if (len <= 0)
			return;
		stage->read += (uint64_t)len;
		for (ssize_t i = 0; i < len; i++)
			set_out(stage, bytes[i]);
	}
}

static bool
tell_time(struct stage *stage)
{
	struct time_now now = { .now_us = stage->now_us,
		.utc_us = stage->unit.utc_ms * 1000,
		.delivered = stage->delivered,
		.gone = stage->gone,
		.seed = stage->unit.runs * seed_step };

	return send(stage->control, &now, sizeof(now), MSG_NOSIGNAL) ==
	    sizeof(now);
}

/* Serves the program's waits until it has ended. */
static void
run_follow(struct stage *stage)
{
	struct timeval limit = { .tv_sec = REAL_LIMIT_S };
	struct time_wait wait;
	ssize_t len;

	setsockopt(
	    stage->control, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	tell_time(stage);
	while ((len = recv(stage->control, &wait, sizeof(wait), 0)) ==
	    sizeof(wait)) {
		take_written(stage, wait.written);
		advance(stage, wait.until_us, wait.for_input);
		if (!tell_time(stage))
			break;
	}
	if (len < 0 && errno == EAGAIN) {
		stage->run->hung = true;
		kill(stage->pid, SIGKILL);
	}
}

static void
run_end(struct stage *stage)
{
	int status;

	close(stage->control);
	status = program_end(&stage->programs);
	stage->run->status =
	    WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	take_written(stage, UINT64_MAX);
	if (stage->host >= 0)
		close(stage->host);
	if (stage->listener >= 0)
		close(stage->listener);
	stage->host = stage->listener = -1;
}

/* What is still under way arrives, or is lost with the line. */
static void
line_run_dry(struct stage *stage)
{
	uint64_t end_us = stage->now_us + 30000000;

	while (stage->now_us < end_us &&
	    (stage->dark_until_us > 0 ||
		line_due_us(&stage->line, TO_COLLAR) != UINT64_MAX ||
		line_due_us(&stage->line, TO_HOST) != UINT64_MAX))
		advance(stage, stage->now_us + 100000, false);
}

static void
run_begin(struct stage *stage, enum port_kind port, uint32_t baud,
    struct fault fault, struct run *run)
{
	*run = (struct run){ .out = stage->out, .err = stage->err };
	stage->run = run;
	stage->unit.runs++;
	line_make(&stage->line, baud, fault);
	stage->optical = port == PORT_OPTICAL || port == PORT_OPTICAL_FIXED;
	stage->said_us = 0;
	stage->now_us = BEGIN_US;
	stage->dark_until_us = 0;
	stage->holding = false;
	stage->delivered = stage->read = 0;
	stage->gone = false;
	stage->sent = (struct sent){ .rx = { .len = 0 } };
	stage->host = stage->listener = -1;
	if (fault.kind == FAULT_FLASH)
		stage->unit.board->cut_at =
		    stage->unit.board->flash_ops + fault.at;
	files_begin(&stage->programs.files);
	port_make(stage, port);
}

void
stage_run(struct stage *stage, enum port_kind port, uint32_t baud,
    struct fault fault, const char *const words[], struct run *run)
{
	unsigned ops = stage->unit.board->flash_ops;

	run_begin(stage, port, baud, fault, run);
	run_start(stage, words);
	run_follow(stage);
	run_end(stage);
	line_run_dry(stage);
	stage->unit.board->cut_at = 0;
	for (int way = 0; way < WAYS; way++) {
		run->bytes[way] = stage->line.lanes[way].count;
		run->frames[way] = stage->line.lanes[way].frames;
	}
	run->flash_ops = stage->unit.board->flash_ops - ops;
	run->ms = (stage->now_us - BEGIN_US) / 1000;
	files_text(stage->programs.files.out, stage->out, OUTPUT_MAX);
	files_text(stage->programs.files.err, stage->err, OUTPUT_MAX);
}

/* The stage */

struct stage_unit *
stage_unit(struct stage *stage)
{
	return &stage->unit;
}

void
stage_input(struct stage *stage, const char *text)
{
	files_input(&stage->programs.files, text);
}

struct stage *
stage_new(const char *folder, const char *program, const char *preload)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	must(stage != NULL, "memory");
	snprintf(stage->folder, sizeof(stage->folder), "%s", folder);
	stage->programs = (struct programs){
		.path = program, .preload = preload, .home = stage->folder
	};
	files_make(&stage->programs.files);
	stage_unit_make(stage, true);

	return stage;
}

void
stage_free(struct stage **stage)
{
	if (*stage == NULL)
		return;
	programs_close(&(*stage)->programs);
	files_close(&(*stage)->programs.files);
	stage_unit_free(*stage);
	free(*stage);
	*stage = NULL;
}
