/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../command.h"
#include "../met.h"
#include "../words.h"
#include "prompt.h"

struct shell {
	struct ctx *ctx;
	bool terminal; /* a person types: errors do not end it */
	bool keep_going;
	unsigned line; /* number of the one read last */
	int first;     /* failure, or E_OK */
};

/* The next line, the caller's to free; NULL at the end of the input. */
static char *
read_line(struct shell *shell)
{
	char *line = NULL;
	size_t room = 0;

	shell->line++;
	if (shell->terminal)
		return prompt_read("collarctl> ");
	errno = 0;
	if (getline(&line, &room, stdin) >= 0)
		return line;
	free(line);
	return NULL;
}

static bool
is_end(const struct words *words)
{
	return words->count == 1 &&
	    (strcmp(words->at[0], "exit") == 0 ||
		strcmp(words->at[0], "quit") == 0);
}

/* After these nobody knows what is still on its way on the line. */
static bool
is_link_lost(int err)
{
	return err == E_NO_ANSWER || err == E_PROTOCOL ||
	    err == E_INTERRUPTED || err == E_UNKNOWN || err == E_WRONG_UNIT;
}

/* Which line of a script it was. */
static void
name_line(const struct shell *shell, struct failure *failure)
{
	char what[FAILURE_LEN];

	if (shell->terminal)
		return;
	snprintf(what, sizeof(what), "line %u: %.380s", shell->line,
	    failure->what[0] ? failure->what
			     : error_find(failure->err)->sentence);
	memcpy(failure->what, what, sizeof(what));
}

/* Runs one line; E_OK to go on. */
static int
run_line(struct shell *shell, struct words *words)
{
	struct ctx *ctx = shell->ctx;
	int err = command_run(ctx, words->count, words->at);

	if (err == E_OK || err == E_CLOSED_PIPE)
		return err;
	if (is_link_lost(err))
		ctx_close(ctx);
	if (shell->first == E_OK)
		shell->first = err;
	name_line(shell, &ctx->failure);
	if (!shell->terminal && !shell->keep_going)
		return err;
	if (err != E_WOULD_CHANGE)
		out_failure(
		    &ctx->out, &ctx->failure, ctx->out.format == FORMAT_JSON);
	fflush(ctx->out.file);
	ctx->told = true;
	return E_OK;
}

/* E_OK to go on; sets *end at exit. */
static int
handle_line(struct shell *shell, char *line, bool *end)
{
	struct words words;
	int err;

	shell->ctx->failure = (struct failure){ 0 };
	err = words_split(&words, line, &shell->ctx->failure);
	if (err < 0) {
		name_line(shell, &shell->ctx->failure);
		if (shell->first == E_OK)
			shell->first = err;
		if (!shell->terminal && !shell->keep_going)
			return err;
		out_failure(&shell->ctx->out, &shell->ctx->failure, false);
		shell->ctx->told = true;
		return E_OK;
	}
	*end = is_end(&words);
	return *end || words.count == 0 ? E_OK : run_line(shell, &words);
}

static int
read_lines(struct shell *shell)
{
	bool end = false;
	int err = E_OK;
	char *line;

	while (err == E_OK && !end && (line = read_line(shell)) != NULL) {
		if (shell->terminal)
			link_interrupted = 0;
		err = handle_line(shell, line, &end);
		free(line);
		if (link_interrupted && !shell->terminal && err == E_OK)
			err = fail(
			    &shell->ctx->failure, E_INTERRUPTED, "interrupted");
	}
	return err;
}

static void
keep_alive(void *ctx)
{
	const struct ctx *context = ctx;

	if (context->client != NULL)
		client_keep_alive(context->client);
}

static int
run_shell(struct ctx *ctx, const struct args *args)
{
	struct shell shell = { .ctx = ctx,
		.terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
		.keep_going = args_has(args, "keep-going") };
	int err;

	if (ctx->in_shell)
		return fail(&ctx->failure, E_USAGE, "this is the shell");
	if (ctx->output != NULL)
		return fail(&ctx->failure, E_USAGE,
		    "shell: --output belongs to the commands in it");
	ctx->in_shell = true;
	if (shell.terminal)
		prompt_open(&ctx->config, keep_alive, ctx);
	err = read_lines(&shell);
	met_free(ctx);
	if (shell.terminal)
		prompt_close();
	if (err != E_OK || shell.terminal)
		return err;
	ctx->told = shell.first != E_OK;
	return shell.first;
}

static const struct opt shell_opts[] = {
	{ 0, "keep-going", NULL, TAKES_NOTHING, NULL,
	    "go on after a command that failed" },
	{ 0, NULL, NULL, TAKES_NOTHING, NULL, NULL },
};

const struct command cmd_shell = {
	.name = "shell",
	.group = "Help",
	.args = "",
	.help =
	    "many commands over one connection, with history and completion",
	.text =
	    "Options given to the shell hold for every line in it.  Lines are "
	    "read from a terminal, or from a pipe or file: then the first "
	    "command that fails ends it with its exit status.  Quotes work "
	    "as in other shells; a line that begins with # is skipped; exit "
	    "or quit ends.  The unit that the first line meets on a port, or "
	    "finds, is the only one that the lines after it go to, until one "
	    "names another with --serial.",
	.examples = "collarctl -p sim shell\n"
		    "collarctl -p sim shell --keep-going < commands.txt",
	.opts = shell_opts,
	.run = run_shell,
};
