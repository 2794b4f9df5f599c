/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The frame receiver on any bytes, and good frames behind them: they must come
 * through whatever garbage went before.  The second of them carries the same
 * bytes as its payload.
 */

#include <string.h>

#include "../../proto/frame.h"
#include "support/feed.h"

enum { BUFFER_LEN = PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN };

struct receiver {
	struct frame_rx rx;
	uint8_t buf[BUFFER_LEN];
};

/* A good frame: no zero inside, and received as it was sent. */
static void
pass(struct receiver *receiver, const uint8_t *payload, size_t len)
{
	uint8_t line[FRAME_LINE_LEN(PAYLOAD_TO_HOST_MAX)];
	size_t line_len = frame_encode(line, sizeof(line), payload, len);
	uint32_t good = receiver->rx.good;

	must(line_len > 2 && line_len <= FRAME_LINE_LEN(len));
	for (size_t i = 0; i < line_len; i++) {
		size_t got = frame_rx_byte(&receiver->rx, receiver->buf,
		    sizeof(receiver->buf), line[i]);

		must((line[i] == 0) == (i == 0 || i == line_len - 1));
		if (i == line_len - 1)
			must(got == len);
	}
	must(receiver->rx.good - good <= 2);
	must(memcmp(receiver->buf, payload, len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t payload[] = { 0x84, 0x00, 0x01, 0x02, 0xa0, 0x00 };
	static struct receiver receiver;

	memset(&receiver, 0, sizeof(receiver));
	for (size_t i = 0; i < len; i++)
		must(frame_rx_byte(&receiver.rx, receiver.buf,
			 sizeof(receiver.buf), data[i]) <= PAYLOAD_TO_HOST_MAX);
	pass(&receiver, payload, sizeof(payload));
	if (len > 0 && len <= PAYLOAD_TO_HOST_MAX)
		pass(&receiver, data, len);

	return 0;
}
