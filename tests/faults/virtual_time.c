/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Preloaded into the program under test, which is otherwise the one that is
 * installed: its clocks stand still while it computes, and where it would wait
 * for its line or for time to pass, the stage moves the world.  Random numbers
 * are the stage's too, so that a fault can be looked at again.
 */
#define _GNU_SOURCE

#include "virtual_time.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	REAL_MS = 10000, /* that bytes may take through the kernel */
	US = 1000000,
};

static int stage = -1;
static int line = -1; /* the descriptor that is waited on */
static uint64_t written, received;
static struct time_now now;

static int (*real_ppoll)(
    struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_send)(int, const void *, size_t, int);

static void
find(void *function, const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(function, &found, sizeof(found));
}

/* Without its stage the program must not go on: in no time at all. */
static void
stage_lost(void)
{
	static const char text[] = "virtual time: the stage is gone\n";

	real_write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(70);
}

static void
stage_listen(void)
{
	ssize_t len;

	do
		len = recv(stage, &now, sizeof(now), 0);
	while (len < 0 && errno == EINTR);
	if (len != sizeof(now))
		stage_lost();
}

/* The socket for the next run, or -1 when there are no more. */
static int
run_socket(int runs)
{
	char byte;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec data = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(runs, &msg, MSG_CMSG_CLOEXEC) != 1 ||
	    CMSG_FIRSTHDR(&msg) == NULL)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));

	return fd;
}

static void
tell_number(int runs, int number)
{
	if (real_send(runs, &number, sizeof(number), MSG_NOSIGNAL) !=
	    sizeof(number))
		_exit(0);
}

/* Returns in each copy that is to run. */
static void
copies_make(int runs)
{
	while ((stage = run_socket(runs)) >= 0) {
		pid_t pid = fork();
		int status = 0;

		if (pid == 0) {
			close(runs);
			return;
		}
		close(stage);
		tell_number(runs, pid);
		waitpid(pid, &status, 0);
		tell_number(runs, status);
	}
	_exit(0);
}

__attribute__((constructor)) static void
begin(void)
{
	const char *fd = getenv(VIRTUAL_TIME_FD);

	find(&real_ppoll, "ppoll");
	find(&real_read, "read");
	find(&real_write, "write");
	find(&real_send, "send");
	if (fd == NULL)
		stage_lost();
	copies_make(atoi(fd));
	stage_listen();
}

static void
wait_until(uint64_t until_us, bool for_input)
{
	struct time_wait wait = { until_us, written, for_input };

	if (real_send(stage, &wait, sizeof(wait), MSG_NOSIGNAL) != sizeof(wait))
		stage_lost();
	stage_listen();
}

/* A look at the line that takes none of the program's time, and lets in the
 * signals that it waits for. */
static int
look(struct pollfd *fds, nfds_t count, int real_ms, const sigset_t *signals)
{
	struct timespec limit = { real_ms / 1000, 0 };

	return real_ppoll(fds, count, &limit, signals);
}

static int
real_ms_to_line(void)
{
	return received < now.delivered || now.gone ? REAL_MS : 0;
}

static int
wait_for_input(struct pollfd *fds, uint64_t until_us, const sigset_t *signals)
{
	int ready = look(fds, 1, real_ms_to_line(), signals);

	if (ready != 0 || until_us == now.now_us)
		return ready;
	wait_until(until_us, true);

	return look(fds, 1, real_ms_to_line(), signals);
}

static uint64_t
after(const struct timespec *time)
{
	return now.now_us + (uint64_t)time->tv_sec * US +
	    (uint64_t)time->tv_nsec / 1000;
}

/* Under another name: the declarations let nobody read what they are given. */
int wait_for_line(struct pollfd *fds, nfds_t count,
    const struct timespec *limit, const sigset_t *signals) __asm__("ppoll");

int
wait_for_line(struct pollfd *fds, nfds_t count, const struct timespec *limit,
    const sigset_t *signals)
{
	if (count == 0) {
		wait_until(after(limit), false);
		return look(fds, 0, 0, signals);
	}
	line = fds[0].fd;
	if (fds[0].events & POLLIN)
		return wait_for_input(fds, after(limit), signals);

	return look(fds, count, REAL_MS, signals);
}

int
nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	wait_until(after(time), false);

	return 0;
}

ssize_t
read(int fd, void *buf, size_t cap)
{
	ssize_t len = real_read(fd, buf, cap);

	if (fd == line && len > 0)
		received += (uint64_t)len;

	return len;
}

static ssize_t
count_written(int fd, ssize_t len)
{
	if (fd == line && len > 0)
		written += (uint64_t)len;

	return len;
}

ssize_t
write(int fd, const void *buf, size_t len)
{
	return count_written(fd, real_write(fd, buf, len));
}

ssize_t
send(int fd, const void *buf, size_t len, int flags)
{
	return count_written(fd, real_send(fd, buf, len, flags));
}

int
clock_gettime(clockid_t clock, struct timespec *time)
{
	uint64_t us = clock == CLOCK_REALTIME ? now.utc_us : now.now_us;

	time->tv_sec = (time_t)(us / US);
	time->tv_nsec = (long)(us % US * 1000);

	return 0;
}

time_t
time(time_t *at)
{
	time_t seconds = (time_t)(now.utc_us / US);

	if (at != NULL)
		*at = seconds;

	return seconds;
}

/* xorshift32 from the stage's seed. */
ssize_t
getrandom(void *buf, size_t len, unsigned flags)
{
	static uint32_t number;
	uint8_t *bytes = buf;

	(void)flags;
	if (number == 0)
		number = now.seed;
	for (size_t i = 0; i < len; i++) {
		number ^= number << 13;
		number ^= number >> 17;
		number ^= number << 5;
		bytes[i] = (uint8_t)(number >> 8);
	}

	return (ssize_t)len;
}
