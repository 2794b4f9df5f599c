/* SPDX-License-Identifier: BSD-2-Clause */

#include "transports.h"

#include "../../proto/errors.h"
#include "../../proto/line.h"
#include "port.h"

#include <libserialport.h>
#include <stdio.h>

static const struct link_ops serial_ops = {
	.transport = "serial",
	DESCRIPTOR_OPS,
	.set_baud = port_set_baud,
	.close = port_close,
};

static const struct port_kind serial_kind = {
	.scheme = "serial",
	.baud_default = RATE_SERIAL,
	.baud_min = RATE_BAUD_MIN,
	.size = sizeof(struct descriptor),
};

int
serial_open(struct link **link, const char *rest, char *why)
{
	struct descriptor *d;
	bool given;
	int err = port_open(&d, &serial_ops, &serial_kind, rest, &given, why);

	if (err == E_OK)
		*link = &d->link;

	return err;
}
