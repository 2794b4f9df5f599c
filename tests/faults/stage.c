/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE

#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "../../proto/change.h"
#include "../../proto/frame.h"
#include "must.h"
#include "program.h"
#include "virtual_time.h"

enum {
	REAL_LIMIT_S = 60,
	BEGIN_US = 1000000,
	DARK_MS = 3000, /* without power */
	CHUNK = 4096,
	PATH_LEN = 200,
};

static const uint32_t seed_step = 2654435761; /* odd: no run gets 0 */

struct unit_image {
	struct ram_board board;
	uint64_t utc_ms;
	uint32_t runs;
	uint8_t ram[];
};

struct stage {
	char folder[PATH_LEN], port[PATH_LEN];
	struct ram_board *board;
	struct line line;

	bool optical;     /* echoes, and has rates */
	uint64_t said_us; /* when the last byte of the unit's has arrived */
	uint64_t now_us;
	uint64_t utc_ms; /* of the world, whatever the unit's clock says */
	uint64_t dark_until_us; /* the unit has no power until then */
	uint64_t delivered, read;
	bool holding, held_strikes; /* a byte that the unit cannot take yet */
	uint8_t held;
	int listener, host, control;
	bool gone;
	struct frame_rx sent; /* what the program says, before any fault */
	uint8_t sent_buf[PAYLOAD_TO_COLLAR_MAX + FRAME_CRC_LEN];
	struct programs programs;
	pid_t pid; /* of the run */
	struct run *run;
	uint32_t runs; /* so far, which makes each one's numbers its own */

	char out[OUTPUT_MAX], err[OUTPUT_MAX];
};

/* The unit */

struct ram_board *
stage_board(struct stage *stage)
{
	return stage->board;
}

struct unit_image *
stage_keep(const struct stage *stage)
{
	struct unit_image *image = malloc(sizeof(*image) + collar_size());

	must(image != NULL, "memory");
	image->board = *stage->board;
	image->utc_ms = stage->utc_ms;
	image->runs = stage->runs;
	memcpy(image->ram, stage->board->collar, collar_size());

	return image;
}

void
stage_restore(struct stage *stage, const struct unit_image *image)
{
	*stage->board = image->board;
	stage->utc_ms = image->utc_ms;
	stage->runs = image->runs;
	memcpy(stage->board->collar, image->ram, collar_size());
}

void
stage_pass(struct stage *stage, uint64_t ms)
{
	ram_board_pass(stage->board, ms);
	stage->utc_ms += ms;
}

uint64_t
stage_utc_ms(const struct stage *stage)
{
	return stage->utc_ms;
}

static void
unit_darken(struct stage *stage)
{
	stage->dark_until_us = stage->now_us + (uint64_t)DARK_MS * 1000;
	stage->run->struck = true;
}

/* Lets the unit live up to now; without power only the world goes on. */
static void
unit_follow(struct stage *stage, uint64_t to_us)
{
	uint64_t ms = to_us / 1000 - stage->now_us / 1000;

	stage->now_us = to_us;
	stage->utc_ms += ms;
	if (stage->dark_until_us == 0) {
		ram_board_pass(stage->board, ms);
		if (stage->board->dead)
			unit_darken(stage);
		return;
	}
	stage->board->utc_ms += ms;
	if (to_us < stage->dark_until_us)
		return;
	stage->dark_until_us = 0;
	ram_board_start(stage->board);
}

static void
unit_restart(struct stage *stage)
{
	ram_board_start(stage->board);
	stage->run->struck = true;
}

/* The line */

static void
host_hang_up(struct stage *stage)
{
	if (stage->host >= 0)
		close(stage->host);
	stage->host = -1;
	stage->gone = true;
	line_cut(&stage->line);
}

/* What strikes when a byte arrives. */
static void
strike(struct stage *stage)
{
	stage->run->struck = true;
	switch (stage->line.fault.kind) {
	case FAULT_CUT:
		line_cut(&stage->line);
		break;
	case FAULT_HANG_UP:
		host_hang_up(stage);
		break;
	case FAULT_RESTART:
		unit_restart(stage);
		break;
	case FAULT_POWER:
		unit_darken(stage);
		break;
	case FAULT_KILL:
		kill(stage->pid, SIGKILL);
		line_cut(&stage->line);
		break;
	case FAULT_INTERRUPT:
		kill(stage->pid, SIGINT);
		break;
	default:
		must(false, "a fault that does not strike");
	}
}

/* The rate that the program has set its end of the line to. */
static uint32_t
host_baud(const struct stage *stage)
{
	static const struct {
		speed_t speed;
		uint32_t baud;
	} rates[] = { { B9600, 9600 }, { B19200, 19200 }, { B57600, 57600 },
		{ B115200, 115200 } };
	struct termios modes;

	must(tcgetattr(stage->host, &modes) == 0, "the terminal's rate");
	for (size_t i = 0; i < nitems(rates); i++)
		if (cfgetospeed(&modes) == rates[i].speed)
			return rates[i].baud;

	return 0;
}

/*
 * A byte that one end says at its rate, as the other hears it at its own.  The
 * unit's end has the rate `unit`.
 */
static uint8_t
byte_heard(struct stage *stage, uint8_t byte, enum way way, uint32_t unit)
{
	uint32_t host;

	if (!stage->optical || stage->host < 0)
		return byte;
	host = host_baud(stage);
	stage->line.baud = way == TO_HOST ? unit : host;

	return unit == host ? byte : byte ^ 0x5a;
}

/* A byte sets out; busy_us is as long as it takes the line. */
static void
put_byte(struct stage *stage, enum way way, uint8_t byte)
{
	line_put(&stage->line, way, byte, stage->now_us);
	if (stage->line.baud > 0)
		stage->run->busy_us += 10000000 / stage->line.baud;
}

/* Bytes that the unit has to say set out as the line takes them. */
static void
pump_out(struct stage *stage)
{
	uint8_t byte;
	uint32_t baud = stage->board->baud; /* before it switches */

	while (stage->dark_until_us == 0 &&
	    line_free(&stage->line, TO_HOST, stage->now_us) &&
	    collar_transmit(stage->board->collar, &byte, 1) == 1) {
		put_byte(
		    stage, TO_HOST, byte_heard(stage, byte, TO_HOST, baud));
		stage->said_us = stage->line.lanes[TO_HOST].free_us;
		baud = stage->board->baud;
	}
}

/* Bytes that arrived for the unit; one that it does not take, because an
 * answer is still being fetched, holds up the others. */
static void
pump_in(struct stage *stage)
{
	for (;;) {
		if (!stage->holding &&
		    !line_take(&stage->line, TO_COLLAR, stage->now_us,
			&stage->held, &stage->held_strikes))
			return;
		stage->holding = stage->dark_until_us == 0 &&
		    collar_receive(stage->board->collar, &stage->held, 1) == 0;
		if (stage->holding)
			return;
		if (stage->board->dead && stage->dark_until_us == 0)
			unit_darken(stage);
		if (stage->held_strikes) {
			strike(stage);
			return;
		}
	}
}

/* Bytes that arrived for the host; true if there were any. */
static bool
pump_host(struct stage *stage)
{
	uint8_t bytes[CHUNK];
	size_t len = 0;
	bool struck = false;

	while (!struck && len < sizeof(bytes) &&
	    line_take(
		&stage->line, TO_HOST, stage->now_us, &bytes[len], &struck))
		len++;
	if (len > 0 && stage->host >= 0) {
		/* a program that has ended takes nothing */
		if (write(stage->host, bytes, len) == (ssize_t)len)
			stage->delivered += len;
	}
	if (struck)
		strike(stage);

	return len > 0 || struck;
}

static uint64_t
sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
next_due_us(const struct stage *stage)
{
	const struct line *line = &stage->line;
	uint64_t due_us = line_due_us(line, TO_HOST);

	if (!stage->holding)
		due_us = sooner(due_us, line_due_us(line, TO_COLLAR));
	if (!line_free(line, TO_HOST, stage->now_us))
		due_us = sooner(due_us, line->lanes[TO_HOST].free_us);
	if (stage->dark_until_us > 0)
		return sooner(due_us, stage->dark_until_us);

	return sooner(due_us,
	    stage->now_us +
		(uint64_t)collar_next_due_ms(stage->board->collar) * 1000);
}

/* Moves the world until then, or until something reaches the host. */
static void
advance(struct stage *stage, uint64_t until_us, bool for_input)
{
	for (;;) {
		bool news;

		pump_in(stage);
		pump_out(stage);
		if (stage->holding)
			pump_in(stage);
		news = pump_host(stage);
		if ((news && for_input) || stage->now_us >= until_us)
			return;
		if (!news)
			unit_follow(
			    stage, sooner(next_due_us(stage), until_us));
	}
}

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

/* The id in a request's change header: key 62, eight bytes. */
static void
note_id(struct run *run, const uint8_t *payload, size_t len)
{
	static const uint8_t head[] = { 0x18, CHANGE_ID, 0x40 | CHANGE_ID_LEN };

	for (size_t at = 0; at + sizeof(head) + CHANGE_ID_LEN <= len; at++)
		if (memcmp(payload + at, head, sizeof(head)) == 0) {
			run->id.len = CHANGE_ID_LEN;
			memcpy(run->id.at, payload + at + sizeof(head),
			    CHANGE_ID_LEN);
		}
}

static void
set_out(struct stage *stage, uint8_t byte)
{
	size_t len = frame_rx_byte(
	    &stage->sent, stage->sent_buf, sizeof(stage->sent_buf), byte);

	note_id(stage->run, stage->sent_buf, len);
	if (!stage->optical) {
		put_byte(stage, TO_COLLAR, byte);
		return;
	}
	stage->run->clashes += len > 0 && stage->now_us < stage->said_us;
	put_byte(stage, TO_COLLAR,
	    byte_heard(stage, byte, TO_COLLAR, stage->board->baud));
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
		.utc_us = stage->utc_ms * 1000,
		.delivered = stage->delivered,
		.gone = stage->gone,
		.seed = stage->runs * seed_step };

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

/* Empties a file, and has whoever shares it begin at its beginning. */
static void
file_empty(int fd)
{
	must(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0,
	    "emptying a file");
}

void
stage_input(struct stage *stage, const char *text)
{
	size_t len = strlen(text);

	file_empty(stage->programs.in_fd);
	must(pwrite(stage->programs.in_fd, text, len, 0) == (ssize_t)len,
	    "writing what is to be read");
}

static void
output_take(int fd, char *text)
{
	ssize_t len = pread(fd, text, OUTPUT_MAX - 1, 0);

	must(len >= 0, "reading what was printed");
	text[len] = '\0';
}

static void
run_begin(struct stage *stage, enum port_kind port, uint32_t baud,
    struct fault fault, struct run *run)
{
	*run = (struct run){ .out = stage->out, .err = stage->err };
	stage->run = run;
	stage->runs++;
	line_make(&stage->line, baud, fault);
	stage->optical = port == PORT_OPTICAL || port == PORT_OPTICAL_FIXED;
	stage->said_us = 0;
	stage->now_us = BEGIN_US;
	stage->dark_until_us = 0;
	stage->holding = false;
	stage->delivered = stage->read = 0;
	stage->gone = false;
	stage->sent = (struct frame_rx){ .len = 0 };
	stage->host = stage->listener = -1;
	if (fault.kind == FAULT_FLASH)
		stage->board->cut_at = stage->board->flash_ops + fault.at;
	must(lseek(stage->programs.in_fd, 0, SEEK_SET) == 0, "rewinding");
	file_empty(stage->programs.out_fd);
	file_empty(stage->programs.err_fd);
	port_make(stage, port);
}

void
stage_run(struct stage *stage, enum port_kind port, uint32_t baud,
    struct fault fault, const char *const words[], struct run *run)
{
	unsigned ops = stage->board->flash_ops;

	run_begin(stage, port, baud, fault, run);
	run_start(stage, words);
	run_follow(stage);
	run_end(stage);
	line_run_dry(stage);
	stage->board->cut_at = 0;
	for (int way = 0; way < WAYS; way++) {
		run->bytes[way] = stage->line.lanes[way].count;
		run->frames[way] = stage->line.lanes[way].frames;
	}
	run->flash_ops = stage->board->flash_ops - ops;
	run->ms = (stage->now_us - BEGIN_US) / 1000;
	output_take(stage->programs.out_fd, stage->out);
	output_take(stage->programs.err_fd, stage->err);
}

/* The stage */

struct stage *
stage_new(const char *folder, const char *program, const char *preload)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	must(stage != NULL, "memory");
	snprintf(stage->folder, sizeof(stage->folder), "%s", folder);
	stage->programs = (struct programs){ .path = program,
		.preload = preload,
		.home = stage->folder,
		.in_fd = memfd_create("in", MFD_CLOEXEC),
		.out_fd = memfd_create("out", MFD_CLOEXEC),
		.err_fd = memfd_create("err", MFD_CLOEXEC) };
	must(stage->programs.in_fd >= 0 && stage->programs.out_fd >= 0 &&
		stage->programs.err_fd >= 0,
	    "memfd");
	stage->board = ram_board_new(8);
	ram_board_wire(stage->board);
	ram_board_start(stage->board);
	stage->utc_ms = stage->board->utc_ms;
	stage_pass(stage, 20000);

	return stage;
}

void
stage_free(struct stage **stage)
{
	if (*stage == NULL)
		return;
	programs_close(&(*stage)->programs);
	close((*stage)->programs.in_fd);
	close((*stage)->programs.out_fd);
	close((*stage)->programs.err_fd);
	ram_board_free(&(*stage)->board);
	free(*stage);
	*stage = NULL;
}
