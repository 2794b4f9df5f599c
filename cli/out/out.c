/* SPDX-License-Identifier: BSD-2-Clause */

#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_WIDTH = 20 };

static void
note_error(struct out *out, bool failed)
{
	if (failed && out->error == 0)
		out->error = errno != 0 ? errno : EIO;
}

static char *
join(const char *path, const char *suffix)
{
	size_t len = strlen(path) + strlen(suffix) + 1;
	char *joined = malloc(len);

	if (joined != NULL)
		snprintf(joined, len, "%s%s", path, suffix);
	return joined;
}

static int
cannot_create(const char *path, int reason, struct failure *failure)
{
	return fail(failure, E_CANNOT_CREATE, "%s: %s", path,
	    reason == EWOULDBLOCK ? "another program is writing it"
				  : strerror(reason));
}

static bool
is_at(const struct stat *opened, const char *path)
{
	struct stat there;

	return stat(path, &there) == 0 && there.st_dev == opened->st_dev &&
	    there.st_ino == opened->st_ino;
}

/* An empty file, locked where that can be, or -1.  Links and pipes are none of
 * ours. */
static int
open_locked(const char *path)
{
	const int flags =
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	struct stat opened;

	for (;;) {
		int reason, file = open(path, flags, 0666);

		if (file < 0)
			return -1;
		errno = EEXIST;
		if (fstat(file, &opened) == 0 && S_ISREG(opened.st_mode) &&
		    (flock(file, LOCK_EX | LOCK_NB) == 0 ||
			errno != EWOULDBLOCK)) {
			if (!is_at(&opened, path)) {
				close(file); /* renamed before it was locked */
				continue;
			}
			if (ftruncate(file, 0) == 0)
				return file;
		}
		reason = errno;
		close(file);
		errno = reason;
		return -1;
	}
}

/* Grows beside the file that a link leads to, so that the link stays one. */
static int
open_part(struct out *out, const char *path, const char *suffix,
    struct failure *failure)
{
	int file;

	out->path = realpath(path, NULL);
	if (out->path == NULL)
		out->path = join(path, "");
	if (out->path != NULL)
		out->part = join(out->path, suffix);
	if (out->part == NULL)
		return fail(failure, E_INTERNAL, "out of memory");
	/* two programs that write one file would mix their answers */
	file = open_locked(out->part);
	out->file = file < 0 ? NULL : fdopen(file, "w");
	return out->file != NULL ? E_OK : cannot_create(path, errno, failure);
}

static void
forget_paths(struct out *out)
{
	free(out->path);
	free(out->part);
	out->path = NULL;
	out->part = NULL;
}

int
out_open(struct out *out, const char *path, const char *suffix,
    struct failure *failure)
{
	struct stat info;
	int err;

	out->error = 0;
	out->answered = false;
	out->file = stdout;
	if (path == NULL || strcmp(path, "-") == 0)
		return E_OK;
	if (stat(path, &info) != 0 || S_ISREG(info.st_mode)) {
		err = open_part(out, path, suffix, failure);
	} else {
		out->path = join(path, "");
		out->file = fopen(path, "w");
		err = out->file != NULL ? E_OK
					: cannot_create(path, errno, failure);
	}
	if (err < 0) {
		forget_paths(out);
		out->file = stdout;
	}
	return err;
}

void
out_print(struct out *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	note_error(out, vfprintf(out->file, format, args) < 0);
	va_end(args);
}

void
out_style(struct out *out, enum out_style style)
{
	static const char *const escapes[] = {
		[STYLE_PLAIN] = "\033[0m",
		[STYLE_GOOD] = "\033[32m",
		[STYLE_WARN] = "\033[1;33m",
		[STYLE_BAD] = "\033[1;31m",
	};

	if (out->color && out->file == stdout)
		out_print(out, "%s", escapes[style]);
}

void
out_line(struct out *out, const char *name, const char *format, ...)
{
	char raw[512], text[4 * sizeof(raw)];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	out_print(out, "%-*s %s\n", NAME_WIDTH, name,
	    escape(text, sizeof(text), raw));
}

/* Jansson leaves DEL and C1, which terminals obey, as they are. */
static int
write_json(const char *text, size_t len, void *file)
{
	for (size_t i = 0; i < len; i++) {
		const uint8_t *at = (const uint8_t *)text + i;
		bool c1 = at[0] == 0xc2 && i + 1 < len && at[1] < 0xa0;
		int put = c1        ? fprintf(file, "\\u%04x", at[1])
		    : at[0] == 0x7f ? fputs("\\u007f", file)
				    : putc(at[0], file);

		if (put < 0)
			return -1;
		i += c1;
	}

	return 0;
}

static void
print_json(struct out *out, json_t *object, size_t flags)
{
	flags |= JSON_REAL_PRECISION(15);
	out->answered = true;
	note_error(
	    out, json_dump_callback(object, write_json, out->file, flags) != 0);
	note_error(out, fputc('\n', out->file) == EOF);
	json_decref(object);
}

void
out_json(struct out *out, json_t *object)
{
	print_json(out, object, JSON_INDENT(2));
}

void
out_json_line(struct out *out, json_t *object)
{
	print_json(out, object, 0);
	note_error(out, fflush(out->file) != 0);
}

static int
write_failed(struct out *out, const char *path, struct failure *failure)
{
	if (out->error == EPIPE)
		return fail(failure, E_CLOSED_PIPE, "%s", path);
	return fail(
	    failure, E_IO, "writing to %s: %s", path, strerror(out->error));
}

int
out_flush(struct out *out, struct failure *failure)
{
	note_error(out, fflush(out->file) != 0);
	if (out->error == 0)
		return E_OK;
	return write_failed(
	    out, out->path != NULL ? out->path : "stdout", failure);
}

static void
close_file(struct out *out)
{
	if (out->file != NULL && out->file != stdout)
		note_error(out, fclose(out->file) != 0);
	out->file = stdout;
}

int
out_finish(struct out *out, struct failure *failure)
{
	const char *path = out->path != NULL ? out->path : "stdout";
	int err = E_OK;

	errno = 0;
	note_error(out, fflush(out->file) != 0 || ferror(out->file));
	if (out->part != NULL)
		note_error(out, fsync(fileno(out->file)) != 0);
	close_file(out);
	if (out->part != NULL && out->error == 0)
		note_error(out, rename(out->part, out->path) != 0);
	if (out->error != 0)
		err = write_failed(out, path, failure);
	if (err < 0 && out->part != NULL)
		unlink(out->part);
	forget_paths(out);
	return err;
}

void
out_abort(struct out *out)
{
	close_file(out);
	if (out->part != NULL)
		unlink(out->part);
	forget_paths(out);
}

void
out_progress(struct out *out, const char *label, uint64_t done, uint64_t total)
{
	if (!out->progress)
		return;
	if (total == 0)
		fputs("\r\033[K", stderr);
	else
		fprintf(stderr, "\r\033[K%s %u %%", label,
		    (unsigned)(done >= total ? 100 : done * 100 / total));
	fflush(stderr);
}
