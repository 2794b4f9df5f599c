/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USBIP_LISTENER_H
#define USBIP_LISTENER_H

/*
 * Where the server can be reached.  Descriptors do not block.
 */

#include "../failure.h"

/* "[0000:...:0000]:65535", or what went wrong, as text. */
enum { USBIP_HOST_MAX = 64, USBIP_ADDRESS_MAX = USBIP_HOST_MAX + 8 };

struct usbip_listener {
	int fd; /* -1: none */
	char host[USBIP_HOST_MAX];
	uint16_t port;
	char address[USBIP_ADDRESS_MAX]; /* HOST:PORT, [HOST]:PORT of IPv6 */
	bool loopback; /* nobody but this computer can reach it */
};

/*
 * Listens at "PORT" (on 127.0.0.1), "ADDRESS:PORT" or "[ADDRESS]:PORT", the
 * address being a number and port 0 any free one.  E_USAGE, E_PORT_BUSY,
 * E_PORT_PERMISSION, E_IO.
 */
int usbip_listen(
    struct usbip_listener *listener, const char *text, struct failure *failure);

/* Lets the next one in who waits: a descriptor, and who it is; -1 if nobody
 * does. */
int usbip_accept(
    const struct usbip_listener *listener, char from[USBIP_ADDRESS_MAX]);

/* Closes it; one that is not open is accepted. */
void usbip_listener_close(struct usbip_listener *listener);

#endif
