/* SPDX-License-Identifier: BSD-2-Clause */

#include "completion.h"

static const char script[] =
    "# Offers pairs of a word and what it is; a word that ends in = or : "
    "waits\n"
    "# for more.\n"
    "_collarctl_offer() {\n"
    "    local -a whole whole_text open open_text\n"
    "    while (( $# )); do\n"
    "        if [[ $1 == *[=:] ]]; then\n"
    "            open+=(\"$1\") open_text+=(\"$1  -- $2\")\n"
    "        else\n"
    "            whole+=(\"$1\") whole_text+=(\"$1  -- $2\")\n"
    "        fi\n"
    "        shift 2\n"
    "    done\n"
    "    local found=1\n"
    "    (( $#whole )) && compadd -l -d whole_text -a whole && found=0\n"
    "    (( $#open )) && compadd -S '' -l -d open_text -a open && found=0\n"
    "    return found\n"
    "}\n"
    "\n"
    "# A value or argument of that kind.\n"
    "_collarctl_kind() {\n"
    "    local kind=$1\n"
    "    shift\n"
    "    case $kind in\n"
    "    (words) compadd -- $@ ;;\n"
    "    (field) compadd -- $_collarctl_fields ;;\n"
    "    (set) compadd -S '' -- $_collarctl_settable ;;\n"
    "    (port) compadd -S '' -- sim: serial: optical: usb usb: unix: tcp:\n"
    "        compadd -- sim ${(f)\"$($words[1] completion ports "
    "2>/dev/null)\"} ;;\n"
    "    (sim) compadd -- ${(f)\"$($words[1] completion sims 2>/dev/null)\"} "
    ";;\n"
    "    (file) _files ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "_collarctl() {\n"
    "    local command verb option ended word i\n"
    "    local -a kind\n"
    "    for (( i = 2; i < CURRENT; i++ )); do\n"
    "        word=${(Q)words[i]}\n"
    "        if [[ -n $option ]]; then\n"
    "            option=\n"
    "        elif [[ -z $ended && $word == -- ]]; then\n"
    "            ended=1\n"
    "        elif [[ -z $ended && $word == -* ]]; then\n"
    "            [[ $word != *=* && -n $(_collarctl_value $word) ]] && "
    "option=$word\n"
    "        elif [[ -z $command ]]; then\n"
    "            command=$word\n"
    "        elif [[ -z $verb && -n $(_collarctl_is_verb \"$command $word\") "
    "]]; then\n"
    "            verb=$word\n"
    "        fi\n"
    "    done\n"
    "\n"
    "    if [[ -z $option && -z $ended && $PREFIX == --*=* ]]; then\n"
    "        option=${PREFIX%%=*}\n"
    "        compset -P '*='\n"
    "    fi\n"
    "    if [[ -n $option ]]; then\n"
    "        kind=(${=\"$(_collarctl_value $option)\"})\n"
    "        _collarctl_kind $kind\n"
    "    elif [[ -z $ended && $PREFIX == -* ]]; then\n"
    "        _collarctl_options \"$command $verb\"\n"
    "        _collarctl_globals\n"
    "    elif [[ -z $command ]]; then\n"
    "        _collarctl_commands\n"
    "    elif [[ -z $verb ]] && _collarctl_verbs $command; then\n"
    "        return 0\n"
    "    else\n"
    "        kind=(${=\"$(_collarctl_argument \"$command $verb\")\"})\n"
    "        if [[ $kind == command ]]; then\n"
    "            _collarctl_commands\n"
    "        else\n"
    "            _collarctl_kind $kind\n"
    "        fi\n"
    "    fi\n"
    "}\n"
    "\n"
    "_collarctl \"$@\"\n";

static void
print_pair(
    struct out *out, const char *name, const char *mark, const char *help)
{
	out_print(out, " \\\n        '%s%s' ", name, mark);
	completion_quote(out, help);
}

static void
print_option(struct out *out, const struct opt *opt)
{
	char name[80];

	snprintf(name, sizeof(name), "--%s", opt->name);
	print_pair(out, name, opt->value != NULL ? "=" : "", opt->help);
}

static void
case_verbs(
    struct out *out, const struct command *command, const struct verb *verb)
{
	const struct verb *next = command->verbs;

	if (verb != NULL || next == NULL)
		return;
	out_print(out, "    (%s) _collarctl_offer", command->name);
	for (; next->name != NULL; next++)
		print_pair(out, next->name, "", next->help);
	out_print(out, " ;;\n");
}

static void
case_is_verb(
    struct out *out, const struct command *command, const struct verb *verb)
{
	if (verb != NULL)
		out_print(out, "    ('%s %s') echo 1 ;;\n", command->name,
		    verb->name);
}

static void
case_options(
    struct out *out, const struct command *command, const struct verb *verb)
{
	const struct opt *rows[ROWS_MAX];
	size_t count = completion_own(command, verb, rows);

	if (count == 0)
		return;
	out_print(out, "    ('%s %s') _collarctl_offer", command->name,
	    verb != NULL ? verb->name : "");
	for (size_t i = 0; i < count; i++)
		print_option(out, rows[i]);
	out_print(out, " ;;\n");
}

static void
case_argument(
    struct out *out, const struct command *command, const struct verb *verb)
{
	enum takes takes = completion_takes(command, verb);

	if (takes == TAKES_NOTHING || takes == TAKES_TEXT)
		return;
	out_print(out, "    ('%s %s') echo ", command->name,
	    verb != NULL ? verb->name : "");
	completion_kind(out, takes, NULL);
	out_print(out, " ;;\n");
}

static void
print_commands(struct out *out)
{
	out_print(out, "\n_collarctl_commands() {\n    _collarctl_offer");
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (commands[i]->group != NULL)
			print_pair(
			    out, commands[i]->name, "", commands[i]->help);
	}
	out_print(out, "\n}\n\n_collarctl_globals() {\n    _collarctl_offer");
	for (const struct opt *opt = global_opts; opt->name != NULL; opt++)
		print_option(out, opt);
	out_print(out, "\n}\n");
}

void
completion_zsh(struct out *out)
{
	out_print(out,
	    "#compdef collarctl\n"
	    "# SPDX-License-Identifier: BSD-2-Clause\n"
	    "# zsh completion for collarctl; made by: "
	    "collarctl completion zsh\n\n_collarctl_fields=(");
	completion_fields(out, false);
	out_print(out, ")\n_collarctl_settable=(");
	completion_fields(out, true);
	out_print(out, ")\n");
	print_commands(out);
	out_print(out, "\n_collarctl_verbs() {\n    case $1 in\n");
	completion_places(out, case_verbs);
	out_print(out,
	    "    (*) return 1 ;;\n    esac\n}\n"
	    "\n_collarctl_is_verb() {\n    case $1 in\n");
	completion_places(out, case_is_verb);
	out_print(out,
	    "    esac\n}\n"
	    "\n_collarctl_options() {\n    case $1 in\n");
	completion_places(out, case_options);
	out_print(out, "    esac\n}\n");
	completion_values(out, "(", "|");
	out_print(out,
	    "\n_collarctl_argument() {\n    case $1 in\n"
	    "    ('help ') echo command ;;\n");
	completion_places(out, case_argument);
	out_print(out, "    esac\n}\n\n%s", script);
}
