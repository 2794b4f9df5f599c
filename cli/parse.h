/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include <stdint.h>

#include "../proto/message.h"
#include "failure.h"

/*
 * Parse what people type; on failure E_USAGE or E_BAD_VALUE (exit 64) with the
 * option or field named `what` in failure.
 *   duration: 90, 90s, 10m, 1h30m, 7d                      -> seconds
 *   time:     now, top-of-hour, RFC 3339 with zone         -> UTC ms
 *   bound:    a time, a date (0:00 UTC) or a duration ago  -> UTC ms
 *   number:   decimal within min..max
 *   timeout:  a duration of 1s to 1d                       -> ms
 */
int parse_duration(const char *text, const char *what, uint32_t *seconds,
    struct failure *failure);
int parse_time(const char *text, const char *what, uint64_t now_utc_ms,
    uint64_t *utc_ms, struct failure *failure);
int parse_bound(const char *text, const char *what, uint64_t now_utc_ms,
    uint64_t *utc_ms, struct failure *failure);
int parse_timeout(
    const char *text, const char *what, int *ms, struct failure *failure);
int parse_number(const char *text, const char *what, int64_t min, int64_t max,
    int64_t *number, struct failure *failure);

/* The value of a hex digit of either case; -1 if it is none. */
int hex_digit(char c);

/*
 * Sets one field of a body (a struct of msg) from text as a person types it, by
 * the field's row: range, rule, names, decimals.  E_BAD_VALUE says which field,
 * which value and what would be right.
 */
int parse_field(const struct message *msg, const struct field *field,
    void *body, const char *text, struct failure *failure);

#endif
