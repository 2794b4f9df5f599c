/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_DATA_H
#define CMD_DATA_H

#include "../client/gaps.h"
#include "../command.h"

/* `data dump`, in a file of its own. */
extern const struct opt data_dump_opts[];
extern const char *const data_dump_formats[]; /* ends in NULL */
int data_dump(struct ctx *ctx, const struct args *args);

/* A time in UTC; null if it is not known. */
json_t *time_json(uint32_t at, bool known);

/* { "from", "to", "why" } */
json_t *gap_json(const struct gap *gap);

/* "gap from … to …: why", one line that begins with lead. */
void gap_print(FILE *file, const char *lead, const struct gap *gap);

/*
 * The next gap between spans, empty ones passed over; false when there is none
 * left.  *at begins at 0, *before, the last span that held records, at NULL.
 */
bool gap_next(const struct dump_span *spans, size_t count, size_t *at,
    const struct dump_span **before, struct gap *gap);

#endif
