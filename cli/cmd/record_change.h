/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_RECORD_CHANGE_H
#define CMD_RECORD_CHANGE_H

/*
 * What `set`, `provision` and `unprovision` share: which fields would change,
 * how that is shown, and the answer afterwards.
 */

#include "cmd.h"

enum { CHANGES_MAX = 32 };

struct record_changes {
	struct unit_record before, after;
	const struct field *fields[CHANGES_MAX]; /* those that differ */
	size_t count;
};

/* Which fields of wanted, where present, differ from before. */
void changes_find(struct record_changes *changes,
    const struct unit_record *before, const struct unit_record *wanted);

/* One field that goes from before to absent. */
void changes_clear(struct record_changes *changes, const struct field *field);

/* "would set zip: 62701 -> 62702", one a line; for --dry-run and --check. */
int changes_preview(struct ctx *ctx, const struct record_changes *changes,
    bool check, const char *move);

/* The answer: {changed, changes, status, lcd, elapsed_s}, or its text. */
int changes_answer(struct ctx *ctx, const struct record_changes *changes,
    bool changed, uint64_t begun_ms);

/* Fields that a person may give: E_USAGE for others, naming the word. */
int find_settable(const char *name, size_t len, const struct field **field,
    struct failure *failure);

#endif
