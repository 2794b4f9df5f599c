/* SPDX-License-Identifier: BSD-2-Clause */

#include "completion.h"

static const char script[] =
    "# Candidates for a value or argument of that kind.\n"
    "_collarctl_offer() {\n"
    "    case $1 in\n"
    "    words) compgen -W \"$2\" -- \"$3\" ;;\n"
    "    field) compgen -W \"$_collarctl_fields\" -- \"$3\" ;;\n"
    "    set) compgen -W \"$_collarctl_settable\" -- \"$3\" ;;\n"
    "    port) compgen -W \"sim sim: serial: optical: usb usb: unix: tcp:\n"
    "        $(\"${COMP_WORDS[0]}\" completion ports 2>/dev/null)\" -- \"$3\" "
    ";;\n"
    "    sim) compgen -W \"$(\"${COMP_WORDS[0]}\" completion sims "
    "2>/dev/null)\" \\\n"
    "        -- \"$3\" ;;\n"
    "    file) compgen -f -- \"$3\" ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "# The line up to the cursor is split anew at blanks: in COMP_WORDS it is\n"
    "# broken at : and = too.\n"
    "_collarctl() {\n"
    "    local command='' verb='' option='' ended='' part='' prefix='' kind "
    "words\n"
    "    local -a line\n"
    "    read -ra line <<<\"${COMP_LINE:0:COMP_POINT}\"\n"
    "    if [[ ${COMP_LINE:0:COMP_POINT} != *[[:blank:]] ]]; then\n"
    "        part=${line[${#line[@]}-1]}\n"
    "        unset \"line[${#line[@]}-1]\"\n"
    "    fi\n"
    "    local word\n"
    "    for word in \"${line[@]:1}\"; do\n"
    "        if [[ -n $option ]]; then\n"
    "            option=''\n"
    "        elif [[ -z $ended && $word == -- ]]; then\n"
    "            ended=1\n"
    "        elif [[ -z $ended && $word == -* ]]; then\n"
    "            [[ $word != *=* && -n $(_collarctl_value \"$word\") ]] &&\n"
    "                option=$word\n"
    "        elif [[ -z $command ]]; then\n"
    "            command=$word\n"
    "        elif [[ -z $verb && \" $(_collarctl_verbs \"$command\") \" == \\\n"
    "            *\" $word \"* ]]; then\n"
    "            verb=$word\n"
    "        fi\n"
    "    done\n"
    "\n"
    "    if [[ -z $option && -z $ended && $part == --*=* ]]; then\n"
    "        option=${part%%=*} prefix=${part%%=*}=\n"
    "    fi\n"
    "    if [[ -n $option ]]; then\n"
    "        read -r kind words <<<\"$(_collarctl_value \"$option\")\"\n"
    "    elif [[ -z $ended && $part == -* ]]; then\n"
    "        kind=words\n"
    "        words=\"$(_collarctl_options \"$command\" \"$verb\") "
    "$_collarctl_globals\"\n"
    "    elif [[ -z $command ]]; then\n"
    "        kind=words words=$_collarctl_commands\n"
    "    elif [[ -z $verb && -n $(_collarctl_verbs \"$command\") ]]; then\n"
    "        kind=words words=$(_collarctl_verbs \"$command\")\n"
    "    else\n"
    "        read -r kind words <<<\"$(_collarctl_argument \"$command\" "
    "\"$verb\")\"\n"
    "    fi\n"
    "\n"
    "    local IFS=$'\\n'\n"
    "    COMPREPLY=($(IFS=$' \\t\\n' _collarctl_offer \"$kind\" \"$words\" \\\n"
    "        \"${part#\"$prefix\"}\"))\n"
    "    COMPREPLY=(\"${COMPREPLY[@]/#/$prefix}\")\n"
    "    if [[ $kind == file ]]; then\n"
    "        compopt -o filenames 2>/dev/null\n"
    "    elif [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:] ]]; then\n"
    "        compopt -o nospace 2>/dev/null\n"
    "    fi\n"
    "    # What stands before the last : or = is no part of readline's word.\n"
    "    prefix=${part%\"${part##*[\"$COMP_WORDBREAKS\"]}\"}\n"
    "    COMPREPLY=(\"${COMPREPLY[@]#\"$prefix\"}\")\n"
    "    [[ ${#COMPREPLY[@]} -eq 1 && -z ${COMPREPLY[0]} ]] && COMPREPLY=()\n"
    "    return 0\n"
    "}\n"
    "\n"
    "complete -F _collarctl collarctl\n";

static void
print_option(struct out *out, const struct opt *opt)
{
	out_print(out, "--%s%s", opt->name, opt->value != NULL ? "=" : "");
}

static void
print_rows(struct out *out, const struct opt *const *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		out_print(out, "%s", i > 0 ? " " : "");
		print_option(out, rows[i]);
	}
}

static void
print_globals(struct out *out)
{
	out_print(out, "_collarctl_globals='");
	for (const struct opt *opt = global_opts; opt->name != NULL; opt++) {
		out_print(out, "%s", opt > global_opts ? " " : "");
		print_option(out, opt);
	}
	out_print(out, "'\n");
}

static void
case_verbs(
    struct out *out, const struct command *command, const struct verb *verb)
{
	const struct verb *next = command->verbs;

	if (verb != NULL || next == NULL)
		return;
	out_print(out, "    %s) echo '", command->name);
	for (; next->name != NULL; next++)
		out_print(
		    out, "%s%s", next > command->verbs ? " " : "", next->name);
	out_print(out, "' ;;\n");
}

static void
case_options(
    struct out *out, const struct command *command, const struct verb *verb)
{
	const struct opt *rows[ROWS_MAX];
	size_t count = completion_own(command, verb, rows);

	if (count == 0)
		return;
	out_print(out, "    '%s %s') echo '", command->name,
	    verb != NULL ? verb->name : "");
	print_rows(out, rows, count);
	out_print(out, "' ;;\n");
}

static void
case_argument(
    struct out *out, const struct command *command, const struct verb *verb)
{
	enum takes takes = completion_takes(command, verb);

	if (takes == TAKES_NOTHING || takes == TAKES_TEXT)
		return;
	out_print(out, "    '%s %s') echo '", command->name,
	    verb != NULL ? verb->name : "");
	completion_kind(out, takes, NULL);
	out_print(out, "' ;;\n");
}

void
completion_bash(struct out *out)
{
	out_print(out,
	    "# SPDX-License-Identifier: BSD-2-Clause\n"
	    "# bash completion for collarctl; made by: "
	    "collarctl completion bash\n"
	    "# shellcheck shell=bash disable=SC2207\n\n"
	    "_collarctl_commands='");
	completion_commands(out);
	out_print(out, "'\n_collarctl_fields='");
	completion_fields(out, false);
	out_print(out, "'\n_collarctl_settable='");
	completion_fields(out, true);
	out_print(out, "'\n");
	print_globals(out);
	out_print(out, "\n_collarctl_verbs() {\n    case $1 in\n");
	completion_places(out, case_verbs);
	out_print(out,
	    "    esac\n}\n\n_collarctl_options() {\n"
	    "    case \"$1 $2\" in\n");
	completion_places(out, case_options);
	out_print(out, "    esac\n}\n");
	completion_values(out, "", " | ");
	out_print(out,
	    "\n_collarctl_argument() {\n    case \"$1 $2\" in\n"
	    "    'help ') echo \"words $_collarctl_commands\" ;;\n");
	completion_places(out, case_argument);
	out_print(out, "    esac\n}\n\n%s", script);
}
