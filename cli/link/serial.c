/* SPDX-License-Identifier: BSD-2-Clause */

#include "transports.h"

#include "../../proto/errors.h"
#include "descriptor.h"
#include "tty.h"

#include <libserialport.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
	BAUD_DEFAULT = 115200,
	BAUD_MIN = 300,
	BAUD_MAX = 4000000,
	ADAPTER_LATENCY_MS = 40, /* USB adapters gather for 16 ms each way */
};

static void
serial_close(struct link *link)
{
	struct descriptor *d = (struct descriptor *)link;
	struct sp_port *port = d->port;

	if (port != NULL) {
		ioctl(d->fd, TIOCNXCL);
		sp_close(port);
		sp_free_port(port);
	}
	tty_give_back(d->guard, &d->kept);
	free(d);
}

static const struct link_ops serial_ops = {
	.transport = "serial",
	DESCRIPTOR_OPS,
	.close = serial_close,
};

/* PATH[@BAUD] into path (LINK_WHY_MAX bytes) and *baud. */
static int
serial_parse(const char *rest, char *path, uint32_t *baud, char *why)
{
	const char *at = strrchr(rest, '@');
	size_t len = at == NULL ? strlen(rest) : (size_t)(at - rest);
	long value = BAUD_DEFAULT;

	if (at != NULL) {
		bool digits = at[1] != '\0' && strlen(at + 1) <= 7 &&
		    strspn(at + 1, "0123456789") == strlen(at + 1);

		value = digits ? strtol(at + 1, NULL, 10) : 0;
	}
	if (len == 0 || value < BAUD_MIN || value > BAUD_MAX)
		return link_fail(why, E_USAGE,
		    "serial:%.100s: give serial:DEVICE[@BAUD], BAUD being %d "
		    "to %d",
		    rest, BAUD_MIN, BAUD_MAX);
	memcpy(path, rest, len);
	path[len] = '\0';
	*baud = (uint32_t)value;

	return E_OK;
}

static bool
port_set(struct sp_port *port, uint32_t baud)
{
	return sp_set_baudrate(port, (int)baud) == SP_OK &&
	    sp_set_bits(port, 8) == SP_OK &&
	    sp_set_parity(port, SP_PARITY_NONE) == SP_OK &&
	    sp_set_stopbits(port, 1) == SP_OK &&
	    sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE) == SP_OK;
}

/* The port opened and set by libserialport, or NULL if it will not. */
static struct sp_port *
port_open(const char *path, uint32_t baud, int *fd)
{
	struct sp_port *port = NULL;
	char *real = realpath(path, NULL);

	if (real == NULL || sp_get_port_by_name(real, &port) != SP_OK)
		goto out;
	if (sp_open(port, SP_MODE_READ_WRITE) != SP_OK) {
		sp_free_port(port);
		port = NULL;
		goto out;
	}
	if (!port_set(port, baud) || sp_get_port_handle(port, fd) != SP_OK) {
		sp_close(port);
		sp_free_port(port);
		port = NULL;
		goto out;
	}
	ioctl(*fd, TIOCEXCL);
out:
	free(real);

	return port;
}

int
serial_open(struct link **link, const char *rest, char *why)
{
	char path[LINK_WHY_MAX];
	struct descriptor *d;
	struct termios kept;
	uint32_t baud = BAUD_DEFAULT;
	int err, guard;

	if ((err = serial_parse(rest, path, &baud, why)) != E_OK ||
	    (err = tty_take(&guard, &kept, path, why)) != E_OK)
		return err;
	d = descriptor_new(&serial_ops, guard, "serial", rest);
	if (d == NULL) {
		tty_give_back(guard, &kept);
		return link_fail(why, E_INTERNAL, "out of memory");
	}
	d->guard = guard;
	d->kept = kept;
	d->link.baud = baud;
	d->link.latency_ms = ADAPTER_LATENCY_MS;
	d->port = port_open(path, baud, &d->fd);
	if (d->port == NULL && (err = tty_raw(d->fd, baud, why)) != E_OK) {
		serial_close(&d->link);
		return err;
	}
	*link = &d->link;

	return E_OK;
}
