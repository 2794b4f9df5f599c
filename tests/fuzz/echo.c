/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What arrives in a turn on half duplex.  The first byte says how long what was
 * sent is; then it, and then what comes back, in pieces of every length.  No
 * byte is made up, none is lost but as echo, and once an echo is not due any
 * more none is lost at all.
 */

#include <string.h>

#include "../../cli/link/echo.h"
#include "support/feed.h"

enum { LINE_LEN_MAX = 2048 };

static uint8_t out[LINE_LEN_MAX + ECHO_HELD_MAX];

/* Takes a piece in; the bytes let through must stand in it, or be held. */
static void
hear(struct echo *echo, const uint8_t *bytes, size_t len)
{
	bool due = echo->due;
	size_t held = echo->held_len, n;

	n = echo_remove(echo, bytes, len, out);
	must(n <= held + len);
	must(echo->held_len <= echo->sent_len + ECHO_SLACK);
	must(echo->whole + echo->damaged <= echo->turns);
	if (due)
		return;
	must(!echo->due && n == held + len);
	must(len == 0 || memcmp(out + held, bytes, len) == 0);
}

/* An echo as it was sent goes, whatever was before. */
static void
judge_whole(struct echo *echo, const uint8_t *sent, size_t len)
{
	static const uint8_t zero[1];
	unsigned whole = echo->whole;

	echo_begin(echo);
	echo_sent(echo, sent, len);
	if (echo->sent_len < ECHO_SHORTEST || memchr(sent, 0, len) != NULL)
		return;
	must(echo_remove(echo, sent, len, out) == 0);
	must(echo_remove(echo, zero, 1, out) == 1 && out[0] == 0);
	must(!echo->due && echo->whole == whole + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct echo echo = { .due = false };
	size_t sent, piece = 1;

	if (len == 0 || len > LINE_LEN_MAX)
		return 0;
	sent = data[0] < len ? data[0] : len - 1;
	echo_begin(&echo);
	echo_sent(&echo, data + 1, sent);
	for (size_t at = 1 + sent; at < len; at += piece, piece++) {
		piece = piece < len - at ? piece : len - at;
		hear(&echo, data + at, piece);
	}
	must(echo_release(&echo, out) <= ECHO_HELD_MAX);
	must(echo.held_len == 0);
	judge_whole(&echo, data + 1, sent);

	return 0;
}
