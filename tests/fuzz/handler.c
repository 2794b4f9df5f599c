/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A live handler fed requests above the CRC.  The input is a row of messages:
 * a byte for the op, one for the length of its arguments, the arguments; op
 * bytes from RAW on send the bytes as a whole payload instead.  Between them
 * time passes.  Every answer must be deterministic CBOR, and the relay must
 * never SHUT while the unit is upside down.
 */

#include <stdlib.h>
#include <string.h>

#include "../../proto/frame.h"
#include "../../proto/ops.h"
#include "../support/board.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { RAW = 0xf0, WAIT = 0xe0, ANSWERS_MAX = 64 };

static void
must(bool good)
{
	if (!good)
		abort();
}

static void
take_answers(struct ram_board *board)
{
	uint8_t payload[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN];
	size_t len;

	for (int i = 0; i < ANSWERS_MAX; i++) {
		len = ram_board_fetch(board, payload, sizeof(payload));
		if (len == 0)
			return;
		must(cbor_valid(payload, len));
	}
}

static void
send_request(struct ram_board *board, uint32_t seq, uint8_t op,
    const uint8_t *args, size_t len)
{
	uint8_t payload[PAYLOAD_TO_COLLAR_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));

	envelope_begin(&out, DIR_REQUEST, seq, op, false);
	cbor_put_encoded(&out, args, len);
	len = cbor_len(&out, payload);
	if (len > 0)
		ram_board_send(board, payload, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ram_board *board = ram_board_new(8);
	uint32_t seq = 1;

	board->in.flipped = len > 0 && data[0] & 1;
	ram_board_start(board);
	while (len >= 2) {
		uint8_t op = data[0];
		size_t part = data[1] < len - 2 ? data[1] : len - 2;

		if (op >= RAW)
			ram_board_send(board, data + 2, part);
		else if (op >= WAIT)
			ram_board_pass(board, (uint64_t)data[1] * 1000);
		else
			send_request(board, seq++, op, data + 2, part);
		ram_board_pass(board, 300);
		take_answers(board);
		must(!board->in.flipped || !board->in.relay_shut);
		data += 2 + part;
		len -= 2 + part;
	}
	ram_board_free(&board);

	return 0;
}
