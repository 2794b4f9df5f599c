/* SPDX-License-Identifier: BSD-2-Clause */

/* Lock files of serial devices, in a folder of their own. */

#include "../../../cli/link/lockfile.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/collar-locks-XXXXXX";
static char lock[LINK_WHY_MAX], path[LINK_WHY_MAX];
static int pid;

/* The lock of /dev/ttyXYZ, which is not there, holds this text; NULL: none. */
static void
lock_is(const char *text)
{
	FILE *file;

	snprintf(path, sizeof(path), "%s/LCK..ttyXYZ", folder);
	unlink(path);
	if (text == NULL)
		return;
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int
take(void)
{
	return lockfile_take(folder, "/dev/ttyXYZ", lock, &pid);
}

static void
it_holds_the_process_in_ten_characters(void **state)
{
	char text[32] = "", wanted[32];
	FILE *file;

	(void)state;
	lock_is(NULL);
	assert_int_equal(take(), 0);
	assert_string_equal(lock, path);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, file), 11);
	fclose(file);
	snprintf(wanted, sizeof(wanted), "%10d\n", (int)getpid());
	assert_string_equal(text, wanted);
	lockfile_drop(lock);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(rmdir(folder), 0); /* nothing else is left */
	assert_int_equal(mkdir(folder, 0700), 0);
}

static void
what_others_have_laid_there_is_not_written_to(void **state)
{
	char draft[LINK_WHY_MAX], target[LINK_WHY_MAX];

	(void)state;
	lock_is(NULL);
	snprintf(draft, sizeof(draft), "%s/LTMP.%d", folder, (int)getpid());
	snprintf(target, sizeof(target), "%s/target", folder);
	assert_int_equal(symlink(target, draft), 0);
	assert_int_equal(take(), 0);
	assert_int_equal(access(target, F_OK), -1);
	lockfile_drop(lock);
	assert_int_equal(mkfifo(path, 0600), 0); /* nobody writes into it */
	assert_int_equal(take(), EBUSY);
	unlink(path);
}

static void
a_live_process_keeps_its_lock(void **state)
{
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "%10d\n", (int)getppid());
	lock_is(text);
	assert_int_equal(take(), EBUSY);
	assert_int_equal(pid, getppid());
	assert_string_equal(lock, "");
	lockfile_drop(lock);
	lockfile_drop(path); /* not ours */
	assert_int_equal(access(path, F_OK), 0);
}

static void
a_dead_process_loses_its_lock(void **state)
{
	char text[32];
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	snprintf(text, sizeof(text), "%10d\n", (int)child);
	lock_is(text);
	assert_int_equal(take(), 0);
	assert_string_equal(lock, path);
	lockfile_drop(lock);
}

/* A number that came round again. */
static void
a_lock_left_by_another_of_our_number_is_taken_over(void **state)
{
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "%d", (int)getpid());
	lock_is(text);
	assert_int_equal(take(), 0);
	assert_string_equal(lock, path);
	lockfile_drop(lock);
}

static void
a_lock_that_names_no_process_is_left_alone(void **state)
{
	static const char *const texts[] = { "", "\n", "minicom\n", "0\n",
		"-5\n", "12 minicom\n", "99999999999999999999\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		lock_is(texts[i]);
		assert_int_equal(take(), EBUSY);
		assert_int_equal(pid, 0);
		assert_int_equal(access(path, F_OK), 0);
	}
	lock_is(NULL);
}

static void
where_none_can_be_made_none_is_missed(void **state)
{
	(void)state;
	assert_int_equal(
	    lockfile_take("/nowhere/at/all", "/dev/ttyXYZ", lock, &pid), 0);
	assert_string_equal(lock, "");
}

/* The device counts, whatever link leads to it. */
static void
a_link_to_a_device_is_locked_as_the_device(void **state)
{
	char link_path[LINK_WHY_MAX];

	(void)state;
	snprintf(link_path, sizeof(link_path), "%.200s/probe", folder);
	assert_int_equal(symlink("/dev/null", link_path), 0);
	assert_int_equal(lockfile_take(folder, link_path, lock, &pid), 0);
	assert_string_equal(lock + strlen(folder), "/LCK..null");
	lockfile_drop(lock);
	unlink(link_path);
}

static int
setup(void **state)
{
	(void)state;

	return mkdtemp(folder) == NULL;
}

static int
teardown(void **state)
{
	(void)state;

	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_holds_the_process_in_ten_characters),
		cmocka_unit_test(a_live_process_keeps_its_lock),
		cmocka_unit_test(what_others_have_laid_there_is_not_written_to),
		cmocka_unit_test(a_dead_process_loses_its_lock),
		cmocka_unit_test(
		    a_lock_left_by_another_of_our_number_is_taken_over),
		cmocka_unit_test(a_lock_that_names_no_process_is_left_alone),
		cmocka_unit_test(where_none_can_be_made_none_is_missed),
		cmocka_unit_test(a_link_to_a_device_is_locked_as_the_device),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
