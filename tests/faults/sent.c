/* SPDX-License-Identifier: BSD-2-Clause */

#include "sent.h"

#include <string.h>

#include "../../proto/change.h"

/* The id in a request's change header: key 62, eight bytes. */
static void
note_id(struct octets *id, const uint8_t *payload, size_t len)
{
	static const uint8_t head[] = { 0x18, CHANGE_ID, 0x40 | CHANGE_ID_LEN };

	for (size_t at = 0; at + sizeof(head) + CHANGE_ID_LEN <= len; at++)
		if (memcmp(payload + at, head, sizeof(head)) == 0) {
			id->len = CHANGE_ID_LEN;
			memcpy(
			    id->at, payload + at + sizeof(head), CHANGE_ID_LEN);
		}
}

size_t
sent_byte(struct sent *sent, uint8_t byte, struct octets *id)
{
	size_t len =
	    frame_rx_byte(&sent->rx, sent->buf, sizeof(sent->buf), byte);

	note_id(id, sent->buf, len);

	return len;
}
