/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_DOOR_H
#define CLI_DOOR_H

/*
 * A door by which others reach a served collar: a pseudo-terminal, or a socket
 * that takes one connection at a time.  Descriptors do not block.
 */

#include "failure.h"

#include <stdbool.h>
#include <stdint.h>

enum door_kind { DOOR_PTY, DOOR_UNIX, DOOR_TCP };
enum { DOOR_PORT_MAX = 128 };

struct door {
	enum door_kind kind;
	int listener; /* -1: a pseudo-terminal, which is always connected */
	int line;     /* bytes to and fro; -1: nobody is there */
	int slave;    /* kept open, so that others may come and go; or -1 */
	char port[DOOR_PORT_MAX]; /* as -p takes it */
};

/* A door that is not open. */
void door_init(struct door *door);

/*
 * Opens a door: path for DOOR_UNIX, tcp_port (0: any free one, on this computer
 * only) for DOOR_TCP.  E_USAGE, E_PORT_BUSY, E_PORT_PERMISSION, E_IO.
 */
int door_open(struct door *door, enum door_kind kind, const char *path,
    uint16_t tcp_port, struct failure *failure);

/* Names a pseudo-terminal as the optical port that it plays, at that rate. */
void door_optical(struct door *door, uint32_t baud);

/* Lets one in who waits, if nobody is there. */
void door_accept(struct door *door);

/* Ends the connection there is. */
void door_hang_up(struct door *door);

/* Closes it, and removes its socket; one that is not open is accepted. */
void door_close(struct door *door);

#endif
