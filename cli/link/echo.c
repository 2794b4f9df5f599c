/* SPDX-License-Identifier: BSD-2-Clause */

#include "echo.h"

#include <string.h>

void
echo_begin(struct echo *echo)
{
	echo->sent_len = echo->held_len = echo->seen = 0;
	echo->due = true;
	echo->spoiled = false;
}

void
echo_sent(struct echo *echo, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0 && echo->sent_len < ECHO_SENT_MAX)
			echo->sent[echo->sent_len++] = bytes[i];
}

/* The longest common subsequence: what is left of `a` in b, however many bytes
 * were lost or added between. */
static size_t
common_len(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	uint16_t row[ECHO_SENT_MAX + 1] = { 0 };

	for (size_t i = 0; i < a_len; i++) {
		uint16_t corner = 0;

		for (size_t j = 0; j < b_len; j++) {
			uint16_t above = row[j + 1];

			if (a[i] == b[j])
				row[j + 1] = (uint16_t)(corner + 1);
			else if (row[j] > above)
				row[j + 1] = row[j];
			corner = above;
		}
	}

	return row[b_len];
}

/* Three bytes of four are enough: of an answer to what was sent, no more than
 * about half are the same in the same order. */
static bool
is_like(const struct echo *echo, size_t at, size_t len)
{
	if (len > echo->sent_len - at)
		len = echo->sent_len - at;

	return common_len(echo->held, echo->held_len, echo->sent + at, len) *
	    4 >=
	    echo->held_len * 3;
}

/* Is the piece held what was sent, or its head, its tail, or what goes on from
 * the pieces before? */
static bool
is_echo(const struct echo *echo)
{
	size_t len = echo->held_len + ECHO_SLACK;
	size_t seen = echo->seen < echo->sent_len ? echo->seen : echo->sent_len;

	return echo->held_len < ECHO_SHORTEST || is_like(echo, 0, len) ||
	    is_like(echo, seen, len) ||
	    (len < echo->sent_len && is_like(echo, echo->sent_len - len, len));
}

/* The turn's echo has come, or will not. */
static void
echo_end(struct echo *echo, bool whole)
{
	echo->due = false;
	echo->turns++;
	if (whole)
		echo->whole++;
	else if (echo->spoiled)
		echo->damaged++;
}

/* A zero: the piece held is complete. */
static void
judge(struct echo *echo)
{
	bool same = echo->held_len == echo->sent_len &&
	    memcmp(echo->held, echo->sent, echo->sent_len) == 0;

	if (echo->held_len == 0)
		return;
	if (!same && !is_echo(echo)) {
		echo_end(echo, false);
		return;
	}
	echo->seen += echo->held_len;
	echo->held_len = 0;
	echo->spoiled = echo->spoiled || !same;
	if (echo->seen >= echo->sent_len)
		echo_end(echo, same);
}

size_t
echo_release(struct echo *echo, uint8_t *out)
{
	size_t len = echo->held_len;

	memcpy(out, echo->held, len);
	echo->held_len = 0;

	return len;
}

size_t
echo_remove(struct echo *echo, const uint8_t *bytes, size_t len, uint8_t *out)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		if (echo->due && bytes[i] != 0) {
			echo->held[echo->held_len++] = bytes[i];
			if (echo->held_len <= echo->sent_len + ECHO_SLACK)
				continue;
			echo_end(echo, false);
			count += echo_release(echo, out + count);
			continue;
		}
		if (echo->due)
			judge(echo);
		count += echo_release(echo, out + count);
		out[count++] = bytes[i];
	}

	return count;
}
