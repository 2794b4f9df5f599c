/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE

#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../devices/collar/usb_descriptors.h"
#include "../../proto/change.h"
#include "../../proto/frame.h"
#include "../faults/must.h"
#include "strings.h"

enum {
	REAL_LIMIT_MS = 60000,
	SPEED = 30, /* of the world while nobody is in a frame */
	TICK_US = 500,
	REPLUG_MS = 15,
	ENV_LEN = 512,
	PATH_LEN = 200,
	NOBODY = 65534,
};

struct unit_image {
	struct ram_board board;
	uint64_t utc_ms;
	uint8_t ram[];
};

struct stage {
	struct ram_board *board;
	struct bus *bus;
	struct usbfs *usbfs;
	struct usb_device usb;
	uint64_t utc_ms; /* of the world, whatever the unit's clock says */
	const char *maker, *serial; /* on the bus; NULL: its own */
	bool nameless, halting, deaf, denied, chatters;

	char folder[PATH_LEN], program[PATH_LEN], preload[PATH_LEN];
	int in_fd, out_fd, err_fd;
	pid_t pid; /* of the run */
	struct run *run;
	struct fault fault;
	uint64_t begin_ms, world_ms; /* real time: of the run, of the world */
	uint64_t mute_until_ms, replug_at_ms; /* 0: not */
	bool unplugging;
	bool within; /* a frame of the program is under way */
	struct frame_rx sent;
	uint8_t sent_buf[PAYLOAD_TO_COLLAR_MAX + FRAME_CRC_LEN];
	unsigned untidy, mark;
	struct usbfs_counts counts;

	char out[OUTPUT_MAX], err[OUTPUT_MAX];
};

static uint64_t
real_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);

	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

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
	memcpy(image->ram, stage->board->collar, collar_size());

	return image;
}

void
stage_restore(struct stage *stage, const struct unit_image *image)
{
	*stage->board = image->board;
	stage->utc_ms = image->utc_ms;
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

/* Real time passes for the unit, too. */
static void
world_follow(struct stage *stage)
{
	uint64_t now_ms = real_ms(CLOCK_MONOTONIC);
	uint64_t ms = now_ms - stage->world_ms;

	stage->world_ms = now_ms;
	stage_pass(stage, stage->within ? ms : ms * SPEED);
}

/* Packets, and what happens to them */

static bool
is_struck(const struct stage *stage, enum way way)
{
	return stage->run != NULL && !stage->run->struck &&
	    stage->fault.way == way && stage->fault.kind != FAULT_NONE &&
	    stage->run->packets[way] == stage->fault.at;
}

static void
break_cable(struct stage *stage)
{
	stage->run->struck = stage->unplugging = true;
	if (stage->fault.kind == FAULT_REPLUG)
		stage->replug_at_ms = real_ms(CLOCK_MONOTONIC) + REPLUG_MS;
	usbfs_sever(stage->usbfs);
}

/* What becomes of a packet in place of moving; 1: it moves. */
static int
strike_before(struct stage *stage, enum way way)
{
	if (!is_struck(stage, way))
		return 1;
	switch (stage->fault.kind) {
	case FAULT_STALL:
		stage->run->struck = true;
		stage->usb.halted |=
		    way == TO_HOST ? USB_PIPE_IN : USB_PIPE_OUT;
		return USB_STALL;
	case FAULT_GARBLE:
		stage->run->struck = true;
		return -EPROTO;
	case FAULT_BABBLE:
		stage->run->struck = true;
		return -EOVERFLOW;
	case FAULT_MUTE:
		stage->run->struck = true;
		stage->mute_until_ms = real_ms(CLOCK_MONOTONIC) + MUTE_MS;
		return USB_NAK;
	case FAULT_UNPLUG:
	case FAULT_REPLUG:
		if (stage->fault.with != 0)
			return 1;
		break_cable(stage);
		return USB_NAK;
	default:
		return 1;
	}
}

static void
strike_after(struct stage *stage, enum way way)
{
	bool struck = is_struck(stage, way);

	stage->run->packets[way]++;
	if (!struck)
		return;
	switch (stage->fault.kind) {
	case FAULT_UNPLUG:
	case FAULT_REPLUG:
		break_cable(stage);
		break;
	case FAULT_INTERRUPT:
		stage->run->struck = true;
		kill(stage->pid, SIGINT);
		break;
	case FAULT_KILL:
		stage->run->struck = true;
		kill(stage->pid, SIGKILL);
		break;
	default:
		break;
	}
}

static bool
is_mute(struct stage *stage)
{
	if (stage->deaf || stage->run == NULL ||
	    stage->mute_until_ms > real_ms(CLOCK_MONOTONIC))
		return true;
	stage->mute_until_ms = 0;

	return false;
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
note_sent(struct stage *stage, const uint8_t *packet, size_t len)
{
	for (size_t i = 0; i < len; i++)
		note_id(stage->run, stage->sent_buf,
		    frame_rx_byte(&stage->sent, stage->sent_buf,
			sizeof(stage->sent_buf), packet[i]));
	if (len > 0)
		stage->within = packet[len - 1] != 0;
}

/* Is the packet of length zero to be lost? */
static bool
strike_empty(struct stage *stage)
{
	if (stage->run == NULL || stage->run->struck ||
	    stage->fault.kind != FAULT_NO_ZLP)
		return false;
	stage->run->struck = true;

	return true;
}

static int
stage_packet_out(void *self, const uint8_t *packet, size_t len)
{
	struct stage *stage = self;
	int n;

	if (is_mute(stage))
		return USB_NAK;
	if (stage->halting)
		return USB_STALL;
	world_follow(stage);
	n = strike_before(stage, TO_COLLAR);
	if (n != 1)
		return n;
	n = usb_out(&stage->usb, stage->board->collar, packet, len);
	if (n == 0) {
		note_sent(stage, packet, len);
		strike_after(stage, TO_COLLAR);
	}

	return n;
}

static int
stage_packet_in(void *self, uint8_t packet[USB_PACKET_LEN])
{
	struct stage *stage = self;
	int n, instead;

	if (is_mute(stage))
		return USB_NAK;
	if (stage->halting)
		return USB_STALL;
	world_follow(stage);
	if (stage->chatters)
		return 0;
	n = usb_in(&stage->usb, stage->board->collar, packet);
	if (n < 0)
		return n;
	if (n == 0 && strike_empty(stage))
		return USB_NAK;
	instead = strike_before(stage, TO_HOST);
	if (instead != 1)
		return instead;
	stage->run->empty += n == 0;
	strike_after(stage, TO_HOST);

	return n;
}

static int
stage_control(
    void *self, const uint8_t setup[USB_SETUP_LEN], uint8_t *in, size_t cap)
{
	struct stage *stage = self;
	int len = 0;

	if (stage->nameless && setup[1] == 6 && setup[3] == USB_TYPE_STRING)
		return USB_STALL;
	if (stage->maker != NULL)
		len = string_instead(setup, USB_STRING_MAKER, stage->maker, in);
	if (len == 0 && stage->serial != NULL)
		len =
		    string_instead(setup, USB_STRING_SERIAL, stage->serial, in);

	return len > 0
	    ? len
	    : usb_control(&stage->usb, stage->board->collar, setup, in, cap);
}

/* The program */

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

	file_empty(stage->in_fd);
	must(pwrite(stage->in_fd, text, len, 0) == (ssize_t)len,
	    "writing what is to be read");
}

static void
output_take(int fd, char *text)
{
	ssize_t len = pread(fd, text, OUTPUT_MAX - 1, 0);

	must(len >= 0, "reading what was printed");
	text[len] = '\0';
}

const char *
stage_output(struct stage *stage)
{
	output_take(stage->out_fd, stage->out);

	return stage->out;
}

static void
run_begin(struct stage *stage, struct fault fault, struct run *run)
{
	static const uint8_t configure[USB_SETUP_LEN] = { 0, 9, 1 };
	uint8_t none[1];

	*run = (struct run){ .out = stage->out, .err = stage->err };
	usbfs_lock(stage->usbfs);
	stage->run = run;
	stage->fault = fault;
	stage->mute_until_ms = stage->replug_at_ms = 0;
	stage->unplugging = stage->within = false;
	stage->mark = 0;
	stage->sent = (struct frame_rx){ .len = 0 };
	usb_reset(&stage->usb, stage->board->collar);
	usb_control(&stage->usb, stage->board->collar, configure, none, 0);
	stage->world_ms = stage->begin_ms = real_ms(CLOCK_MONOTONIC);
	usbfs_unlock(stage->usbfs);
	must(lseek(stage->in_fd, 0, SEEK_SET) == 0, "rewinding");
	file_empty(stage->out_fd);
	file_empty(stage->err_fd);
}

/* Root may open everything.  The program was opened before, since its folder
 * may be closed to others. */
static void
become_nobody(void)
{
	if (geteuid() == 0)
		must(setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 &&
			setuid(NOBODY) == 0,
		    "giving up root");
}

static void
program_exec(struct stage *stage, const char *const argv[])
{
	char preload[ENV_LEN + PATH_LEN], mock[ENV_LEN], home[ENV_LEN],
	    ahead[64];
	char bare[ENV_LEN];
	int program;
	char *const bus_env[2] = { bare, mock };
	char speed[64];
	char *const env[] = { preload, mock, home, ahead, speed,
		(char[]){ "PATH=/usr/bin:/bin" }, NULL };

	bus_environment(stage->bus, bus_env, ENV_LEN);
	snprintf(preload, sizeof(preload), "%s:%s", bare, stage->preload);
	snprintf(home, sizeof(home), "HOME=%s", stage->folder);
	snprintf(ahead, sizeof(ahead), "USB_CLOCK_MS=%lld",
	    (long long)stage->utc_ms - (long long)real_ms(CLOCK_REALTIME));
	snprintf(speed, sizeof(speed), "USB_SPEED=%d", SPEED);
	dup2(stage->in_fd, 0);
	dup2(stage->out_fd, 1);
	dup2(stage->err_fd, 2);
	program = open(stage->program, O_PATH);
	if (stage->denied)
		become_nobody();
	fexecve(program, (char *const *)(uintptr_t)argv, env);
	_exit(127);
}

void
stage_replug(struct stage *stage)
{
	static const uint8_t configure[USB_SETUP_LEN] = { 0, 9, 1 };
	uint8_t none[1];

	usbfs_lock(stage->usbfs);
	usb_reset(&stage->usb, stage->board->collar);
	usb_control(&stage->usb, stage->board->collar, configure, none, 0);
	usbfs_unlock(stage->usbfs);
	usbfs_plug(stage->usbfs);
}

/* Has the program ended? */
static bool
run_ended(struct stage *stage)
{
	int status;
	pid_t pid = waitpid(stage->pid, &status, WNOHANG);

	must(pid >= 0, "waitpid");
	if (pid > 0)
		stage->run->status =
		    WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);

	return pid > 0;
}

/* What the cable does meanwhile. */
static void
cable_follow(struct stage *stage)
{
	if (stage->unplugging) {
		stage->unplugging = false;
		usbfs_unplug(stage->usbfs);
	}
	if (stage->replug_at_ms > 0 &&
	    real_ms(CLOCK_MONOTONIC) >= stage->replug_at_ms) {
		stage->replug_at_ms = 0;
		stage_replug(stage);
	}
	usbfs_lock(stage->usbfs);
	world_follow(stage);
	usbfs_unlock(stage->usbfs);
	usbfs_pump(stage->usbfs, UINT32_MAX);
}

static void
run_follow(struct stage *stage, void (*act)(struct stage *stage, uint64_t ms))
{
	while (!run_ended(stage)) {
		uint64_t ms = real_ms(CLOCK_MONOTONIC) - stage->begin_ms;

		if (ms > REAL_LIMIT_MS) {
			stage->run->hung = true;
			kill(stage->pid, SIGKILL);
		}
		if (act != NULL)
			act(stage, ms);
		cable_follow(stage);
		usleep(TICK_US);
	}
}

static void
run_end(struct stage *stage)
{
	struct usbfs_counts counts = usbfs_counts(stage->usbfs);

	stage->counts = counts;
	if (stage->run->status >= 0 &&
	    (counts.under_way > 0 || counts.claimed > 0))
		stage->untidy++;
	stage->run->ms = real_ms(CLOCK_MONOTONIC) - stage->begin_ms;
	output_take(stage->out_fd, stage->out);
	output_take(stage->err_fd, stage->err);
	usbfs_lock(stage->usbfs);
	stage->run = NULL;
	usbfs_unlock(stage->usbfs);
	usbfs_forget(stage->usbfs);
	if (stage->unplugging)
		usbfs_unplug(stage->usbfs);
	stage->unplugging = false;
}

static void
run_argv(struct stage *stage, struct fault fault, const char *const argv[],
    void (*act)(struct stage *stage, uint64_t ms), struct run *run)
{
	run_begin(stage, fault, run);
	stage->pid = fork();
	must(stage->pid >= 0, "fork");
	if (stage->pid == 0)
		program_exec(stage, argv);
	run_follow(stage, act);
	run_end(stage);
}

void
stage_run(struct stage *stage, enum port_kind port, uint32_t baud,
    struct fault fault, const char *const words[], struct run *run)
{
	const char *argv[WORDS_MAX + 4] = { stage->program, "--json", "--port",
		"usb" };

	(void)port;
	(void)baud;
	for (size_t i = 0; words[i] != NULL; i++) {
		must(i < WORDS_MAX - 1, "too many words");
		argv[i + 4] = words[i];
	}
	if (!usbfs_is_plugged(stage->usbfs))
		stage_replug(stage);
	run_argv(stage, fault, argv, NULL, run);
}

void
stage_run_acting(struct stage *stage, const char *const words[],
    void (*act)(struct stage *stage, uint64_t ms), struct run *run)
{
	const struct fault none = { .kind = FAULT_NONE };
	const char *argv[WORDS_MAX + 1] = { stage->program };

	for (size_t i = 0; words[i] != NULL; i++)
		argv[i + 1] = words[i];
	run_argv(stage, none, argv, act, run);
}

void
stage_run_words(struct stage *stage, const char *const words[], struct run *run)
{
	stage_run_acting(stage, words, NULL, run);
}

struct bus *
stage_bus(struct stage *stage)
{
	return stage->bus;
}

struct usbfs *
stage_usbfs(struct stage *stage)
{
	return stage->usbfs;
}

void
stage_nameless(struct stage *stage)
{
	stage->nameless = true;
}

void
stage_halt(struct stage *stage, bool halt)
{
	stage->halting = halt;
}

void
stage_deafen(struct stage *stage, bool deaf)
{
	stage->deaf = deaf;
}

void
stage_chatter(struct stage *stage, bool chatter)
{
	stage->chatters = chatter;
}

void
stage_plain(struct stage *stage)
{
	usbfs_unplug(stage->usbfs);
	usbfs_plain(stage->usbfs);
	stage_replug(stage);
}

void
stage_deny(struct stage *stage)
{
	stage->denied = true;
	usbfs_deny(stage->usbfs);
}

void
stage_say_maker(struct stage *stage, const char *maker)
{
	stage->maker = maker;
}

void
stage_say_serial(struct stage *stage, const char *serial)
{
	stage->serial = serial;
}

unsigned *
stage_mark(struct stage *stage)
{
	return &stage->mark;
}

unsigned
stage_untidy(const struct stage *stage)
{
	return stage->untidy;
}

struct usbfs_counts
stage_counts(const struct stage *stage)
{
	return stage->counts;
}

void
stage_signal(struct stage *stage, int number)
{
	kill(stage->pid, number);
}

/* The stage */

struct stage *
stage_new(const char *folder, const char *program, const char *preload)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	const struct usbfs_device device = { .self = stage,
		.control = stage_control,
		.out = stage_packet_out,
		.in = stage_packet_in };

	must(stage != NULL, "memory");
	snprintf(stage->folder, sizeof(stage->folder), "%s", folder);
	snprintf(stage->program, sizeof(stage->program), "%s", program);
	snprintf(stage->preload, sizeof(stage->preload), "%s", preload);
	stage->in_fd = memfd_create("in", MFD_CLOEXEC);
	stage->out_fd = memfd_create("out", MFD_CLOEXEC);
	stage->err_fd = memfd_create("err", MFD_CLOEXEC);
	must(stage->in_fd >= 0 && stage->out_fd >= 0 && stage->err_fd >= 0,
	    "memfd");
	stage->board = ram_board_new(8);
	ram_board_start(stage->board);
	stage->utc_ms = stage->board->utc_ms;
	stage_pass(stage, 20000);
	stage->world_ms = real_ms(CLOCK_MONOTONIC);
	stage->bus = bus_new();
	stage->usbfs = usbfs_new(stage->bus, 1, &device);
	stage_replug(stage);

	return stage;
}

void
stage_free(struct stage **stage)
{
	if (*stage == NULL)
		return;
	usbfs_free(&(*stage)->usbfs);
	bus_free(&(*stage)->bus);
	close((*stage)->in_fd);
	close((*stage)->out_fd);
	close((*stage)->err_fd);
	ram_board_free(&(*stage)->board);
	free(*stage);
	*stage = NULL;
}
