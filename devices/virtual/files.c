/* SPDX-License-Identifier: BSD-2-Clause */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_LEN_MAX = 1200 };

void *
file_map(const char *path, size_t len)
{
	int file = open(path, O_RDWR | O_CLOEXEC);
	void *at = MAP_FAILED;
	struct stat is;

	if (file < 0 || fstat(file, &is) < 0)
		goto out;
	if (is.st_size == (off_t)len)
		at = mmap(
		    NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	else
		errno = EINVAL;

out:
	if (file >= 0)
		close(file);

	return at == MAP_FAILED ? NULL : at;
}

static bool
write_all(int file, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t count = write(file, at, len);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		at += count;
		len -= (size_t)count;
	}

	return true;
}

bool
file_fill(const char *path, uint8_t byte, size_t len)
{
	uint8_t block[16384];
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = file >= 0;

	memset(block, byte, sizeof(block));
	while (ok && len > 0) {
		size_t part = len < sizeof(block) ? len : sizeof(block);

		ok = write_all(file, block, part);
		len -= part;
	}
	if (file >= 0 && close(file) < 0)
		ok = false;

	return ok;
}

ssize_t
file_read(const char *path, void *buf, size_t cap)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (file < 0)
		return -1;
	len = read(file, buf, cap);
	close(file);

	return len;
}

bool
file_replace(const char *path, const struct piece *pieces, size_t count)
{
	char aside[PATH_LEN_MAX];
	bool ok;
	int file;

	snprintf(aside, sizeof(aside), "%s.part", path);
	file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ok = file >= 0;
	for (size_t i = 0; ok && i < count; i++)
		ok = write_all(file, pieces[i].at, pieces[i].len);
	if (file >= 0 && close(file) < 0)
		ok = false;

	return ok && rename(aside, path) == 0;
}

bool
directory_make(const char *path)
{
	char part[PATH_LEN_MAX];

	for (const char *end = path; *end != '\0';) {
		end += 1;
		end += strcspn(end, "/");
		snprintf(part, sizeof(part), "%.*s", (int)(end - path), path);
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return false;
	}

	return true;
}

bool
directory_remove(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	char file[PATH_LEN_MAX];

	if (directory == NULL)
		return errno == ENOENT;
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		unlink(file);
	}
	closedir(directory);

	return rmdir(path) == 0;
}
