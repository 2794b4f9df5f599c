/* SPDX-License-Identifier: BSD-2-Clause */

#include "screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../cli/options.h"
#include "feed.h"

/* UTF-8 without control characters but for the ends of lines. */
static void
judge_text(const char *text, size_t len, bool colored)
{
	must(cbor_is_utf8(text, len));
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];

		must(c >= ' ' || c == '\n' || (colored && c == 0x1b));
		must(c != 0x7f);
		must(c != 0xc2 || (uint8_t)text[i + 1] >= 0xa0);
	}
}

/* One document after the other. */
static void
judge_json(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		json_error_t error;
		json_t *value = json_loadb(
		    text + at, len - at, JSON_DISABLE_EOF_CHECK, &error);

		must(value != NULL && json_is_object(value));
		json_decref(value);
		at += (size_t)error.position;
		at += strspn(text + at, "\n");
	}
}

static void
judge_failure(const struct ctx *ctx, int err)
{
	must(err < 0 && error_find(err)->err == err);
	must(err != E_INTERNAL);
	if (err != E_WOULD_CHANGE)
		must(ctx->failure.err == err && ctx->failure.what[0] != '\0');
}

static int
run(struct ctx *ctx, int argc, char *const argv[])
{
	int err;

	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	err = command_run(ctx, argc, argv);
	if (err != E_OK)
		judge_failure(ctx, err);
	if (err != E_OK && err != E_WOULD_CHANGE)
		out_failure(
		    &ctx->out, &ctx->failure, ctx->out.format == FORMAT_JSON);

	return err;
}

/* Whose lines have a format each. */
static bool
is_shell(int argc, char *const argv[])
{
	return argc > 0 && strcmp(argv[0], "shell") == 0;
}

int
screen_run(struct ctx *ctx, int argc, char *const argv[])
{
	FILE *out = stdout, *errors = stderr;
	char *text = NULL, *said = NULL;
	size_t len = 0, said_len = 0;
	bool color = ctx->out.color;
	int err;

	stdout = open_memstream(&text, &len);
	stderr = open_memstream(&said, &said_len);
	must(stdout != NULL && stderr != NULL);
	ctx->out.file = stdout;
	for (int i = 0; i < argc; i++)
		color |= strstr(argv[i], "always") != NULL;
	err = run(ctx, argc, argv);
	must(fclose(stdout) == 0 && fclose(stderr) == 0);
	stdout = out;
	stderr = errors;
	ctx->out.file = stdout;
	judge_text(text, len, color);
	judge_text(said, said_len, false);
	if (ctx->out.format == FORMAT_JSON && !is_shell(argc, argv))
		judge_json(text, len);
	free(text);
	free(said);

	return err;
}

/* Does it keep to itself? */
static bool
is_harmless(const struct args *args)
{
	static const char *const options[] = { "output", "trace", "key", "port",
		"from", "watch" };
	static const char *const outside[] = { "sim", "shell", "list" };

	for (size_t i = 0; i < nitems(options); i++)
		if (args_has(args, options[i]))
			return false;
	for (size_t i = 0; args->command != NULL && i < nitems(outside); i++)
		if (strcmp(args->command->name, outside[i]) == 0)
			return false;

	return true;
}

bool
screen_may_run(int argc, char *const argv[])
{
	struct failure failure = { 0 };
	struct args args;
	int err = options_parse(&args, argc, argv, &failure);
	bool harmless = is_harmless(&args);

	if (err == E_OK)
		err = options_check(&args, &failure);
	must(err == E_OK || (failure.err == err && failure.what[0] != '\0'));
	options_free(&args);

	return harmless;
}
