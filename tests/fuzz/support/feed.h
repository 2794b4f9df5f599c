/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_FEED_H
#define FUZZ_FEED_H

/*
 * A fuzzer's input as a script: targets take from it what to do next, and with
 * which values.  Whatever the bytes, messages made from it are of their table's
 * form, so that the fuzzer need not find out how to write CBOR; a used-up feed
 * gives zeros.
 */

#include "../../../proto/ops.h"

struct feed {
	const uint8_t *at, *end;
};

/* What every target defines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program, as a finding, unless good. */
void must(bool good);

struct feed feed_of(const uint8_t *data, size_t len);
bool feed_is_empty(const struct feed *feed);

uint8_t feed_byte(struct feed *feed);

/* A number below count, which is at most 256. */
unsigned feed_below(struct feed *feed, unsigned count);

/* At most max bytes, their number from the feed too; borrowed from it. */
const uint8_t *feed_bytes(struct feed *feed, size_t max, size_t *len);

/*
 * Fills *body, a struct of msg, by its table: required fields always, optional
 * ones as the feed says, values in range but for a few just outside.  Times lie
 * around utc_ms; octets are one byte repeated, so that ids meet again.
 */
void feed_message(
    struct feed *feed, const struct message *msg, void *body, uint64_t utc_ms);

/*
 * With FUZZ_TRACE in the environment, one line a message, as a trace has them:
 * '>' to the collar, '<' from it, its bytes in hex.  For looking at findings.
 */
void show_message(char sign, const uint8_t *payload, size_t len);

/* Does one of the ranges hold the index? */
bool ranges_hold(const struct ranges *ranges, uint32_t index);

#endif
