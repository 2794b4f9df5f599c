/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame receiver on any bytes, and a good frame behind them: it must come
 * through whatever garbage went before.
 */

#include <stdlib.h>
#include <string.h>

#include "../../proto/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { BUFFER_LEN = 512 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t payload[] = { 0x84, 0x00, 0x01, 0x02, 0xa0, 0x00 };
	uint8_t buf[BUFFER_LEN], line[FRAME_LINE_LEN(sizeof(payload))];
	struct frame_rx rx = { 0 };
	size_t line_len =
	    frame_encode(line, sizeof(line), payload, sizeof(payload));
	size_t got = 0;

	for (size_t i = 0; i < len; i++)
		if (frame_rx_byte(&rx, buf, sizeof(buf), data[i]) >
		    sizeof(buf) - FRAME_CRC_LEN)
			abort();
	for (size_t i = 0; i < line_len; i++) {
		size_t now = frame_rx_byte(&rx, buf, sizeof(buf), line[i]);

		got = now ? now : got;
	}
	if (got != sizeof(payload) || memcmp(buf, payload, got) != 0)
		abort();

	return 0;
}
