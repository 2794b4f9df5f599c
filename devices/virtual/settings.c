/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings.h"

#include "virtual.h"

#include "../../proto/errors.h"
#include "../../proto/hello.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400, HISTORY_S = 7 * DAY_S, HISTORY_MAX_S = 730 * DAY_S };

static const char *const orientations[] = { "up", "flipped", NULL };
static const char *const breakers[] = { "shut", "open", NULL };
static const char *const utilities[] = { "on", "off", "one-leg", "flicker",
	NULL };
static const char *const coverages[] = { "on", "off", NULL };
static const char *const modems[] = { "active", "inactive", NULL };
static const char *const jobs[] = { "ok", "fail", NULL };
static const char *const relays[] = { "ok", "stuck", NULL };
static const char *const meterings[] = { "ok", "fault", NULL };

const struct virtual_key virtual_keys[] = {
	{ "kind", unit_kind_names, "der|transfer", "what kind of collar",
	    true },
	{ "seed", NULL, "N", "number that its world is made from", true },
	{ "history", NULL, "DURATION", "interval data it is born with", true },
	{ "orientation", orientations, "up|flipped", "how it hangs", false },
	{ "breaker", breakers, "shut|open", "its circuit breaker", false },
	{ "utility", utilities, "on|off|one-leg|flicker", "line power", false },
	{ "coverage", coverages, "on|off", "of the cellular network", false },
	{ "modem", modems, "active|inactive", "with its carrier", false },
	{ "reports", jobs, "ok|fail", "whether reports arrive", false },
	{ "updates", jobs, "ok|fail", "whether updates arrive", false },
	{ "relay", relays, "ok|stuck", "whether its contact moves", false },
	{ "metering", meterings, "ok|fault", "the metering chip", false },
	{ "power_w", NULL, "N|auto", "DER power, + produces; auto: the sun's",
	    false },
	{ 0 },
};

/* Keys that only a transfer collar has. */
static const char *const transfer_keys[] = { "generator", "contact", NULL };

static const struct {
	const char *unit;
	uint32_t seconds;
} durations[] = { { "d", DAY_S }, { "h", 3600 }, { "m", 60 }, { "s", 1 } };

static int
usage(char *why, const char *key, const char *value, const char *form)
{
	snprintf(why, VIRTUAL_WHY_MAX, "%.20s=%.60s: %.100s is wanted", key,
	    value, form);

	return E_USAGE;
}

int
setting_find(const char *key)
{
	for (int i = 0; i < SETTINGS; i++)
		if (strcmp(key, virtual_keys[i].name) == 0)
			return i;

	return -1;
}

static bool
parse_integer(const char *text, int64_t min, int64_t max, int64_t *number)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;

	if (!isdigit((unsigned char)*digits) || strlen(digits) > 15)
		return false;
	*number = strtoll(text, &end, 10);

	return *end == '\0' && *number >= min && *number <= max;
}

/* 90, 90s, 10m, 1h30m, 7d: units in falling order, each at most once. */
static bool
parse_duration_text(const char *text, int64_t *seconds)
{
	size_t unit = 0;
	char *end;

	*seconds = 0;
	do {
		if (!isdigit((unsigned char)*text) ||
		    strspn(text, "0123456789") > 9)
			return false;
		int64_t count = strtoll(text, &end, 10);

		while (unit < 3 && *end != durations[unit].unit[0])
			unit++;
		if (*end != '\0' && *end != durations[unit].unit[0])
			return false;
		*seconds += count * durations[unit].seconds;
		unit++;
		text = end + (*end != '\0');
	} while (*text != '\0' && unit < 4);

	return *text == '\0' && *seconds <= HISTORY_MAX_S;
}

static bool
parse_word(const char *const *words, const char *text, int64_t *number)
{
	for (*number = 0; words[*number] != NULL; (*number)++)
		if (strcmp(words[*number], text) == 0)
			return true;

	return false;
}

static bool
parse_power(const char *text, int64_t *watts)
{
	*watts = POWER_AUTO;

	return strcmp(text, "auto") == 0 ||
	    parse_integer(text, -POWER_MAX_W, POWER_MAX_W, watts);
}

static bool
parse_value(int setting, const char *text, int64_t *number)
{
	switch (setting) {
	case SETTING_SEED:
		return parse_integer(text, 0, UINT32_MAX, number);
	case SETTING_HISTORY:
		return parse_duration_text(text, number);
	case SETTING_POWER:
		return parse_power(text, number);
	default:
		return parse_word(virtual_keys[setting].values, text, number);
	}
}

static const char *
wanted(int setting)
{
	switch (setting) {
	case SETTING_SEED:
		return "a number from 0 to 4294967295";
	case SETTING_HISTORY:
		return "a duration of at most 730d, such as 365d or 12h";
	case SETTING_POWER:
		return "watts from -30000 to 30000, or auto,";
	default:
		return virtual_keys[setting].form;
	}
}

int
settings_set(
    struct settings *settings, const char *key, const char *value, char *why)
{
	int setting = setting_find(key);
	int64_t number;

	if (setting < 0) {
		bool transfer = parse_word(transfer_keys, key, &number);

		snprintf(why, VIRTUAL_WHY_MAX,
		    transfer ? "%.20s: only a transfer collar has that"
			     : "%.20s: there is no such key",
		    key);
		return E_USAGE;
	}
	if (!parse_value(setting, value, &number))
		return usage(why, key, value, wanted(setting));
	if (setting == SETTING_KIND && number != 0) {
		snprintf(why, VIRTUAL_WHY_MAX,
		    "kind=%s: this version has no transfer collar; der is "
		    "wanted",
		    value);
		return E_USAGE;
	}
	settings->at[setting] = number;

	return E_OK;
}

int
settings_parse(
    struct settings *settings, const char *text, char separator, char *why)
{
	const char ends[] = { separator, '\0' };
	char pair[100], *value;
	int err;

	while (*text != '\0') {
		size_t len = strcspn(text, ends);

		snprintf(pair, sizeof(pair), "%.*s", (int)len, text);
		value = strchr(pair, '=');
		if (value == NULL || value == pair || len >= sizeof(pair)) {
			snprintf(why, VIRTUAL_WHY_MAX,
			    "'%.80s': KEY=VALUE is wanted", pair);
			return E_USAGE;
		}
		*value = '\0';
		if ((err = settings_set(settings, pair, value + 1, why)) < 0)
			return err;
		text += len + (text[len] != '\0');
	}

	return E_OK;
}

/* FNV-1a, folded: units of different names live in different worlds. */
static uint32_t
name_hash(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *name != '\0'; name++)
		hash = (hash ^ (uint8_t)*name) * 0x100000001b3;

	return (uint32_t)(hash ^ hash >> 32);
}

void
settings_init(struct settings *settings, const char *name)
{
	memset(settings, 0, sizeof(*settings));
	settings->at[SETTING_SEED] = name_hash(name);
	settings->at[SETTING_HISTORY] = HISTORY_S;
	settings->at[SETTING_POWER] = POWER_AUTO;
}

static void
duration_print(int64_t seconds, char *text)
{
	size_t len = 0;

	for (size_t i = 0; i < 4; i++) {
		int64_t count = seconds / durations[i].seconds;

		seconds %= durations[i].seconds;
		if (count > 0)
			len +=
			    (size_t)snprintf(text + len, SETTING_TEXT_MAX - len,
				"%d%s", (int)count, durations[i].unit);
	}
	if (len == 0)
		snprintf(text, SETTING_TEXT_MAX, "0s");
}

char *
setting_text(const struct settings *settings, int setting, char *text)
{
	int64_t number = settings->at[setting];

	if (virtual_keys[setting].values != NULL)
		snprintf(text, SETTING_TEXT_MAX, "%s",
		    virtual_keys[setting].values[number]);
	else if (setting == SETTING_HISTORY)
		duration_print(number, text);
	else if (setting == SETTING_POWER && number == POWER_AUTO)
		snprintf(text, SETTING_TEXT_MAX, "auto");
	else
		snprintf(text, SETTING_TEXT_MAX, "%" PRId64, number);

	return text;
}

size_t
settings_text(const struct settings *settings, char text[SETTINGS_TEXT_MAX])
{
	char value[SETTING_TEXT_MAX];
	size_t len = 0;

	for (int i = 0; i < SETTINGS; i++)
		len += (size_t)snprintf(text + len, SETTINGS_TEXT_MAX - len,
		    "%s=%s\n", virtual_keys[i].name,
		    setting_text(settings, i, value));

	return len;
}

int
settings_get(
    const struct settings *settings, const char *key, char *value, size_t cap)
{
	char text[SETTING_TEXT_MAX];
	int setting = setting_find(key);

	if (setting < 0)
		return E_USAGE;
	snprintf(value, cap, "%s", setting_text(settings, setting, text));

	return E_OK;
}
