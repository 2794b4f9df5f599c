/* SPDX-License-Identifier: BSD-2-Clause */
#include "export.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of USB 2.0, chapter 9, and of its chapter 11 about hubs. */
enum {
	GET_DESCRIPTOR = 6,
	DEVICE_TYPE = 1,
	CONFIGURATION_TYPE = 2,
	STRING_TYPE = 3,
	INTERFACE_TYPE = 4,
	DEVICE_LEN = 18,
	CONFIGURATION_LEN = 9,
	INTERFACE_LEN = 9,
	US_ENGLISH = 0x0409,
	TO_DEVICE = 0x80, /* bmRequestType: from the device */
	TO_PORT = 0x23,
	SET_FEATURE = 3,
	PORT_RESET = 4,
};

enum { BUS = 1, DEVNUM_FIRST = 2 }; /* 1 is the root hub */

/* A descriptor of at most cap bytes; its length, 0 if there is none such. */
static size_t
get_descriptor(const struct usbip_export *export, uint8_t type, uint8_t index,
    uint16_t language, uint8_t *bytes, uint8_t cap)
{
	const uint8_t setup[USBIP_SETUP_LEN] = { TO_DEVICE, GET_DESCRIPTOR,
		index, type, (uint8_t)language, (uint8_t)(language >> 8), cap,
		0 };
	int len = export->ops->control(export->device, setup, bytes, cap);

	return len < 2 || bytes[1] != type ? 0 : (size_t)len;
}

static uint32_t
number_at(const uint8_t *bytes)
{
	return (uint32_t)(bytes[0] | bytes[1] << 8);
}

bool
usbip_describe(struct usbip_export *export, const char *name, unsigned number)
{
	struct usbip_device *told = &export->told;
	uint8_t device[DEVICE_LEN];
	uint8_t all[CONFIGURATION_LEN + INTERFACE_LEN];
	const uint8_t *interface = all + CONFIGURATION_LEN;

	if (get_descriptor(export, DEVICE_TYPE, 0, 0, device, sizeof(device)) <
		sizeof(device) ||
	    get_descriptor(export, CONFIGURATION_TYPE, 0, 0, all, sizeof(all)) <
		sizeof(all) ||
	    all[4] != 1 || interface[1] != INTERFACE_TYPE)
		return false;
	*told = (struct usbip_device){
		.busnum = BUS,
		.devnum = DEVNUM_FIRST - 1 + number,
		.speed = USBIP_SPEED_FULL,
		.class_ = device[4],
		.subclass = device[5],
		.protocol = device[6],
		.vendor = number_at(device + 8),
		.product = number_at(device + 10),
		.release = number_at(device + 12),
		.configurations = device[17],
		.interfaces = all[4],
		.configuration = all[5],
	};
	snprintf(told->busid, sizeof(told->busid), "%d-%u", BUS, number);
	snprintf(told->path, sizeof(told->path), "/collarctl/sim/%.100s", name);
	export->interface = (struct usbip_interface){ interface[5],
		interface[6], interface[7] };

	return true;
}

const char *
usbip_serial(const struct usbip_export *export, char serial[USBIP_SERIAL_MAX])
{
	uint8_t device[DEVICE_LEN], bytes[2 * USBIP_SERIAL_MAX - 1];
	size_t len = 0, at = 0;

	if (get_descriptor(export, DEVICE_TYPE, 0, 0, device, sizeof(device)) ==
		sizeof(device) &&
	    device[16] != 0)
		len = get_descriptor(export, STRING_TYPE, device[16],
		    US_ENGLISH, bytes, sizeof(bytes));
	for (size_t i = 2; i + 1 < len; i += 2) {
		uint32_t unit = number_at(bytes + i);

		serial[at++] = unit > ' ' && unit <= '~' ? (char)unit : '?';
	}
	serial[at] = '\0';

	return serial;
}

void
usbip_plug(struct usbip_export *export, const struct usbip_peer *importer)
{
	export->ops->reset(export->device);
	export->importer = importer;
}

void
usbip_unplug(struct usbip_export *export)
{
	export->ops->reset(export->device);
	export->importer = NULL;
}

/* Clients ask for a reset of the device as for that of a hub's port. */
static bool
is_reset(const uint8_t *setup)
{
	return setup[0] == TO_PORT && setup[1] == SET_FEATURE &&
	    number_at(setup + 2) == PORT_RESET;
}

int
usbip_control(struct usbip_export *export, const uint8_t *setup, uint8_t *in)
{
	bool is_out = (setup[0] & TO_DEVICE) == 0;
	uint32_t len = number_at(setup + 6);
	int got;

	if (is_reset(setup)) {
		export->ops->reset(export->device);
		return 0;
	}
	got = export->ops->control(export->device, setup, in,
	    len < USBIP_CONTROL_MAX ? len : USBIP_CONTROL_MAX);
	if (got < 0)
		return -EPIPE;

	return is_out ? (int)len : got;
}

/* May so many more bytes pass?  If not, the cable is pulled before them. */
static bool
count(struct usbip_export *export, size_t len)
{
	export->moved += len;
	if (export->cut_after > 0 && export->moved > export->cut_after)
		export->gone = true;

	return !export->gone;
}

/* A transfer of full packets ends in an empty one only if that is asked for;
 * one of no bytes is an empty packet. */
static bool
closes(const struct usbip_transfer *transfer, size_t packet)
{
	if (transfer->moved < transfer->len)
		return false;

	return packet < USB_PACKET_LEN ||
	    (transfer->flags & USBIP_ZERO_PACKET) == 0;
}

bool
usbip_move_out(struct usbip_export *export, struct usbip_transfer *transfer,
    unsigned *packets, int32_t *status)
{
	for (*status = 0; *packets > 0 && !transfer->closed; --*packets) {
		size_t left = transfer->len - transfer->moved;
		size_t len = left < USB_PACKET_LEN ? left : USB_PACKET_LEN;
		int err = export->ops->out(
		    export->device, transfer->data + transfer->moved, len);

		if (err == USBIP_NAK)
			return false;
		if (err < 0)
			*status = -EPIPE;
		else if (!count(export, len))
			*status = -ESHUTDOWN;
		if (*status < 0)
			return true;
		transfer->moved += (uint32_t)len;
		transfer->closed = closes(transfer, len);
	}

	return transfer->closed;
}

/* What a packet does to the transfer that it came for: 1 while it goes on. */
static int32_t
take(struct usbip_transfer *transfer, const uint8_t *packet, size_t len)
{
	size_t room = transfer->len - transfer->moved;

	if (len > room)
		return -EOVERFLOW;
	if (len > 0)
		memcpy(transfer->data + transfer->moved, packet, len);
	transfer->moved += (uint32_t)len;
	if (len == room)
		return 0;
	if (len == USB_PACKET_LEN)
		return 1;

	return transfer->flags & USBIP_SHORT_NOT_OK ? -EREMOTEIO : 0;
}

bool
usbip_move_in(struct usbip_export *export, struct usbip_transfer *transfer,
    unsigned *packets, int32_t *status)
{
	uint8_t packet[USB_PACKET_LEN];

	for (*status = 1; *packets > 0 && *status > 0; --*packets) {
		int len = export->ops->in(export->device, packet);

		if (len == USBIP_NAK)
			return false;
		if (len < 0)
			*status = -EPIPE;
		else if (!count(export, (size_t)len))
			*status = -ESHUTDOWN;
		else
			*status = take(transfer, packet, (size_t)len);
	}

	return *status <= 0;
}
