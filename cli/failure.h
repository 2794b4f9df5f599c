/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_FAILURE_H
#define CLI_FAILURE_H

/*
 * What went wrong, on its way from where it happened to main, which prints it
 * once.  Functions that can fail for a reason worth telling take one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "../proto/errors.h"
#include "../proto/hello.h"

enum { FAILURE_LEN = 400 };

struct failure {
	int err;                    /* E_..., E_OK if nothing failed */
	char what[FAILURE_LEN];     /* what happened: subject, value, place */
	char hint[FAILURE_LEN];     /* what to do; "": the error's own hint */
	struct error_detail detail; /* what the collar said, if detail.has */
	char field[65];             /* name of the field at fault, or "" */
	bool outcome_unknown;       /* a change may or may not have been made */
	char change_id[17];         /* hex id of that change, or "" */
};

/* One row of errors.def, as the host uses it. */
struct error_row {
	int err; /* E_... */
	int exit_status;
	const char *code, *sentence, *hint;
};

extern const struct error_row error_rows[]; /* code NULL ends */

/* The row of an E_ value; that of E_INTERNAL for one that has none. */
const struct error_row *error_find(int err);

/*
 * Fills *failure with err and the formatted text, unless it holds a failure
 * already; returns err, so that `return fail(f, E_..., "...")` reads well.
 */
int fail(struct failure *failure, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets what to do about it, in place of the error's own hint; returns the
 * failure's err. */
int fail_hint(struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
