/* SPDX-License-Identifier: BSD-2-Clause */

#include "transports.h"

#include "../../proto/errors.h"
#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	CONNECT_MS = 5000,
	TCP_LATENCY_MS = 200, /* a radio link on the way, both ways */
	HOST_MAX = 200,
};

static void
socket_close(struct link *link)
{
	struct descriptor *d = (struct descriptor *)link;

	close(d->fd);
	free(d);
}

static const struct link_ops unix_ops = {
	.transport = "unix",
	DESCRIPTOR_OPS,
	.close = socket_close,
};

static const struct link_ops tcp_ops = {
	.transport = "tcp",
	DESCRIPTOR_OPS,
	.close = socket_close,
};

/* Connects within *ms; 0, an errno, or E_INTERRUPTED. */
static int
connect_within(int fd, const struct sockaddr *to, socklen_t len, int *ms)
{
	int errnum = 0, ready;
	socklen_t errnum_len = sizeof(errnum);

	if (connect(fd, to, len) == 0)
		return 0;
	if (errno == EAGAIN) /* a unix socket whose queue is full */
		return EBUSY;
	if (errno != EINPROGRESS)
		return errno;
	ready = descriptor_poll(fd, POLLOUT, ms);
	if (ready <= 0)
		return ready == 0 ? ETIMEDOUT : ready;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &errnum_len);

	return errnum;
}

/* A connected socket, or -1 with *errnum as from connect_within. */
static int
socket_connect(
    int family, const struct sockaddr *to, socklen_t len, int *ms, int *errnum)
{
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd < 0) {
		*errnum = errno;
		return -1;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	*errnum = connect_within(fd, to, len, ms);
	if (*errnum == 0)
		return fd;
	close(fd);

	return -1;
}

static int
socket_refuse(char *why, const char *what, int errnum)
{
	if (errnum == E_INTERRUPTED)
		return link_fail(why, E_INTERRUPTED, "%s: interrupted", what);
	if (errnum == ETIMEDOUT || errnum == EHOSTUNREACH ||
	    errnum == ENETUNREACH)
		return link_fail(
		    why, E_NO_COLLAR, "%s cannot be reached", what);

	return link_fail_errno(why, what, errnum);
}

static int
socket_link(struct link **link, const struct link_ops *ops, int fd,
    const char *rest, char *why)
{
	struct descriptor *d =
	    descriptor_new(sizeof(*d), ops, fd, ops->transport, rest);

	if (d == NULL) {
		close(fd);
		return link_fail(why, E_INTERNAL, "out of memory");
	}
	d->socket = true;
	*link = &d->link;

	return E_OK;
}

int
unix_open(struct link **link, const char *rest, char *why)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int ms = CONNECT_MS, errnum, fd;

	if (rest[0] == '\0' || strlen(rest) >= sizeof(to.sun_path))
		return link_fail(why, E_USAGE,
		    "unix:%.60s: give a path of 1 to %d bytes", rest,
		    (int)sizeof(to.sun_path) - 1);
	memcpy(to.sun_path, rest, strlen(rest) + 1);
	fd = socket_connect(AF_UNIX, (const struct sockaddr *)(const void *)&to,
	    sizeof(to), &ms, &errnum);
	if (fd < 0)
		return socket_refuse(why, rest, errnum);

	return socket_link(link, &unix_ops, fd, rest, why);
}

static bool
is_port_number(const char *text)
{
	long number = strtol(text, NULL, 10);

	return strspn(text, "0123456789") == strlen(text) &&
	    strlen(text) <= 5 && number >= 1 && number <= 65535;
}

/* HOST:PORT, [v6]:PORT; false if it is neither. */
static bool
host_port(const char *rest, char *host, const char **port)
{
	const char *colon = strrchr(rest, ':');
	size_t len;

	if (colon == NULL || colon == rest || colon[1] == '\0')
		return false;
	*port = colon + 1;
	len = (size_t)(colon - rest);
	if (rest[0] == '[' && rest[len - 1] == ']') {
		rest++;
		len -= 2;
	} else if (memchr(rest, ':', len) != NULL) {
		return false;
	}
	if (len == 0 || len >= HOST_MAX)
		return false;
	memcpy(host, rest, len);
	host[len] = '\0';

	return is_port_number(*port);
}

static int
tcp_connect(const struct addrinfo *to, int *errnum)
{
	int ms = CONNECT_MS;

	*errnum = EHOSTUNREACH;
	for (; to != NULL; to = to->ai_next) {
		int fd = socket_connect(
		    to->ai_family, to->ai_addr, to->ai_addrlen, &ms, errnum);

		if (fd >= 0 || *errnum == E_INTERRUPTED)
			return fd;
	}

	return -1;
}

int
tcp_open(struct link **link, const char *rest, char *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	char host[HOST_MAX];
	const char *port;
	int err, errnum, fd, on = 1;

	if (!host_port(rest, host, &port))
		return link_fail(why, E_USAGE,
		    "tcp:%.100s: give tcp:HOST:PORT, PORT being 1 to 65535",
		    rest);
	err = getaddrinfo(host, port, &hints, &found);
	if (err != 0)
		return link_fail(
		    why, E_NO_COLLAR, "%s: %s", host, gai_strerror(err));
	fd = tcp_connect(found, &errnum);
	freeaddrinfo(found);
	if (fd < 0)
		return socket_refuse(why, rest, errnum);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	err = socket_link(link, &tcp_ops, fd, rest, why);
	if (err == E_OK)
		(*link)->latency_ms = TCP_LATENCY_MS;

	return err;
}
