/* SPDX-License-Identifier: BSD-2-Clause */

#include "../../../cli/config.h" /* before cmocka's macro fail() */
#include "../../../proto/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct config config;
static struct failure failure;

static int
parse(const char *text)
{
	config_free(&config);
	failure = (struct failure){ .err = E_OK };

	return config_parse(&config, text, strlen(text), "FILE", &failure);
}

static void
assert_value(enum config_key key, const char *value)
{
	if (value == NULL)
		assert_null(config.value[key]);
	else
		assert_string_equal(config.value[key], value);
}

static void
keys_and_ports_are_read(void **state)
{
	(void)state;
	assert_int_equal(parse("# of the van\n"
			       "\n"
			       "port = roof # the usual one\n"
			       "  timeout=1m30s  \n"
			       "\tformat\t=\tjson\t\n"
			       "key = /home/ann/ann.key\r\n"
			       "color = never\n"
			       "port roof = serial:/dev/a#b@9600\n"
			       "port shelf-2 = tcp:rack.local:4000"),
	    E_OK);
	assert_value(CONFIG_PORT, "roof");
	assert_value(CONFIG_TIMEOUT, "1m30s");
	assert_value(CONFIG_FORMAT, "json");
	assert_value(CONFIG_KEY, "/home/ann/ann.key");
	assert_value(CONFIG_COLOR, "never");
	assert_int_equal(config.count, 2);
	assert_string_equal(
	    config_port(&config, "roof"), "serial:/dev/a#b@9600");
	assert_string_equal(
	    config_port(&config, "shelf-2"), "tcp:rack.local:4000");
	assert_null(config_port(&config, "shelf"));
	assert_int_equal(config.line[CONFIG_KEY], 6);
}

static void
nothing_is_a_configuration(void **state)
{
	static const char *const texts[] = { "", "\n", "#", "\n\n \t\n#x\n",
		" # port = nonsense" };

	(void)state;
	for (size_t i = 0; i < nitems(texts); i++) {
		assert_int_equal(parse(texts[i]), E_OK);
		for (enum config_key key = 0; key < CONFIG_KEYS; key++)
			assert_value(key, NULL);
		assert_int_equal(config.count, 0);
	}
}

/* What is wrong, in which line, and what to do about it. */
static void
assert_refused(const char *text, const char *what, const char *hint)
{
	assert_int_equal(parse(text), E_BAD_CONFIG);
	assert_non_null(strstr(failure.what, "FILE, line "));
	if (strstr(failure.what, what) == NULL)
		print_error("%s\n", failure.what);
	assert_non_null(strstr(failure.what, what));
	if (strstr(failure.hint, hint) == NULL)
		print_error("%s\n", failure.hint);
	assert_non_null(strstr(failure.hint, hint));
	assert_null(config.text);
	assert_int_equal(config.count, 0);
}

static void
what_is_wrong_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *what, *hint;
	} rows[] = {
		{ "\nprot = sim", "line 2: there is no key 'prot'",
		    "port NAME, port, format, timeout, key, color" },
		{ "Port = sim", "line 1: there is no key 'Port'", "port" },
		{ "= sim", "line 1: there is no key ''", "port" },
		{ "serial = A", "line 1: there is no key 'serial'", "port" },
		{ "port", "line 1: no equals sign in 'port'", "KEY = VALUE" },
		{ "port roof", "no equals sign in 'port roof'", "port NAME" },
		{ "port =", "no value for 'port'", "take the line out" },
		{ "key = # none", "no value for 'key'", "write one" },
		{ "color=\"never\"", "it cannot be '\"never\"'",
		    "write auto, always or never" },
		{ "format = xml", "it cannot be 'xml'",
		    "text, json, csv or ndjson" },
		{ "timeout = 0", "no such timeout: '0'", "1s to 1d" },
		{ "timeout = soon", "no such timeout: 'soon'", "1h30m" },
		{ "key = ann.key", "where is the file 'ann.key'", "from /" },
		{ "color=auto\n\ncolor=auto", "line 3: a second 'color'",
		    "line 1 has it already" },
		{ "port a=sim\nport a=sim", "line 2: a second 'a'", "line 1" },
		{ "port a = b", "not a port: 'b'", "as --port takes it" },
		{ "port a =", "not a port: ''", "as --port takes it" },
		{ "port  = sim\nport = sim", "a second 'port'", "line 1" },
		{ "port a b = sim", "a port cannot be called 'a b'",
		    "letters" },
		{ "port -p = sim", "a port cannot be called '-p'", "letters" },
		{ "port a/b = sim", "cannot be called 'a/b'", "letters" },
		{ "port sim = sim", "a port is always called 'sim'",
		    "another name" },
		{ "port COM7 = sim", "a port is always called 'COM7'",
		    "another name" },
		{ "port a23456789012345678901234567890123 = sim",
		    "a port cannot be called", "at most 32" },
		{ "#\nport = roof\nport a = sim",
		    "line 2: neither a port nor the name of one: 'roof'",
		    "port NAME = PORT" },
		{ "\x1b[2J", "line 1: a control character", "text file" },
		{ "port = sim\rport = sim", "a control character", "text" },
		{ "#\x7f", "a control character", "text file" },
	};

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++)
		assert_refused(rows[i].text, rows[i].what, rows[i].hint);
}

static void
a_zero_byte_is_no_end_of_a_line(void **state)
{
	static const char text[] = "color = auto\0 # cut";

	(void)state;
	config_free(&config);
	failure = (struct failure){ .err = E_OK };
	assert_int_equal(
	    config_parse(&config, text, sizeof(text) - 1, "FILE", &failure),
	    E_BAD_CONFIG);
	assert_non_null(strstr(failure.what, "line 1: a control character"));
}

static void
a_line_may_be_512_bytes_long_and_no_longer(void **state)
{
	char text[CONFIG_LINE_MAX + 3];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[0] = '#';
	text[CONFIG_LINE_MAX] = '\0';
	assert_int_equal(parse(text), E_OK);
	text[CONFIG_LINE_MAX] = '\n';
	text[CONFIG_LINE_MAX + 1] = '\0';
	assert_int_equal(parse(text), E_OK);
	text[CONFIG_LINE_MAX] = 'x';
	assert_refused(text, "line 1: it is too long", "512");
}

/* The folder that XDG_CONFIG_HOME names, and in it the file. */
static char home[] = "/tmp/collar-config-XXXXXX";

static const char *
file_path(void)
{
	static char path[100];

	snprintf(path, sizeof(path), "%s/collarctl/config", home);

	return path;
}

static int
load(void)
{
	config_free(&config);
	failure = (struct failure){ .err = E_OK };

	return config_load(&config, &failure);
}

static void
write_file(const char *byte, size_t count)
{
	FILE *file = fopen(file_path(), "w");

	assert_non_null(file);
	for (size_t i = 0; i < count; i++)
		fputs(byte, file);
	assert_int_equal(fclose(file), 0);
}

static void
a_file_is_not_needed(void **state)
{
	(void)state;
	assert_int_equal(load(), E_OK);
	assert_true(config.loaded);
	assert_null(config.text);
	setenv("XDG_CONFIG_HOME", "relative", 1); /* to be ignored */
	setenv("HOME", "", 1);
	assert_int_equal(load(), E_OK);
	setenv("HOME", home, 1);
	assert_int_equal(load(), E_OK);
	setenv("XDG_CONFIG_HOME", "/dev/null", 1);
	assert_int_equal(load(), E_OK);
	setenv("XDG_CONFIG_HOME", home, 1);
}

static void
what_is_no_file_of_text_is_refused(void **state)
{
	char path[100];

	(void)state;
	snprintf(path, sizeof(path), "%s/collarctl", home);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(mkdir(file_path(), 0700), 0);
	assert_int_equal(load(), E_BAD_CONFIG);
	assert_non_null(strstr(failure.what, "it is a directory"));
	assert_non_null(strstr(failure.what, file_path()));
	assert_int_equal(rmdir(file_path()), 0);
	assert_int_equal(mkfifo(file_path(), 0600), 0);
	assert_int_equal(load(), E_BAD_CONFIG); /* and nobody waits for it */
	assert_int_equal(unlink(file_path()), 0);
	assert_int_equal(symlink(file_path(), file_path()), 0);
	assert_int_equal(load(), E_BAD_CONFIG);
	assert_int_equal(unlink(file_path()), 0);
}

static void
a_file_is_read_up_to_64_kib(void **state)
{
	(void)state;
	write_file("color = never", 1);
	assert_int_equal(load(), E_OK);
	assert_value(CONFIG_COLOR, "never");
	write_file("\n", CONFIG_FILE_MAX);
	assert_int_equal(load(), E_OK);
	write_file("\n", CONFIG_FILE_MAX + 1);
	assert_int_equal(load(), E_BAD_CONFIG);
	assert_non_null(strstr(failure.what, "longer than 65536 bytes"));
	assert_int_equal(unlink(file_path()), 0);
}

static int
set_up(void **state)
{
	(void)state;

	return mkdtemp(home) == NULL || setenv("XDG_CONFIG_HOME", home, 1);
}

static int
tear_down(void **state)
{
	char path[100];

	(void)state;
	config_free(&config);
	snprintf(path, sizeof(path), "%s/collarctl", home);

	return rmdir(path) != 0 || rmdir(home) != 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_ports_are_read),
		cmocka_unit_test(nothing_is_a_configuration),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(a_zero_byte_is_no_end_of_a_line),
		cmocka_unit_test(a_line_may_be_512_bytes_long_and_no_longer),
		cmocka_unit_test(a_file_is_not_needed),
		cmocka_unit_test(what_is_no_file_of_text_is_refused),
		cmocka_unit_test(a_file_is_read_up_to_64_kib),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
