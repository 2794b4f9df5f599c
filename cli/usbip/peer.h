/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USBIP_PEER_H
#define USBIP_PEER_H

/*
 * One client of the server, as bytes in and bytes out: it asks for the list, or
 * imports a device and then submits and unlinks transfers.  What it can make us
 * keep is bounded: transfers beyond that are answered -ENOMEM, longer ones
 * than USBIP_TRANSFER_MAX -EMSGSIZE; and while it does not fetch its replies,
 * nothing more is read from it.
 */

#include "urb.h"

enum {
	USBIP_TRANSFER_MAX = 1 << 20, /* bytes of one transfer */
	USBIP_WAITING_MAX = 256,      /* transfers of one end point */
	USBIP_KEPT_MAX = 4 << 20,     /* OUT bytes of all of them */
	USBIP_UNSENT_MAX = 1 << 20,   /* bytes of replies, beyond one of them */
	USBIP_REPLIES_MAX = 256,      /* replies, beyond those to one read */
	USBIP_PATIENCE_MS = 10000,    /* for the rest of a message */
};

/* All that the server exports. */
struct usbip_bus {
	struct usbip_export *exports;
	size_t count;
};

/* What is awaited: the head of a request, of an import, of a command; the OUT
 * data behind it; nothing more. */
enum usbip_stage {
	USBIP_AT_OP,
	USBIP_AT_BUSID,
	USBIP_AT_COMMAND,
	USBIP_AT_DATA,
	USBIP_AT_END,
};

enum { USBIP_WHY_MAX = 160 };

/* Private but for why; usbip_peer_init makes one. */
struct usbip_peer {
	struct usbip_bus *bus;
	struct usbip_export *imported; /* NULL: none */
	enum usbip_stage stage;
	uint8_t head[USBIP_HEADER_LEN];
	size_t got;                 /* of head, or of the data */
	struct usbip_submit submit; /* whose data comes */
	int32_t refusal;            /* its answer then; 0: it is carried out */
	struct usbip_urb *filling;  /* NULL: its data is not kept */
	struct usbip_urbs waiting[2]; /* by usbip_direction */
	struct usbip_replies replies;
	uint64_t heard_ms;
	char why[USBIP_WHY_MAX]; /* what its connection ended for */
};

/* A client that has just connected; now_ms is of a monotonic clock. */
void usbip_peer_init(
    struct usbip_peer *peer, struct usbip_bus *bus, uint64_t now_ms);

/* Forgets it; what it has imported is free again. */
void usbip_peer_end(struct usbip_peer *peer);

/* Does it take bytes now?  Not while its replies are not fetched. */
bool usbip_peer_reads(const struct usbip_peer *peer);

/*
 * Bytes that came from it, in pieces of any length.  E_OK; E_BAD_DATA (why
 * names the message and what is malformed) and E_INTERNAL (no memory) end the
 * connection.
 */
int usbip_peer_receive(
    struct usbip_peer *peer, const uint8_t *bytes, size_t len, uint64_t now_ms);

/*
 * Carries its transfers on as far as the device goes along, but for a bounded
 * number of packets.  E_OK; 1 if more can be done at once; E_INTERNAL.
 */
int usbip_peer_move(struct usbip_peer *peer);

/* What is to be sent to it next, NULL if nothing is; and that len bytes of it
 * are out. */
const uint8_t *usbip_peer_next(const struct usbip_peer *peer, size_t *len);
void usbip_peer_sent(struct usbip_peer *peer, size_t len);

/* Is all said, or the device pulled out? */
bool usbip_peer_is_over(const struct usbip_peer *peer);

/* E_BAD_DATA, and why, if it has been silent too long within a message. */
int usbip_peer_check_time(struct usbip_peer *peer, uint64_t now_ms);

#endif
