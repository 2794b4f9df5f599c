/* SPDX-License-Identifier: BSD-2-Clause */

#include "completion.h"

static const char script_head[] =
    "# Command and verb so far; options and their values passed over.\n"
    "function __collarctl_place\n"
    "    set -l found\n"
    "    set -l value no\n"
    "    for word in (commandline -opc)[2..-1]\n"
    "        if test $value = yes\n"
    "            set value no\n"
    "        else if contains -- $word $__collarctl_valued\n"
    "            set value yes\n"
    "        else if not string match -q -- '-*' $word\n"
    "            set -a found $word\n"
    "        end\n"
    "    end\n"
    "    string join -- ' ' $found[1..2]\n"
    "end\n"
    "\n"
    "# Stands the line exactly there?\n"
    "function __collarctl_at\n"
    "    set -l place (__collarctl_place)\n"
    "    test \"$place\" = \"$argv\"\n"
    "end\n"
    "\n"
    "# Does it stand there, whatever follows?\n"
    "function __collarctl_in\n"
    "    set -l place (__collarctl_place)\n"
    "    string match -q -- \"$argv *\" \"$place \"\n"
    "end\n"
    "\n"
    "function __collarctl_ports\n"
    "    printf '%s\\n' sim sim: serial: optical: usb usb: unix: tcp:\n"
    "    collarctl completion ports 2>/dev/null\n"
    "end\n"
    "\n"
    "function __collarctl_sims\n"
    "    collarctl completion sims 2>/dev/null\n"
    "end\n"
    "\n"
    "complete -c collarctl -e\n"
    "complete -c collarctl -f\n";

/* In single quotes fish knows \' and \\ only. */
static void
print_quoted(struct out *out, const char *text)
{
	out_print(out, "'");
	for (; *text != '\0'; text++)
		out_print(out, "%s%c",
		    *text == '\'' || *text == '\\' ? "\\" : "", *text);
	out_print(out, "'");
}

/* "-a …" for what is taken there; false if it is free text. */
static bool
print_kind(struct out *out, enum takes takes, const char *const *words)
{
	switch (takes) {
	case TAKES_PORT:
		out_print(out, " -a '(__collarctl_ports)'");
		return true;
	case TAKES_SIM:
		out_print(out, " -a '(__collarctl_sims)'");
		return true;
	case TAKES_FIELD:
	case TAKES_FIELD_SET:
		out_print(out, " -a '");
		completion_fields(out, takes == TAKES_FIELD_SET);
		out_print(out, "'");
		return true;
	case TAKES_WORD:
		out_print(out, " -a '");
		if (words != NULL)
			completion_words(out, words);
		out_print(out, "'");
		return true;
	case TAKES_FILE:
		out_print(out, " -F");
		return true;
	default:
		return false;
	}
}

static void
print_option(struct out *out, const char *condition, const struct opt *opt)
{
	out_print(out, "complete -c collarctl%s", condition);
	if (opt->letter != 0)
		out_print(out, " -s %c", opt->letter);
	out_print(out, " -l %s", opt->name);
	if (opt->value != NULL) {
		out_print(out, " -r");
		print_kind(out, opt->takes, opt->words);
	}
	out_print(out, " -d ");
	print_quoted(out, opt->help);
	out_print(out, "\n");
}

/* A verb's place lies in its command's, which has its own options already. */
static void
place_options(
    struct out *out, const struct command *command, const struct verb *verb)
{
	const struct opt *rows[ROWS_MAX];
	size_t count = completion_own(command, verb, rows);
	char condition[120];

	snprintf(condition, sizeof(condition), " -n '__collarctl_in %s%s%s'",
	    command->name, verb != NULL ? " " : "",
	    verb != NULL ? verb->name : "");
	for (size_t i = 0; i < count; i++) {
		if (verb == NULL ||
		    option_find(command, NULL, rows[i]->name, 0) != rows[i])
			print_option(out, condition, rows[i]);
	}
}

static void
place_word(
    struct out *out, const struct command *command, const struct verb *verb)
{
	out_print(out,
	    "complete -c collarctl -n '__collarctl_at%s%s' -a %s -d ",
	    verb != NULL ? " " : "", verb != NULL ? command->name : "",
	    verb != NULL ? verb->name : command->name);
	print_quoted(out, verb != NULL ? verb->help : command->help);
	out_print(out, "\n");
}

static void
place_argument(
    struct out *out, const struct command *command, const struct verb *verb)
{
	enum takes takes = completion_takes(command, verb);

	if (takes == TAKES_NOTHING || takes == TAKES_TEXT ||
	    takes == TAKES_NUMBER || takes == TAKES_TIME ||
	    takes == TAKES_DURATION)
		return;
	out_print(out, "complete -c collarctl -n '__collarctl_in %s%s%s'",
	    command->name, verb != NULL ? " " : "",
	    verb != NULL ? verb->name : "");
	print_kind(out, takes, NULL);
	out_print(out, "\n");
}

static void
print_valued(struct out *out)
{
	const struct opt *rows[ROWS_MAX];
	size_t count = completion_options(rows);

	out_print(out, "set -g __collarctl_valued");
	for (size_t i = 0; i < count; i++) {
		if (rows[i]->value == NULL)
			continue;
		out_print(out, " --%s", rows[i]->name);
		if (rows[i]->letter != 0)
			out_print(out, " -%c", rows[i]->letter);
	}
	out_print(out, "\n\n");
}

void
completion_fish(struct out *out)
{
	out_print(out,
	    "# SPDX-License-Identifier: BSD-2-Clause\n"
	    "# fish completion for collarctl; made by: "
	    "collarctl completion fish\n\n");
	print_valued(out);
	out_print(out, "%s\n", script_head);
	for (const struct opt *opt = global_opts; opt->name != NULL; opt++)
		print_option(out, "", opt);
	out_print(out, "\n");
	completion_places(out, place_word);
	out_print(out, "complete -c collarctl -n '__collarctl_in help' -a '");
	completion_commands(out);
	out_print(out, "'\n\n");
	completion_places(out, place_options);
	out_print(out, "\n");
	completion_places(out, place_argument);
}
