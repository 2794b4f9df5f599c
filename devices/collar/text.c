/* SPDX-License-Identifier: BSD-2-Clause */

#include "text.h"

#include <string.h>

void
text_copy(char *to, size_t cap, const char *from)
{
	size_t len = strlen(from);

	if (len >= cap)
		len = cap - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

bool
text_equal(const char *a, const char *b)
{
	size_t len = strlen(a);

	return len == strlen(b) && memcmp(a, b, len) == 0;
}
