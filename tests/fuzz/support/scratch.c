/* SPDX-License-Identifier: BSD-2-Clause */

#define _XOPEN_SOURCE 700

#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feed.h"

enum { PATH_LEN = 300 };

static char folder[PATH_LEN];

static int
remove_one(const char *path, const struct stat *is, int type, struct FTW *ftw)
{
	(void)is;
	(void)type;
	(void)ftw;
	remove(path);

	return 0;
}

static void
clean_up(void)
{
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *
scratch_path(void)
{
	const char *base = getenv("TMPDIR");

	if (folder[0] != '\0')
		return folder;
	snprintf(folder, sizeof(folder), "%.200s/fuzz-XXXXXX",
	    base != NULL ? base : "/tmp");
	must(mkdtemp(folder) != NULL);
	atexit(clean_up);

	return folder;
}

static FILE *
scratch_open(const char *name, const char *mode)
{
	char path[2 * PATH_LEN];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", scratch_path(), name);
	file = fopen(path, mode);
	must(file != NULL);

	return file;
}

void
scratch_write(const char *name, const uint8_t *bytes, size_t len)
{
	FILE *file = scratch_open(name, "wb");

	must(fwrite(bytes, 1, len, file) == len);
	must(fclose(file) == 0);
}

uint8_t *
scratch_read(const char *name, size_t *len)
{
	FILE *file = scratch_open(name, "rb");
	uint8_t *bytes;
	long size;

	must(fseek(file, 0, SEEK_END) == 0);
	size = ftell(file);
	must(size >= 0 && fseek(file, 0, SEEK_SET) == 0);
	bytes = malloc((size_t)size + 1);
	must(bytes != NULL);
	must(fread(bytes, 1, (size_t)size, file) == (size_t)size);
	fclose(file);
	*len = (size_t)size;

	return bytes;
}
