/* SPDX-License-Identifier: BSD-2-Clause */

#include "out.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* The last second of the year 9999: later times do not fit the form. */
static const uint64_t utc_last_s = 253402300799;

/*
 * Bytes of the UTF-8 character at text, 0 if it is broken (RFC 3629: no
 * overlong forms, no surrogates, nothing above U+10FFFF).
 */
static size_t
utf8_len(const uint8_t *text)
{
	uint8_t least = 0x80, most = 0xbf;
	size_t len = text[0] < 0x80              ? 1
	    : text[0] >= 0xc2 && text[0] <= 0xdf ? 2
	    : text[0] >= 0xe0 && text[0] <= 0xef ? 3
	    : text[0] >= 0xf0 && text[0] <= 0xf4 ? 4
						 : 0;

	if (text[0] == 0xe0)
		least = 0xa0;
	else if (text[0] == 0xed)
		most = 0x9f;
	else if (text[0] == 0xf0)
		least = 0x90;
	else if (text[0] == 0xf4)
		most = 0x8f;
	for (size_t i = 1; i < len; i++) {
		if (text[i] < least || text[i] > most)
			return 0;
		least = 0x80;
		most = 0xbf;
	}
	return len;
}

/* C0, DEL and, in UTF-8, C1. */
static bool
is_control(const uint8_t *text)
{
	return text[0] < 0x20 || text[0] == 0x7f ||
	    (text[0] == 0xc2 && text[1] < 0xa0);
}

char *
escape(char *text, size_t cap, const char *raw)
{
	const uint8_t *at = (const uint8_t *)raw;
	size_t used = 0;

	while (*at != '\0') {
		size_t len = utf8_len(at);
		bool plain = len > 0 && !is_control(at);

		if (used + (plain ? len : 4) >= cap)
			break;
		if (plain) {
			memcpy(text + used, at, len);
			used += len;
			at += len;
		} else {
			snprintf(text + used, 5, "\\x%02x", *at++);
			used += 4;
		}
	}
	text[used] = '\0';
	return text;
}

char *
utc_text(char *text, uint64_t utc_s)
{
	time_t when = (time_t)(utc_s < utc_last_s ? utc_s : utc_last_s);
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(text, UTC_TEXT_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return text;
}

char *
duration_text(char *text, uint32_t seconds)
{
	const uint32_t days = seconds / 86400, hours = seconds / 3600 % 24;
	const uint32_t minutes = seconds / 60 % 60, rest = seconds % 60;
	const size_t cap = 32;

	if (days > 0)
		snprintf(text, cap, "%" PRIu32 " d %" PRIu32 " h", days, hours);
	else if (hours > 0)
		snprintf(
		    text, cap, "%" PRIu32 " h %" PRIu32 " min", hours, minutes);
	else if (minutes > 0 && rest > 0)
		snprintf(
		    text, cap, "%" PRIu32 " min %" PRIu32 " s", minutes, rest);
	else if (minutes > 0)
		snprintf(text, cap, "%" PRIu32 " min", minutes);
	else
		snprintf(text, cap, "%" PRIu32 " s", rest);
	return text;
}

char *
decimal_text(char *text, int64_t value, unsigned decimals)
{
	uint64_t digits = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char *at = &text[DECIMAL_LEN - 1];
	char *start = text;

	*at = '\0';
	for (unsigned done = 0; digits > 0 || done <= decimals; done++) {
		if (done == decimals && decimals > 0)
			*--at = '.';
		*--at = (char)('0' + digits % 10);
		digits /= 10;
	}
	if (value < 0)
		*--at = '-';
	while ((*start++ = *at++))
		;

	return text;
}
