/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

/* A line of the shell as words, the way a person quotes them. */

#include <stdbool.h>

#include "failure.h"

enum { WORDS_MAX = 128 };

/* Words of one line; they lie in the line, which is rewritten in place. */
struct words {
	int count;
	char *at[WORDS_MAX + 1];
};

/*
 * Splits the line at blanks; '…' keeps everything, "…" all but \" and \\, and a
 * backslash the next character.  A line whose first word begins with # is
 * empty.  E_OK, or E_USAGE: a quote is not closed, too many words.
 */
int words_split(struct words *words, char *line, struct failure *failure);

#endif
