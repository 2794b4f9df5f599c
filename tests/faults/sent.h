/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_SENT_H
#define FAULTS_SENT_H

/* What the program under test says, before any fault. */

#include "../../proto/frame.h"
#include "../../proto/message.h"

struct sent {
	struct frame_rx rx;
	uint8_t buf[PAYLOAD_TO_COLLAR_MAX + FRAME_CRC_LEN];
};

/*
 * The next byte of it.  Returns the length of the payload that it completes, 0
 * if it completes none; if that is a change, *id becomes its id.
 */
size_t sent_byte(struct sent *sent, uint8_t byte, struct octets *id);

#endif
