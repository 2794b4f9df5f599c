/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USB_BUSY_H
#define USB_BUSY_H

/* A collar that another program has: its strings can be read, its interface not
 * be claimed. */

#include "../../devices/collar/collar.h"
#include "usbfs.h"

struct busy;

/*
 * Plugs one with that serial number into a port of the bus, which must outlive
 * it; else it is on the bus as the unit `like`, which must outlive it too.
 */
struct busy *busy_plug(
    struct bus *bus, unsigned port, struct collar *like, const char *serial);

/* Unplugs it; NULL is accepted. */
void busy_free(struct busy **busy);

#endif
