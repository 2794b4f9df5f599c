/* SPDX-License-Identifier: BSD-2-Clause */

#include "completion.h"

#include <string.h>

#include "../../proto/record.h"
#include "../../proto/status.h"
#include "../complete.h"

static bool
is_listed(const struct opt *const *rows, size_t count, const struct opt *opt)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i]->name, opt->name) == 0)
			return true;
	}
	return false;
}

static size_t
add_rows(const struct opt *rows[ROWS_MAX], size_t count, const struct opt *opt)
{
	for (; opt->name != NULL; opt++) {
		if (count < ROWS_MAX && !is_listed(rows, count, opt))
			rows[count++] = opt;
	}
	return count;
}

static size_t
add_tables(const struct opt *rows[ROWS_MAX], size_t count,
    const struct command *command, const struct verb *verb)
{
	const struct opt *tables[OPTION_TABLES_MAX];
	size_t tables_count = option_tables(command, verb, tables);

	for (size_t i = 0; i < tables_count; i++) {
		if (tables[i] != global_opts)
			count = add_rows(rows, count, tables[i]);
	}
	return count;
}

size_t
completion_own(const struct command *command, const struct verb *verb,
    const struct opt *rows[ROWS_MAX])
{
	return add_tables(rows, 0, command, verb);
}

size_t
completion_options(const struct opt *rows[ROWS_MAX])
{
	size_t count = add_rows(rows, 0, global_opts);

	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct verb *verb = commands[i]->verbs;

		count = add_tables(rows, count, commands[i], NULL);
		for (; verb != NULL && verb->name != NULL; verb++)
			count = add_tables(rows, count, commands[i], verb);
	}
	return count;
}

void
completion_places(struct out *out,
    void (*each)(struct out *out, const struct command *command,
	const struct verb *verb))
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct verb *verb = commands[i]->verbs;

		if (commands[i]->group == NULL)
			continue;
		each(out, commands[i], NULL);
		for (; verb != NULL && verb->name != NULL; verb++)
			each(out, commands[i], verb);
	}
}

enum takes
completion_takes(const struct command *command, const struct verb *verb)
{
	if (verb != NULL)
		return verb->takes;
	return command->verbs != NULL ? TAKES_NOTHING : command->takes;
}

void
completion_words(struct out *out, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		out_print(out, "%s%s", i > 0 ? " " : "", words[i]);
}

void
completion_kind(struct out *out, enum takes takes, const char *const *words)
{
	static const char *const names[] = {
		[TAKES_FILE] = "file",
		[TAKES_PORT] = "port",
		[TAKES_FIELD] = "field",
		[TAKES_FIELD_SET] = "set",
		[TAKES_SIM] = "sim",
	};
	const char *name = (size_t)takes < nitems(names) ? names[takes] : NULL;

	if (takes != TAKES_WORD || words == NULL) {
		out_print(out, "%s", name != NULL ? name : "text");
		return;
	}
	out_print(out, "words ");
	completion_words(out, words);
}

void
completion_values(struct out *out, const char *open, const char *either)
{
	const struct opt *rows[ROWS_MAX];
	size_t count = completion_options(rows);

	out_print(out,
	    "\n# What the value of an option is; nothing if it takes none.\n"
	    "_collarctl_value() {\n    case $1 in\n");
	for (size_t i = 0; i < count; i++) {
		if (rows[i]->value == NULL)
			continue;
		out_print(out, "    %s--%s", open, rows[i]->name);
		if (rows[i]->letter != 0)
			out_print(out, "%s-%c", either, rows[i]->letter);
		out_print(out, ") echo '");
		completion_kind(out, rows[i]->takes, rows[i]->words);
		out_print(out, "' ;;\n");
	}
	out_print(out, "    esac\n}\n");
}

void
completion_commands(struct out *out)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (commands[i]->group != NULL)
			out_print(
			    out, "%s%s", i > 0 ? " " : "", commands[i]->name);
	}
}

void
completion_fields(struct out *out, bool settable)
{
	const char *space = "";

	for (size_t i = 0; i < msg_record.count; i++) {
		const struct field *field = &msg_record.fields[i];

		if (settable && field->writer == ROLE_NOBODY)
			continue;
		out_print(
		    out, "%s%s%s", space, field->name, settable ? "=" : "");
		space = " ";
	}
	for (size_t i = 0; !settable && i < msg_unit_state.count; i++)
		out_print(out, " %s", msg_unit_state.fields[i].name);
}

void
completion_quote(struct out *out, const char *text)
{
	out_print(out, "'");
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			out_print(out, "'\\''");
		else
			out_print(out, "%c", *text);
	}
	out_print(out, "'");
}

static int
print_word(const char *word, void *out)
{
	out_print(out, "%s\n", word);
	return E_OK;
}

static int
run_bash(struct ctx *ctx, const struct args *args)
{
	(void)args;
	completion_bash(&ctx->out);
	return E_OK;
}

static int
run_zsh(struct ctx *ctx, const struct args *args)
{
	(void)args;
	completion_zsh(&ctx->out);
	return E_OK;
}

static int
run_fish(struct ctx *ctx, const struct args *args)
{
	(void)args;
	completion_fish(&ctx->out);
	return E_OK;
}

static int
run_model(struct ctx *ctx, const struct args *args)
{
	(void)args;
	completion_model(&ctx->out);
	return E_OK;
}

static int
run_ports(struct ctx *ctx, const struct args *args)
{
	(void)args;
	return complete_ports(&ctx->config, print_word, &ctx->out);
}

static int
run_sims(struct ctx *ctx, const struct args *args)
{
	(void)args;
	return complete_sims(print_word, &ctx->out);
}

static const struct verb completion_verbs[] = {
	{ .name = "bash",
	    .args = "",
	    .help = "the script for bash",
	    .run = run_bash },
	{ .name = "zsh",
	    .args = "",
	    .help = "the script for zsh",
	    .run = run_zsh },
	{ .name = "fish",
	    .args = "",
	    .help = "the script for fish",
	    .run = run_fish },
	{ .name = "model",
	    .args = "",
	    .help = "the command table as JSON, for checks and packagers",
	    .run = run_model },
	{ .name = "ports",
	    .args = "",
	    .help = "the ports that are there, for the scripts",
	    .run = run_ports },
	{ .name = "sims",
	    .args = "",
	    .help = "the virtual collars' names, for the scripts",
	    .run = run_sims },
	{ .name = NULL },
};

static const char *const completion_formats[] = { "text", NULL };

/* Hidden: packagers and the scripts use it, not people. */
const struct command cmd_completion = {
	.name = "completion",
	.args = "",
	.help = "completion scripts for other shells",
	.formats = completion_formats,
	.verbs = completion_verbs,
};
