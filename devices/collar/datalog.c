/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * In flash a header's count is 0, for it is programmed when the block begins;
 * what follows it in the slot are its records, up to the first blank one.  A
 * record that a power cut tore is left out when the block is read.
 */

#include "datalog.h"

#include <string.h>

static uint32_t
slot_at(const struct datalog *log, const struct board *board, uint32_t index)
{
	return flash_at(board, &log->area, 0) + index % log->slots * BLOCK_MAX;
}

static uint32_t
record_at(uint32_t block_at, unsigned number)
{
	return block_at + BLOCK_HEADER_LEN + number * (uint32_t)RECORD_LEN;
}

/* Reads the header in the slot of a block; false if it is another's or none. */
static bool
header_read(const struct datalog *log, const struct board *board,
    uint32_t index, struct block_header *header)
{
	uint8_t bytes[BLOCK_HEADER_LEN];

	return flash_read(
		   board, slot_at(log, board, index), bytes, sizeof(bytes)) &&
	    block_header_decode(header, bytes) && header->index == index;
}

/* Finds the newest block: looks at the header in every slot. */
static bool
find_newest(struct datalog *log, const struct board *board)
{
	uint8_t bytes[BLOCK_HEADER_LEN];
	struct block_header header;
	bool found = false;

	for (uint32_t slot = 0; slot < log->slots; slot++) {
		if (!flash_read(board, slot_at(log, board, slot), bytes,
			sizeof(bytes)) ||
		    !block_header_decode(&header, bytes) ||
		    header.index % log->slots != slot)
			continue;
		if (found && header.index < log->next)
			continue;
		log->next = header.index + 1;
		found = true;
	}
	return found;
}

static void
find_oldest(struct datalog *log, const struct board *board)
{
	struct block_header header;

	if (log->next > log->slots)
		log->oldest = log->next - log->slots;
	while (log->oldest + 1 < log->next &&
	    !header_read(log, board, log->oldest, &header))
		log->oldest++;
}

static bool
id_make(struct datalog *log, const struct board *board, struct store *store)
{
	struct store_item item = { STORE_DATA_ID, LOG_ID_LEN, log->id };

	board->ops->random(board->self, log->id, LOG_ID_LEN);
	return store_commit(store, board, &item, 1);
}

bool
datalog_mount(
    struct datalog *log, const struct board *board, struct store *store)
{
	memset(log, 0, sizeof(*log));
	if (!flash_geometry_ok(board))
		return false;
	log->area = flash_area(board, FLASH_DATA);
	log->slots_per_sector = board->flash.sector_len / BLOCK_MAX;
	log->slots = log->area.sectors * log->slots_per_sector;
	log->cause = BLOCK_FIRST;
	if (find_newest(log, board)) {
		find_oldest(log, board);
		log->cause = BLOCK_RESTART;
		if (store_get(store, board, STORE_DATA_ID, log->id,
			LOG_ID_LEN) == LOG_ID_LEN)
			return true;
	}
	return id_make(log, board, store);
}

/* A reason that was given first stays, unless worse comes. */
void
datalog_break(struct datalog *log, enum block_cause cause)
{
	bool given = !log->open && log->cause != BLOCK_FULL;

	log->open = false;
	if (!given || cause == BLOCK_MEMORY)
		log->cause = (uint8_t)cause;
}

/* Makes the sector blank that the ring enters, and forgets what was in it. */
static bool
sector_enter(struct datalog *log, const struct board *board)
{
	uint32_t kept = log->slots - log->slots_per_sector;

	if (log->next > kept && log->oldest < log->next - kept)
		log->oldest = log->next - kept;
	return flash_make_blank(board, slot_at(log, board, log->next));
}

/* Passes over slots that cannot be used until one is blank. */
static bool
slot_find(struct datalog *log, const struct board *board)
{
	for (uint32_t tries = 0; tries < 2 * log->slots_per_sector; tries++) {
		uint32_t at = slot_at(log, board, log->next);

		if (log->next % log->slots_per_sector == 0
			? sector_enter(log, board)
			: flash_blank(board, at, at + BLOCK_MAX))
			return true;
		log->next++;
	}
	return false;
}

static bool
block_begin(struct datalog *log, const struct board *board,
    const struct datalog_frame *frame)
{
	uint8_t bytes[BLOCK_HEADER_LEN];
	uint32_t at;

	if (log->slots == 0 || !slot_find(log, board))
		return false;
	log->header = (struct block_header){ .format = BLOCK_FORMAT_PLAIN,
		.cause = log->cause,
		.sample_minutes = frame->sample_minutes,
		.index = log->next,
		.boot = frame->boot,
		.untrusted = frame->untrusted };
	block_header_encode(&log->header, bytes);
	at = slot_at(log, board, log->next);
	log->next++;
	if (!flash_program(board, at, bytes, sizeof(bytes)))
		return false;
	log->open = true;
	log->count = 0;
	log->cause = BLOCK_FULL;
	return true;
}

static bool
record_write(struct datalog *log, const struct board *board,
    const struct interval *record)
{
	uint32_t at = record_at(slot_at(log, board, log->next - 1), log->count);
	uint8_t bytes[RECORD_LEN];

	interval_encode(record, bytes);
	if (!flash_program(board, at, bytes, sizeof(bytes)))
		return false;
	log->last_at = record->at;
	log->count++;
	if (log->count == BLOCK_RECORDS_MAX)
		log->open = false;
	return true;
}

static void
frame_check(struct datalog *log, const struct datalog_frame *frame,
    const struct interval *record)
{
	const struct block_header *header = &log->header;

	if (!log->open && log->cause != BLOCK_FULL)
		return;
	if (header->sample_minutes != frame->sample_minutes)
		datalog_break(log, BLOCK_INTERVAL);
	else if (header->untrusted != frame->untrusted ||
	    record->at <= log->last_at)
		datalog_break(log, BLOCK_CLOCK);
	else if (header->boot != frame->boot)
		datalog_break(log, BLOCK_RESTART);
}

bool
datalog_append(struct datalog *log, const struct board *board,
    const struct datalog_frame *frame, const struct interval *record)
{
	frame_check(log, frame, record);
	for (unsigned tries = 0; tries < 2; tries++) {
		if ((log->open || block_begin(log, board, frame)) &&
		    record_write(log, board, record))
			return true;
		datalog_break(log, BLOCK_MEMORY);
	}
	return false;
}

/* Moves the sound ones among the records behind the header together. */
static uint8_t
records_gather(uint8_t *block)
{
	uint8_t *to = block + BLOCK_HEADER_LEN, *from = to;
	struct interval record;
	uint32_t last_at = 0;
	uint8_t count = 0;

	for (unsigned i = 0; i < BLOCK_RECORDS_MAX; i++, from += RECORD_LEN) {
		if (!interval_decode(&record, from) ||
		    (count > 0 && record.at <= last_at))
			continue;
		memmove(to, from, RECORD_LEN);
		to += RECORD_LEN;
		last_at = record.at;
		count++;
	}
	return count;
}

/*
 * A slot that was passed over, since a power cut tore its header, is a block
 * without records: nothing was lost in it.  The frame is that of a neighbour.
 */
static bool
passed_over(const struct datalog *log, const struct board *board,
    uint32_t index, struct block_header *header)
{
	uint32_t at = slot_at(log, board, index);

	if (!flash_blank(board, at + BLOCK_HEADER_LEN, at + BLOCK_MAX))
		return false;
	if ((index == 0 || !header_read(log, board, index - 1, header)) &&
	    !header_read(log, board, index + 1, header))
		return false;
	header->cause = BLOCK_RESTART;
	header->index = index;
	return true;
}

size_t
datalog_read(const struct datalog *log, const struct board *board,
    uint32_t index, bool headers_only, uint8_t *buf)
{
	struct block_header header;
	uint8_t *records = buf + BLOCK_HEADER_LEN;
	size_t sent;

	if (index < log->oldest || index >= log->next ||
	    !flash_read(board, slot_at(log, board, index), buf, BLOCK_MAX) ||
	    (!header_read(log, board, index, &header) &&
		!passed_over(log, board, index, &header)))
		return 0;
	header.count = records_gather(buf);
	block_header_encode(&header, buf);
	sent = header.count;
	if (headers_only && sent > 2) {
		memmove(records + RECORD_LEN, records + (sent - 1) * RECORD_LEN,
		    RECORD_LEN);
		sent = 2;
	}
	return BLOCK_HEADER_LEN + sent * RECORD_LEN;
}

static bool
record_read(const struct board *board, uint32_t at, struct interval *record)
{
	uint8_t bytes[RECORD_LEN];

	return flash_read(board, at, bytes, sizeof(bytes)) &&
	    interval_decode(record, bytes);
}

/*
 * Counts the records of a block from its end, without reading them all, and
 * leaves the last one: a torn record is always the last, for it ends its block.
 */
static unsigned
block_count(const struct datalog *log, const struct board *board,
    uint32_t index, struct interval *last)
{
	uint32_t at = slot_at(log, board, index);
	unsigned count = BLOCK_RECORDS_MAX;
	struct block_header header;

	if (!header_read(log, board, index, &header))
		return 0;
	while (count > 0 && !record_read(board, record_at(at, count - 1), last))
		count--;
	return count;
}

bool
datalog_newest(const struct datalog *log, const struct board *board,
    struct interval *record)
{
	for (uint32_t i = log->next; i > log->oldest; i--)
		if (block_count(log, board, i - 1, record) > 0)
			return true;
	return false;
}

/* First record that is stamped with UTC. */
static bool
first_utc(const struct datalog *log, const struct board *board,
    struct interval *record)
{
	struct block_header header;

	for (uint32_t i = log->oldest; i < log->next; i++)
		if (header_read(log, board, i, &header) && !header.untrusted &&
		    record_read(
			board, record_at(slot_at(log, board, i), 0), record))
			return true;
	return false;
}

static bool
last_utc(const struct datalog *log, const struct board *board,
    struct interval *record)
{
	struct block_header header;

	for (uint32_t i = log->next; i > log->oldest; i--)
		if (header_read(log, board, i - 1, &header) &&
		    !header.untrusted &&
		    block_count(log, board, i - 1, record) > 0)
			return true;
	return false;
}

void
datalog_info(
    const struct datalog *log, const struct board *board, struct log_info *info)
{
	uint32_t blocks = log->next - log->oldest;
	struct interval record;

	memset(info, 0, sizeof(*info));
	info->log_id.len = LOG_ID_LEN;
	memcpy(info->log_id.at, log->id, LOG_ID_LEN);
	for (uint32_t i = log->oldest; i < log->next; i++)
		info->records += block_count(log, board, i, &record);
	info->bytes = blocks * BLOCK_HEADER_LEN + info->records * RECORD_LEN;
	info->open = log->open;
	HAVE(info, LOG_INFO_LOG_ID);
	HAVE(info, LOG_INFO_RECORDS);
	HAVE(info, LOG_INFO_BYTES);
	HAVE(info, LOG_INFO_OPEN);
	if (blocks == 0)
		return;
	info->oldest = log->oldest;
	info->newest = log->next - 1;
	HAVE(info, LOG_INFO_OLDEST);
	HAVE(info, LOG_INFO_NEWEST);
	if (first_utc(log, board, &record)) {
		info->first_at = record.at;
		HAVE(info, LOG_INFO_FIRST_AT);
	}
	if (last_utc(log, board, &record)) {
		info->last_at = record.at;
		HAVE(info, LOG_INFO_LAST_AT);
	}
}
