/* SPDX-License-Identifier: BSD-2-Clause */

#include "port.h"

#include "../../proto/errors.h"
#include "../../proto/line.h"
#include "lockfile.h"
#include "tty.h"

#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	ADAPTER_LATENCY_MS = 40, /* USB adapters gather for 16 ms each way */
};

/* DEVICE[@BAUD] into path (LINK_WHY_MAX bytes) and *baud. */
static int
port_parse(const struct port_kind *kind, const char *rest, char *path,
    uint32_t *baud, bool *given, char *why)
{
	const char *at = strrchr(rest, '@');
	size_t len = at == NULL ? strlen(rest) : (size_t)(at - rest);
	long value = kind->baud_default;

	*given = at != NULL;
	if (at != NULL) {
		bool digits = at[1] != '\0' && strlen(at + 1) <= 7 &&
		    strspn(at + 1, "0123456789") == strlen(at + 1);

		value = digits ? strtol(at + 1, NULL, 10) : 0;
	}
	if (len == 0 || value < (long)kind->baud_min || value > RATE_BAUD_MAX)
		return link_fail(why, E_USAGE,
		    "%s:%.100s: give %s:DEVICE[@BAUD], BAUD being %u to %d",
		    kind->scheme, rest, kind->scheme, (unsigned)kind->baud_min,
		    RATE_BAUD_MAX);
	memcpy(path, rest, len);
	path[len] = '\0';
	*baud = (uint32_t)value;

	return E_OK;
}

static bool
library_set(struct sp_port *port, uint32_t baud)
{
	return sp_set_baudrate(port, (int)baud) == SP_OK &&
	    sp_set_bits(port, 8) == SP_OK &&
	    sp_set_parity(port, SP_PARITY_NONE) == SP_OK &&
	    sp_set_stopbits(port, 1) == SP_OK &&
	    sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE) == SP_OK;
}

/* The port opened and set by libserialport, or NULL if it will not. */
static struct sp_port *
library_open(const char *path, uint32_t baud, int *fd)
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
	if (!library_set(port, baud) || sp_get_port_handle(port, fd) != SP_OK) {
		sp_close(port);
		sp_free_port(port);
		port = NULL;
		goto out;
	}
out:
	free(real);

	return port;
}

/*
 * Keeps away programs that lock nothing.  Not from a pseudo-terminal: its other
 * end keeps it open, and with it the exclusion, when the program is killed.
 */
static void
exclude(int fd)
{
	char name[LINK_WHY_MAX];

	if (ttyname_r(fd, name, sizeof(name)) == 0 &&
	    strncmp(name, "/dev/pts/", 9) != 0)
		ioctl(fd, TIOCEXCL);
}

/* Keeps away programs that look for a lock file, before the device is opened:
 * that alone may reset what hangs on it. */
static int
lock_take(const char *path, char lock[LINK_WHY_MAX], char *why)
{
	char name[PROCESS_NAME_LEN];
	int pid;

	if (lockfile_take(LOCKFILE_FOLDER, path, lock, &pid) == 0)
		return E_OK;
	if (pid == 0)
		return link_fail(why, E_PORT_BUSY,
		    "%.80s has a lock file in " LOCKFILE_FOLDER
		    " that names no process",
		    path);

	return link_fail(why, E_PORT_BUSY, "%.80s is in use by %s (%d)", path,
	    process_name(pid, name), pid);
}

/* On failure nothing is left open, and no lock. */
static int
device_take(int *guard, struct termios *kept, const char *path,
    char lock[LINK_WHY_MAX], char *why)
{
	int err = lock_take(path, lock, why);

	if (err != E_OK)
		return err;
	err = tty_take(guard, kept, path, why);
	if (err != E_OK)
		lockfile_drop(lock);

	return err;
}

int
port_open(struct descriptor **opened, const struct link_ops *ops,
    const struct port_kind *kind, const char *rest, bool *given, char *why)
{
	char path[LINK_WHY_MAX], lock[LINK_WHY_MAX];
	struct termios kept;
	struct descriptor *d;
	uint32_t baud = kind->baud_default;
	int err, guard;

	if ((err = port_parse(kind, rest, path, &baud, given, why)) != E_OK ||
	    (err = device_take(&guard, &kept, path, lock, why)) != E_OK)
		return err;
	d = descriptor_new(kind->size, ops, guard, kind->scheme, rest);
	if (d == NULL) {
		tty_give_back(guard, &kept);
		lockfile_drop(lock);
		return link_fail(why, E_INTERNAL, "out of memory");
	}
	d->guard = guard;
	d->kept = kept;
	memcpy(d->lock, lock, sizeof(lock));
	d->link.baud = baud;
	d->link.latency_ms = ADAPTER_LATENCY_MS;
	d->port = library_open(path, baud, &d->fd);
	if (d->port == NULL && (err = tty_raw(d->fd, baud, why)) != E_OK) {
		port_close(&d->link);
		return err;
	}
	exclude(d->fd);
	*opened = d;

	return E_OK;
}

int
port_set_baud(struct link *link, uint32_t baud)
{
	struct descriptor *d = (struct descriptor *)link;
	char why[LINK_WHY_MAX];

	if (d->port != NULL) {
		if (sp_set_baudrate(d->port, (int)baud) != SP_OK)
			return E_IO;
	} else if (tty_raw(d->fd, baud, why) != E_OK) {
		return E_IO;
	}
	link->baud = baud;

	return E_OK;
}

void
port_close(struct link *link)
{
	struct descriptor *d = (struct descriptor *)link;
	struct sp_port *port = d->port;

	ioctl(d->fd, TIOCNXCL);
	if (port != NULL) {
		sp_close(port);
		sp_free_port(port);
	}
	tty_give_back(d->guard, &d->kept);
	lockfile_drop(d->lock);
	free(d);
}
