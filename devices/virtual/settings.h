/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VIRTUAL_SETTINGS_H
#define VIRTUAL_SETTINGS_H

/*
 * The settings of a virtual collar and its world: one number each, whose row
 * in virtual_keys[] says how people write it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of virtual_keys[]. */
enum setting {
	SETTING_KIND,
	SETTING_SEED,
	SETTING_HISTORY, /* seconds */
	SETTING_ORIENTATION,
	SETTING_BREAKER,
	SETTING_UTILITY,
	SETTING_COVERAGE,
	SETTING_MODEM,
	SETTING_REPORTS,
	SETTING_UPDATES,
	SETTING_RELAY,
	SETTING_METERING,
	SETTING_POWER, /* W, or POWER_AUTO */
	SETTINGS,
};

/* Words count from 0, which is what a new unit has and what is sound. */
enum utility { UTILITY_ON, UTILITY_OFF, UTILITY_ONE_LEG, UTILITY_FLICKER };

enum { POWER_MAX_W = 30000, POWER_AUTO = POWER_MAX_W + 1 };
enum { SETTING_TEXT_MAX = 24, SETTINGS_TEXT_MAX = 600 };

struct settings {
	int64_t at[SETTINGS];
};

/* What a unit of that name is made with. */
void settings_init(struct settings *settings, const char *name);

/* Sets one; E_OK, or E_USAGE with why (VIRTUAL_WHY_MAX bytes). */
int settings_set(
    struct settings *settings, const char *key, const char *value, char *why);

/*
 * Sets "KEY=VALUE,KEY=VALUE", or with separator '\n' what settings_text wrote.
 * E_OK, or E_USAGE with why.
 */
int settings_parse(
    struct settings *settings, const char *text, char separator, char *why);

/* As a person writes it; SETTING_TEXT_MAX bytes.  Returns text. */
char *setting_text(const struct settings *settings, int setting, char *text);

/* The same of the one of that name, cut to cap; E_OK or E_USAGE. */
int settings_get(
    const struct settings *settings, const char *key, char *value, size_t cap);

/* All of them, one KEY=VALUE a line; returns the length. */
size_t settings_text(
    const struct settings *settings, char text[SETTINGS_TEXT_MAX]);

/* The setting of that name, or -1. */
int setting_find(const char *key);

static inline bool
settings_sound(const struct settings *settings, enum setting setting)
{
	return settings->at[setting] == 0;
}

#endif
