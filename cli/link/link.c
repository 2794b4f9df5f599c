/* SPDX-License-Identifier: BSD-2-Clause */

#include "link.h"

#include "../../proto/errors.h"
#include "transports.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { BITS_A_BYTE = 10 }; /* start, eight, stop */

struct transport {
	const char *name; /* as it stands before the colon */
	int (*open)(struct link **link, const char *rest, char *why);
};

static const struct transport transports[] = {
	{ "serial", serial_open },
	{ "optical", optical_open },
	{ "unix", unix_open },
	{ "tcp", tcp_open },
	{ "sim", sim_open },
	{ "usb", usb_open },
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
	    "'%.100s' is not a port: serial:DEVICE[@BAUD], "
	    "optical:DEVICE[@BAUD], usb[:SERIAL], unix:PATH, tcp:HOST:PORT, "
	    "sim[:NAME] or a name from the configuration",
	    port);
}

static const struct transport *
transport_find(const char *port)
{
	size_t len = strcspn(port, ":");

	for (size_t i = 0; i < sizeof(transports) / sizeof(*transports); i++)
		if (port[len] == ':' && strlen(transports[i].name) == len &&
		    strncmp(port, transports[i].name, len) == 0)
			return &transports[i];

	return NULL;
}

/* Of what plain_open takes. */
static const char *
plain_transport(const char *port)
{
	if (strcmp(port, "sim") == 0 || strncmp(port, "sim,", 4) == 0)
		return "sim";
	if (strcmp(port, "usb") == 0)
		return "usb";

	return port[0] == '/' || strncmp(port, "COM", 3) == 0 ? "serial" : NULL;
}

const char *
link_transport(const char *port)
{
	const struct transport *transport = transport_find(port);

	return transport != NULL ? transport->name : plain_transport(port);
}

bool
link_device(const char *port, char *path)
{
	const char *transport = link_transport(port);
	char *at;
	size_t skip = transport != NULL ? strlen(transport) + 1 : 0;

	if (transport == NULL || strlen(port) >= LINK_WHY_MAX ||
	    (strcmp(transport, "serial") != 0 &&
		strcmp(transport, "optical") != 0))
		return false;
	snprintf(path, LINK_WHY_MAX, "%s",
	    strncmp(port, transport, skip - 1) == 0 && port[skip - 1] == ':'
		? port + skip
		: port);
	at = strrchr(path, '@');
	if (at != NULL)
		*at = '\0';

	return true;
}

bool
link_same_file(const char *path, const char *other)
{
	struct stat one, two;

	return stat(path, &one) == 0 && stat(other, &two) == 0 &&
	    one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

int
link_open(struct link **link, const char *port, char *why)
{
	const struct transport *transport = transport_find(port);

	if (strlen(port) >= LINK_WHY_MAX)
		return link_fail(why, E_USAGE, "the port's name is too long");
	if (transport != NULL)
		return transport->open(
		    link, port + strlen(transport->name) + 1, why);

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
link_again(struct link *link, int *ms)
{
	return link->ops->again == NULL ? E_IO : link->ops->again(link, ms);
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

int
link_set_baud(struct link *link, uint32_t baud)
{
	return link->ops->set_baud != NULL ? link->ops->set_baud(link, baud)
					   : E_IO;
}

uint32_t
link_line_ms(const struct link *link, size_t len)
{
	uint64_t bits = (uint64_t)len * BITS_A_BYTE;

	if (link->baud == 0)
		return 0;

	return (uint32_t)((bits * 1000 + link->baud - 1) / link->baud);
}
