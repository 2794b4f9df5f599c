/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_EVENTLOG_H
#define COLLAR_EVENTLOG_H

/*
 * The event log: a ring that forgets its oldest events, a sector of them at a
 * time.  Index 0 is the first event of its life; no index is ever reused.
 */

#include "../../proto/log.h"
#include "store.h"

enum { EVENT_LEN_MAX = 400 }; /* of an encoded event */

struct eventlog {
	struct ring ring;
	uint8_t id[LOG_ID_LEN];
	uint32_t oldest;  /* index */
	uint32_t next;    /* index of the next event; == oldest: empty */
	uint32_t next_at; /* its address; the end of the sector: none left */
	uint32_t cursor, cursor_at; /* where the last read left off */
};

/* Takes up the log, or makes it: with an id of its own, kept in the store. */
bool eventlog_mount(
    struct eventlog *log, const struct board *board, struct store *store);

/* Appends an event; durable on return.  False if the flash fails. */
bool eventlog_append(
    struct eventlog *log, const struct board *board, const struct event *event);

/*
 * Copies the encoded event of that index.  Returns its length, 0 if it is gone,
 * unreadable or not yet written.  buf has room for EVENT_LEN_MAX.
 */
size_t eventlog_read(struct eventlog *log, const struct board *board,
    uint32_t index, uint8_t *buf);

/* Answers what is in it.  Reads the whole log: tens of milliseconds. */
void eventlog_info(
    struct eventlog *log, const struct board *board, struct log_info *info);

#endif
