/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_REACH_H
#define CLI_REACH_H

/*
 * What is in reach: where this computer may have a collar, and who is there.
 */

#include "client/find.h"
#include "command.h"

struct reach {
	struct place *places; /* owned */
	size_t count;
};

/*
 * Adds every place but those on USB, nobody asked yet; what the user has named
 * and is there by reach_look_usb, which comes first, gets its name.  Those that
 * may be asked without doing harm: ports that the user has named, and adapters
 * that are optical probes.  Other serial ports may have anything behind them
 * that minds a byte, or a DTR that goes up: these are asked only with every.
 * Virtual collars are none of it.  E_OK, or a failure in ctx->failure.
 */
int reach_look(struct ctx *ctx, struct reach *reach, bool every);

/* Adds the collars on USB, nobody asked yet; all may be that can.  E_OK, or a
 * failure in ctx->failure. */
int reach_look_usb(struct ctx *ctx, struct reach *reach);

/* The same with one place alone, which may be asked: that port, which may be a
 * virtual collar's.  One on USB that is not there has no node. */
int reach_only(struct ctx *ctx, struct reach *reach, const char *port);

/* Asks all of them that may be, as find_ask does. */
int reach_ask(struct ctx *ctx, struct reach *reach);

/* Adds a copy of a place.  E_OK or E_INTERNAL. */
int reach_add(struct reach *reach, const struct place *place);

void reach_free(struct reach *reach);

/* Is a collar there that can be used: the one that --serial means, if any? */
bool place_is_usable(const struct place *place);

/* Has it been found on the bus, whether or not it can be used? */
bool place_is_on_usb(const struct place *place);

/* A collar in software? */
bool place_is_virtual(const struct place *place);

/* Who is there, or why it cannot be used, on one line, escaped; cut to cap.
 * Returns text. */
char *place_text(char *text, size_t cap, const struct place *place);

/*
 * The port of the one collar in reach, or of the unit that --serial means, into
 * ctx->port, and its name on stderr.  Without --serial a collar that is on USB
 * counts even if it cannot be used now.  E_OK, or E_INTERRUPTED, or with what
 * is in reach on stderr: E_NO_COLLAR, E_SEVERAL_COLLARS, or why the unit meant,
 * on USB, cannot be used: E_PORT_BUSY, E_PORT_PERMISSION, E_NO_ANSWER and so
 * on.
 */
int reach_choose(struct ctx *ctx);

#endif
