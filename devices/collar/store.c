/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A commit is one entry of items (key, length, value).  The newest commit that
 * names a key holds its value.  The last free sector is only ever taken with
 * the values that live in the oldest one, which is erased then: so the store
 * can always go on, and a value's only copy is never erased.
 */

#include "store.h"

#include <string.h>

enum {
	STORE_MAGIC = 0x31747343, /* "Cst1" */
	COMMIT_MAGIC = 0x1dc3,
	ITEM_LEN = 4, /* before its value */
};

static uint32_t
head_sector(const struct store *store, const struct board *board)
{
	const struct ring *ring = &store->ring;

	return ring_at(ring, board, (uint16_t)(ring->used - 1));
}

static uint32_t
room_end(const struct store *store, const struct board *board)
{
	return ring_end(board, head_sector(store, board));
}

static void
index_put(struct store *store, unsigned key, uint32_t at, uint16_t len)
{
	if (key >= STORE_KEY_COUNT) /* of a newer version */
		return;
	store->index[key].at = at;
	store->index[key].len = len;
}

static void
index_items(
    struct store *store, const struct board *board, uint32_t at, uint32_t end)
{
	uint8_t head[ITEM_LEN];

	while (
	    at + ITEM_LEN <= end && flash_read(board, at, head, sizeof(head))) {
		uint16_t len = get_le16(head + 2);

		at += ITEM_LEN;
		index_put(store, head[0], at, len);
		at += len;
	}
}

static void
sector_scan(struct store *store, const struct board *board, uint16_t age)
{
	uint32_t at = ring_at(&store->ring, board, age);
	uint32_t end = ring_end(board, at);
	uint16_t len;

	at = ring_body(board, at);
	while (entry_check(board, at, end, COMMIT_MAGIC, &len)) {
		index_items(store, board, at + ENTRY_HEAD_LEN,
		    at + ENTRY_HEAD_LEN + len);
		at += entry_whole_len(board, len);
	}
	store->next = flash_blank(board, at, end) ? at : end;
}

static bool
lives_in(const struct store *store, unsigned key, uint32_t sector, uint32_t end)
{
	return store->index[key].len > 0 && store->index[key].at >= sector &&
	    store->index[key].at < end;
}

/* Bytes of items that live in the sector at `sector`. */
static uint32_t
live_len(const struct store *store, const struct board *board, uint32_t sector)
{
	uint32_t len = 0;

	for (unsigned key = 0; key < STORE_KEY_COUNT; key++)
		if (lives_in(store, key, sector, ring_end(board, sector)))
			len += ITEM_LEN + store->index[key].len;
	return len;
}

static void
sink_item(struct flash_sink *sink, const struct board *board, unsigned key,
    uint16_t len)
{
	uint8_t head[ITEM_LEN] = { (uint8_t)key };

	put_le16(head + 2, len);
	sink_put(sink, board, head, sizeof(head));
}

static void
sink_copy(struct flash_sink *sink, const struct board *board, uint32_t at,
    uint32_t len)
{
	uint8_t buf[FLASH_UNIT_MAX];

	while (len > 0 && !sink->failed) {
		uint32_t now = len < sizeof(buf) ? len : sizeof(buf);

		if (!flash_read(board, at, buf, now))
			sink->failed = true;
		else
			sink_put(sink, board, buf, now);
		at += now;
		len -= now;
	}
}

/* Copies what lives in the sector `from` as one commit to `to`. */
static bool
live_copy(const struct store *store, const struct board *board, uint32_t from,
    uint32_t to)
{
	uint32_t body_len = live_len(store, board, from);
	struct flash_sink sink;

	if (body_len == 0)
		return true;
	sink_begin(&sink, board, to, COMMIT_MAGIC, (uint16_t)body_len);
	for (unsigned key = 0; key < STORE_KEY_COUNT; key++) {
		if (!lives_in(store, key, from, ring_end(board, from)))
			continue;
		sink_item(&sink, board, key, store->index[key].len);
		sink_copy(
		    &sink, board, store->index[key].at, store->index[key].len);
	}
	return sink_end(&sink, board);
}

/* Frees the oldest sector if no value lives there. */
static bool
drop_dead(struct store *store, const struct board *board)
{
	struct ring *ring = &store->ring;

	return live_len(store, board, ring_at(ring, board, 0)) == 0 &&
	    ring_drop_oldest(ring, board);
}

/* Takes the next free sector as the head; the last one with the live values of
 * the oldest sector, which becomes free. */
static bool
store_grow(struct store *store, const struct board *board)
{
	struct ring *ring = &store->ring;
	uint32_t at;
	bool last;

	if (ring_free(ring) == 0 && !drop_dead(store, board))
		return false;
	last = ring_free(ring) == 1;
	if (!ring_prepare(ring, board, &at))
		return false;
	if (last &&
	    !live_copy(
		store, board, ring_at(ring, board, 0), ring_body(board, at)))
		return false;
	if (!ring_advance(ring, board, 0))
		return false;
	sector_scan(store, board, (uint16_t)(ring->used - 1));
	return !last || drop_dead(store, board);
}

bool
store_mount(struct store *store, const struct board *board)
{
	struct ring *ring = &store->ring;

	memset(store, 0, sizeof(*store));
	if (!flash_geometry_ok(board))
		return false;
	ring_mount(ring, board, FLASH_STORE, STORE_MAGIC);
	if (ring->used == 0)
		return store_grow(store, board);
	for (uint16_t age = 0; age < ring->used; age++)
		sector_scan(store, board, age);
	return ring_free(ring) > 0 || drop_dead(store, board);
}

uint16_t
store_len(const struct store *store, enum store_key key)
{
	return store->index[key].len;
}

size_t
store_get(const struct store *store, const struct board *board,
    enum store_key key, void *buf, size_t cap)
{
	size_t len = store->index[key].len;

	if (len > 0 &&
	    !flash_read(
		board, store->index[key].at, buf, len < cap ? len : cap))
		return 0;
	return len;
}

static bool
commit_write(struct store *store, const struct board *board,
    const struct store_item *items, size_t count, uint32_t body_len)
{
	uint32_t at = store->next;
	struct flash_sink sink;

	sink_begin(&sink, board, at, COMMIT_MAGIC, (uint16_t)body_len);
	for (size_t i = 0; i < count; i++) {
		sink_item(&sink, board, items[i].key, items[i].len);
		sink_put(&sink, board, items[i].value, items[i].len);
	}
	if (!sink_end(&sink, board)) {
		store->next = room_end(store, board);
		return false;
	}
	store->next = at + entry_whole_len(board, body_len);
	at += ENTRY_HEAD_LEN;
	for (size_t i = 0; i < count; i++) {
		at += ITEM_LEN;
		index_put(store, items[i].key, at, items[i].len);
		at += items[i].len;
	}
	return true;
}

bool
store_commit(struct store *store, const struct board *board,
    const struct store_item *items, size_t count)
{
	uint32_t body_len = 0, sector_len = board->flash.sector_len;

	if (store->ring.used == 0) /* the mount failed */
		return false;
	for (size_t i = 0; i < count; i++)
		body_len += ITEM_LEN + items[i].len;
	if (entry_whole_len(board, body_len) > sector_len - ring_body(board, 0))
		return false;
	for (unsigned i = 0; i <= store->ring.area.sectors; i++) {
		if (store->next + entry_whole_len(board, body_len) <=
			room_end(store, board) &&
		    commit_write(store, board, items, count, body_len))
			return true;
		if (!store_grow(store, board))
			return false;
	}
	return false;
}
