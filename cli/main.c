/* SPDX-License-Identifier: BSD-2-Clause */

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "command.h"
#include "help.h"
#include "link/stop.h"

static void
set_signals(void)
{
	stop_catch();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file-size limit is a full disk */
}

/*
 * A descriptor that is closed at the start would be given to the port, and the
 * answer written to the collar.  Opened the wrong way round, use still fails.
 */
static void
guard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
	}
}

static int
finish(struct ctx *ctx, int err)
{
	bool silent = err == E_OK || err == E_CLOSED_PIPE ||
	    err == E_WOULD_CHANGE || ctx->told;

	if (!silent)
		out_failure(
		    &ctx->out, &ctx->failure, ctx->out.format == FORMAT_JSON);
	ctx_close(ctx);
	return err == E_OK ? 0 : error_find(err)->exit_status;
}

int
main(int argc, char *argv[])
{
	struct ctx ctx;
	int err;

	guard_descriptors();
	set_signals();
	ctx_init(&ctx);
	if (argc > 1) {
		err = command_run(&ctx, argc - 1, argv + 1);
	} else {
		help_print(&ctx.out, NULL);
		err = out_finish(&ctx.out, &ctx.failure);
	}
	return finish(&ctx, err);
}
