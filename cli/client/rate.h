/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_RATE_H
#define CLIENT_RATE_H

/*
 * The rate of the line as the host agrees on it; see PROTOCOL.md, "Rates of a
 * line".  Private to cli/client.  On links whose rate is not to be raised
 * nothing of this does anything.
 */

#include "exchange.h"

/*
 * Raises the rate to the fastest that collar and line carry: from the top of
 * the link downward, each tried with link-check.  E_OK, also when it stays as
 * it is; E_NO_ANSWER where the link is gone, E_INTERRUPTED.
 */
int rate_raise(struct client *client, struct failure *failure);

/*
 * Takes the line to that rate, one of rate_bauds or the one it began with, and
 * tries how it carries.  1 if the line is at it; 0 if it does not carry, or an
 * end has no such rate, and the line is where it began; or as rate_raise.
 */
int rate_set(struct client *client, uint32_t baud, struct failure *failure);

/*
 * Looks for a collar that another host left at a raised rate: says hello once
 * at each.  E_OK with client->known, E_NO_ANSWER with the rate as it was, or
 * another error of client_hello.
 */
int rate_find(struct client *client, struct failure *failure);

/*
 * Before anything is sent: a collar that has heard nothing for long is back at
 * the rate it began with, and so is the link then.
 */
void rate_mind(struct client *client);

/*
 * If the collar has been silent for long at a raised rate: waits until it must
 * be back at the rate it began with, unless that is longer than the user waits
 * for anything.  True if the link is at that rate now and asking again makes
 * sense.
 */
bool rate_fall_back(struct client *client);

/* Takes the collar back to the rate it began with, for whoever comes next. */
void rate_restore(struct client *client);

#endif
