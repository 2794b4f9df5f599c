/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_TERMS_H
#define CMD_TERMS_H

/*
 * What `explain` knows beyond the tables of glass, conditions and errors.
 * Lists are separated by ';', causes most likely first.
 */

#include "glass.h"

struct term_row {
	const char *kind, *term, *alias, *meaning, *causes, *actions;
};

struct exit_row {
	const char *number, *meaning, *causes, *actions;
};

struct cause_row {
	const char *kind, *term, *causes;
};

extern const struct term_row words[];   /* term NULL ends */
extern const struct term_row leds[];    /* term NULL ends */
extern const struct exit_row exits[];   /* meaning NULL ends */
extern const struct cause_row causes[]; /* term NULL ends */

#endif
