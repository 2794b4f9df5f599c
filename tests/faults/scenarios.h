/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_SCENARIOS_H
#define FAULTS_SCENARIOS_H

/*
 * Every command that talks to a unit, and the unit that it is said to.
 */

#include "look.h"
#include "stage.h"

enum base { IN_SERVICE, BLANK };

struct scenario {
	const char *line;   /* the command, words separated by blanks */
	const char *input;  /* what it reads, or NULL */
	const char *before; /* commands that prepare the unit, by ';' */
	void (*arrange)(struct stage *stage); /* the last touch, or NULL */
	enum base base;
	bool steady;      /* prints the same whenever it is asked */
	bool alike;       /* much of it is: a quarter of its faults will do */
	bool noise_alone; /* no fault but noise, which it must come through */
	/* after which the unit has done all it was told; 0: nothing */
	uint32_t settle_ms;
};

extern const struct scenario scenarios[]; /* line NULL ends */

/*
 * Splits the command into words, the unit's name and --yes in front, in room
 * for WORDS_MAX; text (LINE_MAX_LEN bytes) holds them.
 */
enum { LINE_MAX_LEN = 400 };
void scenario_words(
    const char *line, enum base base, char *text, const char *words[WORDS_MAX]);

/* What a person calls it by: the command, and the first line it reads; at most
 * LINE_MAX_LEN bytes. */
void scenario_title(const struct scenario *scenario, char title[LINE_MAX_LEN]);

/* The first command (and verb) that talks to a unit and has no scenario, as
 * text to be freed; NULL if there is none. */
char *scenario_missing(void);

/* Brings the unit of a new stage to where the scenario begins. */
void scenario_prepare(struct stage *stage, const struct scenario *scenario);

#endif
