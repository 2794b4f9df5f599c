/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

/*
 * The argument vector, read against the tables of options: global ones, the
 * command's, its verb's.  Options stand before or after the command.
 */

#include "command.h"

struct parsed_option {
	const struct opt *opt;
	const char *value; /* "" for one that takes none; borrowed from argv */
};

enum { OPTION_TABLES_MAX = 4 };

/*
 * The tables in force for a command and verb (either may be NULL), the most
 * special one first.  Returns their number.
 */
size_t option_tables(const struct command *command, const struct verb *verb,
    const struct opt *tables[OPTION_TABLES_MAX]);

/* The row with that long name, or with that letter (name NULL), in force for
 * the command and verb; NULL if there is none. */
const struct opt *option_find(const struct command *command,
    const struct verb *verb, const char *name, char letter);

/* The same in any command's tables: how an option before its command reads. */
const struct opt *option_find_any(const char *name, char letter);

/*
 * Splits argv (without the program's name) into command, verb, arguments and
 * options.  What is borrowed from argv must outlive *args.  E_OK or E_USAGE.
 * A command or verb that is missing is not an error yet: see options_check.
 */
int options_parse(
    struct args *args, int argc, char *const argv[], struct failure *failure);

/* Chooses the default verb, refuses other commands' options, counts the
 * arguments.  E_OK or E_USAGE. */
int options_check(struct args *args, struct failure *failure);

void options_free(struct args *args);

#endif
