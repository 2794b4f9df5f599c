/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_FILES_H
#define FAULTS_FILES_H

/* The files that a program under test reads and prints to, in memory. */

#include <stddef.h>

struct files {
	int in, out, err;
};

void files_make(struct files *files);
void files_close(struct files *files);

/* From here on the program reads this text. */
void files_input(const struct files *files, const char *text);

/* A program begins: it reads from the beginning, nothing is printed yet. */
void files_begin(const struct files *files);

/* Reads what was printed to one of them as text, up to cap - 1 bytes of it. */
void files_text(int fd, char *text, size_t cap);

#endif
