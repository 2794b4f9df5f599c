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
	uint8_t bytes[BYTES_MAX];
	size_t len = 0;

	for (; *hex != '\0'; hex += *hex == ' ') {
		char pair[3] = { hex[0], hex[1], '\0' }, *end;

		assert_in_range(len, 0, BYTES_MAX - 1);
		bytes[len++] = (uint8_t)strtoul(pair, &end, 16);
		assert_ptr_equal(end, pair + 2);
		hex += 2;
	}

	return bytes_copy(bytes, len);
}

void
bytes_free(struct bytes *bytes)
{
	free(bytes->at);
	*bytes = (struct bytes){ 0 };
}
