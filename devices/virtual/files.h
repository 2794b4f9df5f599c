/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VIRTUAL_FILES_H
#define VIRTUAL_FILES_H

/* Whole files, and directories of plain files.  All set errno on failure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct piece {
	const void *at;
	size_t len;
};

/* Maps a file to be shared; NULL, with EINVAL if it is not of that length. */
void *file_map(const char *path, size_t len);

/* Makes a file of len times the byte. */
bool file_fill(const char *path, uint8_t byte, size_t len);

/* Reads at most cap bytes; -1 on failure. */
ssize_t file_read(const char *path, void *buf, size_t cap);

/* Writes the pieces beside the file and puts the result in its place. */
bool file_replace(const char *path, const struct piece *pieces, size_t count);

/* Makes the directory and those above it; one that exists is accepted. */
bool directory_make(const char *path);

/* Removes a directory with the files in it; none there is accepted. */
bool directory_remove(const char *path);

#endif
