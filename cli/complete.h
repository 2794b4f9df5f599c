/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

/*
 * What may stand at the end of a line: commands, verbs, options, their words,
 * fields, ports.  All of it from the tables that run the line.
 */

#include "command.h"

/* Takes one candidate; a non-zero return ends the search. */
typedef int complete_each(const char *candidate, void *ctx);

/*
 * Calls each for every candidate that begins with part, the word behind the
 * words of the line.  Returns true if a file name fits as well.
 */
bool complete_line(const struct config *config, int count,
    const char *const words[], const char *part, complete_each *each,
    void *ctx);

/* Calls each for every port that is there: NAME, sim:NAME, serial:PATH. */
int complete_ports(const struct config *config, complete_each *each, void *ctx);

/* Calls each for the name of every virtual collar. */
int complete_sims(complete_each *each, void *ctx);

#endif
