/* SPDX-License-Identifier: BSD-2-Clause */

#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "confirm.h"
#include "help.h"
#include "options.h"
#include "parse.h"

static const struct {
	const char *name;
	enum out_format format;
} formats[] = {
	{ "text", FORMAT_TEXT },
	{ "json", FORMAT_JSON },
	{ "csv", FORMAT_CSV },
	{ "ndjson", FORMAT_NDJSON },
};

static const char *const plain_formats[] = { "text", "json", NULL };

/* Options whose value is kept as it is typed. */
static const struct {
	const char *name;
	size_t at;
} kept[] = {
	{ "port", offsetof(struct ctx, port) },
	{ "serial", offsetof(struct ctx, unit) },
	{ "unit", offsetof(struct ctx, unit) },
	{ "key", offsetof(struct ctx, key) },
	{ "format", offsetof(struct ctx, format) },
	{ "output", offsetof(struct ctx, output) },
	{ "trace", offsetof(struct ctx, trace) },
};

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

const struct verb *
verb_find(const struct command *command, const char *name)
{
	const struct verb *verb = command->verbs;

	for (; verb != NULL && verb->name != NULL; verb++) {
		if (strcmp(verb->name, name) == 0)
			return verb;
	}
	return NULL;
}

static int
set_color(struct ctx *ctx, const char *value)
{
	if (strcmp(value, "always") == 0)
		ctx->out.color = true;
	else if (strcmp(value, "never") == 0)
		ctx->out.color = false;
	else if (strcmp(value, "auto") != 0) {
		fail(&ctx->failure, E_BAD_VALUE,
		    "--color: '%s' is not one of its values", value);
		return fail_hint(&ctx->failure, "write auto, always or never");
	}
	return E_OK;
}

/* An empty one is a script's unset variable: never "any unit". */
static int
keep_value(struct ctx *ctx, const char *name, const char *value)
{
	size_t i = 0;

	while (i < nitems(kept) && strcmp(kept[i].name, name) != 0)
		i++;
	if (i == nitems(kept))
		return E_OK;
	if (value[0] == '\0')
		return fail(&ctx->failure, E_BAD_VALUE,
		    "--%s: its value is empty", name);
	memcpy((char *)ctx + kept[i].at, &value, sizeof(value));
	return E_OK;
}

static int
apply_option(struct ctx *ctx, const char *name, const char *value)
{
	int err = keep_value(ctx, name, value);

	if (err < 0)
		return err;
	if (strcmp(name, "json") == 0)
		ctx->format = "json";
	else if (strcmp(name, "dry-run") == 0)
		ctx->dry_run = true;
	else if (strcmp(name, "yes") == 0)
		ctx->yes = true;
	else if (strcmp(name, "quiet") == 0)
		ctx->verbosity = -1;
	else if (strcmp(name, "verbose") == 0)
		ctx->verbosity = 1;
	else if (strcmp(name, "timeout") == 0)
		return parse_timeout(
		    value, "--timeout", &ctx->timeout_ms, &ctx->failure);
	else if (strcmp(name, "color") == 0)
		return set_color(ctx, value);
	return E_OK;
}

static int
apply_options(struct ctx *ctx, const struct args *args)
{
	int err = E_OK;

	for (int i = 0; i < args->noptions && err == E_OK; i++)
		err = apply_option(
		    ctx, args->options[i].opt->name, args->options[i].value);
	if (args_has(args, "port"))
		ctx->port_given = true;
	if (ctx->verbosity < 0)
		ctx->out.progress = false;
	return err;
}

/* The option or the environment has said it already. */
static bool
is_given(const struct ctx *ctx, enum config_key key)
{
	const char *no_color = getenv("NO_COLOR");

	switch (key) {
	case CONFIG_PORT:
		return ctx->port != NULL;
	case CONFIG_KEY:
		return ctx->key != NULL;
	case CONFIG_COLOR:
		return no_color != NULL && no_color[0] != '\0';
	default:
		return key == CONFIG_FORMAT; /* see choose_format */
	}
}

/*
 * What the file says, before the options say otherwise.  A line of the shell
 * has it from the shell's own.
 */
static int
apply_config(struct ctx *ctx, const struct args *args)
{
	const char *format;
	int err;

	if (ctx->config.loaded || args->command == &cmd_help ||
	    args->command == &cmd_version || args_has(args, "help") ||
	    args_has(args, "version"))
		return E_OK;
	err = config_load(&ctx->config, &ctx->failure);
	for (enum config_key key = 0; key < CONFIG_KEYS && err == E_OK; key++) {
		const char *value = ctx->config.value[key];

		if (value != NULL && !is_given(ctx, key))
			err = apply_option(ctx, config_keys[key], value);
	}
	format = ctx->config.value[CONFIG_FORMAT];
	if (format != NULL && strcmp(format, "json") == 0 &&
	    !args_has(args, "format"))
		ctx->out.format = FORMAT_JSON;
	return err;
}

/* --port may be a name. */
static void
resolve_port(struct ctx *ctx)
{
	const char *port = NULL;

	if (ctx->port != NULL && link_transport(ctx->port) == NULL)
		port = config_port(&ctx->config, ctx->port);
	if (port != NULL) {
		ctx->port = port;
		ctx->port_given = false;
	}
}

static int
refuse_format(
    struct ctx *ctx, const struct args *args, const char *const *known)
{
	char list[80] = "";
	size_t len = 0;

	for (; *known != NULL && len < sizeof(list); known++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
		    len > 0 ? ", " : "", *known);
	fail(&ctx->failure, E_USAGE, "--format: %s%s%s has no '%s'",
	    args->command->name, args->verb != NULL ? " " : "",
	    args->verb != NULL ? args->verb->name : "", ctx->format);
	return fail_hint(&ctx->failure, "it has %s", list);
}

static bool
is_among(const char *const *names, const char *name)
{
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* The format asked for, or the one that is configured if the command has it, or
 * the first that it has. */
static int
choose_format(struct ctx *ctx, const struct args *args)
{
	const char *const *known =
	    args->verb != NULL && args->verb->formats != NULL
	    ? args->verb->formats
	    : args->command->formats;
	const char *usual = ctx->config.value[CONFIG_FORMAT];
	const char *name = ctx->format;
	size_t i;

	if (known == NULL)
		known = plain_formats;
	if (name == NULL && usual != NULL && is_among(known, usual))
		name = usual;
	if (name == NULL)
		name = known[0];
	if (!is_among(known, name))
		return refuse_format(ctx, args, known);
	for (i = 0; i < nitems(formats); i++) {
		if (strcmp(formats[i].name, name) == 0)
			ctx->out.format = formats[i].format;
	}
	return E_OK;
}

/* An answer that was given is kept, even if it is that of a failure. */
static int
finish(struct ctx *ctx, int err)
{
	struct failure ignored = { 0 };

	if (err == E_OK)
		return out_finish(&ctx->out, &ctx->failure);
	if (err == E_WOULD_CHANGE || ctx->out.answered)
		out_finish(&ctx->out, &ignored);
	else
		out_abort(&ctx->out);
	return err;
}

static int
run_chosen(struct ctx *ctx, const struct args *args)
{
	const struct command *command = args->command;
	const struct verb *verb = args->verb;
	unsigned flags = command->flags | (verb != NULL ? verb->flags : 0);
	const char *suffix = flags & COMMAND_KEEPS_PART ? ".part.new" : ".part";
	int err;

	if ((err = choose_format(ctx, args)) < 0)
		return err;
	if (flags & COMMAND_MOVES_POWER && (err = confirm_allowed(ctx)) < 0)
		return err;
	err = out_open(&ctx->out, ctx->output, suffix, &ctx->failure);
	if (err < 0)
		return err;
	err = verb != NULL ? verb->run(ctx, args) : command->run(ctx, args);
	if (err < 0 && ctx->failure.err == E_OK)
		fail(&ctx->failure, err, "%s", error_find(err)->sentence);
	if (ctx->failure.err == E_USAGE && ctx->failure.hint[0] == '\0')
		fail_hint(
		    &ctx->failure, "see `collarctl help %s`", command->name);
	if (client_settle(ctx->client, &ctx->failure) < 0 && err < 0)
		err = ctx->failure.err;
	return finish(ctx, err);
}

static int
run_parsed(struct ctx *ctx, struct args *args)
{
	int err = apply_config(ctx, args);

	if (err < 0 || (err = apply_options(ctx, args)) < 0)
		return err;
	resolve_port(ctx);
	if (args_has(args, "help")) {
		ctx->out.format = FORMAT_TEXT; /* whatever was asked for */
		help_print(&ctx->out, args->command);
		return finish(ctx, E_OK);
	}
	if (args_has(args, "version")) {
		args->command = &cmd_version;
		args->verb = NULL;
	} else if ((err = options_check(args, &ctx->failure)) < 0) {
		return err;
	}
	return run_chosen(ctx, args);
}

/* Before anything is parsed: a line that is wrong is told in JSON too. */
static bool
wants_json(int argc, char *const argv[])
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--json") == 0 ||
		    strcmp(argv[i], "--format=json") == 0 ||
		    strcmp(argv[i], "-fjson") == 0 ||
		    (i > 0 && strcmp(argv[i], "json") == 0 &&
			(strcmp(argv[i - 1], "-f") == 0 ||
			    strcmp(argv[i - 1], "--format") == 0)))
			return true;
	}
	return false;
}

/* What one line of the shell sets, the next one does not see. */
static void
restore(struct ctx *ctx, const struct ctx *before)
{
	struct ctx after = *ctx;

	if (!before->config.loaded)
		config_free(&after.config);
	*ctx = *before;
	ctx->client = after.client;
	ctx->opened = after.opened;
	ctx->met = after.met;
	memcpy(ctx->found, after.found, sizeof(ctx->found));
	ctx->trace_file = after.trace_file;
	ctx->failure = after.failure;
	ctx->told = after.told;
	ctx->out.format = after.out.format;
	ctx->out.answered = after.out.answered;
}

int
command_run(struct ctx *ctx, int argc, char *const argv[])
{
	const struct ctx before = *ctx;
	struct args args;
	int err;

	ctx->failure = (struct failure){ 0 };
	ctx->told = false;
	ctx->headed = false;
	ctx->out.answered = false;
	ctx->out.format =
	    wants_json(argc, argv) ? FORMAT_JSON : before.out.format;
	err = options_parse(&args, argc, argv, &ctx->failure);
	if (err == E_OK)
		err = run_parsed(ctx, &args);
	options_free(&args);
	restore(ctx, &before);
	return err;
}
