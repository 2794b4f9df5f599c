/* SPDX-License-Identifier: BSD-2-Clause */

#include "../help.h"

static int
run_help(struct ctx *ctx, const struct args *args)
{
	const struct command *command = NULL;

	if (args->npos > 0) {
		command = command_find(args->pos[0]);
		if (command == NULL) {
			fail(&ctx->failure, E_USAGE, "help: no command '%s'",
			    args->pos[0]);
			return fail_hint(&ctx->failure,
			    "`collarctl help` lists the commands");
		}
	}
	help_print(&ctx->out, command);
	return E_OK;
}

static const char *const help_formats[] = { "text", NULL };

const struct command cmd_help = {
	.name = "help",
	.group = "Help",
	.args = "[COMMAND]",
	.max = 1,
	.help = "the commands, or one of them in full",
	.examples = "collarctl help relay\n"
		    "collarctl relay --help",
	.formats = help_formats,
	.run = run_help,
};
