/* SPDX-License-Identifier: BSD-2-Clause */
#include "log.h"

const char *const role_names[] = { "none", "read-only", "installer", "admin",
	"factory", "nobody", NULL };

const struct event_row event_rows[] = {
#define EVENT(number, NAME, name, text) \
	{ (number), (name), FOR_PEOPLE((text)) },
#include "events.def"
#undef EVENT
	{ 0 },
};

/* By kind; none has the number 0. */
static const char *const event_names[] = {
	"unknown",
#define EVENT(number, NAME, name, text) [number] = (name),
#include "events.def"
#undef EVENT
	NULL,
};

enum { EVENT_KIND_MAX = nitems(event_names) - 2 };

static const struct field log_info_fields[] = {
	FIELD_PLAIN(struct log_info, log_id, "log_id", LOG_INFO_LOG_ID,
	    REQUIRED, LOG_ID_LEN, LOG_ID_LEN, "",
	    "random bytes made with the log"),
	FIELD_PLAIN(struct log_info, oldest, "oldest", LOG_INFO_OLDEST,
	    OPTIONAL, 0, UINT32_MAX, "", "index of the oldest entry"),
	FIELD_PLAIN(struct log_info, newest, "newest", LOG_INFO_NEWEST,
	    OPTIONAL, 0, UINT32_MAX, "", "index of the newest entry"),
	FIELD_PLAIN(struct log_info, records, "records", LOG_INFO_RECORDS,
	    REQUIRED, 0, UINT32_MAX, "", "interval records, or events"),
	FIELD_SHOWN(struct log_info, first_at, "first_at", LOG_INFO_FIRST_AT,
	    OPTIONAL, 0, UINT32_MAX, SHOW_UTC, NULL, "s since 1970, UTC",
	    "time of the oldest of them"),
	FIELD_SHOWN(struct log_info, last_at, "last_at", LOG_INFO_LAST_AT,
	    OPTIONAL, 0, UINT32_MAX, SHOW_UTC, NULL, "s since 1970, UTC",
	    "time of the newest of them"),
	FIELD_PLAIN(struct log_info, sample_minutes, "sample_minutes",
	    LOG_INFO_SAMPLE_MINUTES, OPTIONAL, 1, 60, "min",
	    "minutes between records of interval data"),
	FIELD_PLAIN(struct log_info, bytes, "bytes", LOG_INFO_BYTES, OPTIONAL,
	    0, UINT32_MAX, "bytes", "that a whole read carries in its parts"),
	FIELD_PLAIN(struct log_info, open, "open", LOG_INFO_OPEN, OPTIONAL, 0,
	    1, "", "whether the newest entry will still grow"),
};

static const struct field log_read_fields[] = {
	FIELD_PLAIN(struct log_read, log_id, "log_id", LOG_READ_LOG_ID,
	    REQUIRED, LOG_ID_LEN, LOG_ID_LEN, "", "the log meant"),
	FIELD_PLAIN(struct log_read, first, "first", LOG_READ_FIRST, REQUIRED,
	    0, UINT32_MAX, "", "index of the first entry wanted"),
	FIELD_PLAIN(struct log_read, last, "last", LOG_READ_LAST, REQUIRED, 0,
	    UINT32_MAX, "", "index of the last entry wanted"),
	FIELD_PLAIN(struct log_read, through, "through", LOG_READ_THROUGH,
	    REQUIRED, 0, UINT32_MAX, "", "highest index to be sent for now"),
	FIELD_PLAIN(struct log_read, headers, "headers", LOG_READ_HEADERS,
	    OPTIONAL, 0, 1, "",
	    "of each block only header, first and last record"),
};

static const struct field log_done_fields[] = {
	FIELD_PLAIN(struct log_done, oldest, "oldest", LOG_DONE_OLDEST,
	    OPTIONAL, 0, UINT32_MAX, "", "index of the oldest entry now"),
	FIELD_PLAIN(struct log_done, lost, "lost", LOG_DONE_LOST, OPTIONAL, 0,
	    RANGES_MAX, "", "asked for, but overwritten or unreadable"),
};

static const struct field credit_fields[] = {
	FIELD_PLAIN(struct credit, through, "through", CREDIT_THROUGH, REQUIRED,
	    0, UINT32_MAX, "", "highest index to be sent for now"),
	FIELD_PLAIN(struct credit, gaps, "gaps", CREDIT_GAPS, OPTIONAL, 0,
	    RANGES_MAX, "", "to be repeated"),
};

static const struct field event_fields[] = {
	FIELD_SHOWN(struct event, at, "at", EVENT_KEY_AT, REQUIRED, 0,
	    UINT32_MAX, SHOW_UTC, NULL, "s since 1970, UTC", "when"),
	FIELD_SHOWN(struct event, kind, "kind", EVENT_KEY_KIND, REQUIRED, 1,
	    EVENT_KIND_MAX, SHOW_NAME, event_names, "", "what happened"),
	FIELD_SHOWN(struct event, role, "role", EVENT_KEY_ROLE, OPTIONAL,
	    ROLE_NONE, ROLE_FACTORY, SHOW_NAME, role_names, "",
	    "role of who did it; absent: the unit itself"),
	FIELD_PLAIN(struct event, holder, "holder", EVENT_KEY_HOLDER, OPTIONAL,
	    1, HOLDER_MAX, "", "who did it"),
	FIELD_PLAIN(struct event, field, "field", EVENT_KEY_FIELD, OPTIONAL, 1,
	    32, "", "field of the record, or condition"),
	FIELD_PLAIN(struct event, old, "old", EVENT_KEY_OLD, OPTIONAL, 0, 128,
	    "", "its value before"),
	FIELD_PLAIN(struct event, new, "new", EVENT_KEY_NEW, OPTIONAL, 0, 128,
	    "", "its value after"),
	FIELD_PLAIN(struct event, untrusted, "untrusted", EVENT_KEY_UNTRUSTED,
	    OPTIONAL, 0, 1, "",
	    "the clock was not trusted: the time counts from the start"),
};

MESSAGE(msg_log_info, "log-info", struct log_info, log_info_fields,
    "what a log holds");
MESSAGE(msg_log_read, "log-read", struct log_read, log_read_fields,
    "begin a stream of entries");
MESSAGE(msg_log_done, "log-done", struct log_done, log_done_fields,
    "the end of a stream");
MESSAGE(msg_credit, "credit", struct credit, credit_fields,
    "how far a stream may go, and what to repeat");
MESSAGE(msg_event, "event", struct event, event_fields,
    "an entry of the event log");
