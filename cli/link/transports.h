/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_TRANSPORTS_H
#define LINK_TRANSPORTS_H

/*
 * Opening each transport; private to cli/link.  rest is what stands behind the
 * prefix of the port: "/dev/ttyUSB0@115200", "HOST:PORT", "NAME,KEY=VALUE".
 * Each allocates its link, fills in port, baud, latency_ms and half_duplex, and
 * frees it in ops->close.  Errors and why as for link_open.
 */

#include "link.h"

/* PATH[@BAUD]; what libserialport will not open goes through termios. */
int serial_open(struct link **link, const char *rest, char *why);

/* The same with an optical probe there; a rate that is given stays. */
int optical_open(struct link **link, const char *rest, char *why);

/* SERIAL, or NULL for the only one; through libusb.  Claims the interface, and
 * takes it from nobody. */
int usb_open(struct link **link, const char *rest, char *why);

/* What lets a user open a collar's node; installed with the program. */
#define LINK_USB_RULES "70-collarctl.rules"

int unix_open(struct link **link, const char *rest, char *why);
int tcp_open(struct link **link, const char *rest, char *why);

/* "", "NAME", "NAME,KEY=VALUE,..." or ",KEY=VALUE,...". */
int sim_open(struct link **link, const char *rest, char *why);

/* Sets why and returns err. */
int link_fail(char *why, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The error that opening gave by errno: not there, busy, no permission, … */
int link_fail_errno(char *why, const char *what, int errnum);

#endif
