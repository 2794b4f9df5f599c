/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_VECTORS_H
#define SUPPORT_VECTORS_H

/*
 * Vector files: a vector is a line of columns parted by tabs; a line that is
 * empty or begins with # is none.  What is wrong with a file fails the test.
 * Paths are seen from the root of the sources, where tests are run.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { VECTOR_COLUMNS = 6, BYTES_MAX = 8192 };

struct vectors {
	FILE *file;
	const char *path;
	unsigned line;                      /* of the vector at hand */
	unsigned count;                     /* vectors read so far */
	const char *column[VECTOR_COLUMNS]; /* "" where there is none */
	char *text;
	size_t cap;
};

/* Bytes in a block of exactly their size, so that a sanitizer sees a read past
 * them. */
struct bytes {
	uint8_t *at;
	size_t len;
};

struct vectors vectors_open(const char *path);

/* Reads the next one; at the end closes the file and returns false. */
bool vectors_next(struct vectors *vectors);

/* Copies of bytes, which the caller frees with bytes_free; hex may have blanks
 * between its bytes. */
struct bytes bytes_of_hex(const char *hex);
struct bytes bytes_copy(const uint8_t *at, size_t len);
void bytes_free(struct bytes *bytes);

#endif
