/* SPDX-License-Identifier: BSD-2-Clause */

#include "../../../cli/out/out.h" /* before cmocka's macro fail() */
#include "../../../proto/record.h"
#include "../../../proto/relay.h"
#include "../../../proto/status.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_LEN = 64 };

struct scene {
	char folder[PATH_LEN], file[PATH_LEN + 8], part[PATH_LEN + 16];
};

static int
set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	strcpy(scene->folder, "/tmp/collarctl-out-XXXXXX");
	assert_non_null(mkdtemp(scene->folder));
	snprintf(scene->file, sizeof(scene->file), "%s/file", scene->folder);
	snprintf(scene->part, sizeof(scene->part), "%s.part", scene->file);
	*state = scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	unlink(scene->file);
	unlink(scene->part);
	rmdir(scene->folder);
	free(scene);
	return 0;
}

static void
assert_content(const char *path, const char *expected)
{
	char text[128] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, expected);
}

static bool
exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void
a_file_is_replaced_when_the_answer_is_whole(void **state)
{
	struct scene *scene = *state;
	struct failure failure = { 0 };
	struct out out = { 0 };
	FILE *old = fopen(scene->file, "w");

	fputs("old", old);
	fclose(old);
	assert_int_equal(out_open(&out, scene->file, ".part", &failure), E_OK);
	out_print(&out, "new %d\n", 7);
	assert_content(scene->file, "old");
	assert_true(exists(scene->part));
	assert_int_equal(out_finish(&out, &failure), E_OK);
	assert_content(scene->file, "new 7\n");
	assert_false(exists(scene->part));
}

static void
an_answer_that_fails_leaves_the_file_alone(void **state)
{
	struct scene *scene = *state;
	struct failure failure = { 0 };
	struct out out = { 0 };
	FILE *old = fopen(scene->file, "w");

	fputs("old", old);
	fclose(old);
	assert_int_equal(out_open(&out, scene->file, ".part", &failure), E_OK);
	out_print(&out, "half");
	out_abort(&out);
	assert_content(scene->file, "old");
	assert_false(exists(scene->part));
}

static void
a_file_that_cannot_be_made_is_named(void **state)
{
	struct failure failure = { 0 };
	struct out out = { 0 };

	(void)state;
	assert_int_equal(out_open(&out, "/nonexistent/file", ".part", &failure),
	    E_CANNOT_CREATE);
	assert_non_null(strstr(failure.what, "/nonexistent/file"));
	failure = (struct failure){ 0 };
	assert_int_equal(
	    out_open(&out, "/tmp", ".part", &failure), E_CANNOT_CREATE);
}

/* Both once wrote to one FILE.part, each over the other's answer. */
static void
a_file_has_one_writer_at_a_time(void **state)
{
	struct scene *scene = *state;
	struct failure failure = { 0 }, ignored = { 0 };
	struct out first = { 0 }, second = { 0 };

	assert_int_equal(
	    out_open(&first, scene->file, ".part", &failure), E_OK);
	out_print(&first, "first");
	assert_int_equal(
	    out_open(&second, scene->file, ".part", &failure), E_CANNOT_CREATE);
	assert_non_null(strstr(failure.what, "another program"));
	out_abort(&second);
	assert_int_equal(out_finish(&first, &ignored), E_OK);
	assert_content(scene->file, "first");
}

/* What lies where the answer is to grow was once written through. */
static void
a_link_or_a_pipe_in_its_way_is_left_alone(void **state)
{
	struct scene *scene = *state;
	struct failure failure = { 0 };
	struct out out = { 0 };
	char victim[PATH_LEN + 8];
	FILE *file;

	snprintf(victim, sizeof(victim), "%s/victim", scene->folder);
	file = fopen(victim, "w");
	fputs("precious", file);
	fclose(file);
	assert_int_equal(symlink(victim, scene->part), 0);
	assert_int_equal(
	    out_open(&out, scene->file, ".part", &failure), E_CANNOT_CREATE);
	assert_content(victim, "precious");
	unlink(scene->part);
	assert_int_equal(mkfifo(scene->part, 0600), 0);
	assert_int_equal(
	    out_open(&out, scene->file, ".part", &failure), E_CANNOT_CREATE);
	unlink(victim);
}

static void
a_link_stays_a_link(void **state)
{
	struct scene *scene = *state;
	struct failure failure = { 0 };
	struct out out = { 0 };
	char link[PATH_LEN + 16];
	struct stat info;
	FILE *old = fopen(scene->file, "w");

	fclose(old);
	snprintf(link, sizeof(link), "%s/link", scene->folder);
	assert_int_equal(symlink(scene->file, link), 0);
	assert_int_equal(out_open(&out, link, ".part", &failure), E_OK);
	out_print(&out, "new");
	assert_int_equal(out_finish(&out, &failure), E_OK);
	assert_content(scene->file, "new");
	assert_int_equal(lstat(link, &info), 0);
	assert_true(S_ISLNK(info.st_mode));
	unlink(link);
}

static void
a_full_disk_is_an_io_error(void **state)
{
	struct failure failure = { 0 };
	struct out out = { 0 };

	(void)state;
	assert_int_equal(out_open(&out, "/dev/full", ".part", &failure), E_OK);
	out_print(&out, "lost");
	assert_int_equal(out_finish(&out, &failure), E_IO);
	assert_non_null(strstr(failure.what, "/dev/full"));
}

static void
control_characters_and_broken_utf8_are_escaped(void **state)
{
	static const struct {
		const char *raw, *text;
	} rows[] = {
		{ "plain", "plain" },
		{ "\x1b[31mred\n", "\\x1b[31mred\\x0a" },
		{ "\x7f", "\\x7f" },
		{ "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x92\xa1",
		    "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x92\xa1" },
		{ "\xc2\x9b"
		  "31m",
		    "\\xc2\\x9b"
		    "31m" },                           /* C1: CSI */
		{ "\xc0\xaf", "\\xc0\\xaf" },          /* overlong */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" }, /* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xe2\x82", "\\xe2\\x82" }, /* cut short */
		{ "\x80", "\\x80" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < nitems(rows); i++)
		assert_string_equal(
		    escape(text, sizeof(text), rows[i].raw), rows[i].text);
}

static void
escaping_cuts_between_characters(void **state)
{
	char text[6];

	(void)state;
	assert_string_equal(escape(text, sizeof(text), "abcdefgh"), "abcde");
	assert_string_equal(escape(text, sizeof(text), "abc\n"), "abc");
	assert_string_equal(
	    escape(text, sizeof(text), "abc\xe2\x82\xac"), "abc");
	assert_string_equal(escape(text, 1, "a"), "");
}

/* U+009B begins a terminal's control sequence, as ESC [ does. */
static void
json_escapes_what_a_terminal_obeys(void **state)
{
	struct scene *scene = *state;
	struct failure failure = { 0 };
	struct out out = { 0 };
	json_t *object = json_object();

	json_object_set_new(
	    object, "a", json_string("\x1b\xc2\x9b\x7f\xc3\xa9\xc2\xb0"));
	assert_int_equal(out_open(&out, scene->file, ".part", &failure), E_OK);
	out_json_line(&out, object);
	assert_int_equal(out_finish(&out, &failure), E_OK);
	assert_content(scene->file,
	    "{\"a\": \"\\u001B\\u009b\\u007f\xc3\xa9\xc2\xb0\"}\n");
}

static void
times_and_durations_read_as_people_write_them(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(utc_text(text, 0), "1970-01-01T00:00:00Z");
	assert_string_equal(utc_text(text, 1795273200), "2026-11-21T15:00:00Z");
	assert_string_equal(utc_text(text, UINT64_MAX), "9999-12-31T23:59:59Z");
	assert_string_equal(duration_text(text, 42), "42 s");
	assert_string_equal(duration_text(text, 600), "10 min");
	assert_string_equal(duration_text(text, 125), "2 min 5 s");
	assert_string_equal(duration_text(text, 5400), "1 h 30 min");
	assert_string_equal(duration_text(text, 90000), "1 d 1 h");
}

static void
assert_json(json_t *value, const char *expected)
{
	char *text = json_dumps(
	    value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	json_decref(value);
}

static void
fields_become_json_by_their_rows(void **state)
{
	struct unit_state now = { .hex_status = 0x10020,
		.voltage_dv = 2478,
		.power_factor_c = -99,
		.clock_utc_ms = 1795273200250,
		.relay_state = RELAY_SHUT,
		.energy_produced_wh = 1685123 };
	const struct field *field;

	(void)state;
	for (unsigned key = 1; key <= STATUS_UPLINK_FAILURES; key++)
		HAVE(&now, key);
	field = message_field(&msg_unit_state, STATUS_HEX_STATUS);
	assert_json(json_of_field(field, &now), "\"0x00010020\"");
	field = message_field(&msg_unit_state, STATUS_VOLTAGE);
	assert_json(json_of_field(field, &now), "247.8");
	field = message_field(&msg_unit_state, STATUS_POWER_FACTOR);
	assert_json(json_of_field(field, &now), "-0.99");
	field = message_field(&msg_unit_state, STATUS_ENERGY_PRODUCED);
	assert_json(json_of_field(field, &now), "1685.123");
	field = message_field(&msg_unit_state, STATUS_RELAY_STATE);
	assert_json(json_of_field(field, &now), "\"shut\"");
	LACK(&now, STATUS_RELAY_STATE);
	assert_json(json_of_field(field, &now), "null");
}

static void
dots_make_objects_and_an_empty_group_is_null(void **state)
{
	static const char *const collapse[] = { "comms", NULL };
	struct unit_record record = { .comms_type = COMMS_CELLULAR };
	json_t *object = json_of(&msg_record, &record, collapse);

	(void)state;
	assert_true(json_is_null(json_object_get(object, "comms")));
	assert_true(json_is_null(json_object_get(object, "city")));
	json_decref(object);
	HAVE(&record, RECORD_COMMS_TYPE);
	object = json_of(&msg_record, &record, collapse);
	assert_json(json_incref(json_object_get(object, "comms")),
	    "{\"type\":\"cellular\",\"provider\":null,\"imei\":null,"
	    "\"sim\":null,\"ip\":null}");
	json_decref(object);
}

/* One line of stdout as JSON, from a function that prints there. */
static void
assert_failure_json(
    const struct failure *failure, const char *path, const char *expected)
{
	struct failure ignored = { 0 };
	struct out out = { 0 };
	json_t *object, *error;

	assert_int_equal(out_open(&out, path, ".part", &ignored), E_OK);
	out_failure(&out, failure, true);
	assert_int_equal(out_finish(&out, &ignored), E_OK);
	object = json_load_file(path, 0, NULL);
	error = json_object_get(object, "error");
	assert_int_equal(json_object_size(object), 1);
	assert_json(json_incref(error), expected);
	json_decref(object);
}

static void
a_failure_in_json_has_every_member(void **state)
{
	struct scene *scene = *state;
	struct failure failure = {
		.err = E_TOO_SOON, .what = "w", .hint = "h"
	};

	failure.detail.retry_after_s = 3;
	HAVE(&failure.detail, ERROR_RETRY_AFTER);
	assert_failure_json(&failure, scene->file,
	    "{\"code\":\"too_soon\",\"exit_status\":79,\"message\":\"w\","
	    "\"hint\":\"h\",\"outcome\":\"not_done\","
	    "\"detail\":{\"retry_after_s\":3}}");
	failure = (struct failure){ .err = E_UNKNOWN,
		.what = "w",
		.hint = "h",
		.change_id = "0123456789abcdef" };
	assert_failure_json(&failure, scene->file,
	    "{\"code\":\"unknown\",\"exit_status\":81,\"message\":\"w\","
	    "\"hint\":\"h\",\"outcome\":\"unknown\","
	    "\"detail\":{\"id\":\"0123456789abcdef\"}}");
	failure =
	    (struct failure){ .err = E_INTERLOCK, .what = "w", .hint = "h" };
	failure.detail.condition = COND_FLIPPED;
	HAVE(&failure.detail, ERROR_CONDITION);
	assert_failure_json(&failure, scene->file,
	    "{\"code\":\"interlock\",\"exit_status\":79,\"message\":\"w\","
	    "\"hint\":\"h\",\"outcome\":\"not_done\","
	    "\"detail\":{\"condition\":\"flipped\"}}");
}

static void
the_first_failure_is_the_one_told(void **state)
{
	struct failure failure = { 0 };

	(void)state;
	/* in parentheses: not cmocka's macro */
	assert_int_equal((fail)(&failure, E_IO, "first %d", 1), E_IO);
	assert_int_equal((fail)(&failure, E_USAGE, "second"), E_IO);
	assert_string_equal(failure.what, "first 1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_file_is_replaced_when_the_answer_is_whole, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    an_answer_that_fails_leaves_the_file_alone, set_up,
		    tear_down),
		cmocka_unit_test(a_file_that_cannot_be_made_is_named),
		cmocka_unit_test_setup_teardown(
		    a_file_has_one_writer_at_a_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_link_or_a_pipe_in_its_way_is_left_alone, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_link_stays_a_link, set_up, tear_down),
		cmocka_unit_test(a_full_disk_is_an_io_error),
		cmocka_unit_test(
		    control_characters_and_broken_utf8_are_escaped),
		cmocka_unit_test(escaping_cuts_between_characters),
		cmocka_unit_test_setup_teardown(
		    json_escapes_what_a_terminal_obeys, set_up, tear_down),
		cmocka_unit_test(times_and_durations_read_as_people_write_them),
		cmocka_unit_test(fields_become_json_by_their_rows),
		cmocka_unit_test(dots_make_objects_and_an_empty_group_is_null),
		cmocka_unit_test_setup_teardown(
		    a_failure_in_json_has_every_member, set_up, tear_down),
		cmocka_unit_test(the_first_failure_is_the_one_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
