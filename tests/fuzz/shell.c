/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A batch on the shell's standard input.  Its lines are run as far as to the
 * collar, which is not there; what would touch files or ports is only parsed.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/feed.h"
#include "support/screen.h"

int __real_command_run(struct ctx *ctx, int argc, char *const argv[]);
int __wrap_command_run(struct ctx *ctx, int argc, char *const argv[]);

/* The shell's own line is run, of its lines those that keep to themselves. */
int
__wrap_command_run(struct ctx *ctx, int argc, char *const argv[])
{
	if (!ctx->in_shell || screen_may_run(argc, argv))
		return __real_command_run(ctx, argc, argv);

	return fail(&ctx->failure, E_NO_COLLAR, "not here");
}

/* A shell on a terminal would wait for somebody to type. */
static void
leave_terminal(void)
{
	int null = open("/dev/null", O_RDONLY);

	must(null >= 0 && dup2(null, STDIN_FILENO) >= 0);
	if (null != STDIN_FILENO)
		close(null);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char name[] = "shell", keep_going[] = "--keep-going";
	char *const argv[] = { name, keep_going, NULL };
	struct ctx ctx = { .port = "nowhere" };
	struct feed feed = feed_of(data, len);
	int argc = 1 + (int)feed_below(&feed, 2);
	char text[2048];
	size_t room = (size_t)(feed.end - feed.at);
	FILE *input = stdin;

	if (room == 0 || room > sizeof(text))
		return 0;
	leave_terminal();
	memcpy(text, feed.at, room);
	stdin = fmemopen(text, room, "r");
	must(stdin != NULL);
	screen_run(&ctx, argc, argv);
	fclose(stdin);
	stdin = input;
	ctx_close(&ctx);

	return 0;
}
