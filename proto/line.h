/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_LINE_H
#define PROTO_LINE_H

/*
 * What both ends of a serial or optical line agree on before a byte has gone
 * over it; see PROTOCOL.md, "Rates of a line" and "Half duplex".  Rates are in
 * baud.
 */
enum {
	RATE_BAUD_MIN = 300,
	RATE_BAUD_MAX = 4000000,
	RATE_SERIAL = 115200,      /* where a serial line begins */
	RATE_OPTICAL = 9600,       /* and an optical port, ANSI C12.18 type 2 */
	RATE_OPTICAL_TOP = 115200, /* the fastest that probes are made for */
	TURN_MIN_US = 175,         /* of an optical port; ANSI C12.18 */
};

#endif
