/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "command.h"

/* The help of one command; NULL: the short help, commands grouped by task. */
void help_print(struct out *out, const struct command *command);

#endif
