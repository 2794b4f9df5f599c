/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE /* POSIX_SPAWN_SETSID */

#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"
#include "virtual_time.h"

enum { RUNS_FD = 9 }; /* in the program */

static void
make_pair(int pair[2])
{
	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0,
	    "socketpair");
}

static void
load(const struct programs *programs, struct program *program,
    const char *const argv[])
{
	char preload[PROGRAM_KEY_LEN], home[PROGRAM_KEY_LEN];
	const char *env[] = { preload, home, "LD_BIND_NOW=1",
		VIRTUAL_TIME_FD "=9", "USER=tester", "LC_ALL=C.UTF-8", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int pair[2];

	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", programs->preload);
	snprintf(home, sizeof(home), "HOME=%s", programs->home);
	make_pair(pair);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, programs->files.in, 0);
	posix_spawn_file_actions_adddup2(&actions, programs->files.out, 1);
	posix_spawn_file_actions_adddup2(&actions, programs->files.err, 2);
	posix_spawn_file_actions_adddup2(&actions, pair[1], RUNS_FD);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID);
	errno = posix_spawn(&program->loader, programs->path, &actions, &attr,
	    (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	must(errno == 0, programs->path);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	close(pair[1]);
	program->runs = pair[0];
}

static void
unload(struct program *program)
{
	if (program->loader == 0)
		return;
	close(program->runs);
	waitpid(program->loader, NULL, 0);
	*program = (struct program){ .loader = 0 };
}

static void
key_make(const char *const argv[], char key[PROGRAM_KEY_LEN])
{
	size_t len = 0;

	for (size_t i = 0; argv[i] != NULL; i++) {
		len += (size_t)snprintf(
		    key + len, PROGRAM_KEY_LEN - len, "%s\n", argv[i]);
		must(len < PROGRAM_KEY_LEN, "too many words");
	}
}

/* The program with these words: loaded already, or in the place of the one that
 * has not run for longest. */
static struct program *
find(struct programs *programs, const char *const argv[])
{
	struct program *oldest = &programs->loaded[0];
	char key[PROGRAM_KEY_LEN];

	key_make(argv, key);
	for (size_t i = 0; i < PROGRAMS_MAX; i++) {
		struct program *program = &programs->loaded[i];

		if (program->loader != 0 && strcmp(program->key, key) == 0)
			return program;
		if (program->used < oldest->used)
			oldest = program;
	}
	unload(oldest);
	load(programs, oldest, argv);
	memcpy(oldest->key, key, sizeof(key));

	return oldest;
}

static void
hand_over(const struct program *program, int fd)
{
	char byte = 0;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = {
			  CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec data = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	must(sendmsg(program->runs, &msg, MSG_NOSIGNAL) == 1,
	    "the program is gone");
}

static int
hear_number(const struct program *program)
{
	int number;

	must(recv(program->runs, &number, sizeof(number), 0) == sizeof(number),
	    "the program is not ready");

	return number;
}

pid_t
program_start(struct programs *programs, const char *const argv[], int *control)
{
	int pair[2];

	programs->running = find(programs, argv);
	programs->running->used = ++programs->runs;
	make_pair(pair);
	hand_over(programs->running, pair[1]);
	close(pair[1]);
	*control = pair[0];

	return hear_number(programs->running);
}

int
program_end(struct programs *programs)
{
	return hear_number(programs->running);
}

void
programs_close(struct programs *programs)
{
	for (size_t i = 0; i < PROGRAMS_MAX; i++)
		unload(&programs->loaded[i]);
}
