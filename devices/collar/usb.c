/* SPDX-License-Identifier: BSD-2-Clause */

#include "usb.h"

#include "state.h"
#include "usb_descriptors.h"

#include <string.h>

enum {
	ADDRESS_MAX = 127,
	ENDPOINT_ZERO_IN = 0x80,
	FEATURE_ENDPOINT_HALT = 0,
	SELF_POWERED = 1,
	SERIAL_MAX = sizeof(HARDWARE_PREFIX) + HARDWARE_ID_MAX * 2UL,
	STRING_HEAD_LEN = 2,
	PIPES = USB_PIPE_OUT | USB_PIPE_IN,
};

_Static_assert(
    (int)USB_CONTROL_MAX == (int)USB_MS_OS_LEN, "the longest data stage");

/* A control request, taken apart (USB 2.0 table 9-2). */
struct control {
	struct usb_device *usb;
	struct collar *collar;
	uint16_t value, index, len;
	uint8_t *in;
	size_t cap;
};

/* The data stage: as much as is asked for, if there is so much. */
static int
give(const struct control *ask, const void *bytes, size_t len)
{
	if (len > ask->len)
		len = ask->len;
	if (len > ask->cap)
		len = ask->cap;
	memcpy(ask->in, bytes, len);
	return (int)len;
}

static int
give_word(const struct control *ask, uint8_t low)
{
	const uint8_t word[2] = { low, 0 };

	return give(ask, word, sizeof(word));
}

/* The pipe of an end point; 0 if there is none, or none yet. */
static uint8_t
pipe_of(const struct control *ask)
{
	if (ask->usb->configuration == 0)
		return 0;
	if (ask->index == USB_ENDPOINT_OUT)
		return USB_PIPE_OUT;
	return ask->index == USB_ENDPOINT_IN ? USB_PIPE_IN : 0;
}

static bool
is_interface(const struct control *ask)
{
	return ask->usb->configuration != 0 && ask->index == USB_INTERFACE;
}

static int
device_status(const struct control *ask)
{
	if (ask->value != 0 || ask->index != 0)
		return USB_STALL;
	return give_word(ask, SELF_POWERED);
}

static int
interface_status(const struct control *ask)
{
	if (ask->value != 0 || !is_interface(ask))
		return USB_STALL;
	return give_word(ask, 0);
}

static int
endpoint_status(const struct control *ask)
{
	uint8_t pipe = pipe_of(ask);
	bool zero = (ask->index & ~ENDPOINT_ZERO_IN) == 0;

	if (ask->value != 0 || (pipe == 0 && !zero))
		return USB_STALL;
	return give_word(ask, (ask->usb->halted & pipe) != 0);
}

/* Resuming sets the toggle back, also of a pipe that was not halted (section
 * 9.4.5). */
static int
endpoint_resume(const struct control *ask)
{
	uint8_t pipe = pipe_of(ask);

	if (ask->value != FEATURE_ENDPOINT_HALT || pipe == 0)
		return USB_STALL;
	ask->usb->halted &= (uint8_t)~pipe;
	ask->usb->toggles |= pipe;
	return 0;
}

static int
endpoint_halt(const struct control *ask)
{
	uint8_t pipe = pipe_of(ask);

	if (ask->value != FEATURE_ENDPOINT_HALT || pipe == 0)
		return USB_STALL;
	ask->usb->halted |= pipe;
	return 0;
}

static int
set_address(const struct control *ask)
{
	if (ask->value > ADDRESS_MAX || ask->index != 0 ||
	    ask->usb->configuration != 0)
		return USB_STALL;
	ask->usb->address = (uint8_t)ask->value;
	return 0;
}

/* A text as a string descriptor: UTF-16 of characters that are all ASCII. */
static int
give_text(const struct control *ask, const char *text)
{
	uint8_t bytes[STRING_HEAD_LEN + 2 * SERIAL_MAX] = { 0 };
	size_t len = STRING_HEAD_LEN;

	for (; *text != '\0' && len < sizeof(bytes); text++, len += 2)
		bytes[len] = (uint8_t)*text;
	bytes[0] = (uint8_t)len;
	bytes[1] = USB_TYPE_STRING;
	return give(ask, bytes, len);
}

/* What -s of the host names the unit by. */
static int
give_serial(const struct control *ask)
{
	static const char digits[] = "0123456789abcdef";
	const struct unit_record *record = &ask->collar->record;
	char text[SERIAL_MAX] = HARDWARE_PREFIX;
	char *at = text + sizeof(HARDWARE_PREFIX) - 1;

	if (HAS(record, RECORD_SERIAL))
		return give_text(ask, record->serial);
	for (size_t i = 0; i < record->hardware_id.len; i++) {
		*at++ = digits[record->hardware_id.at[i] >> 4];
		*at++ = digits[record->hardware_id.at[i] & 0xf];
	}
	return give_text(ask, text);
}

static int
give_table(const struct control *ask, unsigned type)
{
	for (const struct usb_descriptor *row = usb_descriptors; row->name;
	     row++)
		if (row->type == type)
			return give(ask, row->bytes, row->len);
	return USB_STALL;
}

static int
get_string(const struct control *ask, uint8_t number)
{
	if (number == USB_STRING_LANGUAGES)
		return give_table(ask, USB_TYPE_STRING);
	if (ask->index != USB_LANGUAGE || number > USB_STRING_SERIAL)
		return USB_STALL;
	if (number == USB_STRING_SERIAL)
		return give_serial(ask);
	return give_text(ask, usb_strings[number]);
}

static int
get_descriptor(const struct control *ask)
{
	uint8_t type = (uint8_t)(ask->value >> 8);
	uint8_t number = (uint8_t)ask->value;

	if (type == USB_TYPE_STRING)
		return get_string(ask, number);
	return number == 0 && ask->index == 0 ? give_table(ask, type)
					      : USB_STALL;
}

static int
get_configuration(const struct control *ask)
{
	if (ask->value != 0 || ask->index != 0)
		return USB_STALL;
	return give(ask, &ask->usb->configuration, 1);
}

/* Both pipes as new; what the host before left in them is nobody's. */
static void
pipes_begin(struct usb_device *usb, struct collar *collar)
{
	usb->halted = 0;
	usb->toggles = PIPES;
	usb->burst = false;
	usb->waits_len = 0;
	collar_link_reset(collar);
}

static int
set_configuration(const struct control *ask)
{
	if (ask->value > USB_CONFIGURATION || ask->index != 0)
		return USB_STALL;
	ask->usb->configuration = (uint8_t)ask->value;
	pipes_begin(ask->usb, ask->collar);
	return 0;
}

static int
get_interface(const struct control *ask)
{
	static const uint8_t only = 0;

	if (ask->value != 0 || !is_interface(ask))
		return USB_STALL;
	return give(ask, &only, sizeof(only));
}

static int
set_interface(const struct control *ask)
{
	if (ask->value != 0 || !is_interface(ask))
		return USB_STALL;
	pipes_begin(ask->usb, ask->collar);
	return 0;
}

static int
get_ms_os(const struct control *ask)
{
	if (ask->value != 0 || ask->index != USB_MS_OS_INDEX)
		return USB_STALL;
	return give_table(ask, USB_TYPE_MS_OS);
}

static const struct request_row {
	uint8_t type, request;
	int (*answer)(const struct control *ask);
} rows[] = {
#define USB_REQUEST(type, request, name, answer) \
	{ (type), (request), (answer) },
#include "usb_requests.def"
#undef USB_REQUEST
};

static uint16_t
word_at(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

void
usb_reset(struct usb_device *usb, struct collar *collar)
{
	memset(usb, 0, sizeof(*usb));
	pipes_begin(usb, collar);
}

int
usb_control(struct usb_device *usb, struct collar *collar,
    const uint8_t setup[USB_SETUP_LEN], uint8_t *in, size_t cap)
{
	const struct control ask = {
		.usb = usb,
		.collar = collar,
		.value = word_at(setup + 2),
		.index = word_at(setup + 4),
		.len = word_at(setup + 6),
		.in = in,
		.cap = cap,
	};
	bool to_host = (setup[0] & ENDPOINT_ZERO_IN) != 0;

	if (!to_host && ask.len != 0)
		return USB_STALL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].type == setup[0] && rows[i].request == setup[1])
			return rows[i].answer(&ask);
	return USB_STALL;
}

/*
 * Hands on what the handler did not take at once.  It waits no longer than a
 * request may, here and there together.
 */
static bool
waits(struct usb_device *usb, struct collar *collar)
{
	if (collar->now_ms - usb->waits_ms > WAITING_MAX_MS)
		usb->waits_len = 0;
	if (usb->waits_len > 0) {
		size_t taken = exchange_receive(collar,
		    usb->waits + usb->waits_at, usb->waits_len, usb->waits_ms);

		usb->waits_at += (uint8_t)taken;
		usb->waits_len -= (uint8_t)taken;
	}
	return usb->waits_len > 0;
}

static bool
is_open(const struct usb_device *usb, uint8_t pipe)
{
	return usb->configuration != 0 && (usb->halted & pipe) == 0;
}

int
usb_out(struct usb_device *usb, struct collar *collar, const uint8_t *packet,
    size_t len)
{
	if (!is_open(usb, USB_PIPE_OUT) || len > USB_PACKET_LEN)
		return USB_STALL;
	if (waits(usb, collar))
		return USB_NAK;
	memcpy(usb->waits, packet, len);
	usb->waits_at = 0;
	usb->waits_len = (uint8_t)len;
	usb->waits_ms = collar->now_ms;
	waits(usb, collar);
	return 0;
}

int
usb_in(struct usb_device *usb, struct collar *collar,
    uint8_t packet[USB_PACKET_LEN])
{
	size_t len;

	if (!is_open(usb, USB_PIPE_IN))
		return USB_STALL;
	len = collar_transmit(collar, packet, USB_PACKET_LEN);
	if (len == 0 && usb->waits_len > 0) {
		waits(usb, collar);
		len = collar_transmit(collar, packet, USB_PACKET_LEN);
	}
	if (len == 0 && !usb->burst)
		return USB_NAK;
	usb->burst = len == USB_PACKET_LEN;
	return (int)len;
}
