/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE

#include "stage_state.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../faults/must.h"

enum {
	REAL_LIMIT_MS = 60000,
	TICK_US = 500,
	ENV_LEN = 512,
	NOBODY = 65534,
};

/* The program */

struct stage_unit *
stage_unit(struct stage *stage)
{
	return &stage->unit;
}

void
stage_input(struct stage *stage, const char *text)
{
	files_input(&stage->files, text);
}

const char *
stage_output(struct stage *stage)
{
	files_text(stage->files.out, stage->out, OUTPUT_MAX);

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
	stage->held_len = USB_NAK;
	stage->sent = (struct sent){ .rx = { .len = 0 } };
	usb_reset(&stage->usb, stage->unit.board->collar);
	usb_control(&stage->usb, stage->unit.board->collar, configure, none, 0);
	stage->world_ms = stage->begin_ms = real_ms(CLOCK_MONOTONIC);
	usbfs_unlock(stage->usbfs);
	files_begin(&stage->files);
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
	    (long long)stage->unit.utc_ms - (long long)real_ms(CLOCK_REALTIME));
	snprintf(speed, sizeof(speed), "USB_SPEED=%d", SPEED);
	dup2(stage->files.in, 0);
	dup2(stage->files.out, 1);
	dup2(stage->files.err, 2);
	program = open(stage->program, O_PATH);
	if (stage->denied)
		become_nobody();
	fexecve(program, (char *const *)(uintptr_t)argv, env);
	_exit(127);
}

void
stage_replug(struct stage *stage)
{
	usbfs_lock(stage->usbfs);
	usb_reset(&stage->usb, stage->unit.board->collar);
	stage->held_len = USB_NAK;
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
	files_text(stage->files.out, stage->out, OUTPUT_MAX);
	files_text(stage->files.err, stage->err, OUTPUT_MAX);
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

struct manners *
stage_manners(struct stage *stage)
{
	return &stage->manners;
}

struct usbfs *
stage_usbfs(struct stage *stage)
{
	return stage->usbfs;
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
	files_make(&stage->files);
	stage_unit_make(stage, false);
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
	files_close(&(*stage)->files);
	stage_unit_free(*stage);
	free(*stage);
	*stage = NULL;
}
