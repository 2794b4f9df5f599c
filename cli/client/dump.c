/* SPDX-License-Identifier: BSD-2-Clause */

#include "dump.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../proto/frame.h"

/*
 * The file of a dump in progress: a line, the log id, then for each block its
 * index and length (little endian), its bytes and the CRC-32C over all three.
 */
static const char part_magic[] = "collarctl interval blocks 1\n";

enum {
	PART_HEAD_LEN = sizeof(part_magic) - 1 + LOG_ID_LEN,
	ENTRY_HEAD_LEN = 6,
	ENTRY_CRC_LEN = 4,
	ENTRY_MAX = ENTRY_HEAD_LEN + BLOCK_MAX + ENTRY_CRC_LEN,
	BLOCKS_MAX = 1000000, /* far more than a unit has flash for */
};

struct fetch {
	struct dump *dump;
	FILE *part; /* NULL: not kept */
	const char *path;
	uint32_t first, last;
	void (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
	struct failure *failure;
};

static void
put_le(uint8_t *bytes, uint32_t value, int len)
{
	for (int i = 0; i < len; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t
get_le(const uint8_t *bytes, int len)
{
	uint32_t value = 0;

	for (int i = 0; i < len; i++)
		value |= (uint32_t)bytes[i] << 8 * i;

	return value;
}

static int
block_add(struct dump *dump, uint32_t index, const uint8_t *bytes, size_t len)
{
	struct dump_block *block;

	if (dump->count == dump->room) {
		size_t room = dump->room ? 2 * dump->room : 64;

		block = realloc(dump->blocks, room * sizeof(*block));
		if (!block)
			return E_INTERNAL;
		dump->blocks = block;
		dump->room = room;
	}
	block = &dump->blocks[dump->count++];
	block->index = index;
	block->len = (uint16_t)len;
	memcpy(block->bytes, bytes, len);

	return E_OK;
}

static bool
entry_write(FILE *file, uint32_t index, const uint8_t *bytes, size_t len)
{
	uint8_t entry[ENTRY_MAX];

	put_le(entry, index, 4);
	put_le(entry + 4, (uint32_t)len, 2);
	memcpy(entry + ENTRY_HEAD_LEN, bytes, len);
	len += ENTRY_HEAD_LEN;
	put_le(entry + len, crc32c(0, entry, len), ENTRY_CRC_LEN);
	len += ENTRY_CRC_LEN;

	return fwrite(entry, 1, len, file) == len && fflush(file) == 0;
}

/* One whole entry into *block; false at the end or where the file is torn. */
static bool
entry_read(FILE *file, struct dump_block *block)
{
	uint8_t entry[ENTRY_MAX];
	size_t len;

	if (fread(entry, 1, ENTRY_HEAD_LEN, file) != ENTRY_HEAD_LEN)
		return false;
	block->index = get_le(entry, 4);
	block->len = (uint16_t)get_le(entry + 4, 2);
	if (block->len > BLOCK_MAX)
		return false;
	len = block->len + (size_t)ENTRY_CRC_LEN;
	if (fread(entry + ENTRY_HEAD_LEN, 1, len, file) != len)
		return false;
	len = ENTRY_HEAD_LEN + (size_t)block->len;
	memcpy(block->bytes, entry + ENTRY_HEAD_LEN, block->len);

	return get_le(entry + len, ENTRY_CRC_LEN) == crc32c(0, entry, len);
}

/*
 * Does the entry continue what was asked for?  There may be no hole in it, but
 * below the oldest block of the unit: what the file has of those it has alone.
 */
static bool
entry_continues(const struct fetch *fetch, const struct dump_block *next,
    const struct dump_block *held)
{
	uint32_t due = fetch->first;

	if (held != NULL && next->index <= held->index)
		return false;
	if (held != NULL && held->index >= due)
		due = held->index + 1;
	if (due == fetch->dump->info.oldest && next->index < due)
		return true;

	return next->index == due && due <= fetch->last;
}

/*
 * Takes over the entries that continue what was asked for.  The last one is
 * left out if the unit still has it: it may have been an open block, which has
 * grown since.  Leaves the file's position, and its end, behind the last entry
 * taken.
 */
static int
part_load(struct fetch *fetch)
{
	struct dump_block next, held;
	bool have = false, more;
	long end = PART_HEAD_LEN;
	int err = E_OK;

	do {
		more = entry_read(fetch->part, &next) &&
		    entry_continues(fetch, &next, have ? &held : NULL);
		if (have && (more || held.index < fetch->first)) {
			err = block_add(
			    fetch->dump, held.index, held.bytes, held.len);
			end += ENTRY_HEAD_LEN + held.len + ENTRY_CRC_LEN;
		}
		held = next;
		have = more;
	} while (more && err == E_OK);
	if (err < 0)
		return fail(fetch->failure, err, "out of memory");
	if (fseek(fetch->part, end, SEEK_SET) != 0 ||
	    ftruncate(fileno(fetch->part), end) != 0)
		return fail(fetch->failure, E_IO, "%s: %s", fetch->path,
		    strerror(errno));

	return E_OK;
}

static int
part_create(struct fetch *fetch)
{
	fetch->part = fopen(fetch->path, "wbx");
	if (!fetch->part)
		return fail(fetch->failure, E_CANNOT_CREATE, "%s: %s",
		    fetch->path, strerror(errno));
	if (fwrite(part_magic, 1, sizeof(part_magic) - 1, fetch->part) !=
		sizeof(part_magic) - 1 ||
	    fwrite(fetch->dump->info.log_id.at, 1, LOG_ID_LEN, fetch->part) !=
		LOG_ID_LEN ||
	    fflush(fetch->part) != 0)
		return fail(fetch->failure, E_IO, "%s: %s", fetch->path,
		    strerror(errno));

	return E_OK;
}

/* Opens the file of the dump in progress, and takes up what stands in it. */
static int
part_open(struct fetch *fetch)
{
	char head[PART_HEAD_LEN];
	struct stat info;
	size_t len;

	/* a pipe would be waited on for ever */
	if (stat(fetch->path, &info) == 0 && !S_ISREG(info.st_mode))
		return fail(fetch->failure, E_CANNOT_CREATE, "%s: no file",
		    fetch->path);
	fetch->part = fopen(fetch->path, "r+b");
	if (!fetch->part && errno == ENOENT)
		return part_create(fetch);
	if (!fetch->part)
		return fail(fetch->failure, E_CANNOT_CREATE, "%s: %s",
		    fetch->path, strerror(errno));
	len = fread(head, 1, sizeof(head), fetch->part);
	if (len < sizeof(head) &&
	    memcmp(head, part_magic,
		len < sizeof(part_magic) - 1 ? len : sizeof(part_magic) - 1) ==
		0) {
		fclose(fetch->part);
		fetch->part = NULL;
		if (remove(fetch->path) != 0)
			return fail(fetch->failure, E_CANNOT_CREATE, "%s: %s",
			    fetch->path, strerror(errno));
		return part_create(fetch);
	}
	if (len < sizeof(head) ||
	    memcmp(head, part_magic, sizeof(part_magic) - 1) != 0 ||
	    memcmp(head + sizeof(part_magic) - 1, fetch->dump->info.log_id.at,
		LOG_ID_LEN) != 0) {
		fail(fetch->failure, E_BAD_DATA,
		    "%s is not the beginning of a dump of this unit's log",
		    fetch->path);
		return fail_hint(fetch->failure,
		    "move it away, or choose another file with --output");
	}

	return part_load(fetch);
}

static int
take_block(void *ctx, uint32_t index, const uint8_t *bytes, size_t len)
{
	struct fetch *fetch = ctx;

	if (len > BLOCK_MAX)
		return fail(fetch->failure, E_PROTOCOL,
		    "block %" PRIu32 " has %zu bytes", index, len);
	if (block_add(fetch->dump, index, bytes, len) < 0)
		return fail(fetch->failure, E_INTERNAL, "out of memory");
	if (fetch->part && !entry_write(fetch->part, index, bytes, len))
		return fail(fetch->failure, E_IO, "%s: %s", fetch->path,
		    strerror(errno));
	if (fetch->progress)
		fetch->progress(fetch->ctx, index - fetch->first + 1,
		    (uint64_t)fetch->last - fetch->first + 1);

	return E_OK;
}

/* One span from the edges of a block: header, first and last record. */
static bool
span_decode(
    struct dump_span *span, uint32_t index, const uint8_t *bytes, size_t len)
{
	struct block_header header;
	struct interval first, last;

	if (len < BLOCK_HEADER_LEN || !block_header_decode(&header, bytes) ||
	    header.format != BLOCK_FORMAT_PLAIN)
		return false;
	*span = (struct dump_span){ .index = index,
		.sample_minutes = header.sample_minutes,
		.cause = header.cause,
		.records = header.count,
		.untrusted = header.untrusted };
	if (header.count == 0)
		return len == BLOCK_HEADER_LEN;
	if (len !=
		BLOCK_HEADER_LEN + (header.count > 1 ? 2U : 1U) * RECORD_LEN ||
	    !interval_decode(&first, bytes + BLOCK_HEADER_LEN) ||
	    !interval_decode(&last, bytes + len - RECORD_LEN))
		return false;
	span->first_at = first.at;
	span->last_at = last.at;

	return true;
}

struct span_list {
	struct dump_span *spans;
	size_t count, room;
	struct failure *failure;
};

static int
take_span(void *ctx, uint32_t index, const uint8_t *bytes, size_t len)
{
	struct span_list *list = ctx;

	if (list->count == list->room)
		return fail(list->failure, E_PROTOCOL,
		    "more blocks than the unit announced");
	if (!span_decode(&list->spans[list->count], index, bytes, len))
		return fail(list->failure, E_BAD_DATA,
		    "the header of block %" PRIu32 " is damaged", index);
	list->count++;

	return E_OK;
}

int
dump_ask(struct client *client, struct dump *dump, struct failure *failure)
{
	const struct log_info *info = &dump->info;
	struct nothing nothing = { 0 };
	int err =
	    client_call(client, OP_DATA_INFO, &nothing, &dump->info, failure);

	if (err == E_OK && HAS(info, LOG_INFO_NEWEST) &&
	    (info->newest < info->oldest ||
		info->newest - info->oldest >= BLOCKS_MAX))
		err = fail(failure, E_PROTOCOL,
		    "the unit announces blocks %" PRIu32 " to %" PRIu32,
		    info->oldest, info->newest);

	return err;
}

int
dump_spans(struct client *client, const struct dump *dump,
    struct dump_span **spans, size_t *count, struct failure *failure)
{
	const struct log_info *info = &dump->info;
	struct log_read range = { .log_id = info->log_id,
		.first = info->oldest,
		.last = info->newest,
		.headers = true };
	struct span_list list = { .failure = failure };
	struct log_done done;
	int err;

	*spans = NULL;
	*count = 0;
	if (!HAS(info, LOG_INFO_NEWEST))
		return E_OK;
	HAVE(&range, LOG_READ_HEADERS);
	list.room = (size_t)(info->newest - info->oldest) + 1;
	list.spans = calloc(list.room, sizeof(*list.spans));
	if (!list.spans)
		return fail(failure, E_INTERNAL, "out of memory");
	err = client_stream(
	    client, OP_DATA_READ, &range, take_span, &list, &done, failure);
	if (err < 0) {
		free(list.spans);
		return err;
	}
	*spans = list.spans;
	*count = list.count;

	return E_OK;
}

int
dump_fetch(struct client *client, struct dump *dump, uint32_t first,
    uint32_t last, const char *path,
    void (*progress)(void *ctx, uint64_t done, uint64_t total), void *ctx,
    struct failure *failure)
{
	struct fetch fetch = { .dump = dump,
		.path = path,
		.first = first,
		.last = last,
		.progress = progress,
		.ctx = ctx,
		.failure = failure };
	struct log_read range = {
		.log_id = dump->info.log_id, .first = first, .last = last
	};
	struct log_done done = { 0 };
	int err = path ? part_open(&fetch) : E_OK;

	if (dump->count > 0 && dump->blocks[dump->count - 1].index >= first)
		range.first = dump->blocks[dump->count - 1].index + 1;
	if (err == E_OK && range.first <= last)
		err = client_stream(client, OP_DATA_READ, &range, take_block,
		    &fetch, &done, failure);
	if (err == E_OK)
		dump->lost = done.lost;
	if (fetch.part && fclose(fetch.part) != 0 && err == E_OK)
		err = fail(failure, E_IO, "%s: %s", path, strerror(errno));

	return err;
}

void
dump_free(struct dump *dump)
{
	free(dump->blocks);
	dump->blocks = NULL;
	dump->count = dump->room = 0;
}
