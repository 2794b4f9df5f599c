/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_CONFIRM_H
#define CLI_CONFIRM_H

#include "command.h"

/*
 * Before a change that moves power: shows serial, Premises ID, address, port
 * and the move, and asks on /dev/tty (default no).  Without a terminal it needs
 * --yes and a named unit, else E_USAGE; call it before anything is sent.  move
 * is one line: "OPEN the DER relay now".  E_OK: go on; E_INTERRUPTED: declined.
 */
int confirm_move(struct ctx *ctx, const struct args *args, const char *move);

/* The part of it that needs no collar: may it be asked for at all?  E_OK, or
 * E_USAGE without a terminal, --yes and a named unit. */
int confirm_allowed(struct ctx *ctx);

/* Sends a prompt on its way and waits for a line; false after ^C. */
bool tty_wait(FILE *tty);

#endif
