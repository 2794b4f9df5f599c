/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_EXCHANGE_H
#define COLLAR_EXCHANGE_H

/*
 * The conversation on the link: frames in and out, sequence numbers, repeats.
 * A request is answered at once, or later (a contact must follow first), or by
 * a stream.  What a request means is dispatch.c's business.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../proto/frame.h"
#include "../../proto/hello.h"
#include "../../proto/message.h"

enum { KEPT_ANSWER_MAX = 128 };

struct exchange {
	/* the last request: a repeat is the same number and the same bytes */
	bool heard;
	uint32_t seq, crc;
	uint16_t len;

	uint16_t receive_max; /* the longest payload the host takes */
	uint32_t hellos;
	uint8_t unit_nonce[NONCE_LEN]; /* of the last hello's answer */

	uint8_t kept_len; /* answer of the last request, if it was a change */
	uint8_t kept[KEPT_ANSWER_MAX];

	struct frame_rx rx;
	uint64_t rx_ms;  /* when the last bytes came */
	uint16_t rx_len; /* a payload that waits to be dealt with */
	uint16_t tx_at, tx_len;
	uint8_t rx_buf[PAYLOAD_TO_COLLAR_MAX + FRAME_CRC_LEN];
	uint8_t payload[PAYLOAD_TO_HOST_MAX];
	uint8_t tx[FRAME_LINE_LEN(PAYLOAD_TO_HOST_MAX)];
};

struct collar;

/*
 * Answers request seq with a status and the map of body, or with a map that is
 * encoded already.  An answer longer than the host takes is answered
 * ST_UNSUPPORTED instead.
 */
void answer_message(struct collar *collar, uint32_t seq, uint32_t status,
    const struct message *msg, const void *body);
void answer_encoded(struct collar *collar, uint32_t seq, uint32_t status,
    const struct blob *map);

/* Keeps the answer just sent, to be sent again when its request is repeated. */
void answer_keep(struct collar *collar);

/*
 * One part of a stream: begin gives a writer behind the envelope; the caller
 * writes one byte string and sends.  False if the host would not take it.
 */
struct cbor_out part_begin(struct collar *collar, uint32_t seq, uint32_t index);
bool part_send(struct collar *collar, const struct cbor_out *out);

/*
 * As collar_receive, of bytes that came at came_ms, no later than the last
 * tick: what is left of them waits for its turn, or its end, since then.
 */
size_t exchange_receive(
    struct collar *collar, const uint8_t *bytes, size_t len, uint64_t came_ms);

/* Is there still something to be fetched? */
bool exchange_sending(const struct collar *collar);

#endif
