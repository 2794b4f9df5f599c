/* SPDX-License-Identifier: BSD-2-Clause */

#include "link.h"

#include "../../proto/errors.h"
#include "transports.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BITS_A_BYTE = 10 }; /* start, eight, stop */

struct transport {
	const char *prefix;
	int (*open)(struct link **link, const char *rest, char *why);
};

static int
later_open(struct link **link, const char *rest, char *why)
{
	(void)link;
	(void)rest;
	return link_fail(why, E_USAGE, "this version has no optical ports");
}

static const struct transport transports[] = {
	{ "serial:", serial_open },
	{ "unix:", unix_open },
	{ "tcp:", tcp_open },
	{ "sim:", sim_open },
	{ "optical:", later_open },
	{ "usb:", usb_open },
};

int
link_fail(char *why, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, LINK_WHY_MAX, format, args);
	va_end(args);

	return err;
}

int
link_fail_errno(char *why, const char *what, int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
	case ENOTDIR:
		return link_fail(why, E_NO_COLLAR, "%s is not there", what);
	case ECONNREFUSED:
		return link_fail(
		    why, E_NO_COLLAR, "nobody listens at %s", what);
	case EBUSY:
	case EWOULDBLOCK:
		return link_fail(
		    why, E_PORT_BUSY, "%s is in use by another program", what);
	case EACCES:
	case EPERM:
		return link_fail(
		    why, E_PORT_PERMISSION, "no permission to open %s", what);
	default:
		return link_fail(why, E_IO, "%s: %s", what, strerror(errnum));
	}
}

/* Names without a transport: "sim" with its keys, a device, COM3. */
static int
plain_open(struct link **link, const char *port, char *why)
{
	if (strcmp(port, "sim") == 0 || strncmp(port, "sim,", 4) == 0)
		return sim_open(link, port + 3, why);
	if (strcmp(port, "usb") == 0)
		return usb_open(link, NULL, why);
	if (port[0] == '/' || strncmp(port, "COM", 3) == 0)
		return serial_open(link, port, why);

	return link_fail(why, E_USAGE,
	    "'%.100s' is not a port: serial:DEVICE[@BAUD], unix:PATH, "
	    "tcp:HOST:PORT, sim[:NAME] or a name from the configuration",
	    port);
}

static const struct transport *
transport_find(const char *port)
{
	for (size_t i = 0; i < sizeof(transports) / sizeof(*transports); i++)
		if (strncmp(port, transports[i].prefix,
			strlen(transports[i].prefix)) == 0)
			return &transports[i];

	return NULL;
}

/* What plain_open takes. */
static bool
is_plain(const char *port)
{
	return strcmp(port, "sim") == 0 || strncmp(port, "sim,", 4) == 0 ||
	    strcmp(port, "usb") == 0 || port[0] == '/' ||
	    strncmp(port, "COM", 3) == 0;
}

bool
link_is_port(const char *port)
{
	return is_plain(port) || transport_find(port) != NULL;
}

int
link_open(struct link **link, const char *port, char *why)
{
	const struct transport *transport = transport_find(port);

	if (strlen(port) >= LINK_WHY_MAX)
		return link_fail(why, E_USAGE, "the port's name is too long");
	if (transport != NULL)
		return transport->open(
		    link, port + strlen(transport->prefix), why);

	return plain_open(link, port, why);
}

void
link_close(struct link **link)
{
	if (*link != NULL)
		(*link)->ops->close(*link);
	*link = NULL;
}

int
link_read(struct link *link, uint8_t *buf, size_t cap, int *ms)
{
	return link->ops->read(link, buf, cap, ms);
}

int
link_write(struct link *link, const uint8_t *buf, size_t len, int *ms)
{
	return link->ops->write(link, buf, len, ms);
}

int
link_wait(struct link *link, uint32_t ms)
{
	return link->ops->wait(link, ms);
}

uint64_t
link_now_ms(struct link *link)
{
	return link->ops->now_ms(link);
}

uint64_t
link_now_utc_ms(struct link *link)
{
	return link->ops->now_utc_ms(link);
}

uint32_t
link_line_ms(const struct link *link, size_t len)
{
	uint64_t bits = (uint64_t)len * BITS_A_BYTE;

	if (link->baud == 0)
		return 0;

	return (uint32_t)((bits * 1000 + link->baud - 1) / link->baud);
}
