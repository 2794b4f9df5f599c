/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Interval blocks from a unit that lies: as they are, and with the CRCs made
 * right, so that what lies behind them is reached.
 */

#include <string.h>

#include "../../proto/errors.h"
#include "../../proto/frame.h"
#include "../../proto/interval.h"
#include "../../proto/log.h"
#include "support/feed.h"

enum { HEADER_CRC_AT = BLOCK_HEADER_LEN - 4, RECORD_CRC_AT = RECORD_LEN - 3 };

static void
put_crc(uint8_t *bytes, size_t at, size_t len)
{
	uint32_t crc = crc32c(0, bytes, at);

	for (size_t i = at; i < len; i++, crc >>= 8)
		bytes[i] = (uint8_t)crc;
}

/* Makes the CRCs right, and the count, of which little else would get by. */
static void
make_right(uint8_t *bytes, size_t len)
{
	if (len < BLOCK_HEADER_LEN)
		return;
	bytes[27] = (uint8_t)((len - BLOCK_HEADER_LEN) / RECORD_LEN);
	put_crc(bytes, HEADER_CRC_AT, BLOCK_HEADER_LEN);
	for (size_t at = BLOCK_HEADER_LEN; at + RECORD_LEN <= len;
	     at += RECORD_LEN)
		put_crc(bytes + at, RECORD_CRC_AT, RECORD_LEN);
}

/* A block that is read has times that rise, and records that are what their
 * bytes say. */
static void
judge(const uint8_t *data, size_t len)
{
	struct interval records[BLOCK_RECORDS_MAX];
	struct block_header header;
	uint8_t again[RECORD_LEN];
	int count = block_decode(&header, records, data, len);

	must(count <= BLOCK_RECORDS_MAX && count >= E_BAD_DATA);
	for (int i = 0; i < count; i++) {
		must(i == 0 || records[i].at > records[i - 1].at);
		interval_encode(&records[i], again);
		must(memcmp(again, data + BLOCK_HEADER_LEN + i * RECORD_LEN,
			 RECORD_LEN) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct interval record, again;
	uint8_t bytes[BLOCK_MAX], one[RECORD_LEN];

	judge(data, len);
	if (len <= sizeof(bytes)) {
		memcpy(bytes, data, len);
		make_right(bytes, len);
		judge(bytes, len);
	}
	if (len < sizeof(record))
		return 0;
	/* whatever the values, encoding holds them to what can be read back */
	memcpy(&record, data, sizeof(record));
	interval_encode(&record, one);
	must(interval_decode(&again, one));

	return 0;
}
