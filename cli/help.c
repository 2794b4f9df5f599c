/* SPDX-License-Identifier: BSD-2-Clause */

#include "help.h"

#include <string.h>

#include "../proto/record.h"
#include "../proto/status.h"
#include "options.h"

enum { TEXT_WIDTH = 78, NAME_WIDTH = 14, LEFT_WIDTH = 28 };

/* One paragraph, broken at blanks, each line behind so many blanks. */
static void
print_wrapped(struct out *out, const char *text, int indent)
{
	int room = TEXT_WIDTH - indent;

	while (*text != '\0') {
		int len = (int)strlen(text), next;

		if (len > room) {
			for (len = room; len > 0 && text[len] != ' '; len--)
				;
			if (len == 0)
				len = (int)strcspn(text, " ");
		}
		for (next = len; text[next] == ' '; next++)
			;
		while (len > 0 && text[len - 1] == ' ')
			len--;
		out_print(out, "%*s%.*s\n", indent, "", len, text);
		text += next;
	}
}

/* "  left        what it is", on two lines if left is long. */
static void
print_row(struct out *out, const char *left, int width, const char *right)
{
	bool wide = (int)strlen(left) > width;

	out_print(out, "  %-*s%s", width, left, wide ? "\n" : "");
	if (wide)
		out_print(out, "  %*s", width, "");
	out_print(out, " %s\n", right);
}

static void
print_group(struct out *out, const char *group)
{
	out_print(out, "\n%s\n", group);
	for (size_t i = 0; commands[i] != NULL; i++) {
		const char *own = commands[i]->group;

		if (own != NULL && strcmp(own, group) == 0)
			print_row(out, commands[i]->name, NAME_WIDTH,
			    commands[i]->help);
	}
}

static bool
is_first_of_group(size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (commands[i]->group != NULL &&
		    strcmp(commands[i]->group, commands[at]->group) == 0)
			return false;
	}
	return true;
}

static void
print_short(struct out *out)
{
	out_print(out, "usage: collarctl [options] COMMAND [arguments]\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (commands[i]->group != NULL && is_first_of_group(i))
			print_group(out, commands[i]->group);
	}
	out_print(out,
	    "\nA port is serial:/dev/ttyUSB0, optical:/dev/ttyUSB0, usb, "
	    "unix:PATH,\ntcp:HOST:PORT or sim[:NAME].\n"
	    "`collarctl help COMMAND` tells more and lists the options.\n"
	    "To practise without a collar: collarctl -p sim status\n");
}

static void
print_options(struct out *out, const struct opt *opt, int indent)
{
	for (; opt != NULL && opt->name != NULL; opt++) {
		char left[80];

		snprintf(left, sizeof(left), "%*s%c%c%s--%s%s%s", indent, "",
		    opt->letter ? '-' : ' ', opt->letter ? opt->letter : ' ',
		    opt->letter ? ", " : "  ", opt->name, opt->value ? " " : "",
		    opt->value ? opt->value : "");
		print_row(out, left, LEFT_WIDTH + indent, opt->help);
	}
}

static void
print_verbs(struct out *out, const struct command *command)
{
	const struct verb *verb = command->verbs;

	for (; verb != NULL && verb->name != NULL; verb++) {
		char left[80];

		snprintf(left, sizeof(left), "%s%s%s", verb->name,
		    verb->args[0] ? " " : "", verb->args);
		print_row(out, left, LEFT_WIDTH, verb->help);
		print_options(out, verb->opts, 2);
	}
}

static void
print_usage(struct out *out, const struct command *command)
{
	const struct verb *verb = command->verbs;
	bool optional = command->default_verb != NULL;

	out_print(out, "usage: collarctl [options] %s", command->name);
	if (verb != NULL)
		out_print(out, " %s", optional ? "[" : "");
	for (; verb != NULL && verb->name != NULL; verb++)
		out_print(
		    out, "%s%s", verb->name, verb[1].name != NULL ? "|" : "");
	if (command->verbs != NULL)
		out_print(out, "%s", optional ? "]" : "");
	else if (command->args[0] != '\0')
		out_print(out, " %s", command->args);
	out_print(out, "\n\n");
	print_wrapped(out, command->help, 0);
}

static void
print_table(struct out *out, const struct message *message, bool settable)
{
	for (size_t i = 0; i < message->count; i++) {
		const struct field *field = &message->fields[i];

		if (!settable || field->writer != ROLE_NOBODY)
			print_row(out, field->name, LEFT_WIDTH, field->help);
	}
}

/* The fields that can be given, for commands that take some. */
static void
print_fields(struct out *out, const struct command *command)
{
	bool settable = command->takes == TAKES_FIELD_SET;

	if (!settable && command->takes != TAKES_FIELD)
		return;
	out_print(out, "\nFields\n");
	print_table(out, &msg_record, settable);
	if (!settable) {
		out_print(out, "\nFields of the unit's state\n");
		print_table(out, &msg_unit_state, settable);
	}
}

static void
print_examples(struct out *out, const char *examples)
{
	if (examples == NULL)
		return;
	out_print(out, "\nExamples\n");
	while (*examples != '\0') {
		size_t len = strcspn(examples, "\n");

		out_print(out, "  %.*s\n", (int)len, examples);
		examples += len + (examples[len] == '\n');
	}
}

/* Its lines, each wrapped; an empty one parts paragraphs. */
static void
print_text(struct out *out, const char *text)
{
	char line[2048];

	if (text != NULL)
		out_print(out, "\n");
	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "\n");

		if (len == 0)
			out_print(out, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		print_wrapped(out, line, 0);
		text += len + (text[len] == '\n');
	}
}

static void
print_command(struct out *out, const struct command *command)
{
	const struct opt *tables[OPTION_TABLES_MAX];
	size_t count = option_tables(command, NULL, tables);

	print_usage(out, command);
	print_text(out, command->text);
	if (command->verbs != NULL) {
		out_print(out, "\n");
		print_verbs(out, command);
	}
	for (size_t i = 0; i < count; i++) {
		bool global = tables[i] == global_opts;

		if (i == 0 || global)
			out_print(out, "\n%s\n",
			    global ? "Options of every command" : "Options");
		print_options(out, tables[i], 0);
	}
	print_fields(out, command);
	print_examples(out, command->examples);
}

void
help_print(struct out *out, const struct command *command)
{
	if (command == NULL)
		print_short(out);
	else
		print_command(out, command);
}
