/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_COMPLETION_H
#define CMD_COMPLETION_H

/* Completion scripts for other shells, written from the command table. */

#include "../options.h"

enum { ROWS_MAX = 160 };

void completion_bash(struct out *out);
void completion_zsh(struct out *out);
void completion_fish(struct out *out);

/* Commands, options, errors and fields as one JSON object. */
void completion_model(struct out *out);

/* Every option of the program, each name once.  Returns their number. */
size_t completion_options(const struct opt *rows[ROWS_MAX]);

/* Those of a command, and of its verb unless that is NULL, beyond the global
 * ones.  Returns their number. */
size_t completion_own(const struct command *command, const struct verb *verb,
    const struct opt *rows[ROWS_MAX]);

/*
 * Calls each for every command that is not hidden, first with a NULL verb,
 * then with each of its verbs.
 */
void completion_places(struct out *out,
    void (*each)(struct out *out, const struct command *command,
	const struct verb *verb));

/* What stands there as an argument; TAKES_NOTHING where verbs are due. */
enum takes completion_takes(
    const struct command *command, const struct verb *verb);

/* "word word word"; words ends in NULL. */
void completion_words(struct out *out, const char *const *words);

/* The word by which the scripts for bash and zsh know what is taken there:
 * "file", "words a b c", …; "text" where there is nothing to offer. */
void completion_kind(
    struct out *out, enum takes takes, const char *const *words);

/* The function of theirs that knows what the value of an option is; open and
 * either: how a pattern begins, and what stands between two. */
void completion_values(struct out *out, const char *open, const char *either);

/* "name name name" of the commands, and of the record's fields: all of them,
 * or with settable those that may be given, as "name=". */
void completion_commands(struct out *out);
void completion_fields(struct out *out, bool settable);

/* The text in single quotes, as bash and zsh read it. */
void completion_quote(struct out *out, const char *text);

#endif
