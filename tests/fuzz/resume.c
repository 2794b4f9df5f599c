/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The file in which a dump keeps what it has, as an interrupted one, or
 * anybody else, may have left it.  Whatever stands in it, what is fetched in
 * the end is whole, or the file is refused and stays as it is.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../cli/client/dump.h"
#include "../support/peer.h"
#include "support/feed.h"
#include "support/scratch.h"

void random_restart(void);

enum { ENTRIES_MAX = 40, FILE_MAX = 4096, ENTRY_MAX = 40 };

static const char magic[] = "collarctl interval blocks 1\n";

/* What the peer's entries look like: their index, then a pattern. */
static void
entry_fill(uint8_t *bytes, uint32_t index)
{
	memset(bytes, (int)(index & 0xff), PEER_PART_LEN);
	memcpy(bytes, &index, sizeof(index));
}

/* One entry of the file, its CRC right unless the feed spoils it. */
static size_t
entry_put(struct feed *feed, uint8_t *at, uint32_t index)
{
	uint8_t spoil = feed_byte(feed);
	uint32_t crc;

	index += spoil % 16 == 1 ? 1U : 0U;
	memcpy(at, &index, 4);
	at[4] = PEER_PART_LEN;
	at[5] = spoil % 16 == 2 ? 5 : 0;
	entry_fill(at + 6, index);
	crc = crc32c(0, at, 6 + PEER_PART_LEN);
	memcpy(at + 6 + PEER_PART_LEN, &crc, 4);
	if (spoil % 16 == 3)
		at[spoil % ENTRY_MAX % (10 + PEER_PART_LEN)] ^= 1;

	return 10 + PEER_PART_LEN;
}

/* A file as this program writes it, and then as the feed goes on. */
static size_t
file_make(struct feed *feed, uint8_t *file, uint32_t first)
{
	size_t len = sizeof(magic) - 1, more;
	unsigned entries = feed_below(feed, ENTRIES_MAX);
	const uint8_t *bytes;

	memcpy(file, magic, len);
	memset(file + len, feed_byte(feed) == 1 ? 2 : 1, LOG_ID_LEN);
	len += LOG_ID_LEN;
	for (unsigned i = 0; i < entries; i++)
		len += entry_put(feed, file + len, first + i);
	bytes = feed_bytes(feed, 255, &more);
	memcpy(file + len, bytes, more);
	len += more;
	if (feed_byte(feed) == 1)
		len = feed_byte(feed) % (len + 1);

	return len;
}

/* All of it in order; the last one always comes from the unit. */
static void
judge(const struct dump *dump, uint32_t first, uint32_t last)
{
	uint8_t wanted[PEER_PART_LEN];

	must(dump->count == last - first + 1);
	for (size_t i = 0; i < dump->count; i++)
		must(dump->blocks[i].index == first + i &&
		    dump->blocks[i].len <= BLOCK_MAX);
	entry_fill(wanted, last);
	must(dump->blocks[dump->count - 1].len == PEER_PART_LEN);
	must(memcmp(dump->blocks[dump->count - 1].bytes, wanted,
		 PEER_PART_LEN) == 0);
}

static bool
file_is(const uint8_t *bytes, size_t len)
{
	size_t now_len;
	uint8_t *now = scratch_read("dump.part", &now_len);
	bool same = now_len == len && memcmp(now, bytes, len) == 0;

	free(now);

	return same;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed feed = feed_of(data, len);
	struct client_options options = { .holder = "tester" };
	struct failure failure = { 0 };
	struct dump dump = { 0 };
	struct client *client = NULL;
	struct peer *peer = peer_new();
	uint8_t file[FILE_MAX];
	uint32_t first = feed_byte(&feed), last;
	char path[400];
	size_t file_len;
	int err;

	random_restart();
	last = first + feed_below(&feed, ENTRIES_MAX);
	file_len = feed_byte(&feed) == 1
	    ? (size_t)(feed.end - feed.at) % sizeof(file)
	    : file_make(&feed, file, first);
	if (file_len > 0 && file_len == (size_t)(feed.end - feed.at))
		memcpy(file, feed.at, file_len); /* all of it is the file */
	scratch_write("dump.part", file, file_len);
	snprintf(path, sizeof(path), "%s/dump.part", scratch_path());
	must(client_open(&client, &peer->link, &options, &failure) == E_OK);
	dump.info.log_id.len = LOG_ID_LEN;
	memset(dump.info.log_id.at, 1, LOG_ID_LEN);
	err =
	    dump_fetch(client, &dump, first, last, path, NULL, NULL, &failure);
	must(err == E_OK || err == E_BAD_DATA);
	if (err == E_OK)
		judge(&dump, first, last);
	else
		must(failure.err == err && file_is(file, file_len));
	dump_free(&dump);
	client_close(&client);
	free(peer);

	return 0;
}
