/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../devices/virtual/virtual.h"
#include "../../../proto/errors.h"
#include "../../../proto/frame.h"

static char home[] = "/tmp/collar-virtual-XXXXXX";
static char why[VIRTUAL_WHY_MAX];

/* The answer to one request, as a payload; ticks until it is there. */
struct answer {
	uint8_t bytes[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN];
	size_t len;
};

static struct virtual_collar *
open_or_die(const char *name, const char *keys)
{
	struct virtual_collar *collar = NULL;

	if (virtual_open(&collar, name, keys, true, why) != E_OK)
		fail_msg("%s: %s", name, why);

	return collar;
}

static void
ask(struct virtual_collar *collar, const uint8_t *payload, size_t len,
    struct answer *answer)
{
	uint8_t line[FRAME_LINE_LEN(PAYLOAD_TO_COLLAR_MAX)], byte;
	struct frame_rx rx = { 0 };
	size_t line_len = frame_encode(line, sizeof(line), payload, len);

	assert_int_equal(virtual_receive(collar, line, line_len), line_len);
	for (unsigned ms = 0; ms < 250; ms++) {
		while (virtual_transmit(collar, &byte, 1) == 1) {
			answer->len = frame_rx_byte(
			    &rx, answer->bytes, sizeof(answer->bytes), byte);
			if (answer->len > 0)
				return;
		}
		virtual_advance(collar, 1);
	}
	fail_msg("no answer");
}

/* hello: [0, 1, 0, {1: 16 octets, 2: 1, 3: 1, 4: 1056}] */
static void
ask_hello(struct virtual_collar *collar, struct answer *answer)
{
	static const uint8_t hello[] = { 0x84, 0x00, 0x01, 0x00, 0xa4, 0x01,
		0x50, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
		0x02, 0x01, 0x03, 0x01, 0x04, 0x19, 0x04, 0x20 };

	ask(collar, hello, sizeof(hello), answer);
	/* [1, 1, 0, {1: the nonce, ... */
	assert_memory_equal(answer->bytes, "\x84\x01\x01\x00", 4);
	assert_memory_equal(answer->bytes + 5, hello + 5, 18);
}

static bool
exists(const char *name, const char *file)
{
	char path[200];
	struct stat is;

	snprintf(path, sizeof(path), "%s/%s/%s", home, name, file);

	return stat(path, &is) == 0;
}

static size_t
file_bytes(const char *name, const char *file, void *buf, size_t cap)
{
	char path[200];
	size_t len;
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s/%s", home, name, file);
	stream = fopen(path, "rb");
	assert_non_null(stream);
	len = fread(buf, 1, cap, stream);
	fclose(stream);

	return len;
}

/* How many sectors of the flash hold anything. */
static unsigned
sectors_used(const char *name)
{
	static uint8_t flash[2 << 20];
	size_t len = file_bytes(name, "flash", flash, sizeof(flash));
	unsigned used = 0;

	for (size_t at = 0; at < len; at += 4096)
		used += flash[at] != 0xff || flash[at + 8] != 0xff;

	return used;
}

static void
a_new_unit_answers_and_is_kept(void **state)
{
	struct virtual_collar *collar = open_or_die("kept", "");
	struct answer answer;

	(void)state;
	ask_hello(collar, &answer);
	assert_string_equal(virtual_name(collar), "kept");
	assert_false(exists("kept", "ram"));
	virtual_close(&collar);
	assert_null(collar);
	assert_true(exists("kept", "ram"));
	assert_int_equal(virtual_open(&collar, "kept", "", false, why), E_OK);
	assert_false(exists("kept", "ram"));
	ask_hello(collar, &answer);
	virtual_close(&collar);
}

static void
one_that_is_not_there_is_made_only_when_asked(void **state)
{
	struct virtual_collar *collar = NULL;

	(void)state;
	assert_int_equal(
	    virtual_open(&collar, "nobody", "", false, why), E_NO_COLLAR);
	assert_string_equal(why, "there is no virtual collar 'nobody'");
	assert_null(collar);
	assert_false(exists("nobody", "."));
}

static void
names_are_checked(void **state)
{
	static const char *const names[] = { "", "a/b", "..", "a b", "a,b",
		"a23456789012345678901234567890123" };
	struct virtual_collar *collar = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(
		    virtual_open(&collar, names[i], "", true, why), E_USAGE);
		assert_int_equal(virtual_remove(names[i], why), E_USAGE);
	}
}

static void
a_bad_key_makes_no_unit(void **state)
{
	struct virtual_collar *collar = NULL;

	(void)state;
	assert_int_equal(
	    virtual_open(&collar, "bad", "breaker=ajar", true, why), E_USAGE);
	assert_false(exists("bad", "."));
}

static void
an_old_unit_refuses_another_key(void **state)
{
	struct virtual_collar *collar = open_or_die("old", "seed=5,history=0");

	(void)state;
	virtual_close(&collar);
	assert_int_equal(
	    virtual_open(&collar, "old", "seed=6", true, why), E_USAGE);
	assert_string_equal(why,
	    "sim:old has seed=5, not 6: that is fixed when a unit is made");
	assert_int_equal(
	    virtual_open(&collar, "old", "breaker=open", true, why), E_USAGE);
	assert_string_equal(
	    why, "sim:old has breaker=shut, not open: change it with sim set");
	collar = open_or_die("old", "seed=5");
	virtual_close(&collar);
}

static void
one_process_at_a_time_has_it_open(void **state)
{
	struct virtual_collar *collar = open_or_die("busy", "history=0");
	struct virtual_collar *other = NULL;
	char expected[80];

	(void)state;
	snprintf(expected, sizeof(expected), "sim:busy is open in process %d",
	    (int)getpid());
	assert_int_equal(
	    virtual_open(&other, "busy", "", true, why), E_PORT_BUSY);
	assert_string_equal(why, expected);
	assert_int_equal(virtual_remove("busy", why), E_PORT_BUSY);
	assert_int_equal(virtual_holder("busy", why), getpid());
	virtual_close(&collar);
	assert_int_equal(virtual_holder("busy", why), 0);
}

static void
a_year_of_history_fills_but_does_not_overrun_the_flash(void **state)
{
	struct virtual_collar *collar;

	(void)state;
	collar = open_or_die("week", "");
	virtual_close(&collar);
	collar = open_or_die("year", "history=365d");
	virtual_close(&collar);
	/* 35,040 records of 32 bytes take at least 273 sectors of 4 KiB */
	assert_in_range(sectors_used("year"), 274, 380);
	assert_in_range(sectors_used("week"), 6, 20);
}

/* Everything but the random id of the log hangs on seed and time alone. */
static void
the_same_name_and_seed_have_the_same_identity(void **state)
{
	struct answer first, second;
	struct virtual_collar *collar;

	(void)state;
	collar = open_or_die("twin", "history=0");
	ask_hello(collar, &first);
	virtual_close(&collar);
	assert_int_equal(virtual_remove("twin", why), E_OK);
	assert_false(exists("twin", "."));
	collar = open_or_die("twin", "history=0");
	ask_hello(collar, &second);
	virtual_close(&collar);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.bytes, second.bytes, first.len);
}

static void
advancing_moves_its_world_and_no_other(void **state)
{
	struct virtual_collar *collar = open_or_die("clock", "history=0");
	uint64_t before_ms = virtual_now_utc_ms(collar);

	(void)state;
	virtual_advance(collar, 86400000);
	assert_int_equal(virtual_now_utc_ms(collar) - before_ms, 86400000);
	virtual_follow_clock(collar);
	assert_in_range(
	    virtual_now_utc_ms(collar) - before_ms, 86400000, 86405000);
	virtual_close(&collar);
}

static const uint8_t *
find(const struct answer *answer, const char *bytes, size_t len)
{
	for (size_t at = 0; at + len <= answer->len; at++)
		if (memcmp(answer->bytes + at, bytes, len) == 0)
			return answer->bytes + at;

	return NULL;
}

/* set: [0, 2, 16, {1: "K1", 61: hardware id, 62: 8 octets, 63: "me"}] */
static void
set_serial(struct virtual_collar *collar)
{
	static const uint8_t form[] = { 0x84, 0x00, 0x02, 0x10, 0xa4, 0x01,
		0x62, 'K', '1', 0x18, 0x3d, 0x4c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0x18, 0x3e, 0x48, 1, 2, 3, 4, 5, 6, 7, 8, 0x18, 0x3f,
		0x62, 'm', 'e' };
	uint8_t request[sizeof(form)];
	const uint8_t *hardware_id;
	struct answer answer;

	ask_hello(collar, &answer);
	hardware_id = find(&answer, "\x09\x4c", 2);
	assert_non_null(hardware_id);
	memcpy(request, form, sizeof(form));
	memcpy(request + 12, hardware_id + 2, 12);
	ask(collar, request, sizeof(request), &answer);
	/* [1, 2, 0, {1: true, ... */
	assert_memory_equal(answer.bytes, "\x84\x01\x02\x00\xa2\x01\xf5", 7);
}

/*
 * A host killed with the collar open leaves no image of its RAM, but all that
 * the collar had acknowledged.
 */
static void
a_killed_host_is_a_power_cut_and_the_record_stays(void **state)
{
	struct virtual_collar *collar = open_or_die("killed", "history=1h");
	struct answer before, after;
	int status;
	pid_t pid;

	(void)state;
	ask_hello(collar, &before);
	assert_null(find(&before, "\x0a\x62K1", 4));
	virtual_close(&collar);
	pid = fork();
	if (pid == 0) {
		collar = open_or_die("killed", "");
		set_serial(collar);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_false(exists("killed", "ram"));
	collar = open_or_die("killed", "");
	ask_hello(collar, &after);
	assert_non_null(find(&after, "\x0a\x62K1", 4));
	/* another nonce: it has started anew */
	assert_memory_not_equal(before.bytes + 23, after.bytes + 23, 18);
	virtual_close(&collar);
}

static void
a_damaged_image_of_the_ram_is_a_power_cut(void **state)
{
	struct virtual_collar *collar = open_or_die("damaged", "history=0");
	struct answer answer;
	char path[200];
	FILE *stream;

	(void)state;
	virtual_close(&collar);
	snprintf(path, sizeof(path), "%s/damaged/ram", home);
	stream = fopen(path, "r+b");
	assert_non_null(stream);
	fseek(stream, 1000, SEEK_SET);
	fputs("damage", stream);
	fclose(stream);
	collar = open_or_die("damaged", "");
	ask_hello(collar, &answer);
	virtual_close(&collar);
}

/* Byte 21 is of the world's time, 29 of the anchor's, 37 of the computer's, 45
 * of the start's.  Each once made the next open last for hours. */
static void
damaged_times_are_bad_data(void **state)
{
	static const struct {
		long at;
		int byte;
	} rows[] = { { 21, 0 }, { 21, 0xff }, { 29, 0xff }, { 37, 0 },
		{ 37, 0xff }, { 45, 0xff } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct virtual_collar *collar =
		    open_or_die("late", "history=0");
		char path[200];
		FILE *stream;

		virtual_close(&collar);
		snprintf(path, sizeof(path), "%s/late/fixture", home);
		stream = fopen(path, "r+b");
		assert_non_null(stream);
		fseek(stream, rows[i].at, SEEK_SET);
		fputc(rows[i].byte, stream);
		fclose(stream);
		assert_int_equal(
		    virtual_open(&collar, "late", "", false, why), E_BAD_DATA);
		assert_int_equal(virtual_remove("late", why), E_OK);
	}
}

static void
files_of_another_shape_are_bad_data(void **state)
{
	struct virtual_collar *collar = open_or_die("shape", "history=0");
	char path[200];

	(void)state;
	virtual_close(&collar);
	snprintf(path, sizeof(path), "%s/shape/flash", home);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(
	    virtual_open(&collar, "shape", "", true, why), E_BAD_DATA);
	assert_non_null(strstr(why, "/shape/flash: has the wrong length"));
	assert_int_equal(virtual_remove("shape", why), E_OK);
}

static void
settings_are_set_and_kept(void **state)
{
	struct virtual_collar *collar = open_or_die("set", "history=0");
	char value[32];

	(void)state;
	assert_int_equal(virtual_set(collar, "breaker", "open", why), E_OK);
	assert_int_equal(virtual_set(collar, "seed", "1", why), E_USAGE);
	assert_string_equal(why, "seed: that is fixed when a unit is made");
	assert_int_equal(virtual_set(collar, "breaker", "off", why), E_USAGE);
	virtual_close(&collar);
	collar = open_or_die("set", "");
	assert_int_equal(
	    virtual_get(collar, "breaker", value, sizeof(value)), E_OK);
	assert_string_equal(value, "open");
	assert_int_equal(
	    virtual_peek("set", "breaker", value, sizeof(value), why), E_OK);
	assert_string_equal(value, "open");
	assert_int_equal(virtual_press(collar, 5), E_WRONG_KIND);
	virtual_close(&collar);
}

static int
collect(const char *name, void *ctx)
{
	strcat(ctx, name);
	strcat(ctx, " ");

	return E_OK;
}

static void
units_are_listed_by_name(void **state)
{
	struct virtual_collar *collar;
	char names[400] = "", *at;

	(void)state;
	collar = open_or_die("zz2", "history=0");
	virtual_close(&collar);
	collar = open_or_die("zz1", "history=0");
	virtual_close(&collar);
	assert_int_equal(virtual_list(collect, names), E_OK);
	at = strstr(names, "zz1 zz2 ");
	assert_non_null(at);
	assert_string_equal(at, "zz1 zz2 ");
	assert_null(strchr(names, '.'));
}

static int
make_home(void **state)
{
	(void)state;

	return mkdtemp(home) == NULL || setenv("COLLARCTL_SIM_DIR", home, 1);
}

static int
remove_one(const char *name, void *ctx)
{
	(void)ctx;

	return virtual_remove(name, why);
}

static int
remove_home(void **state)
{
	(void)state;

	return virtual_list(remove_one, NULL) != E_OK || rmdir(home) != 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_unit_answers_and_is_kept),
		cmocka_unit_test(one_that_is_not_there_is_made_only_when_asked),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(a_bad_key_makes_no_unit),
		cmocka_unit_test(an_old_unit_refuses_another_key),
		cmocka_unit_test(one_process_at_a_time_has_it_open),
		cmocka_unit_test(
		    a_year_of_history_fills_but_does_not_overrun_the_flash),
		cmocka_unit_test(the_same_name_and_seed_have_the_same_identity),
		cmocka_unit_test(advancing_moves_its_world_and_no_other),
		cmocka_unit_test(
		    a_killed_host_is_a_power_cut_and_the_record_stays),
		cmocka_unit_test(a_damaged_image_of_the_ram_is_a_power_cut),
		cmocka_unit_test(damaged_times_are_bad_data),
		cmocka_unit_test(files_of_another_shape_are_bad_data),
		cmocka_unit_test(settings_are_set_and_kept),
		cmocka_unit_test(units_are_listed_by_name),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
