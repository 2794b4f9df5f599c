/* SPDX-License-Identifier: BSD-2-Clause */

#include "options.h"

#include <stdlib.h>
#include <string.h>

static const char *const color_words[] = { "auto", "always", "never", NULL };
static const char *const format_words[] = { "text", "json", "csv", "ndjson",
	NULL };

const struct opt global_opts[] = {
	{ 'p', "port", "PORT", TAKES_PORT, NULL,
	    "where the collar is; or $COLLARCTL_PORT" },
	{ 's', "serial", "S", TAKES_TEXT, NULL,
	    "the unit meant: serial number or hw:HEX; another one refuses" },
	{ 0, "unit", "S", TAKES_TEXT, NULL, "the same as --serial" },
	{ 'k', "key", "FILE", TAKES_FILE, NULL,
	    "credentials; or $COLLARCTL_KEY" },
	{ 'f', "format", "FORMAT", TAKES_WORD, format_words,
	    "text, json, or what the command has" },
	{ 0, "json", NULL, TAKES_NOTHING, NULL, "short for --format json" },
	{ 'o', "output", "FILE", TAKES_FILE, NULL,
	    "write the answer to FILE; - is stdout" },
	{ 'n', "dry-run", NULL, TAKES_NOTHING, NULL,
	    "say what would change, and change nothing" },
	{ 'y', "yes", NULL, TAKES_NOTHING, NULL,
	    "do not ask before a change that moves power" },
	{ 'q', "quiet", NULL, TAKES_NOTHING, NULL, "say less" },
	{ 'v', "verbose", NULL, TAKES_NOTHING, NULL, "say more" },
	{ 0, "trace", "FILE", TAKES_FILE, NULL, "record every frame in FILE" },
	{ 0, "timeout", "DURATION", TAKES_DURATION, NULL,
	    "longest silence of the collar" },
	{ 0, "color", "WHEN", TAKES_WORD, color_words,
	    "auto, always or never; NO_COLOR is honoured" },
	{ 'h', "help", NULL, TAKES_NOTHING, NULL, "show help" },
	{ 'V', "version", NULL, TAKES_NOTHING, NULL, "show the version" },
	{ 0, NULL, NULL, TAKES_NOTHING, NULL, NULL },
};

static const struct opt check_opts[] = {
	{ 0, "check", NULL, TAKES_NOTHING, NULL,
	    "change nothing; exit status 1 if something would change" },
	{ 0, NULL, NULL, TAKES_NOTHING, NULL, NULL },
};

struct parser {
	struct args *args;
	struct failure *failure;
	struct parsed_option *options;
	int room;
	int argc;
	char *const *argv;
	int at; /* the next word */
};

const char *
args_get(const struct args *args, const char *name)
{
	for (int i = args->noptions - 1; i >= 0; i--) {
		if (strcmp(args->options[i].opt->name, name) == 0)
			return args->options[i].value;
	}
	return NULL;
}

bool
args_has(const struct args *args, const char *name)
{
	return args_get(args, name) != NULL;
}

size_t
option_tables(const struct command *command, const struct verb *verb,
    const struct opt *tables[OPTION_TABLES_MAX])
{
	unsigned flags = (command != NULL ? command->flags : 0) |
	    (verb != NULL ? verb->flags : 0);
	size_t count = 0;

	if (verb != NULL && verb->opts != NULL)
		tables[count++] = verb->opts;
	if (command != NULL && command->opts != NULL)
		tables[count++] = command->opts;
	if (flags & COMMAND_CHECK)
		tables[count++] = check_opts;
	tables[count++] = global_opts;
	return count;
}

static const struct opt *
table_find(const struct opt *table, const char *name, char letter)
{
	for (; table != NULL && table->name != NULL; table++) {
		if (name != NULL ? strcmp(table->name, name) == 0
				 : table->letter == letter)
			return table;
	}
	return NULL;
}

const struct opt *
option_find(const struct command *command, const struct verb *verb,
    const char *name, char letter)
{
	const struct opt *tables[OPTION_TABLES_MAX], *opt = NULL;
	size_t count = option_tables(command, verb, tables);

	for (size_t i = 0; i < count && opt == NULL; i++)
		opt = table_find(tables[i], name, letter);
	return opt;
}

static const struct opt *
command_opt(const struct command *command, const char *name, char letter)
{
	const struct opt *opt = option_find(command, NULL, name, letter);
	const struct verb *verb = command->verbs;

	for (; verb != NULL && verb->name != NULL && opt == NULL; verb++)
		opt = option_find(command, verb, name, letter);
	return opt;
}

const struct opt *
option_find_any(const char *name, char letter)
{
	const struct opt *opt = table_find(global_opts, name, letter);

	for (size_t i = 0; commands[i] != NULL && opt == NULL; i++)
		opt = command_opt(commands[i], name, letter);
	return opt;
}

static int
push_option(struct parser *p, const struct opt *opt, const char *value)
{
	struct args *args = p->args;

	if (p->options == NULL || args->noptions == p->room) {
		int room = p->room * 2 + 8;
		void *grown =
		    realloc(p->options, (size_t)room * sizeof(*p->options));

		if (grown == NULL)
			return fail(p->failure, E_INTERNAL, "out of memory");
		p->options = grown;
		p->room = room;
		args->options = p->options;
	}
	p->options[args->noptions++] = (struct parsed_option){ opt, value };
	return E_OK;
}

static int
needs_value(struct parser *p, const struct opt *opt)
{
	return fail(p->failure, E_USAGE, "--%s needs a value: %s", opt->name,
	    opt->value);
}

/* The command's own option, if it is known by now, else anyone's. */
static const struct opt *
find_option(const struct parser *p, const char *name, char letter)
{
	const struct command *command = p->args->command;
	const struct opt *opt =
	    option_find(command, p->args->verb, name, letter);

	if (opt == NULL && command != NULL)
		opt = command_opt(command, name, letter);
	return opt != NULL ? opt : option_find_any(name, letter);
}

static int
take_long(struct parser *p, const char *word)
{
	size_t len = strcspn(word, "=");
	const struct opt *opt;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)len, word);
	opt = len < sizeof(name) ? find_option(p, name, 0) : NULL;
	if (opt == NULL)
		return fail(p->failure, E_USAGE, "unknown option --%.*s",
		    (int)len, word);
	if (word[len] == '=' && opt->value == NULL)
		return fail(
		    p->failure, E_USAGE, "--%s takes no value", opt->name);
	if (word[len] == '=')
		return push_option(p, opt, word + len + 1);
	if (opt->value == NULL)
		return push_option(p, opt, "");
	if (p->at == p->argc)
		return needs_value(p, opt);
	return push_option(p, opt, p->argv[p->at++]);
}

/* -qn, -ofile, -o file */
static int
take_letters(struct parser *p, const char *letters)
{
	int err = E_OK;

	while (err == E_OK && *letters != '\0') {
		const struct opt *opt = find_option(p, NULL, *letters);

		if (opt == NULL)
			return fail(p->failure, E_USAGE, "unknown option -%c",
			    *letters);
		letters++;
		if (opt->value == NULL) {
			err = push_option(p, opt, "");
			continue;
		}
		if (*letters != '\0')
			return push_option(p, opt, letters);
		if (p->at == p->argc)
			return needs_value(p, opt);
		return push_option(p, opt, p->argv[p->at++]);
	}
	return err;
}

static int
take_word(struct parser *p, const char *word)
{
	struct args *args = p->args;

	if (args->command == NULL) {
		args->command = command_find(word);
		if (args->command != NULL)
			return E_OK;
		fail(p->failure, E_USAGE, "no command '%s'", word);
		return fail_hint(
		    p->failure, "`collarctl help` lists the commands");
	}
	if (args->verb == NULL && args->npos == 0) {
		args->verb = verb_find(args->command, word);
		if (args->verb != NULL)
			return E_OK;
	}
	args->pos[args->npos++] = word;
	return E_OK;
}

int
options_parse(
    struct args *args, int argc, char *const argv[], struct failure *failure)
{
	struct parser p = {
		.args = args, .failure = failure, .argc = argc, .argv = argv
	};
	bool ended = false;
	int err = E_OK;

	*args = (struct args){ 0 };
	args->pos = calloc((size_t)argc + 1, sizeof(*args->pos));
	if (args->pos == NULL)
		return fail(failure, E_INTERNAL, "out of memory");
	while (err == E_OK && p.at < argc) {
		const char *word = argv[p.at++];

		if (ended || word[0] != '-' || word[1] == '\0')
			err = take_word(&p, word);
		else if (word[1] != '-')
			err = take_letters(&p, word + 1);
		else if (word[2] != '\0')
			err = take_long(&p, word + 2);
		else
			ended = true;
	}
	return err;
}

static int
refuse_verb(const struct args *args, struct failure *failure)
{
	const struct command *command = args->command;
	char list[256] = "";
	size_t len = 0;

	if (args->npos > 0)
		fail(failure, E_USAGE, "%s has no '%s'", command->name,
		    args->pos[0]);
	else
		fail(failure, E_USAGE, "%s: what of it?", command->name);
	for (const struct verb *verb = command->verbs; verb->name; verb++) {
		if (len < sizeof(list))
			len += (size_t)snprintf(list + len, sizeof(list) - len,
			    "%s%s", len > 0 ? ", " : "", verb->name);
	}
	return fail_hint(failure, "it has %s", list);
}

static int
choose_verb(struct args *args, struct failure *failure)
{
	const struct command *command = args->command;

	if (command->verbs == NULL || args->verb != NULL)
		return E_OK;
	if (command->default_verb == NULL)
		return refuse_verb(args, failure);
	args->verb = verb_find(command, command->default_verb);
	if (args->verb == NULL || (args->npos > 0 && args->verb->max == 0))
		return refuse_verb(args, failure);
	return E_OK;
}

static int
refuse_count(const struct args *args, bool few, struct failure *failure)
{
	const struct verb *verb = args->verb;
	const char *wanted = verb != NULL ? verb->args : args->command->args;
	const char *space = verb != NULL ? " " : "";
	const char *name = verb != NULL ? verb->name : "";
	int most = verb != NULL ? verb->max : args->command->max;

	if (few)
		fail(failure, E_USAGE, "%s%s%s: %s is missing",
		    args->command->name, space, name, wanted);
	else
		fail(failure, E_USAGE, "%s%s%s: '%s' is one argument too many",
		    args->command->name, space, name, args->pos[most]);
	return fail_hint(
	    failure, "see `collarctl help %s`", args->command->name);
}

/* An option may stand before its command, so whose it is shows only now. */
static int
check_owners(const struct args *args, struct failure *failure)
{
	const struct verb *verb = args->verb;

	for (int i = 0; i < args->noptions; i++) {
		const char *name = args->options[i].opt->name;

		if (option_find(args->command, verb, name, 0) == NULL)
			return fail(failure, E_USAGE,
			    "--%s is no option of %s%s%s", name,
			    args->command->name, verb != NULL ? " " : "",
			    verb != NULL ? verb->name : "");
	}
	return E_OK;
}

static int
check_count(const struct args *args, struct failure *failure)
{
	const struct verb *verb = args->verb;
	int min = verb != NULL ? verb->min : args->command->min;
	int max = verb != NULL ? verb->max : args->command->max;

	if (args->npos < min)
		return refuse_count(args, true, failure);
	if (max >= 0 && args->npos > max)
		return refuse_count(args, false, failure);
	return E_OK;
}

int
options_check(struct args *args, struct failure *failure)
{
	int err;

	if (args->command == NULL)
		return fail(failure, E_USAGE, "no command given");
	if ((err = choose_verb(args, failure)) < 0 ||
	    (err = check_owners(args, failure)) < 0)
		return err;
	return check_count(args, failure);
}

void
options_free(struct args *args)
{
	/* const to everybody but the parser, which allocated them */
	union {
		const struct parsed_option *given;
		void *owned;
	} options = { .given = args->options };

	free(args->pos);
	free(options.owned);
	*args = (struct args){ 0 };
}
