/* SPDX-License-Identifier: BSD-2-Clause */
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 16 };

static const char loopback[] = "127.0.0.1";

/* Some hosts go away without a word: their device must become free again. */
static void
notice_silence(int fd)
{
	static const int on = 1, idle_s = 60, every_s = 10, times = 6;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof(every_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof(times));
}

static bool
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static void
address_text(char address[USBIP_ADDRESS_MAX], const char *host, unsigned port)
{
	bool is_v6 = strchr(host, ':') != NULL;

	snprintf(address, USBIP_ADDRESS_MAX, "%s%s%s:%u", is_v6 ? "[" : "",
	    host, is_v6 ? "]" : "", port);
}

static bool
name_of(const struct sockaddr_storage *is, socklen_t len,
    char host[USBIP_HOST_MAX], uint16_t *port)
{
	char service[8];

	if (getnameinfo((const struct sockaddr *)is, len, host, USBIP_HOST_MAX,
		service, sizeof(service), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return false;
	*port = (uint16_t)strtoul(service, NULL, 10);

	return true;
}

/* PORT, ADDRESS:PORT, [ADDRESS]:PORT; false if it is none of them. */
static bool
split(const char *text, char host[USBIP_HOST_MAX], const char **port)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : 0;

	*port = colon != NULL ? colon + 1 : text;
	if (text[0] == '[' && len > 2 && text[len - 1] == ']') {
		text++;
		len -= 2;
	} else if (colon != NULL && memchr(text, ':', len) != NULL) {
		return false;
	}
	if (len >= USBIP_HOST_MAX || (colon != NULL && len == 0))
		return false;
	snprintf(host, USBIP_HOST_MAX, "%.*s", (int)len, text);
	if (colon == NULL)
		snprintf(host, USBIP_HOST_MAX, "%s", loopback);

	return **port != '\0' && strlen(*port) <= 5 &&
	    strspn(*port, "0123456789") == strlen(*port) &&
	    strtoul(*port, NULL, 10) <= UINT16_MAX;
}

static struct addrinfo *
resolve(const char *text)
{
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	char host[USBIP_HOST_MAX];
	const char *port;

	if (!split(text, host, &port) ||
	    getaddrinfo(host, port, &hints, &found) != 0)
		return NULL;

	return found;
}

static int
listen_fail(const char *text, struct failure *failure)
{
	int err = E_IO;

	if (errno == EADDRINUSE)
		err = E_PORT_BUSY;
	else if (errno == EACCES || errno == EPERM)
		err = E_PORT_PERMISSION;
	else if (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT)
		err = E_USAGE;
	fail(failure, err, "--usbip %s: %s", text, strerror(errno));
	if (err == E_PORT_BUSY)
		fail_hint(failure,
		    "another program listens there: take another port, or 0 "
		    "for any free one");
	else if (err == E_USAGE)
		fail_hint(failure,
		    "give an address of this computer, such as 127.0.0.1");

	return err;
}

static bool
listen_at(struct usbip_listener *listener, const struct addrinfo *at)
{
	static const int yes = 1;
	struct sockaddr_storage is = { 0 };
	socklen_t len = sizeof(is);

	listener->fd = socket(at->ai_family, SOCK_STREAM, 0);
	if (listener->fd < 0)
		return false;
	setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(listener->fd, at->ai_addr, at->ai_addrlen) < 0 ||
	    listen(listener->fd, BACKLOG) < 0 ||
	    !set_nonblocking(listener->fd) ||
	    getsockname(listener->fd, (struct sockaddr *)&is, &len) < 0)
		return false;
	if (!name_of(&is, len, listener->host, &listener->port)) {
		errno = EINVAL;
		return false;
	}
	address_text(listener->address, listener->host, listener->port);
	listener->loopback = strncmp(listener->host, "127.", 4) == 0 ||
	    strcmp(listener->host, "::1") == 0;

	return true;
}

int
usbip_listen(
    struct usbip_listener *listener, const char *text, struct failure *failure)
{
	struct addrinfo *at = resolve(text);
	int err = E_OK;

	*listener = (struct usbip_listener){ .fd = -1 };
	if (at == NULL) {
		fail(failure, E_USAGE, "--usbip %.100s is no address and port",
		    text);
		return fail_hint(failure,
		    "write PORT, ADDRESS:PORT or [ADDRESS]:PORT in numbers, "
		    "such as 3240 or 127.0.0.1:3240");
	}
	if (!listen_at(listener, at)) {
		err = listen_fail(text, failure);
		usbip_listener_close(listener);
	}
	freeaddrinfo(at);

	return err;
}

int
usbip_accept(
    const struct usbip_listener *listener, char from[USBIP_ADDRESS_MAX])
{
	static const int yes = 1;
	struct sockaddr_storage is = { 0 };
	socklen_t len = sizeof(is);
	int fd = accept(listener->fd, (struct sockaddr *)&is, &len);
	char host[USBIP_HOST_MAX];
	uint16_t port;

	if (fd < 0)
		return -1;
	if (!set_nonblocking(fd) || !name_of(&is, len, host, &port)) {
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	notice_silence(fd);
	address_text(from, host, port);

	return fd;
}

void
usbip_listener_close(struct usbip_listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
}
