/* SPDX-License-Identifier: BSD-2-Clause */
#include "vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct vectors
vectors_open(const char *path)
{
	struct vectors vectors = { .file = fopen(path, "r"), .path = path };

	if (vectors.file == NULL)
		fail_msg("%s cannot be opened", path);

	return vectors;
}

static void
split(struct vectors *vectors)
{
	char *rest = vectors->text;

	rest[strcspn(rest, "\n")] = '\0';
	for (size_t i = 0; i < VECTOR_COLUMNS; i++) {
		vectors->column[i] = rest;
		rest += strcspn(rest, "\t");
		if (*rest == '\t')
			*rest++ = '\0';
	}
	if (*rest != '\0')
		fail_msg(
		    "%s:%u: too many columns", vectors->path, vectors->line);
}

bool
vectors_next(struct vectors *vectors)
{
	while (getline(&vectors->text, &vectors->cap, vectors->file) >= 0) {
		vectors->line++;
		if (*vectors->text == '#' || *vectors->text == '\n')
			continue;
		vectors->count++;
		split(vectors);
		return true;
	}
	fclose(vectors->file);
	free(vectors->text);

	return false;
}

struct bytes
bytes_copy(const uint8_t *at, size_t len)
{
	struct bytes bytes = { malloc(len + (len == 0)), len };

	assert_non_null(bytes.at);
	if (len > 0)
		memcpy(bytes.at, at, len);

	return bytes;
}

struct bytes
bytes_of_hex(const char *hex)
{
	size_t len = strlen(hex);
	struct bytes bytes = { malloc(len / 2 + (len < 2)), len / 2 };

	assert_non_null(bytes.at);
	assert_int_equal(len % 2, 0);
	for (size_t i = 0; i < bytes.len; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' }, *end;

		bytes.at[i] = (uint8_t)strtoul(pair, &end, 16);
		assert_ptr_equal(end, pair + 2);
	}

	return bytes;
}

void
bytes_free(struct bytes *bytes)
{
	free(bytes->at);
	*bytes = (struct bytes){ 0 };
}
