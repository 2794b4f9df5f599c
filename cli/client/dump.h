/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_DUMP_H
#define CLIENT_DUMP_H

/*
 * Interval data fetched from a unit: blocks as they came, kept on the way in a
 * file so that an interrupted dump goes on where it stopped.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../proto/interval.h"
#include "client.h"

struct dump_block {
	uint32_t index;
	uint16_t len;
	uint8_t bytes[BLOCK_MAX];
};

struct dump {
	struct log_info info;
	struct dump_block *blocks; /* ascending indices; owned */
	size_t count, room;
	struct ranges lost; /* gone or unreadable on the unit */
};

/* The stretch of time that one block covers, and why it was begun. */
struct dump_span {
	uint32_t index;
	uint32_t first_at, last_at; /* ends of its first and last record */
	uint8_t sample_minutes, cause;
	uint16_t records;
	bool untrusted;
};

/* Asks the unit what interval data it has: fills dump->info. */
int dump_ask(struct client *client, struct dump *dump, struct failure *failure);

/*
 * Reads the span of every block of the unit into *spans (allocated, the
 * caller's to free) and their number into *count.
 */
int dump_spans(struct client *client, const struct dump *dump,
    struct dump_span **spans, size_t *count, struct failure *failure);

/*
 * Fetches the blocks first..last.  With a path, what comes is kept in that file
 * as it comes, and a file that an interrupted fetch of the same log left there
 * is continued; where first is the unit's oldest, blocks in it that the unit
 * has overwritten since are kept.  The caller removes it when the data is safe
 * elsewhere.
 * progress, if not NULL, is called with blocks done and to do.  Errors: those
 * of client_stream, E_BAD_DATA (the file is no such thing, or another unit's),
 * E_CANNOT_CREATE, E_IO.
 */
int dump_fetch(struct client *client, struct dump *dump, uint32_t first,
    uint32_t last, const char *path,
    void (*progress)(void *ctx, uint64_t done, uint64_t total), void *ctx,
    struct failure *failure);

/* Frees what the dump holds; the dump itself is the caller's. */
void dump_free(struct dump *dump);

#endif
