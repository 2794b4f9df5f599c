/* SPDX-License-Identifier: BSD-2-Clause */
#include "frame.h"

enum { COBS_RUN_MAX = 0xff }; /* the code of 254 bytes and no zero */

/*
 * A nibble at a time: 64 bytes of flash where a whole table takes 1 KiB, and
 * still many times faster than any line that a collar speaks on.
 */
uint32_t
crc32c(uint32_t crc, const void *data, size_t len)
{
	static const uint32_t table[16] = {
		0x00000000,
		0x105ec76f,
		0x20bd8ede,
		0x30e349b1,
		0x417b1dbc,
		0x5125dad3,
		0x61c69362,
		0x7198540d,
		0x82f63b78,
		0x92a8fc17,
		0xa24bb5a6,
		0xb21572c9,
		0xc38d26c4,
		0xd3d3e1ab,
		0xe330a81a,
		0xf36e6f75,
	};
	const uint8_t *at = data;

	crc = ~crc;
	for (size_t i = 0; i < len; i++) {
		crc ^= at[i];
		crc = crc >> 4 ^ table[crc & 0xf];
		crc = crc >> 4 ^ table[crc & 0xf];
	}

	return ~crc;
}

size_t
frame_encode(uint8_t *out, size_t cap, const uint8_t *payload, size_t len)
{
	uint32_t crc = crc32c(0, payload, len);
	size_t code = 1,
	       at = 2; /* where the run's code stands; its next byte */

	if (cap < 2)
		return 0;
	out[0] = 0;
	for (size_t i = 0; i < len + FRAME_CRC_LEN; i++) {
		uint8_t byte =
		    (uint8_t)(i < len ? payload[i] : crc >> (8 * (i - len)));

		if (at - code == COBS_RUN_MAX) {
			out[code] = COBS_RUN_MAX;
			code = at++;
		}
		if (at >= cap)
			return 0;
		if (byte == 0) {
			out[code] = (uint8_t)(at - code);
			code = at++;
		} else {
			out[at++] = byte;
		}
	}
	if (at >= cap)
		return 0;
	out[code] = (uint8_t)(at - code);
	out[at++] = 0;

	return at;
}

/* The payload's length if what has gathered is a frame, else 0. */
static size_t
frame_payload_len(const struct frame_rx *rx, const uint8_t *buf)
{
	size_t len = (size_t)rx->len - FRAME_CRC_LEN;
	uint32_t crc = 0;

	if (rx->skip || rx->left > 0 || rx->len <= FRAME_CRC_LEN)
		return 0;
	for (size_t i = 0; i < FRAME_CRC_LEN; i++)
		crc |= (uint32_t)buf[len + i] << (8 * i);

	return crc == crc32c(0, buf, len) ? len : 0;
}

static bool
frame_begun(const struct frame_rx *rx)
{
	return rx->skip || rx->gap || rx->left > 0 || rx->len > 0;
}

static void
frame_begin(struct frame_rx *rx)
{
	rx->len = 0;
	rx->left = 0;
	rx->gap = rx->skip = false;
}

void
frame_rx_give_up(struct frame_rx *rx)
{
	if (frame_begun(rx))
		rx->broken++;
	frame_begin(rx);
}

static size_t
frame_end(struct frame_rx *rx, const uint8_t *buf)
{
	size_t len = frame_payload_len(rx, buf);

	if (len > 0)
		rx->good++;
	else if (frame_begun(rx))
		rx->broken++;
	frame_begin(rx);

	return len;
}

static void
frame_keep(struct frame_rx *rx, uint8_t *buf, size_t cap, uint8_t byte)
{
	if (rx->len < cap && rx->len < UINT16_MAX)
		buf[rx->len++] = byte;
	else
		rx->skip = true;
}

size_t
frame_rx_byte(struct frame_rx *rx, uint8_t *buf, size_t cap, uint8_t byte)
{
	if (byte == 0)
		return frame_end(rx, buf);
	if (rx->skip)
		return 0;
	if (rx->left > 0) {
		rx->left--;
		frame_keep(rx, buf, cap, byte);
		return 0;
	}
	if (rx->gap)
		frame_keep(rx, buf, cap, 0);
	rx->left = (uint8_t)(byte - 1);
	rx->gap = byte != COBS_RUN_MAX;

	return 0;
}
