/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USBIP_SERVER_H
#define USBIP_SERVER_H

/*
 * Virtual collars as USB devices for the computers of a network: a server of
 * USB/IP, by the computer's clock.
 */

#include "../serve.h"

struct usbip_options {
	const char *address; /* see usbip_listen */
	uint64_t cut_after;  /* bytes of each bulk pair, both ways together,
			      * before its cable is pulled; 0: never */
};

/* Where a unit can be found. */
struct usbip_place {
	const char *name;    /* of the virtual collar */
	const char *serial;  /* its USB serial number, as in usb:SERIAL */
	const char *host;    /* what is listened on: an address, */
	unsigned port;       /* its port, */
	const char *address; /* and both together */
	const char *busid;
	bool loopback; /* nobody but this computer can reach it */
};

struct usbip_calls {
	void *ctx;
	/* A unit can be imported; a failure ends the serving. */
	int (*announce)(void *ctx, const struct usbip_place *place);
	/* The connection from there was closed, and why. */
	void (*note)(void *ctx, const char *from, const char *why);
};

/*
 * Opens all units, listens, tells the caller each unit (in the order given),
 * and serves until link_interrupted or until all cables were pulled: E_OK; or
 * until a telling fails.
 */
int usbip_serve(const struct serve_unit *units, size_t count,
    const struct usbip_options *options, const struct usbip_calls *calls,
    struct failure *failure);

#endif
