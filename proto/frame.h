/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

/*
 * Frames on a byte stream: COBS( payload || CRC-32C, little endian ) 0x00.
 * COBS after Cheshire and Baker 1999; CRC-32C (Castagnoli) as in RFC 3720
 * appendix B.4: reflected, initial value and final XOR all ones,
 * "123456789" gives 0xE3069283.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_CRC_LEN = 4,
	/* payloads, before hello in both directions and after it each way */
	PAYLOAD_FIRST_MAX = 256,
	PAYLOAD_TO_HOST_MAX = 1056,
	PAYLOAD_TO_COLLAR_MAX = 448,
};

/* How long a collar minds what a host began and left. */
enum {
	PARTIAL_MAX_MS = 1000,  /* without a byte, until a frame is given up */
	WAITING_MAX_MS = 10000, /* that a request waits for its turn */
};

/* Bytes on the line for a payload of len bytes: COBS adds one in 254, then
 * the closing zero; the zero in front after a silence is counted too. */
#define FRAME_LINE_LEN(len) \
	((len) + FRAME_CRC_LEN + ((len) + FRAME_CRC_LEN) / 254 + 1 + 1 + 1)

/* CRC-32C of the len bytes at data, continuing from crc (0 to begin). */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

/*
 * Writes one whole frame for the payload, leading 0x00 and closing 0x00
 * included, into out of cap bytes, which must not overlap it.  Returns the
 * bytes written, 0 if they do not fit.
 */
size_t frame_encode(
    uint8_t *out, size_t cap, const uint8_t *payload, size_t len);

/* A receiver's state; all zero to begin.  It holds no pointer, so that it may
 * be kept in a RAM image. */
struct frame_rx {
	uint16_t len;    /* bytes decoded so far */
	uint8_t left;    /* bytes until the next COBS code */
	bool gap;        /* a zero is due before the next code */
	bool skip;       /* too long or broken: wait for the next 0x00 */
	uint32_t good;   /* frames passed on */
	uint32_t broken; /* frames dropped: bad COBS, CRC or length */
};

/*
 * Takes one byte from the line; buf, of cap bytes, is where the frame gathers
 * (cap must exceed the longest payload by FRAME_CRC_LEN) and must be the same
 * buffer from call to call.  Returns the length of a payload that this byte
 * completed and that stands at buf until the next call, else 0.  Frames that
 * are broken are dropped and counted; a lone 0x00 is nothing at all.
 */
size_t frame_rx_byte(
    struct frame_rx *rx, uint8_t *buf, size_t cap, uint8_t byte);

/* Gives up what is half received, if anything is, and counts it as broken. */
void frame_rx_give_up(struct frame_rx *rx);

#endif
