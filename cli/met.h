/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_MET_H
#define CLI_MET_H

/*
 * Which unit the lines of a shell have met on which port.  A cable that slips
 * out and another one that goes in must not lead the next line to another unit.
 */

#include "command.h"

/*
 * The unit that answers on a port, as the line names it; "" if no line names
 * any.  The first one is kept until a line names another with --serial.  Does
 * nothing outside of a shell, nor with virtual collars in files, which are
 * named by their port.  E_OK, or E_WRONG_UNIT: not the one of the lines before;
 * E_INTERNAL.
 */
int met_check(
    struct ctx *ctx, const char *port, const struct hello_answer *unit);

/* Forgets all of them. */
void met_free(struct ctx *ctx);

#endif
