/* SPDX-License-Identifier: BSD-2-Clause */

#include "lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	TRIES = 3,        /* somebody may leave or take one meanwhile */
	CONTENT_LEN = 11, /* "      1230\n" */
};

/* The process in a lock file: 0 if it names none, -1 if it is gone. */
static int
lock_pid(const char *lock)
{
	char text[2 * CONTENT_LEN] = "";
	int fd = open(lock, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *end;
	long pid;

	if (fd < 0)
		return errno == ENOENT ? -1 : 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	pid = strtol(text, &end, 10);

	return end != text && (*end == '\n' || *end == '\0') && pid > 0 &&
		pid <= INT_MAX
	    ? (int)pid
	    : 0;
}

static bool
is_alive(int pid)
{
	return kill(pid, 0) == 0 || errno == EPERM;
}

/* A new file, and never what others may have laid there; one that a program of
 * the same number left behind makes room. */
static int
draft_open(const char *draft)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(draft, flags, 0644);

	if (fd < 0 && errno == EEXIST && unlink(draft) == 0)
		fd = open(draft, flags, 0644);

	return fd;
}

/* A whole file under a name of its own, which then becomes a lock at once or
 * not at all. */
static bool
draft_make(const char *draft)
{
	int fd = draft_open(draft);
	char text[CONTENT_LEN + 1];
	bool good;

	if (fd < 0)
		return false;
	snprintf(text, sizeof(text), "%10d\n", (int)getpid());
	good = write(fd, text, CONTENT_LEN) == CONTENT_LEN;
	if (close(fd) != 0)
		good = false;
	if (!good)
		unlink(draft);

	return good;
}

/* Does somebody hold it?  With *pid, see lock_pid. */
static bool
is_held(const char *lock, int *pid)
{
	*pid = lock_pid(lock);

	return *pid == 0 || (*pid > 0 && *pid != getpid() && is_alive(*pid));
}

/* 0, EBUSY with *pid, or another errno: no lock can be made. */
static int
lock_link(const char *draft, const char *lock, int *pid)
{
	for (int i = 0; i < TRIES; i++) {
		if (link(draft, lock) == 0)
			return 0;
		if (errno != EEXIST)
			return errno;
		if (is_held(lock, pid))
			return EBUSY;
		if (*pid > 0 && unlink(lock) != 0 && errno != ENOENT)
			return errno;
	}

	return EBUSY;
}

int
lockfile_take(
    const char *folder, const char *device, char lock[LINK_WHY_MAX], int *pid)
{
	char draft[LINK_WHY_MAX];
	char *real = realpath(device, NULL);
	const char *name = strrchr(real != NULL ? real : device, '/');
	int errnum;

	snprintf(lock, LINK_WHY_MAX, "%s/LCK..%s", folder,
	    name != NULL ? name + 1 : device);
	snprintf(draft, sizeof(draft), "%s/LTMP.%d", folder, (int)getpid());
	free(real);
	*pid = 0;
	if (draft_make(draft)) {
		errnum = lock_link(draft, lock, pid);
		unlink(draft);
	} else {
		errnum = is_held(lock, pid) ? EBUSY : EACCES;
	}
	if (errnum != 0)
		lock[0] = '\0';

	return errnum == EBUSY ? EBUSY : 0;
}

void
lockfile_drop(const char *lock)
{
	if (lock[0] != '\0' && lock_pid(lock) == getpid())
		unlink(lock);
}
