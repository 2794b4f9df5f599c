/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire.h"

#include <string.h>

enum kind { NUMBER_PART, BYTES_PART, PADDING };

/* A member of the struct, and what it is on the wire. */
struct part {
	uint16_t at, len;
	enum kind kind;
};

struct usbip_layout {
	const struct part *parts;
	size_t count, len;
};

#define NUMBER(type, member, len) \
	{ \
		offsetof(struct type, member), len, NUMBER_PART \
	}
#define BYTES(type, member) \
	{ \
		offsetof(struct type, member), \
		    sizeof(((struct type *)NULL)->member), BYTES_PART \
	}
#define ZEROS(len) \
	{ \
		0, len, PADDING \
	}
#define BASIC(type) \
	NUMBER(type, basic.command, 4), NUMBER(type, basic.seqnum, 4), \
	    NUMBER(type, basic.devid, 4), NUMBER(type, basic.direction, 4), \
	    NUMBER(type, basic.ep, 4)
#define LAYOUT(parts, len) \
	{ \
		parts, sizeof(parts) / sizeof(*(parts)), len \
	}

static const struct part op_parts[] = {
	NUMBER(usbip_op, version, 2),
	NUMBER(usbip_op, code, 2),
	NUMBER(usbip_op, status, 4),
};

static const struct part list_parts[] = {
	NUMBER(usbip_list, version, 2),
	NUMBER(usbip_list, code, 2),
	NUMBER(usbip_list, status, 4),
	NUMBER(usbip_list, count, 4),
};

static const struct part device_parts[] = {
	BYTES(usbip_device, path),
	BYTES(usbip_device, busid),
	NUMBER(usbip_device, busnum, 4),
	NUMBER(usbip_device, devnum, 4),
	NUMBER(usbip_device, speed, 4),
	NUMBER(usbip_device, vendor, 2),
	NUMBER(usbip_device, product, 2),
	NUMBER(usbip_device, release, 2),
	NUMBER(usbip_device, class_, 1),
	NUMBER(usbip_device, subclass, 1),
	NUMBER(usbip_device, protocol, 1),
	NUMBER(usbip_device, configuration, 1),
	NUMBER(usbip_device, configurations, 1),
	NUMBER(usbip_device, interfaces, 1),
};

static const struct part interface_parts[] = {
	NUMBER(usbip_interface, class_, 1),
	NUMBER(usbip_interface, subclass, 1),
	NUMBER(usbip_interface, protocol, 1),
	ZEROS(1),
};

static const struct part basic_parts[] = {
	NUMBER(usbip_basic, command, 4),
	NUMBER(usbip_basic, seqnum, 4),
	NUMBER(usbip_basic, devid, 4),
	NUMBER(usbip_basic, direction, 4),
	NUMBER(usbip_basic, ep, 4),
};

static const struct part submit_parts[] = {
	BASIC(usbip_submit),
	NUMBER(usbip_submit, flags, 4),
	NUMBER(usbip_submit, len, 4),
	NUMBER(usbip_submit, start_frame, 4),
	NUMBER(usbip_submit, packets, 4),
	NUMBER(usbip_submit, interval, 4),
	BYTES(usbip_submit, setup),
};

static const struct part unlink_parts[] = {
	BASIC(usbip_unlink),
	NUMBER(usbip_unlink, unlinked, 4),
	ZEROS(24),
};

static const struct part submitted_parts[] = {
	BASIC(usbip_submitted),
	NUMBER(usbip_submitted, status, 4),
	NUMBER(usbip_submitted, len, 4),
	NUMBER(usbip_submitted, start_frame, 4),
	NUMBER(usbip_submitted, packets, 4),
	NUMBER(usbip_submitted, errors, 4),
	ZEROS(8),
};

static const struct part unlinked_parts[] = {
	BASIC(usbip_unlinked),
	NUMBER(usbip_unlinked, status, 4),
	ZEROS(24),
};

const struct usbip_layout usbip_op = LAYOUT(op_parts, USBIP_OP_LEN);
const struct usbip_layout usbip_list = LAYOUT(list_parts, USBIP_LIST_LEN);
const struct usbip_layout usbip_device = LAYOUT(device_parts, USBIP_DEVICE_LEN);
const struct usbip_layout usbip_interface =
    LAYOUT(interface_parts, USBIP_INTERFACE_LEN);
const struct usbip_layout usbip_basic = LAYOUT(basic_parts, USBIP_BASIC_LEN);
const struct usbip_layout usbip_submit = LAYOUT(submit_parts, USBIP_HEADER_LEN);
const struct usbip_layout usbip_unlink = LAYOUT(unlink_parts, USBIP_HEADER_LEN);
const struct usbip_layout usbip_submitted =
    LAYOUT(submitted_parts, USBIP_HEADER_LEN);
const struct usbip_layout usbip_unlinked =
    LAYOUT(unlinked_parts, USBIP_HEADER_LEN);

size_t
usbip_len(const struct usbip_layout *layout)
{
	return layout->len;
}

static void
encode_part(const struct part *part, const uint8_t *member, uint8_t *bytes)
{
	uint32_t number;

	if (part->kind == NUMBER_PART) {
		memcpy(&number, member, sizeof(number));
		for (unsigned i = part->len; i-- > 0; number >>= 8)
			bytes[i] = (uint8_t)number;
	} else if (part->kind == BYTES_PART) {
		memcpy(bytes, member, part->len);
	} else {
		memset(bytes, 0, part->len);
	}
}

static void
decode_part(const struct part *part, uint8_t *member, const uint8_t *bytes)
{
	uint32_t number = 0;

	if (part->kind == NUMBER_PART) {
		for (unsigned i = 0; i < part->len; i++)
			number = number << 8 | bytes[i];
		memcpy(member, &number, sizeof(number));
	} else if (part->kind == BYTES_PART) {
		memcpy(member, bytes, part->len);
	}
}

size_t
usbip_encode(
    const struct usbip_layout *layout, const void *message, uint8_t *bytes)
{
	const uint8_t *from = message;

	for (size_t i = 0; i < layout->count; i++) {
		const struct part *part = &layout->parts[i];

		encode_part(part, from + part->at, bytes);
		bytes += part->len;
	}

	return layout->len;
}

void
usbip_decode(
    const struct usbip_layout *layout, void *message, const uint8_t *bytes)
{
	uint8_t *to = message;

	for (size_t i = 0; i < layout->count; i++) {
		const struct part *part = &layout->parts[i];

		decode_part(part, to + part->at, bytes);
		bytes += part->len;
	}
}

const char *
usbip_op_fault(const struct usbip_op *op)
{
	if (op->version != USBIP_VERSION)
		return "its version is not 0x0111";
	if (op->code != USBIP_REQ_DEVLIST && op->code != USBIP_REQ_IMPORT)
		return "its code is neither OP_REQ_DEVLIST nor OP_REQ_IMPORT";
	if (op->status != 0)
		return "its status is not 0";

	return NULL;
}

/* Both say which way the data goes, and how much it is (USB 2.0, section
 * 9.3): bit 7 of bmRequestType, and wLength, least significant byte first. */
static const char *
setup_fault(const struct usbip_submit *submit)
{
	const uint8_t *setup = submit->setup;
	uint32_t len = (uint32_t)(setup[6] | setup[7] << 8);

	if (len != submit->len)
		return "wLength of its setup is not its length";
	if (len > 0 && setup[0] >> 7 != submit->basic.direction)
		return "its setup goes the other way";

	return NULL;
}

/* Some clients say 0, others ffffffff for a transfer that has no isochronous
 * packets; and some fill start_frame where it means nothing. */
const char *
usbip_submit_fault(const struct usbip_submit *submit)
{
	if (submit->basic.direction > USBIP_IN)
		return "its direction is neither 0 nor 1";
	if (submit->basic.ep > 15)
		return "its end point is not 0 to 15";
	if (submit->len > INT32_MAX)
		return "its length is negative";
	if (submit->packets != 0 && submit->packets != UINT32_MAX)
		return "it is isochronous, a collar has no such end point";
	if (submit->basic.ep == 0)
		return setup_fault(submit);

	return NULL;
}
