/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OUT_OUT_H
#define OUT_OUT_H

/*
 * How things are shown.  stdout is the answer, stderr everything else.  The
 * answer goes to stdout or grows as FILE.part and replaces FILE when whole.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../proto/message.h"
#include "../failure.h"

/* What stands out on a terminal. */
enum out_style { STYLE_PLAIN, STYLE_GOOD, STYLE_WARN, STYLE_BAD };

enum out_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_NDJSON };

struct out {
	enum out_format format;
	bool color;    /* escapes may be used */
	bool terminal; /* stdout is one */
	bool progress; /* stderr is one, and not -q */
	FILE *file;    /* where the answer goes */
	char *path;    /* of FILE, NULL for stdout */
	char *part;    /* FILE.part while it grows */
	int error;     /* errno of the first write that failed, or 0 */
	bool answered; /* the JSON object is out: no error object may follow */
};

/*
 * Sets where the answer goes: path, or stdout for NULL and "-".  It grows as
 * path with suffix; what is no regular file is written directly.
 * E_CANNOT_CREATE if it can't be made.
 */
int out_open(struct out *out, const char *path, const char *suffix,
    struct failure *failure);

/* Sends what is printed on its way, as `--watch` does between two looks: E_OK,
 * or the first write that failed (E_CLOSED_PIPE, E_IO). */
int out_flush(struct out *out, struct failure *failure);

/* Drops an answer that did not become whole; nothing after out_finish. */
void out_abort(struct out *out);

/* "collarctl: what happened: what to do" on stderr and, with json, the error
 * object on stdout. */
void out_failure(struct out *out, const struct failure *failure, bool json);

/* printf to the answer.  Errors are kept by the stream, see out_finish. */
void out_print(struct out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* How what follows stands out: on standard output, if it may be coloured. */
void out_style(struct out *out, enum out_style style);

/* One aligned line "name   value" of a text answer. */
void out_line(struct out *out, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Text from a collar or a file with control characters escaped (\x1b),
 * invalid UTF-8 too; cut to cap.  Returns text. */
char *escape(char *text, size_t cap, const char *raw);

/* "2026-11-21T15:00:00Z" from UTC seconds; room for 21 bytes.  Returns text. */
enum { UTC_TEXT_LEN = 24 };
char *utc_text(char *text, uint64_t utc_s);

/* "247.80" from 24780 and 2 decimals; room for DECIMAL_LEN bytes.  Returns
 * text. */
enum { DECIMAL_LEN = 32 };
char *decimal_text(char *text, int64_t value, unsigned decimals);

/* "1 h 30 min", "42 s"; room for 32 bytes.  Returns text. */
char *duration_text(char *text, uint32_t seconds);

/* Prints one JSON object and drops the reference. */
void out_json(struct out *out, json_t *object);

/* The same on one line, for what goes on: `--watch`. */
void out_json_line(struct out *out, json_t *object);

/*
 * A struct of msg as JSON, by its table: dots in names make nested objects,
 * absent fields are null, a group of fields listed in collapse
 * (NULL-terminated, may be NULL) is null when all of them are absent.  New
 * reference.
 */
json_t *json_of(
    const struct message *msg, const void *body, const char *const *collapse);

/* Text of whatever origin: what is no UTF-8 is escaped.  New reference. */
json_t *json_text(const char *raw);

/* One field as JSON; null, or [] for texts, if absent.  New reference. */
json_t *json_of_field(const struct field *field, const void *body);

/* json_object_set_new at a dotted path below object, making what is missing. */
void json_put(json_t *object, const char *path, json_t *value);

/*
 * Ends the answer: flushes, renames FILE.part to FILE.  E_OK, E_IO (disk full,
 * stdout gone bad), E_CLOSED_PIPE.
 */
int out_finish(struct out *out, struct failure *failure);

/* Progress on stderr, when that is a terminal: "label 42 %". total 0: end. */
void out_progress(
    struct out *out, const char *label, uint64_t done, uint64_t total);

#endif
