/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_PROGRAM_H
#define FAULTS_PROGRAM_H

/*
 * The program under test, as virtual_time.h has it: loaded once for each line
 * of words, and run as often as one likes.
 */

#include <sys/types.h>

#include "files.h"

enum { PROGRAMS_MAX = 2, PROGRAM_KEY_LEN = 1024 };

/* One that is loaded. */
struct program {
	pid_t loader; /* 0: none */
	int runs;     /* the socket that each run is asked for on */
	unsigned used;
	char key[PROGRAM_KEY_LEN];
};

struct programs {
	const char *path, *preload; /* of virtual_time.so */
	const char *home;
	struct files files;
	struct program loaded[PROGRAMS_MAX];
	unsigned runs; /* so far */
	struct program *running;
};

/*
 * Begins a run of the program with these words (the program's own name first,
 * NULL last).  Returns its pid, and in *control the socket of virtual_time.h.
 */
pid_t program_start(
    struct programs *programs, const char *const argv[], int *control);

/* Waits for its end; returns the status as wait(2) has it. */
int program_end(struct programs *programs);

/* Unloads all. */
void programs_close(struct programs *programs);

#endif
