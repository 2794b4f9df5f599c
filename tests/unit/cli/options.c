/* SPDX-License-Identifier: BSD-2-Clause */

#include "../../../cli/complete.h" /* before cmocka's macro fail() */
#include "../../../cli/options.h"
#include "../../../cli/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LINE_LEN = 256 };

/* One line taken apart; args point into it. */
struct parsed {
	char line[LINE_LEN];
	struct words words;
	struct args args;
	struct failure failure;
	int err;
};

static void
parse(struct parsed *p, const char *line)
{
	memset(p, 0, sizeof(*p));
	snprintf(p->line, sizeof(p->line), "%s", line);
	assert_int_equal(words_split(&p->words, p->line, &p->failure), E_OK);
	p->err =
	    options_parse(&p->args, p->words.count, p->words.at, &p->failure);
	if (p->err == E_OK)
		p->err = options_check(&p->args, &p->failure);
}

static void
options_stand_before_or_after_the_command(void **state)
{
	static const char *const lines[] = {
		"--port sim:a -y test start --minutes 3",
		"test start --minutes=3 --yes --port=sim:a",
		"--minutes 3 test -y start -psim:a",
		"test --minutes 3 -yp sim:a start",
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < nitems(lines); i++) {
		parse(&p, lines[i]);
		assert_int_equal(p.err, E_OK);
		assert_string_equal(p.args.command->name, "test");
		assert_string_equal(p.args.verb->name, "start");
		assert_string_equal(args_get(&p.args, "port"), "sim:a");
		assert_string_equal(args_get(&p.args, "minutes"), "3");
		assert_true(args_has(&p.args, "yes"));
		assert_false(args_has(&p.args, "quiet"));
		assert_int_equal(p.args.npos, 0);
		options_free(&p.args);
	}
}

static void
the_last_of_an_option_counts(void **state)
{
	struct parsed p;

	(void)state;
	parse(&p, "-p sim:a info --port=sim:b");
	assert_int_equal(p.err, E_OK);
	assert_string_equal(args_get(&p.args, "port"), "sim:b");
	options_free(&p.args);
}

static void
two_dashes_end_the_options(void **state)
{
	struct parsed p;

	(void)state;
	parse(&p, "explain -- --json -v");
	if (p.err == E_OK) {
		assert_int_equal(p.args.npos, 2);
		assert_string_equal(p.args.pos[0], "--json");
		assert_false(args_has(&p.args, "json"));
	} else {
		assert_non_null(
		    strstr(p.failure.what, "one argument too many"));
	}
	options_free(&p.args);
	parse(&p, "get -- city -p");
	assert_int_equal(p.err, E_OK);
	assert_string_equal(p.args.pos[1], "-p");
	assert_null(args_get(&p.args, "port"));
	options_free(&p.args);
}

static void
a_value_may_be_empty_or_begin_with_a_dash(void **state)
{
	struct parsed p;

	(void)state;
	parse(&p, "set -o - location_notes= --trace '' --serial=-x");
	assert_int_equal(p.err, E_OK);
	assert_string_equal(args_get(&p.args, "output"), "-");
	assert_string_equal(args_get(&p.args, "trace"), "");
	assert_string_equal(args_get(&p.args, "serial"), "-x");
	assert_string_equal(p.args.pos[0], "location_notes=");
	options_free(&p.args);
}

static void
what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *line, *what;
	} rows[] = {
		{ "info --prot sim", "unknown option --prot" },
		{ "info --por sim", "unknown option --por" },
		{ "info -Z", "unknown option -Z" },
		{ "info --port", "--port needs a value: PORT" },
		{ "info -yp", "--port needs a value: PORT" },
		{ "info --yes=1", "--yes takes no value" },
		{ "info --minutes 3", "--minutes is no option of info" },
		{ "test stop --minutes 3",
		    "--minutes is no option of test stop" },
		{ "--keep-going info", "--keep-going is no option of info" },
		{ "infos", "no command 'infos'" },
		{ "inf", "no command 'inf'" },
		{ "relay opne", "relay has no 'opne'" },
		{ "decode", "decode: what of it?" },
		{ "get", "get: FIELD... is missing" },
		{ "info now", "info: 'now' is one argument too many" },
		{ "relay open now",
		    "relay open: 'now' is one argument too many" },
		{ "-q", "no command given" },
	};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++) {
		parse(&p, rows[i].line);
		assert_int_equal(p.err, E_USAGE);
		assert_string_equal(p.failure.what, rows[i].what);
		options_free(&p.args);
	}
}

static void
a_command_without_its_verb_takes_the_default_one(void **state)
{
	struct parsed p;

	(void)state;
	parse(&p, "relay");
	assert_int_equal(p.err, E_OK);
	assert_string_equal(p.args.verb->name, "status");
	options_free(&p.args);
}

static void
only_commands_that_can_check_take_check(void **state)
{
	struct parsed p;

	(void)state;
	parse(&p, "set --check zip=62701");
	assert_int_equal(p.err, E_OK);
	assert_true(args_has(&p.args, "check"));
	options_free(&p.args);
	parse(&p, "unprovision --check");
	assert_int_equal(p.err, E_USAGE);
	options_free(&p.args);
}

/* Or else an option before its command could not be read. */
static void
assert_same_everywhere(const struct opt *opt)
{
	const struct opt *first = option_find_any(opt->name, 0);

	assert_non_null(first);
	if (first->letter != opt->letter ||
	    (first->value == NULL) != (opt->value == NULL))
		print_error("--%s differs\n", opt->name);
	assert_int_equal(first->letter, opt->letter);
	assert_true((first->value == NULL) == (opt->value == NULL));
	if (opt->letter != 0)
		assert_string_equal(
		    option_find_any(NULL, opt->letter)->name, opt->name);
}

static void
an_option_has_one_shape_in_all_commands(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct verb *verb = commands[i]->verbs;
		const struct opt *opt = commands[i]->opts;

		for (; opt != NULL && opt->name != NULL; opt++)
			assert_same_everywhere(opt);
		for (; verb != NULL && verb->name != NULL; verb++) {
			opt = verb->opts;
			for (; opt != NULL && opt->name != NULL; opt++)
				assert_same_everywhere(opt);
		}
	}
}

static void
every_command_can_run_and_says_what_it_does(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct command *command = commands[i];
		const struct verb *verb = command->verbs;

		assert_ptr_equal(command_find(command->name), command);
		assert_true(command->help[0] != '\0');
		assert_non_null(command->args);
		assert_true((command->run != NULL) != (verb != NULL));
		for (; verb != NULL && verb->name != NULL; verb++) {
			assert_non_null(verb->run);
			assert_non_null(verb->args);
			assert_true(verb->help[0] != '\0');
		}
		if (command->default_verb != NULL)
			assert_non_null(
			    verb_find(command, command->default_verb));
	}
}

static void
assert_words(const char *text, int count, const char *const *expected)
{
	struct failure failure = { 0 };
	struct words words;
	char line[LINE_LEN];

	snprintf(line, sizeof(line), "%s", text);
	assert_int_equal(words_split(&words, line, &failure), E_OK);
	assert_int_equal(words.count, count);
	for (int i = 0; i < count; i++)
		assert_string_equal(words.at[i], expected[i]);
	assert_null(words.at[count]);
}

static void
a_line_is_split_as_it_is_quoted(void **state)
{
	(void)state;
	assert_words(" set  'address=12 Elm'\t\"a\\\"b\\n\" c\\ d\n", 4,
	    (const char *[]){ "set", "address=12 Elm", "a\"b\\n", "c d" });
	assert_words(
	    "a'b c'\"d e\"f ''", 2, (const char *[]){ "ab cd ef", "" });
	assert_words("", 0, NULL);
	assert_words("   # a comment", 0, NULL);
	assert_words("get #x", 2, (const char *[]){ "get", "#x" });
	assert_words("'#' \\'", 2, (const char *[]){ "#", "'" });
}

static void
a_quote_left_open_and_a_line_too_long_are_refused(void **state)
{
	struct failure failure = { 0 };
	struct words words;
	char open[] = "set 'address=12", escaped[] = "set \"a\\\"";
	char many[2 * WORDS_MAX + 4];

	(void)state;
	assert_int_equal(words_split(&words, open, &failure), E_USAGE);
	failure = (struct failure){ 0 };
	assert_int_equal(words_split(&words, escaped, &failure), E_USAGE);
	failure = (struct failure){ 0 };
	for (size_t i = 0; i < sizeof(many) - 1; i++)
		many[i] = i % 2 ? ' ' : 'x';
	many[sizeof(many) - 1] = '\0';
	assert_int_equal(words_split(&words, many, &failure), E_USAGE);
}

struct found {
	char text[4096];
};

static int
collect(const char *candidate, void *ctx)
{
	struct found *found = ctx;
	size_t len = strlen(found->text);

	snprintf(
	    found->text + len, sizeof(found->text) - len, "%s ", candidate);
	return E_OK;
}

static void
assert_completes(const char *text, const char *part, const char *expected)
{
	struct failure failure = { 0 };
	struct config_port ports[] = { { "roof", "sim:roof", 1 } };
	const struct config config = { .ports = ports, .count = 1 };
	struct found found = { "" };
	struct words words;
	char line[LINE_LEN];

	snprintf(line, sizeof(line), "%s", text);
	assert_int_equal(words_split(&words, line, &failure), E_OK);
	complete_line(&config, words.count, (const char *const *)words.at, part,
	    collect, &found);
	assert_string_equal(found.text, expected);
}

static void
a_line_is_completed_from_the_tables(void **state)
{
	(void)state;
	assert_completes("", "un", "unprovision ");
	assert_completes("relay", "e", "exercise ");
	assert_completes("-p sim --yes relay", "op", "open ");
	assert_completes("relay open", "--ho", "--hold= ");
	assert_completes("info", "--ho", "");
	assert_completes("set", "zi", "zip= ");
	assert_completes("--port", "ro", "roof ");
	assert_completes(
	    "set", "der_type=s", "der_type=solar der_type=storage ");
	assert_completes("set", "hardware", "");
	assert_completes("get zip", "hardware", "hardware_id ");
	assert_completes("--color", "a", "auto always ");
	assert_completes("info", "--color=n", "--color=never ");
	assert_completes("help", "unp", "unprovision ");
	assert_completes("", "compl", ""); /* hidden */
	assert_completes("info --", "--po", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_before_or_after_the_command),
		cmocka_unit_test(the_last_of_an_option_counts),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(a_value_may_be_empty_or_begin_with_a_dash),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(
		    a_command_without_its_verb_takes_the_default_one),
		cmocka_unit_test(only_commands_that_can_check_take_check),
		cmocka_unit_test(an_option_has_one_shape_in_all_commands),
		cmocka_unit_test(every_command_can_run_and_says_what_it_does),
		cmocka_unit_test(a_line_is_split_as_it_is_quoted),
		cmocka_unit_test(
		    a_quote_left_open_and_a_line_too_long_are_refused),
		cmocka_unit_test(a_line_is_completed_from_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
