/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device side of USB against literal bytes: control requests as a host
 * sends them, packets of the bulk pair with the handler behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../../devices/collar/usb.h"
#include "../../../proto/frame.h"
#include "../../support/talk.h"
#include "../../support/vectors.h"

#define CONFIGURE "00 09 0100 0000 0000"
#define HALT_IN "02 03 0000 8100 0000"
#define HALT_OUT "02 03 0000 0100 0000"
#define RESUME_IN "02 01 0000 8100 0000"
#define RESUME_OUT "02 01 0000 0100 0000"

enum { CONTROL_CAP = 256 };

/* A control request of a host, on a unit that must stay as it is; but for its
 * link, where the request is one that drops what waits there. */
static int
control(struct usb_device *usb, const struct ram_board *board,
    const char *setup, uint8_t in[CONTROL_CAP])
{
	struct bytes request = bytes_of_hex(setup);
	void *before = malloc(collar_size());
	int len;

	assert_non_null(before);
	memcpy(before, board->collar, collar_size());
	assert_int_equal(request.len, USB_SETUP_LEN);
	len = usb_control(usb, board->collar, request.at, in, CONTROL_CAP);
	if (len == 0 && strchr("\x09\x0b", request.at[1]) != NULL)
		collar_link_reset(before);
	assert_memory_equal(before, board->collar, collar_size());
	bytes_free(&request);
	free(before);
	return len;
}

/* Its data stage must be these bytes. */
static void
gives(struct usb_device *usb, const struct ram_board *board, const char *setup,
    const char *hex)
{
	struct bytes wanted = bytes_of_hex(hex);
	uint8_t in[CONTROL_CAP];
	int len = control(usb, board, setup, in);

	assert_int_equal(len, wanted.len);
	assert_memory_equal(in, wanted.at, wanted.len);
	bytes_free(&wanted);
}

static void
stalls(struct usb_device *usb, const struct ram_board *board, const char *setup)
{
	uint8_t in[CONTROL_CAP];

	assert_int_equal(control(usb, board, setup, in), USB_STALL);
}

static struct usb_device
plugged_in(const struct ram_board *board)
{
	struct usb_device usb;

	memset(&usb, 0xa5, sizeof(usb));
	usb_reset(&usb, board->collar);
	return usb;
}

static struct usb_device
configured(const struct ram_board *board)
{
	struct usb_device usb = plugged_in(board);

	gives(&usb, board, CONFIGURE, "");
	return usb;
}

static void
the_device_shows_its_descriptors(void **state)
{
	struct usb_device usb = plugged_in(*state);

	gives(&usb, *state, "80 06 0001 0000 4000",
	    "12 01 1002 00 00 00 40 0912 0100 0001 01 02 03 01");
	gives(&usb, *state, "80 06 0002 0000 ff00",
	    "09 02 2000 01 01 00 c0 00"
	    "09 04 00 00 02 ff 4d 01 00"
	    "07 05 81 02 4000 00"
	    "07 05 01 02 4000 00");
	gives(&usb, *state, "80 06 000f 0000 ff00",
	    "05 0f 2100 01"
	    "1c 10 05 00 df60ddd88945c74c9cd2659d9e648a9f"
	    "00000306 a200 4d 00");
	gives(&usb, *state, "80 06 0003 0000 ff00", "04 03 0904");
}

/* The first eight bytes of a device tell its packet size (section 5.5.3). */
static void
an_answer_is_no_longer_than_was_asked_for(void **state)
{
	static const uint8_t setup[] = { 0x80, 6, 0, 1, 0, 0, 0x40, 0 };
	struct usb_device usb = plugged_in(*state);
	const struct ram_board *board = *state;
	uint8_t in[18];

	gives(&usb, board, "80 06 0001 0000 0800", "12 01 1002 00 00 00 40");
	gives(&usb, board, "80 06 0001 0000 0000", "");
	memset(in, 0xee, sizeof(in));
	assert_int_equal(usb_control(&usb, board->collar, setup, in, 17), 17);
	assert_int_equal(in[17], 0xee);
}

static void
windows_finds_its_driver(void **state)
{
	struct usb_device usb = plugged_in(*state);

	gives(&usb, *state, "c0 4d 0000 0700 a200",
	    "0a00 0000 00000306 a200"
	    "1400 0300 57494e5553420000 0000000000000000"
	    "8400 0400 0700 2a00"
	    "440065007600690063006500"
	    "49006e007400650072006600610063006500"
	    "4700550049004400730000 00"
	    "5000 7b00"
	    "30003900300031003500350035003900 2d00 3200300041004200 2d00"
	    "3400340030004100 2d00 3800330034003300 2d00"
	    "320043003100340031004500370046004100420037003700"
	    "7d00 0000 0000");
	stalls(&usb, *state, "c0 4d 0000 0800 a200");
	stalls(&usb, *state, "c0 4d 0001 0700 a200");
	stalls(&usb, *state, "c0 4e 0000 0700 a200");
	stalls(&usb, *state, "c1 4d 0000 0700 a200");
}

static void
strings_name_maker_and_product(void **state)
{
	struct usb_device usb = plugged_in(*state);

	gives(&usb, *state, "80 06 0103 0904 ff00",
	    "24 03 4f00700065006e00 2000 4d006500740065007200 2000"
	    "43006f006c006c0061007200");
	gives(&usb, *state, "80 06 0203 0904 ff00",
	    "1a 03 6d006500740065007200 2000 63006f006c006c0061007200");
	stalls(&usb, *state, "80 06 0203 0704 ff00");
	stalls(&usb, *state, "80 06 0203 0000 ff00");
	stalls(&usb, *state, "80 06 0403 0904 ff00");
	stalls(&usb, *state, "80 06 ee03 0904 ff00");
}

static void
the_serial_string_is_the_units_own_as_it_is_now(void **state)
{
	struct usb_device usb = plugged_in(*state);
	struct ram_board *board = *state;

	gives(&usb, board, "80 06 0303 0904 ff00",
	    "28 03 680077003a00"
	    "6300300030003100300032003000330030003400300035003000360030003700");
	/* set serial "A7", role factory */
	ask(board, "84 00 01 10 a4 01 62 4137" HEADER("0001"),
	    "84 01 01 00 a2 01 f5 02 00");
	gives(&usb, board, "80 06 0303 0904 ff00", "06 03 41003700");
}

static void
the_longest_serial_strings_fit(void **state)
{
	struct usb_device usb = plugged_in(*state);
	struct ram_board *board = *state;
	struct unit_record *record = &board->collar->record;
	uint8_t in[CONTROL_CAP];

	record->hardware_id.len = HARDWARE_ID_MAX;
	memset(record->hardware_id.at, 0xfe, HARDWARE_ID_MAX);
	assert_int_equal(
	    control(&usb, board, "80 06 0303 0904 ff00", in), 2 + 2 * 35);
	assert_int_equal(in[0], 2 + 2 * 35);
	assert_int_equal(in[2 + 2 * 34], 'e');
}

static void
the_status_tells_power_and_halts(void **state)
{
	struct usb_device usb = configured(*state);

	gives(&usb, *state, "80 00 0000 0000 0200", "0100");
	gives(&usb, *state, "81 00 0000 0000 0200", "0000");
	gives(&usb, *state, "82 00 0000 0000 0200", "0000");
	gives(&usb, *state, "82 00 0000 8000 0200", "0000");
	gives(&usb, *state, "82 00 0000 8100 0200", "0000");
	gives(&usb, *state, HALT_IN, "");
	gives(&usb, *state, "82 00 0000 8100 0200", "0100");
	gives(&usb, *state, "82 00 0000 0100 0200", "0000");
	gives(&usb, *state, HALT_OUT, "");
	gives(&usb, *state, RESUME_IN, "");
	gives(&usb, *state, "82 00 0000 8100 0200", "0000");
	gives(&usb, *state, "82 00 0000 0100 0200", "0100");
}

/* Toggles begin anew whether a pipe was halted or not (section 9.4.5). */
static void
resuming_puts_the_toggle_back(void **state)
{
	struct usb_device usb = configured(*state);

	assert_int_equal(usb.toggles, USB_PIPE_IN | USB_PIPE_OUT);
	usb.toggles = 0;
	gives(&usb, *state, RESUME_IN, "");
	assert_int_equal(usb.toggles, USB_PIPE_IN);
	gives(&usb, *state, RESUME_OUT, "");
	assert_int_equal(usb.toggles, USB_PIPE_IN | USB_PIPE_OUT);
	usb.toggles = 0;
	gives(&usb, *state, "01 0b 0000 0000 0000", "");
	assert_int_equal(usb.toggles, USB_PIPE_IN | USB_PIPE_OUT);
}

static void
configuring_brings_the_pipes_and_ends_a_halt(void **state)
{
	struct usb_device usb = plugged_in(*state);
	uint8_t packet[USB_PACKET_LEN] = { 0 };
	struct ram_board *board = *state;

	gives(&usb, board, "80 08 0000 0000 0100", "00");
	stalls(&usb, board, HALT_IN);
	stalls(&usb, board, "81 0a 0000 0000 0100");
	stalls(&usb, board, "82 00 0000 8100 0200");
	assert_int_equal(usb_in(&usb, board->collar, packet), USB_STALL);
	assert_int_equal(usb_out(&usb, board->collar, packet, 1), USB_STALL);
	gives(&usb, board, CONFIGURE, "");
	gives(&usb, board, "80 08 0000 0000 0100", "01");
	gives(&usb, board, "81 0a 0000 0000 0100", "00");
	gives(&usb, board, HALT_IN, "");
	gives(&usb, board, CONFIGURE, "");
	gives(&usb, board, "82 00 0000 8100 0200", "0000");
	gives(&usb, board, "00 09 0000 0000 0000", "");
	gives(&usb, board, "80 08 0000 0000 0100", "00");
	stalls(&usb, board, "00 09 0200 0000 0000");
	stalls(&usb, board, "00 09 0100 0100 0000");
}

static void
an_address_is_taken_until_configured(void **state)
{
	struct usb_device usb = plugged_in(*state);

	gives(&usb, *state, "00 05 7f00 0000 0000", "");
	assert_int_equal(usb.address, 127);
	stalls(&usb, *state, "00 05 8000 0000 0000");
	stalls(&usb, *state, "00 05 0100 0100 0000");
	gives(&usb, *state, CONFIGURE, "");
	stalls(&usb, *state, "00 05 0100 0000 0000");
	assert_int_equal(usb.address, 127);
	usb_reset(&usb, ((struct ram_board *)*state)->collar);
	assert_int_equal(usb.address, 0);
	assert_int_equal(usb.configuration, 0);
}

static void
what_is_not_in_the_tables_stalls(void **state)
{
	static const char *const setups[] = {
		"00 07 0001 0000 1200", /* SET_DESCRIPTOR */
		"82 0c 0000 8100 0200", /* SYNCH_FRAME */
		"00 03 0100 0000 0000", /* SET_FEATURE: remote wake-up */
		"00 03 0200 0001 0000", /* SET_FEATURE: test mode */
		"02 03 0100 8100 0000", /* another feature of an end point */
		"02 01 0100 8100 0000",
		"02 03 0000 0000 0000", /* end point 0 does not halt */
		"02 01 0000 8200 0000", /* no such end point */
		"02 03 0000 8101 0000",
		"80 06 0006 0000 0a00", /* device qualifier: full speed only */
		"80 06 0102 0000 ff00", /* a second configuration */
		"80 06 0001 0904 1200", /* a device with a language */
		"81 06 0022 0000 ff00", /* of the class HID */
		"80 00 0100 0000 0200",
		"80 00 0000 0100 0200",
		"81 00 0100 0000 0200",
		"81 00 0000 0100 0200",
		"82 00 0100 8100 0200",
		"82 00 0000 8200 0200",
		"82 00 0000 0001 0200",
		"80 08 0100 0000 0100",
		"80 08 0000 0100 0100",
		"81 0a 0100 0000 0100",
		"81 0a 0000 0100 0100",
		"01 0b 0100 0000 0000", /* no alternate setting */
		"01 0b 0000 0100 0000", /* no second interface */
		"00 09 0100 0000 0100", /* data where there are none */
		"40 4d 0000 0700 0000",
		"00 00 0000 0000 0000",
		"ff ff ffff ffff ffff",
	};
	struct usb_device usb = configured(*state), before = usb;

	for (size_t i = 0; i < sizeof(setups) / sizeof(*setups); i++)
		stalls(&usb, *state, setups[i]);
	assert_memory_equal(&usb, &before, sizeof(usb));
}

/* What is under any request, with any value, index and length. */
static void
no_control_request_changes_the_collar(void **state)
{
	static const uint16_t words[] = { 0, 1, 2, 3, 7, 0x81, 0x0100, 0x0200,
		0x0303, 0x0409, 0x0f00, 0xffff };
	const size_t n = sizeof(words) / sizeof(*words);
	struct ram_board *board = *state;
	struct usb_device usb = plugged_in(*state);
	void *before = malloc(collar_size());
	uint8_t in[CONTROL_CAP];

	assert_non_null(before);
	memcpy(before, board->collar, collar_size());
	for (unsigned i = 0; i < 0x10000; i++)
		for (size_t j = 0; j < n; j++) {
			const uint8_t setup[] = { (uint8_t)i, (uint8_t)(i >> 8),
				(uint8_t)words[j], (uint8_t)(words[j] >> 8),
				(uint8_t)words[i % n],
				(uint8_t)(words[i % n] >> 8),
				(uint8_t)words[(i + j) % n], 0 };
			int len = usb_control(
			    &usb, board->collar, setup, in, sizeof(in));

			assert_in_range(len + 1, 0, USB_CONTROL_MAX + 1);
		}
	assert_memory_equal(before, board->collar, collar_size());
	assert_int_equal(board->drives, 0);
	free(before);
}

/* Packets on the bulk OUT pipe until all is taken, or one is refused. */
static int
send_packets(struct usb_device *usb, struct ram_board *board,
    const uint8_t *line, size_t len)
{
	for (size_t at = 0; at < len; at += USB_PACKET_LEN) {
		size_t part =
		    len - at < USB_PACKET_LEN ? len - at : USB_PACKET_LEN;
		int result = usb_out(usb, board->collar, line + at, part);

		if (result != 0)
			return result;
	}
	return 0;
}

static size_t
frame_of(const char *hex, uint8_t *line, size_t cap)
{
	struct bytes payload = bytes_of_hex(hex);
	size_t len = frame_encode(line, cap, payload.at, payload.len);

	assert_true(len > 0);
	bytes_free(&payload);
	return len;
}

/* One burst: until a packet that is not full. */
static size_t
fetch_burst(
    struct usb_device *usb, struct ram_board *board, uint8_t *line, size_t cap)
{
	size_t len = 0;
	int n;

	do {
		assert_true(cap - len >= USB_PACKET_LEN);
		n = usb_in(usb, board->collar, line + len);
		assert_in_range(n, 0, USB_PACKET_LEN);
		len += (size_t)n;
	} while (n == USB_PACKET_LEN);
	return len;
}

static void
a_request_is_answered_over_the_pipes(void **state)
{
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	uint8_t line[256], packet[USB_PACKET_LEN], wanted[256];
	size_t len = frame_of("84 00 01 01 a0", line, sizeof(line));

	assert_int_equal(usb_in(&usb, board->collar, packet), USB_NAK);
	assert_int_equal(send_packets(&usb, board, line, len), 0);
	assert_int_equal(usb_out(&usb, board->collar, line, 0), 0);
	len = fetch_burst(&usb, board, line, sizeof(line));
	assert_int_equal(
	    len, frame_of("84 01 01 00 a0", wanted, sizeof(wanted)));
	assert_memory_equal(line, wanted, len);
	assert_int_equal(usb_in(&usb, board->collar, packet), USB_NAK);
}

/* A packet of length zero where the answer fills the last one. */
static void
a_burst_ends_in_a_short_packet(void **state)
{
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	struct exchange *exchange = &board->collar->exchange;
	uint8_t packet[USB_PACKET_LEN];

	for (unsigned len = 1; len <= 3 * USB_PACKET_LEN; len++) {
		exchange->tx_at = 0;
		exchange->tx_len = (uint16_t)len;
		for (unsigned i = 0; i < len / USB_PACKET_LEN; i++)
			assert_int_equal(usb_in(&usb, board->collar, packet),
			    USB_PACKET_LEN);
		assert_int_equal(
		    usb_in(&usb, board->collar, packet), len % USB_PACKET_LEN);
		assert_int_equal(usb_in(&usb, board->collar, packet), USB_NAK);
	}
}

/* An answer waits to be fetched, a request for its turn, and then bytes. */
static size_t
fill_up(struct usb_device *usb, struct ram_board *board)
{
	uint8_t line[64];
	char hex[] = "84 00 0x 01 a0";

	for (size_t n = 1;; n++) {
		size_t len;

		assert_in_range(n, 1, 9);
		hex[7] = (char)('0' + n);
		len = frame_of(hex, line, sizeof(line));
		if (send_packets(usb, board, line, len) == USB_NAK)
			return n;
	}
}

static void
what_the_handler_cannot_take_is_not_acknowledged(void **state)
{
	static const char *const answers[] = { "84 01 01 00 a0",
		"84 01 02 00 a0", "84 01 03 00 a0" };
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	size_t taken = fill_up(&usb, board) - 1, len, at = 0;
	uint8_t line[128], wanted[64];

	assert_int_equal(taken, 3);
	len = fetch_burst(&usb, board, line, sizeof(line));
	len += fetch_burst(&usb, board, line + len, sizeof(line) - len);
	for (size_t n = 0; n < taken; n++) {
		size_t one = frame_of(answers[n], wanted, sizeof(wanted));

		assert_in_range(at + one, 0, len);
		assert_memory_equal(line + at, wanted, one);
		at += one;
	}
	assert_int_equal(at, len);
	assert_int_equal(usb_in(&usb, board->collar, line), USB_NAK);
	assert_int_equal(usb_out(&usb, board->collar, line, 0), 0);
}

/* Whoever sent it has gone: as for a request that waits in the handler. */
static void
what_waited_too_long_is_forgotten(void **state)
{
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	uint8_t line[64], wanted[64];
	size_t len;

	fill_up(&usb, board);
	ram_board_pass(board, WAITING_MAX_MS + 1);
	len = fetch_burst(&usb, board, line, sizeof(line));
	assert_int_equal(
	    len, frame_of("84 01 01 00 a0", wanted, sizeof(wanted)));
	assert_int_equal(usb_in(&usb, board->collar, line), USB_NAK);
}

/* Fills it up with four requests, of which the fourth is cut behind `cut`
 * bytes; the rest of it is left at line. */
static size_t
fill_up_to_the_fourth(
    struct usb_device *usb, struct ram_board *board, size_t cut, uint8_t *line)
{
	uint8_t packet[USB_PACKET_LEN];
	size_t third, len;

	for (unsigned n = 0; n < 2; n++) {
		len = frame_of(n == 0 ? "84 00 01 01 a0" : "84 00 02 01 a0",
		    packet, sizeof(packet));
		assert_int_equal(usb_out(usb, board->collar, packet, len), 0);
	}
	third = frame_of("84 00 03 01 a0", packet, sizeof(packet));
	len = frame_of("84 00 04 01 a0", line, USB_PACKET_LEN);
	assert_in_range(third + cut, third, USB_PACKET_LEN);
	assert_in_range(cut, 0, len);
	memcpy(packet + third, line, cut);
	assert_int_equal(usb_out(usb, board->collar, packet, third + cut), 0);
	memmove(line, line + cut, len - cut);
	return len - cut;
}

/* Two answers in one packet, so that the third request is carried out. */
static void
fetch_two(struct usb_device *usb, struct ram_board *board)
{
	uint8_t packet[USB_PACKET_LEN];

	assert_in_range(
	    usb_in(usb, board->collar, packet), 1, USB_PACKET_LEN - 1);
	assert_int_equal(usb_out(usb, board->collar, packet, 0), 0);
}

static void
is_answered_up_to_the_third(struct usb_device *usb, struct ram_board *board)
{
	uint8_t line[128], wanted[64];
	size_t len = fetch_burst(usb, board, line, sizeof(line));

	assert_int_equal(
	    len, frame_of("84 01 03 00 a0", wanted, sizeof(wanted)));
	assert_memory_equal(line, wanted, len);
	assert_int_equal(usb_in(usb, board->collar, line), USB_NAK);
}

/* It does not begin to wait anew where the handler takes it. */
static void
a_request_waits_no_longer_for_coming_in_a_packet_that_waited(void **state)
{
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	uint8_t rest[USB_PACKET_LEN];
	const size_t whole = frame_of("84 00 04 01 a0", rest, sizeof(rest));

	fill_up_to_the_fourth(&usb, board, whole, rest);
	ram_board_pass(board, WAITING_MAX_MS - 1000);
	fetch_two(&usb, board);
	ram_board_pass(board, 1001);
	is_answered_up_to_the_third(&usb, board);
}

static void
half_a_frame_waits_no_longer_for_coming_in_a_packet_that_waited(void **state)
{
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	uint8_t rest[USB_PACKET_LEN];
	size_t len = fill_up_to_the_fourth(&usb, board, 6, rest);

	ram_board_pass(board, PARTIAL_MAX_MS - 400);
	fetch_two(&usb, board);
	ram_board_pass(board, 401);
	assert_int_equal(usb_out(&usb, board->collar, rest, len), 0);
	is_answered_up_to_the_third(&usb, board);
}

/* A host goes: its answer is not fetched, a move waits for that, and more. */
static void
leave_a_move(struct usb_device *usb, struct ram_board *board)
{
	static const char *const left[] = { "84 00 01 01 a0",
		MOVE("02", "01", "0001"), "84 00 03 01 a0" };
	uint8_t line[128];

	for (size_t i = 0; i < sizeof(left) / sizeof(*left); i++) {
		size_t len = frame_of(left[i], line, sizeof(line));

		assert_int_equal(send_packets(usb, board, line, len), 0);
	}
	assert_int_equal(board->drives, 0);
}

/* The next host comes, and finds nothing. */
static void
nothing_is_left(struct usb_device *usb, struct ram_board *board)
{
	uint8_t packet[USB_PACKET_LEN];

	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(usb_in(usb, board->collar, packet), USB_NAK);
		assert_int_equal(usb_out(usb, board->collar, packet, 0), 0);
		ram_board_pass(board, 100);
	}
	assert_int_equal(board->drives, 0);
}

static void
what_waits_is_dropped_by_a_new_configuration(void **state)
{
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	uint8_t line[128];

	ram_board_pass(board, 20000); /* the grid is sound: it may SHUT */
	leave_a_move(&usb, board);
	gives(&usb, board, CONFIGURE, "");
	nothing_is_left(&usb, board);
	leave_a_move(&usb, board);
	gives(&usb, board, "01 0b 0000 0000 0000", "");
	nothing_is_left(&usb, board);
	leave_a_move(&usb, board);
	usb_reset(&usb, board->collar);
	gives(&usb, board, CONFIGURE, "");
	nothing_is_left(&usb, board);

	/* what it would have been */
	leave_a_move(&usb, board);
	fetch_burst(&usb, board, line, sizeof(line));
	ram_board_pass(board, 100);
	assert_int_equal(board->drives, 1);
}

static void
half_a_frame_is_dropped_by_a_new_configuration(void **state)
{
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	uint8_t line[64];
	size_t len = frame_of("84 00 01 01 a0", line, sizeof(line));

	assert_int_equal(usb_out(&usb, board->collar, line, 6), 0);
	gives(&usb, board, CONFIGURE, "");
	assert_int_equal(usb_out(&usb, board->collar, line + 6, len - 6), 0);
	assert_int_equal(usb_in(&usb, board->collar, line), USB_NAK);
}

/* A move that has begun goes on, and its outcome can be asked for. */
static void
what_is_carried_out_outlives_a_new_configuration(void **state)
{
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	uint8_t line[128];
	size_t len;

	ram_board_pass(board, 20000);
	len = frame_of(MOVE("01", "01", "0001"), line, sizeof(line));
	assert_int_equal(send_packets(&usb, board, line, len), 0);
	assert_int_equal(board->drives, 1);
	gives(&usb, board, CONFIGURE, "");
	ram_board_pass(board, 100);
	assert_int_equal(usb_in(&usb, board->collar, line), USB_NAK);
	ask(board, MOVE("02", "01", "0001"), MOVED("02", "f5", "01"));
	assert_int_equal(board->drives, 1);
}

/* Nor does the rest of a log that the host before had asked for come. */
static void
a_stream_ends_with_a_new_configuration(void **state)
{
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	uint8_t packet[USB_PACKET_LEN];

	board->collar->stream =
	    (struct stream){ .source = STREAM_EVENTS, .end = 1, .through = 1 };
	gives(&usb, board, CONFIGURE, "");
	assert_int_equal(usb_in(&usb, board->collar, packet), USB_NAK);
}

static void
a_halted_pipe_stalls_until_it_is_resumed(void **state)
{
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	uint8_t line[64];
	size_t len = frame_of("84 00 01 01 a0", line, sizeof(line));

	gives(&usb, board, HALT_OUT, "");
	assert_int_equal(usb_out(&usb, board->collar, line, len), USB_STALL);
	gives(&usb, board, RESUME_OUT, "");
	assert_int_equal(usb_out(&usb, board->collar, line, len), 0);
	gives(&usb, board, HALT_IN, "");
	assert_int_equal(usb_in(&usb, board->collar, line), USB_STALL);
	gives(&usb, board, RESUME_IN, "");
	assert_true(fetch_burst(&usb, board, line, sizeof(line)) > 0);
}

static void
a_packet_longer_than_the_end_point_stalls(void **state)
{
	struct ram_board *board = *state;
	struct usb_device usb = configured(board);
	const uint8_t packet[USB_PACKET_LEN + 1] = { 0 };

	assert_int_equal(
	    usb_out(&usb, board->collar, packet, sizeof(packet)), USB_STALL);
}

#define UNIT_TEST(test) \
	cmocka_unit_test_setup_teardown(test, unit_greeted, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT_TEST(the_device_shows_its_descriptors),
		UNIT_TEST(an_answer_is_no_longer_than_was_asked_for),
		UNIT_TEST(windows_finds_its_driver),
		UNIT_TEST(strings_name_maker_and_product),
		UNIT_TEST(the_serial_string_is_the_units_own_as_it_is_now),
		UNIT_TEST(the_longest_serial_strings_fit),
		UNIT_TEST(the_status_tells_power_and_halts),
		UNIT_TEST(resuming_puts_the_toggle_back),
		UNIT_TEST(configuring_brings_the_pipes_and_ends_a_halt),
		UNIT_TEST(an_address_is_taken_until_configured),
		UNIT_TEST(what_is_not_in_the_tables_stalls),
		UNIT_TEST(no_control_request_changes_the_collar),
		UNIT_TEST(a_request_is_answered_over_the_pipes),
		UNIT_TEST(a_burst_ends_in_a_short_packet),
		UNIT_TEST(what_the_handler_cannot_take_is_not_acknowledged),
		UNIT_TEST(what_waited_too_long_is_forgotten),
		UNIT_TEST(
		    a_request_waits_no_longer_for_coming_in_a_packet_that_waited),
		UNIT_TEST(
		    half_a_frame_waits_no_longer_for_coming_in_a_packet_that_waited),
		UNIT_TEST(what_waits_is_dropped_by_a_new_configuration),
		UNIT_TEST(half_a_frame_is_dropped_by_a_new_configuration),
		UNIT_TEST(what_is_carried_out_outlives_a_new_configuration),
		UNIT_TEST(a_stream_ends_with_a_new_configuration),
		UNIT_TEST(a_halted_pipe_stalls_until_it_is_resumed),
		UNIT_TEST(a_packet_longer_than_the_end_point_stalls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
