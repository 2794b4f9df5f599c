/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USBIP_WIRE_H
#define USBIP_WIRE_H

/*
 * The messages of USB/IP, version 1.1.1, as the Linux kernel documents them
 * (Documentation/usb/usbip_protocol.rst): fixed layouts, every number with its
 * most significant byte first.  Here a message is a struct, on the wire the
 * bytes of its layout; both are always whole.
 */

#include <stddef.h>
#include <stdint.h>

enum {
	USBIP_VERSION = 0x0111,
	USBIP_PATH_LEN = 256, /* a text's field, with the zero that closes it */
	USBIP_BUSID_LEN = 32,
	USBIP_SETUP_LEN = 8,
};

/* Bytes of each layout. */
enum {
	USBIP_OP_LEN = 8,
	USBIP_LIST_LEN = 12,
	USBIP_DEVICE_LEN = 312,
	USBIP_INTERFACE_LEN = 4,
	USBIP_BASIC_LEN = 20,
	USBIP_HEADER_LEN = 48, /* of each command and its answer */
};

enum usbip_code {
	USBIP_REP_IMPORT = 0x0003,
	USBIP_REP_DEVLIST = 0x0005,
	USBIP_REQ_IMPORT = 0x8003,
	USBIP_REQ_DEVLIST = 0x8005,
};

/* Of a reply to an import: the document knows 0 and 1, the kernel's own tools
 * tell further numbers apart. */
enum usbip_op_status {
	USBIP_OK = 0,
	USBIP_BUSY = 2,      /* somebody has imported it */
	USBIP_NO_DEVICE = 4, /* none has that busid */
};

enum usbip_command {
	USBIP_CMD_SUBMIT = 1,
	USBIP_CMD_UNLINK = 2,
	USBIP_RET_SUBMIT = 3,
	USBIP_RET_UNLINK = 4,
};

enum usbip_direction { USBIP_OUT = 0, USBIP_IN = 1 };

/* transfer_flags that matter to a bulk pipe (include/uapi/linux/usbip.h). */
enum {
	USBIP_SHORT_NOT_OK = 0x01, /* IN: less than asked for is an error */
	USBIP_ZERO_PACKET = 0x40,  /* OUT: end in a packet that is not full */
};

enum { USBIP_SPEED_FULL = 2 }; /* enum usb_device_speed of Linux */

/* OP_REQ_..., OP_REP_...: what they begin with. */
struct usbip_op {
	uint32_t version, code, status;
};

/* OP_REP_DEVLIST: so many devices follow, each with its interface. */
struct usbip_list {
	uint32_t version, code, status, count;
};

/* A device in a list, and in the reply to its import. */
struct usbip_device {
	char path[USBIP_PATH_LEN], busid[USBIP_BUSID_LEN];
	uint32_t busnum, devnum, speed;
	uint32_t vendor, product, release; /* idVendor, idProduct, bcdDevice */
	uint32_t class_, subclass, protocol;
	uint32_t configuration, configurations, interfaces;
};

/* An interface behind its device in a list. */
struct usbip_interface {
	uint32_t class_, subclass, protocol;
};

/* What every command and its answer begins with. */
struct usbip_basic {
	uint32_t command, seqnum;
	uint32_t devid; /* busnum << 16 | devnum; 0 in answers */
	uint32_t direction, ep;
};

struct usbip_submit {
	struct usbip_basic basic;
	uint32_t flags, len, start_frame, packets, interval;
	uint8_t setup[USBIP_SETUP_LEN];
};

struct usbip_unlink {
	struct usbip_basic basic;
	uint32_t unlinked; /* seqnum of the submit meant */
};

/* Answer to a submit, IN data behind it. */
struct usbip_submitted {
	struct usbip_basic basic;
	int32_t status; /* 0, or a negative errno of Linux */
	uint32_t len;   /* bytes moved */
	uint32_t start_frame, packets, errors;
};

struct usbip_unlinked {
	struct usbip_basic basic;
	int32_t status;
};

struct usbip_layout;

extern const struct usbip_layout usbip_op, usbip_list, usbip_device,
    usbip_interface, usbip_basic, usbip_submit, usbip_unlink, usbip_submitted,
    usbip_unlinked;

/* Bytes of the layout on the wire. */
size_t usbip_len(const struct usbip_layout *layout);

/* Writes the struct of that layout to its bytes, padding as zeros; returns
 * their number. */
size_t usbip_encode(
    const struct usbip_layout *layout, const void *message, uint8_t *bytes);

/* Fills the struct from the layout's bytes; padding may be anything. */
void usbip_decode(
    const struct usbip_layout *layout, void *message, const uint8_t *bytes);

/*
 * What is malformed in a request, as the end of a sentence about it; NULL if
 * nothing is.  The layouts' order is that of the search.
 */
const char *usbip_op_fault(const struct usbip_op *op);
const char *usbip_submit_fault(const struct usbip_submit *submit);

#endif
