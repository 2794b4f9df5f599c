/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_LOG_H
#define PROTO_LOG_H

/*
 * The two logs of a unit, interval data and events, as the wire knows them:
 * entries (a block of records, an event) with a 32-bit index that is never
 * reused during the life of the log, read as streams of parts.
 */

#include "change.h"
#include "message.h"

enum { LOG_ID_LEN = 8, BLOCK_MAX = 1024 };

enum log_info_key {
	LOG_INFO_LOG_ID = 1,
	LOG_INFO_OLDEST = 2,
	LOG_INFO_NEWEST = 3,
	LOG_INFO_RECORDS = 4,
	LOG_INFO_FIRST_AT = 5,
	LOG_INFO_LAST_AT = 6,
	LOG_INFO_SAMPLE_MINUTES = 7,
	LOG_INFO_BYTES = 8,
	LOG_INFO_OPEN = 9,
};

struct log_info {
	uint64_t has;
	struct octets log_id; /* LOG_ID_LEN random bytes, made with the log */
	uint32_t oldest, newest;    /* indices; absent while the log is empty */
	uint32_t records;           /* interval records, or events */
	uint32_t first_at, last_at; /* UTC; absent while empty */
	uint8_t sample_minutes;     /* interval data only */
	uint32_t bytes;             /* that a whole read carries in its parts */
	bool open;                  /* the newest block will still grow */
};

enum log_read_key {
	LOG_READ_LOG_ID = 1,
	LOG_READ_FIRST = 2,
	LOG_READ_LAST = 3,
	LOG_READ_THROUGH = 4,
	LOG_READ_HEADERS = 5,
};

struct log_read {
	uint64_t has;
	struct octets log_id;
	uint32_t first, last;
	uint32_t through; /* first credit: the highest index to send now */
	bool headers;     /* blocks: header, first and last record only */
};

enum log_done_key {
	LOG_DONE_OLDEST = 1,
	LOG_DONE_LOST = 2,
};

/* Closes a stream. */
struct log_done {
	uint64_t has;
	uint32_t oldest;    /* of the log, now */
	struct ranges lost; /* asked for, but overwritten or unreadable */
};

enum credit_key { CREDIT_THROUGH = 1, CREDIT_GAPS = 2 };

struct credit {
	uint64_t has;
	uint32_t through;   /* the highest index allowed */
	struct ranges gaps; /* to be repeated; all of them, every time */
};

enum event_kind {
#define EVENT(number, NAME, ...) EVENT_##NAME = (number),
#include "events.def"
#undef EVENT
};

enum event_key {
	EVENT_KEY_AT = 1,
	EVENT_KEY_KIND = 2,
	EVENT_KEY_ROLE = 3,
	EVENT_KEY_HOLDER = 4,
	EVENT_KEY_FIELD = 5,
	EVENT_KEY_OLD = 6,
	EVENT_KEY_NEW = 7,
	EVENT_KEY_UNTRUSTED = 8,
};

/* One event, the bytes of a part of the event log. */
struct event {
	uint64_t has;
	uint32_t at;  /* UTC; seconds since start with untrusted */
	uint8_t kind; /* enum event_kind */
	uint8_t role; /* enum role; absent: the unit itself */
	char holder[HOLDER_MAX + 1];
	char field[33];          /* of the record, or a condition's name */
	char old[129], new[129]; /* as a person sees them */
	bool untrusted;          /* the clock was not trusted */
};

struct event_row {
	uint8_t kind;
	const char *name;
#ifndef COLLAR_FIRMWARE
	const char *text;
#endif
};

extern const struct event_row event_rows[]; /* name NULL ends */
extern const char *const role_names[];      /* "none", "read-only", … */

extern const struct message msg_log_info; /* struct log_info */
extern const struct message msg_log_read; /* struct log_read */
extern const struct message msg_log_done; /* struct log_done */
extern const struct message msg_credit;   /* struct credit */
extern const struct message msg_event;    /* struct event */

#endif
