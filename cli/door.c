/* SPDX-License-Identifier: BSD-2-Clause */

#include "door.h"

#include "../proto/rate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

enum { BACKLOG = 4 };

static const char unix_prefix[] = "unix:";

void
door_init(struct door *door)
{
	*door = (struct door){ .listener = -1, .line = -1, .slave = -1 };
}

static int
door_fail(const char *port, struct failure *failure)
{
	int err = E_IO;

	if (errno == EADDRINUSE || errno == EEXIST)
		err = E_PORT_BUSY;
	else if (errno == EACCES || errno == EPERM)
		err = E_PORT_PERMISSION;

	return fail(failure, err, "%s: %s", port, strerror(errno));
}

static bool
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* Bytes pass as they are: no echo, no lines, no signals. */
static bool
set_raw(int fd)
{
	struct termios modes;

	if (tcgetattr(fd, &modes) < 0)
		return false;
	modes.c_iflag = 0;
	modes.c_oflag = 0;
	modes.c_lflag = 0;
	modes.c_cflag = CS8 | CREAD | CLOCAL;
	modes.c_cc[VMIN] = 1;
	modes.c_cc[VTIME] = 0;
	cfsetispeed(&modes, B38400);
	cfsetospeed(&modes, B38400);

	return tcsetattr(fd, TCSANOW, &modes) == 0;
}

static int
pty_open(struct door *door, struct failure *failure)
{
	const char *name;

	door->line = posix_openpt(O_RDWR | O_NOCTTY);
	if (door->line < 0 || grantpt(door->line) < 0 ||
	    unlockpt(door->line) < 0 || (name = ptsname(door->line)) == NULL)
		return door_fail("pseudo-terminal", failure);
	snprintf(door->port, sizeof(door->port), "serial:%s", name);
	door->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (door->slave < 0 || !set_raw(door->slave) ||
	    !set_nonblocking(door->line))
		return door_fail(door->port, failure);

	return E_OK;
}

static bool
is_answered(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool answered = fd >= 0 &&
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)) ==
		0;

	if (fd >= 0)
		close(fd);

	return answered;
}

/* A socket left behind by somebody who did not end cleanly is taken away. */
static void
remove_stale(const struct sockaddr_un *address)
{
	struct stat is;

	if (stat(address->sun_path, &is) == 0 && S_ISSOCK(is.st_mode) &&
	    !is_answered(address))
		unlink(address->sun_path);
}

static int
unix_open(struct door *door, const char *path, struct failure *failure)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (*path == '\0' || strlen(path) >= sizeof(address.sun_path))
		return fail(failure, E_USAGE,
		    "--unix %.200s: a path of 1 to %zu bytes is wanted", path,
		    sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	snprintf(door->port, sizeof(door->port), "%s%s", unix_prefix, path);
	remove_stale(&address);
	door->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (door->listener >= 0 &&
	    bind(door->listener, (const struct sockaddr *)&address,
		sizeof(address)) == 0 &&
	    chmod(path, 0600) == 0 && listen(door->listener, BACKLOG) == 0 &&
	    set_nonblocking(door->listener))
		return E_OK;
	if (door_fail(door->port, failure) == E_PORT_BUSY)
		door->port[0] = '\0'; /* not ours to remove */

	return failure->err;
}

static int
tcp_open(struct door *door, uint16_t tcp_port, struct failure *failure)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(tcp_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	const int yes = 1;

	snprintf(door->port, sizeof(door->port), "tcp:127.0.0.1:%u", tcp_port);
	door->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (door->listener < 0)
		return door_fail(door->port, failure);
	setsockopt(door->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(door->listener, (struct sockaddr *)&address, len) < 0 ||
	    listen(door->listener, BACKLOG) < 0 ||
	    !set_nonblocking(door->listener) ||
	    getsockname(door->listener, (struct sockaddr *)&address, &len) < 0)
		return door_fail(door->port, failure);
	snprintf(door->port, sizeof(door->port), "tcp:127.0.0.1:%u",
	    ntohs(address.sin_port));

	return E_OK;
}

int
door_open(struct door *door, enum door_kind kind, const char *path,
    uint16_t tcp_port, struct failure *failure)
{
	int err;

	door_init(door);
	door->kind = kind;
	if (kind == DOOR_PTY)
		err = pty_open(door, failure);
	else if (kind == DOOR_UNIX)
		err = unix_open(door, path, failure);
	else
		err = tcp_open(door, tcp_port, failure);
	if (err < 0)
		door_close(door);

	return err;
}

void
door_optical(struct door *door, uint32_t baud)
{
	char device[DOOR_PORT_MAX];

	snprintf(device, sizeof(device), "%s", door->port + strlen("serial:"));
	snprintf(door->port, sizeof(door->port), "optical:%.100s", device);
	if (baud != RATE_OPTICAL)
		snprintf(door->port, sizeof(door->port), "optical:%.100s@%u",
		    device, (unsigned)baud);
}

void
door_accept(struct door *door)
{
	const int yes = 1;

	if (door->line >= 0 || door->listener < 0)
		return;
	door->line = accept(door->listener, NULL, NULL);
	if (door->line < 0)
		return;
	if (door->kind == DOOR_TCP)
		setsockopt(
		    door->line, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (!set_nonblocking(door->line))
		door_hang_up(door);
}

void
door_hang_up(struct door *door)
{
	if (door->line >= 0)
		close(door->line);
	door->line = -1;
}

void
door_close(struct door *door)
{
	door_hang_up(door);
	if (door->slave >= 0)
		close(door->slave);
	if (door->listener >= 0)
		close(door->listener);
	if (door->kind == DOOR_UNIX && door->port[0] != '\0')
		unlink(door->port + strlen(unix_prefix));
	door_init(door);
}
