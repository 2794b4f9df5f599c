/* SPDX-License-Identifier: BSD-2-Clause */

#include "eventlog.h"

#include <string.h>

enum { EVENTLOG_MAGIC = 0x31766543, /* "Cev1" */ EVENT_MAGIC = 0x1de3 };

static uint32_t
head_at(const struct eventlog *log, const struct board *board)
{
	return ring_at(&log->ring, board, (uint16_t)(log->ring.used - 1));
}

static bool
id_make(struct eventlog *log, const struct board *board, struct store *store)
{
	struct store_item item = { STORE_EVENT_ID, LOG_ID_LEN, log->id };

	board->ops->random(board->self, log->id, LOG_ID_LEN);
	return store_commit(store, board, &item, 1);
}

/* Index of the first event in the age'th sector, or past the newest one. */
static uint32_t
sector_first(
    const struct eventlog *log, const struct board *board, uint16_t age)
{
	struct ring_header header;

	if (!ring_read_header(&log->ring, board, age, &header))
		return log->next;
	return header.first;
}

static void
head_scan(struct eventlog *log, const struct board *board)
{
	uint32_t at = head_at(log, board), end = ring_end(board, at);
	uint16_t len;

	log->next = log->ring.first;
	at = ring_body(board, at);
	while (entry_check(board, at, end, EVENT_MAGIC, &len)) {
		at += entry_whole_len(board, len);
		log->next++;
	}
	log->next_at = flash_blank(board, at, end) ? at : end;
}

static bool
eventlog_grow(struct eventlog *log, const struct board *board)
{
	struct ring *ring = &log->ring;
	uint32_t at;

	if (ring_free(ring) == 0) {
		if (!ring_drop_oldest(ring, board))
			return false;
		log->oldest = sector_first(log, board, 0);
	}
	if (!ring_prepare(ring, board, &at) ||
	    !ring_advance(ring, board, log->next))
		return false;
	log->next_at = ring_body(board, at);
	return true;
}

bool
eventlog_mount(
    struct eventlog *log, const struct board *board, struct store *store)
{
	memset(log, 0, sizeof(*log));
	if (!flash_geometry_ok(board))
		return false;
	ring_mount(&log->ring, board, FLASH_EVENTS, EVENTLOG_MAGIC);
	if (log->ring.used == 0)
		return id_make(log, board, store) && eventlog_grow(log, board);
	head_scan(log, board);
	log->oldest = sector_first(log, board, 0);
	return store_get(store, board, STORE_EVENT_ID, log->id, LOG_ID_LEN) ==
	    LOG_ID_LEN ||
	    id_make(log, board, store);
}

static bool
event_write(struct eventlog *log, const struct board *board,
    const uint8_t *bytes, uint16_t len)
{
	struct flash_sink sink;

	sink_begin(&sink, board, log->next_at, EVENT_MAGIC, len);
	sink_put(&sink, board, bytes, len);
	if (!sink_end(&sink, board)) {
		log->next_at = ring_end(board, head_at(log, board));
		return false;
	}
	log->next_at += entry_whole_len(board, len);
	log->next++;
	return true;
}

static bool
event_fits(const struct eventlog *log, const struct board *board, uint32_t len)
{
	return log->ring.used > 0 &&
	    log->next_at + entry_whole_len(board, len) <=
	    ring_end(board, head_at(log, board));
}

bool
eventlog_append(
    struct eventlog *log, const struct board *board, const struct event *event)
{
	uint8_t bytes[EVENT_LEN_MAX];
	struct cbor_out out = cbor_writer(bytes, sizeof(bytes));
	size_t len;

	message_encode(&msg_event, event, &out);
	len = cbor_len(&out, bytes);
	if (len == 0 || log->ring.area.sectors == 0)
		return false;
	if (event_fits(log, board, (uint32_t)len) &&
	    event_write(log, board, bytes, (uint16_t)len))
		return true;
	return eventlog_grow(log, board) &&
	    event_write(log, board, bytes, (uint16_t)len);
}

/* The sector that should hold an index, as its age. */
static uint16_t
sector_of(const struct eventlog *log, const struct board *board, uint32_t index)
{
	uint16_t age = 0;

	while (age + 1 < log->ring.used &&
	    sector_first(log, board, (uint16_t)(age + 1)) <= index)
		age++;
	return age;
}

/* Moves the cursor to an index that the log holds; false if the way is torn. */
static bool
cursor_seek(struct eventlog *log, const struct board *board, uint32_t index)
{
	uint16_t age = sector_of(log, board, index), len;
	uint32_t first = sector_first(log, board, age);
	uint32_t at = ring_at(&log->ring, board, age);
	uint32_t end = ring_end(board, at);

	if (first > index) /* its header cannot be read */
		return false;
	if (log->cursor_at < at || log->cursor_at >= end ||
	    log->cursor < first || log->cursor > index) {
		log->cursor = first;
		log->cursor_at = ring_body(board, at);
	}
	while (log->cursor < index) {
		if (!entry_len(board, log->cursor_at, end, EVENT_MAGIC, &len))
			return false;
		log->cursor_at += entry_whole_len(board, len);
		log->cursor++;
	}
	return true;
}

size_t
eventlog_read(struct eventlog *log, const struct board *board, uint32_t index,
    uint8_t *buf)
{
	uint32_t end;
	uint16_t len;

	if (index < log->oldest || index >= log->next ||
	    !cursor_seek(log, board, index))
		return 0;
	end = log->cursor_at - log->cursor_at % board->flash.sector_len +
	    board->flash.sector_len;
	if (!entry_check(board, log->cursor_at, end, EVENT_MAGIC, &len) ||
	    len > EVENT_LEN_MAX ||
	    !flash_read(board, log->cursor_at + ENTRY_HEAD_LEN, buf, len))
		return 0;
	return len;
}

/* Time of an event; false if it is not UTC, or the event is unreadable. */
static bool
event_at(struct eventlog *log, const struct board *board, uint32_t index,
    uint32_t *at)
{
	uint8_t buf[EVENT_LEN_MAX];
	struct cbor_in in =
	    cbor_reader(buf, eventlog_read(log, board, index, buf));
	bool untrusted = false;

	for (size_t pairs = cbor_get_map(&in); pairs > 0; pairs--) {
		uint32_t key = cbor_get_uint(&in, UINT8_MAX);

		if (key == EVENT_KEY_AT)
			*at = cbor_get_uint(&in, UINT32_MAX);
		else if (key == EVENT_KEY_UNTRUSTED)
			untrusted = cbor_get_bool(&in);
		else
			cbor_skip(&in);
	}
	return cbor_done(&in) && !untrusted;
}

static uint32_t
event_bytes(struct eventlog *log, const struct board *board)
{
	uint32_t bytes = 0;
	uint16_t len;

	for (uint32_t i = log->oldest; i < log->next; i++) {
		if (!cursor_seek(log, board, i) ||
		    !entry_len(
			board, log->cursor_at, UINT32_MAX, EVENT_MAGIC, &len))
			continue;
		bytes += len;
	}
	return bytes;
}

void
eventlog_info(
    struct eventlog *log, const struct board *board, struct log_info *info)
{
	memset(info, 0, sizeof(*info));
	info->log_id.len = LOG_ID_LEN;
	memcpy(info->log_id.at, log->id, LOG_ID_LEN);
	info->records = log->next - log->oldest;
	info->bytes = event_bytes(log, board);
	HAVE(info, LOG_INFO_LOG_ID);
	HAVE(info, LOG_INFO_RECORDS);
	HAVE(info, LOG_INFO_BYTES);
	if (info->records == 0)
		return;
	info->oldest = log->oldest;
	info->newest = log->next - 1;
	HAVE(info, LOG_INFO_OLDEST);
	HAVE(info, LOG_INFO_NEWEST);
	if (event_at(log, board, info->oldest, &info->first_at))
		HAVE(info, LOG_INFO_FIRST_AT);
	if (event_at(log, board, info->newest, &info->last_at))
		HAVE(info, LOG_INFO_LAST_AT);
}
