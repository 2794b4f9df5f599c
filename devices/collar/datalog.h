/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_DATALOG_H
#define COLLAR_DATALOG_H

/*
 * The interval log: a ring of blocks of plain records (proto/interval.h), each
 * durable as it is appended.  Block n of its life lies in slot n modulo the
 * number of slots, so that an index needs no table.  The first block in a
 * sector erases the sector, and with it the oldest blocks.
 */

#include "../../proto/interval.h"
#include "../../proto/log.h"
#include "store.h"

struct datalog {
	struct flash_area area;
	uint8_t id[LOG_ID_LEN];
	uint32_t slots, slots_per_sector;
	uint32_t oldest; /* index */
	uint32_t next;   /* index of the next block; == oldest: empty */
	bool open;       /* block next - 1 takes more records */
	uint8_t count;   /* records in it, torn ones included */
	uint8_t cause;   /* of the next block: enum block_cause */
	struct block_header header; /* of the open block */
	uint32_t last_at;           /* of the last record in the open block */
};

/* What a block holds in common. */
struct datalog_frame {
	uint32_t boot;
	uint8_t sample_minutes;
	bool untrusted;
};

/*
 * Takes up the log, or makes it.  Closes the open block: the next one tells of
 * the restart.  A log without blocks gets its id anew.
 */
bool datalog_mount(
    struct datalog *log, const struct board *board, struct store *store);

/* Ends the open block; the next one gives this cause. */
void datalog_break(struct datalog *log, enum block_cause cause);

/*
 * Appends a record, durable on return.  A frame that differs from the open
 * block's, or a time that does not rise, begins a new block.  False if the
 * flash fails; the record is lost then.
 */
bool datalog_append(struct datalog *log, const struct board *board,
    const struct datalog_frame *frame, const struct interval *record);

/*
 * Reads a block into buf, of BLOCK_MAX bytes: header and its sound records, or
 * only the first and last of them.  Returns the length, 0 if the block is gone,
 * unreadable or not yet begun.
 */
size_t datalog_read(const struct datalog *log, const struct board *board,
    uint32_t index, bool headers_only, uint8_t *buf);

/* The newest record; false if there is none. */
bool datalog_newest(const struct datalog *log, const struct board *board,
    struct interval *record);

/* Answers what is in it; sample_minutes is left to the caller.  Looks at every
 * block: tens of milliseconds. */
void datalog_info(const struct datalog *log, const struct board *board,
    struct log_info *info);

#endif
