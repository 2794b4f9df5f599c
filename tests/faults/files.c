/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE /* memfd_create */

#include "files.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "must.h"

void
files_make(struct files *files)
{
	*files = (struct files){ .in = memfd_create("in", MFD_CLOEXEC),
		.out = memfd_create("out", MFD_CLOEXEC),
		.err = memfd_create("err", MFD_CLOEXEC) };
	must(files->in >= 0 && files->out >= 0 && files->err >= 0, "memfd");
}

void
files_close(struct files *files)
{
	close(files->in);
	close(files->out);
	close(files->err);
}

/* Empties a file, and has whoever shares it begin at its beginning. */
static void
empty(int fd)
{
	must(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0,
	    "emptying a file");
}

void
files_input(const struct files *files, const char *text)
{
	size_t len = strlen(text);

	empty(files->in);
	must(pwrite(files->in, text, len, 0) == (ssize_t)len,
	    "writing what is to be read");
}

void
files_begin(const struct files *files)
{
	must(lseek(files->in, 0, SEEK_SET) == 0, "rewinding");
	empty(files->out);
	empty(files->err);
}

void
files_text(int fd, char *text, size_t cap)
{
	ssize_t len = pread(fd, text, cap - 1, 0);

	must(len >= 0, "reading what was printed");
	text[len] = '\0';
}
