/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_PORT_H
#define LINK_PORT_H

/*
 * A serial device opened for a link: alone, 8N1, and put back as it was.
 * Private to cli/link.
 */

#include "descriptor.h"
#include "transports.h"

/* How a kind of port is written: SCHEME:DEVICE[@BAUD]. */
struct port_kind {
	const char *scheme;
	uint32_t baud_default, baud_min;
	size_t size; /* of its link, whose first member is a descriptor */
};

/*
 * Opens what rest names.  *given tells whether it said a rate.  Nobody else can
 * use the device meanwhile: a lock file keeps programs away that look for one,
 * flock(2) and TIOCEXCL others.  Errors and why as for link_open.
 */
int port_open(struct descriptor **d, const struct link_ops *ops,
    const struct port_kind *kind, const char *rest, bool *given, char *why);

/* As link_ops.set_baud. */
int port_set_baud(struct link *link, uint32_t baud);

/* Puts device and lock back, and frees the link; ops->close. */
void port_close(struct link *link);

#endif
