/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_TEXT_H
#define COLLAR_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Copies a text, cut to cap with its NUL. */
void text_copy(char *to, size_t cap, const char *from);

bool text_equal(const char *a, const char *b);

#endif
