/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USB_NODE_H
#define USB_NODE_H

/*
 * The node of a device below /dev.  It is a terminal: that tells poll(2) "there
 * is something to reap" and "gone" as usbfs does, by its output going on and by
 * its other end being closed.
 */

#include <stdbool.h>

#include "bus.h"

struct node {
	char path[BUS_PATH_LEN];
	int master, slave; /* -1: closed */
	bool ready;        /* poll(2) tells that there is something to reap */
};

/* One that is not there. */
void node_init(struct node *node);

/* Makes it at node->path, with nothing to reap; plain: a file, which every wait
 * finds ready. */
void node_open(struct node *node, bool plain);

/* There is something to reap, or nothing. */
void node_tell(struct node *node, bool ready);

/* Who has it open hears that the device is gone. */
void node_hang_up(struct node *node);

/* Takes it away. */
void node_close(struct node *node);

#endif
