/* SPDX-License-Identifier: BSD-2-Clause */

#include "parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400, HOUR_MS = 3600 * 1000, TIMEOUT_MAX_S = DAY_S };

/* Parts of a date and time as written. */
struct written {
	unsigned year, month, day, hour, minute, second, ms;
	int offset_minutes; /* of local time from UTC */
};

static int
refuse(struct failure *failure, const char *what, const char *text,
    const char *why)
{
	return fail(failure, E_BAD_VALUE, "%s: '%s' %s", what, text, why);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly `digits` digits at *at, which is moved behind them. */
static bool
take_digits(const char **at, int digits, unsigned *value)
{
	unsigned number = 0;

	for (int i = 0; i < digits; i++, (*at)++) {
		if (!is_digit(**at))
			return false;
		number = number * 10 + (unsigned)(**at - '0');
	}
	*value = number;
	return true;
}

static bool
take_char(const char **at, const char *set)
{
	if (**at == '\0' || strchr(set, **at) == NULL)
		return false;
	(*at)++;
	return true;
}

static unsigned
month_days(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar, from 1970 on. */
static int64_t
written_days(const struct written *written)
{
	unsigned past = written->year - 1;
	int64_t days = (int64_t)past * 365 + past / 4 - past / 100 + past / 400;

	for (unsigned month = 1; month < written->month; month++)
		days += month_days(written->year, month);
	return days + (int64_t)written->day - 1 - 719162;
}

static bool
take_date(const char **at, struct written *written)
{
	return take_digits(at, 4, &written->year) && take_char(at, "-") &&
	    take_digits(at, 2, &written->month) && take_char(at, "-") &&
	    take_digits(at, 2, &written->day);
}

/* ".123": milliseconds, finer digits are dropped. */
static bool
take_fraction(const char **at, unsigned *ms)
{
	unsigned scale = 100;

	if (!is_digit(**at))
		return false;
	for (*ms = 0; is_digit(**at); (*at)++, scale /= 10)
		*ms += scale * (unsigned)(**at - '0');
	return true;
}

static bool
take_clock(const char **at, struct written *written)
{
	if (!take_digits(at, 2, &written->hour) || !take_char(at, ":") ||
	    !take_digits(at, 2, &written->minute) || !take_char(at, ":") ||
	    !take_digits(at, 2, &written->second))
		return false;
	return !take_char(at, ".") || take_fraction(at, &written->ms);
}

static bool
take_zone(const char **at, struct written *written)
{
	unsigned hours, minutes;
	int sign = **at == '-' ? -1 : 1;

	if (take_char(at, "Zz"))
		return true;
	if (!take_char(at, "+-") || !take_digits(at, 2, &hours) ||
	    !take_char(at, ":") || !take_digits(at, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	written->offset_minutes = sign * (int)(hours * 60 + minutes);
	return true;
}

/* What is impossible in a date and time that is well written; NULL: nothing. */
static const char *
written_fault(const struct written *written)
{
	if (written->year < 1970)
		return "is before 1970";
	if (written->month < 1 || written->month > 12)
		return "has no such month: 01 to 12";
	if (written->day < 1 ||
	    written->day > month_days(written->year, written->month))
		return "has no such day: that month is shorter";
	if (written->hour > 23)
		return "has no such hour: 00 to 23";
	if (written->minute > 59)
		return "has no such minute: 00 to 59";
	if (written->second > 59)
		return "has no such second: 00 to 59";
	return NULL;
}

static int
written_ms(const struct written *written, const char *what, const char *text,
    uint64_t *utc_ms, struct failure *failure)
{
	const char *fault = written_fault(written);
	int64_t seconds;

	if (fault != NULL)
		return refuse(failure, what, text, fault);
	seconds = written_days(written) * DAY_S +
	    (int64_t)written->hour * 3600 + (int64_t)written->minute * 60 +
	    written->second - (int64_t)written->offset_minutes * 60;
	if (seconds < 0)
		return refuse(failure, what, text, "is before 1970");
	*utc_ms = (uint64_t)seconds * 1000 + written->ms;
	return E_OK;
}

/* A whole date and nothing else; false leaves *written undefined. */
static bool
is_date(const char *text, struct written *written)
{
	*written = (struct written){ 0 };
	return take_date(&text, written) && *text == '\0';
}

static int
parse_rfc3339(const char *text, const char *what, uint64_t *utc_ms,
    struct failure *failure)
{
	struct written written = { 0 };
	const char *at = text;

	if (!take_date(&at, &written) || !take_char(&at, "Tt ") ||
	    !take_clock(&at, &written)) {
		refuse(failure, what, text, "is not a time");
		return fail_hint(failure,
		    "write now, top-of-hour or a time with its zone, such as "
		    "2026-11-21T15:00:00Z");
	}
	if (*at == '\0') {
		refuse(failure, what, text, "has no zone");
		return fail_hint(
		    failure, "write %sZ for UTC, or %s-05:00", text, text);
	}
	if (!take_zone(&at, &written) || *at != '\0') {
		refuse(
		    failure, what, text, "has a zone that is not understood");
		return fail_hint(failure, "end it in Z, +HH:MM or -HH:MM");
	}
	return written_ms(&written, what, text, utc_ms, failure);
}

int
parse_timeout(
    const char *text, const char *what, int *ms, struct failure *failure)
{
	uint32_t seconds;
	int err = parse_duration(text, what, &seconds, failure);

	if (err == E_OK && (seconds < 1 || seconds > TIMEOUT_MAX_S)) {
		refuse(failure, what, text, "is out of range");
		return fail_hint(failure, "write 1s to 1d");
	}
	if (err == E_OK)
		*ms = (int)seconds * 1000;
	return err;
}

int
parse_time(const char *text, const char *what, uint64_t now_utc_ms,
    uint64_t *utc_ms, struct failure *failure)
{
	if (strcmp(text, "now") == 0)
		*utc_ms = now_utc_ms;
	else if (strcmp(text, "top-of-hour") == 0)
		*utc_ms = now_utc_ms - now_utc_ms % HOUR_MS + HOUR_MS;
	else
		return parse_rfc3339(text, what, utc_ms, failure);
	return E_OK;
}

/* Reads one "NUMBER UNIT" of a duration; 0 if it is none, or too large. */
static uint64_t
take_span(const char **at, uint64_t *count)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = { { 'd', DAY_S }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

	if (!is_digit(**at))
		return 0;
	for (*count = 0; is_digit(**at); (*at)++) {
		*count = *count * 10 + (uint64_t)(**at - '0');
		if (*count > UINT32_MAX)
			return 0;
	}
	for (size_t i = 0; i < nitems(units); i++) {
		if (take_char(at, (char[]){ units[i].unit, '\0' }))
			return units[i].seconds;
	}
	return 0;
}

/* E_OK, or E_BAD_VALUE with nothing said: used where other forms may follow. */
static int
duration_seconds(const char *text, uint32_t *seconds)
{
	uint64_t total = 0, count = 0, unit, last = UINT64_MAX;
	const char *at = text;

	for (; *at != '\0'; last = unit) {
		unit = take_span(&at, &count);
		if (unit == 0 && *at == '\0' && last == UINT64_MAX)
			unit = is_digit(at[-1]) ? 1 : 0; /* bare: seconds */
		if (unit == 0 || unit >= last || count > UINT32_MAX)
			return E_BAD_VALUE;
		total += count * unit;
	}
	if (at == text || total > UINT32_MAX)
		return E_BAD_VALUE;
	*seconds = (uint32_t)total;
	return E_OK;
}

int
parse_duration(const char *text, const char *what, uint32_t *seconds,
    struct failure *failure)
{
	if (duration_seconds(text, seconds) == E_OK)
		return E_OK;
	refuse(failure, what, text, "is not a duration");
	return fail_hint(
	    failure, "write seconds or units, such as 90, 90s, 10m, 1h30m, 7d");
}

int
parse_bound(const char *text, const char *what, uint64_t now_utc_ms,
    uint64_t *utc_ms, struct failure *failure)
{
	struct written written;
	uint32_t ago_s;

	if (is_date(text, &written))
		return written_ms(&written, what, text, utc_ms, failure);
	if (duration_seconds(text, &ago_s) == E_OK) {
		uint64_t ago_ms = (uint64_t)ago_s * 1000;

		*utc_ms = ago_ms < now_utc_ms ? now_utc_ms - ago_ms : 0;
		return E_OK;
	}
	if (parse_time(text, what, now_utc_ms, utc_ms, failure) == E_OK)
		return E_OK;
	if (strchr(text, ':') == NULL)
		fail_hint(failure,
		    "write a time with its zone (2026-11-21T15:00:00Z), a date "
		    "(2026-11-21) or a duration ago (90m)");
	return failure->err;
}

int
parse_number(const char *text, const char *what, int64_t min, int64_t max,
    int64_t *number, struct failure *failure)
{
	const char *digits = *text == '-' || *text == '+' ? text + 1 : text;
	bool plain =
	    *digits != '\0' && strspn(digits, "0123456789") == strlen(digits);
	long long value;

	errno = 0;
	value = strtoll(text, NULL, 10);
	if (!plain || errno != 0 || value < min || value > max) {
		refuse(failure, what, text,
		    plain ? "is out of range" : "is not a whole number");
		return fail_hint(failure, "write a number from %lld to %lld",
		    (long long)min, (long long)max);
	}
	*number = value;
	return E_OK;
}

int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	if (at == NULL)
		return -1;

	return (int)(at - digits) - (at - digits < 16 ? 0 : 6);
}
