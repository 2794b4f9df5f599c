/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interval blocks from a unit that lies: as they are, and with the CRCs made
 * right, so that what lies behind them is reached.
 */

#include <stdlib.h>
#include <string.h>

#include "../../proto/errors.h"
#include "../../proto/interval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct interval records[BLOCK_RECORDS_MAX], record, again;
	struct block_header header;
	uint8_t bytes[RECORD_LEN];
	int count = block_decode(&header, records, data, len);

	must(count <= BLOCK_RECORDS_MAX);
	for (int i = 1; i < count; i++)
		must(records[i].at > records[i - 1].at);
	if (len < sizeof(record))
		return 0;
	/* whatever the values, encoding holds them to what can be read back */
	memcpy(&record, data, sizeof(record));
	interval_encode(&record, bytes);
	must(interval_decode(&again, bytes));

	return 0;
}
