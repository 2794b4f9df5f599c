/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A collar at a USB cable.  The input is a script: control requests, of the
 * tables and any others; packets with parts of frames; fetched packets, time
 * and resets between them.  No control request may change the collar or write
 * beyond its room, and of what the collar sends no byte may be lost.
 */

#include <stdlib.h>
#include <string.h>

#include "../../devices/collar/state.h"
#include "../../devices/collar/usb.h"
#include "../support/board.h"
#include "support/feed.h"

enum { PASS_MAX_MS = 20000, SMALL_CAPS = 4 };

struct script {
	struct ram_board *board;
	struct feed feed;
	struct usb_device usb;
	struct frame_rx rx;
	uint8_t rx_buf[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN];
};

static const uint8_t requests[][2] = {
#define USB_REQUEST(type, request, name, answer) { (type), (request) },
#include "../../devices/collar/usb_requests.def"
#undef USB_REQUEST
};

static void
setup_make(struct feed *feed, uint8_t setup[USB_SETUP_LEN])
{
	unsigned row = feed_below(feed, 2 * nitems(requests));

	for (unsigned i = 0; i < USB_SETUP_LEN; i++)
		setup[i] = feed_byte(feed);
	if (row < nitems(requests))
		memcpy(setup, requests[row], sizeof(requests[row]));
}

/* SET_CONFIGURATION and SET_INTERFACE, carried out. */
static bool
drops_the_link(const uint8_t setup[USB_SETUP_LEN], int len)
{
	return len == 0 &&
	    ((setup[0] == 0 && setup[1] == 9) ||
		(setup[0] == 1 && setup[1] == 11));
}

static void
do_control(struct script *script)
{
	struct collar *collar = script->board->collar;
	uint8_t setup[USB_SETUP_LEN], in[USB_CONTROL_MAX + 1];
	void *before = malloc(collar_size());
	size_t cap = USB_CONTROL_MAX, asked;
	int len;

	must(before != NULL);
	memcpy(before, collar, collar_size());
	setup_make(&script->feed, setup);
	if (feed_below(&script->feed, SMALL_CAPS) == 0)
		cap = feed_below(&script->feed, USB_CONTROL_MAX);
	memset(in, 0x5a, sizeof(in));
	len = usb_control(&script->usb, collar, setup, in, cap);
	asked = (size_t)setup[6] + setup[7] * (size_t)256;
	must(len == USB_STALL ||
	    (len >= 0 && (size_t)len <= cap && (size_t)len <= asked));
	for (size_t i = len < 0 ? 0 : (size_t)len; i < sizeof(in); i++)
		must(in[i] == 0x5a);
	if (drops_the_link(setup, len)) {
		collar_link_reset(before);
		script->rx = (struct frame_rx){ .len = 0 };
	}
	must(memcmp(before, collar, collar_size()) == 0);
	must(script->usb.configuration <= USB_CONFIGURATION);
	free(before);
}

static void
send_packets(struct script *script, const uint8_t *line, size_t len)
{
	for (size_t at = 0; at < len; at += USB_PACKET_LEN) {
		size_t part =
		    len - at < USB_PACKET_LEN ? len - at : USB_PACKET_LEN;
		int result = usb_out(
		    &script->usb, script->board->collar, line + at, part);

		must(result <= 0 && result >= USB_NAK);
		if (result != 0)
			return;
	}
}

static void
do_out(struct script *script)
{
	uint8_t line[FRAME_LINE_LEN(PAYLOAD_TO_COLLAR_MAX)];
	bool framed = feed_below(&script->feed, 2) == 0;
	size_t len;
	const uint8_t *bytes =
	    feed_bytes(&script->feed, PAYLOAD_TO_COLLAR_MAX, &len);

	if (framed && len > 0)
		send_packets(
		    script, line, frame_encode(line, sizeof(line), bytes, len));
	else
		send_packets(script, bytes, len);
}

static void
do_in(struct script *script)
{
	uint8_t packet[USB_PACKET_LEN];
	int len = usb_in(&script->usb, script->board->collar, packet);

	must(len <= USB_PACKET_LEN && len >= USB_NAK);
	for (int i = 0; i < len; i++)
		frame_rx_byte(&script->rx, script->rx_buf,
		    sizeof(script->rx_buf), packet[i]);
	must(script->rx.broken == 0);
}

static void
do_other(struct script *script)
{
	if (feed_below(&script->feed, 4) == 0) {
		usb_reset(&script->usb, script->board->collar);
		script->rx = (struct frame_rx){ .len = 0 };
	} else {
		ram_board_pass(script->board,
		    feed_byte(&script->feed) * (PASS_MAX_MS / 256));
	}
}

static void (*const acts[])(struct script *) = { do_control, do_control, do_out,
	do_out, do_in, do_in, do_in, do_other };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t configure[USB_SETUP_LEN] = { 0, 9, 1 };
	struct script script = { .feed = feed_of(data, len) };
	uint8_t none[1];

	script.board = ram_board_new(8);
	ram_board_start(script.board);
	usb_reset(&script.usb, script.board->collar);
	must(usb_control(
		 &script.usb, script.board->collar, configure, none, 0) == 0);
	while (!feed_is_empty(&script.feed))
		acts[feed_below(&script.feed, nitems(acts))](&script);
	ram_board_free(&script.board);

	return 0;
}
