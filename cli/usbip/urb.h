/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USBIP_URB_H
#define USBIP_URB_H

/*
 * What waits in a connection: transfers for the device, in two queues, and
 * replies for the client.  An IN transfer is received into the reply that will
 * carry it.
 */

#include "export.h"

struct usbip_reply {
	struct usbip_reply *next;
	size_t len;      /* bytes that go out */
	uint8_t bytes[]; /* a header first */
};

/* Replies, the next to be sent first; all zeros is an empty one. */
struct usbip_replies {
	struct usbip_reply *first, *last;
	size_t count, len; /* of all together, sent parts of the first too */
	size_t sent;       /* bytes of the first that are out */
};

struct usbip_urb {
	struct usbip_urb *next;
	uint32_t seqnum;
	struct usbip_transfer transfer;
	struct usbip_reply *reply; /* IN, once it has its turn; or NULL */
	uint8_t bytes[];           /* OUT: what goes to the device */
};

/* Transfers of one end point, in the order of their submission. */
struct usbip_urbs {
	struct usbip_urb *first, *last;
	size_t count, len; /* len: OUT bytes kept for all */
};

/* A reply with room for len bytes; NULL if there is no memory. */
struct usbip_reply *usbip_reply_new(size_t len);

/* Puts it, of len bytes now, behind the others, which own it then. */
void usbip_reply_queue(
    struct usbip_replies *replies, struct usbip_reply *reply, size_t len);

/* What is to be sent next, and how much of it; NULL if nothing is. */
const uint8_t *usbip_reply_next(
    const struct usbip_replies *replies, size_t *len);
void usbip_reply_sent(struct usbip_replies *replies, size_t len);
void usbip_replies_clear(struct usbip_replies *replies);

/* A transfer as submitted; with room for its bytes if it is OUT.  NULL if there
 * is no memory. */
struct usbip_urb *usbip_urb_new(const struct usbip_submit *submit);

/* Frees it, its reply too unless that was queued and the member is NULL. */
void usbip_urb_free(struct usbip_urb **urb);

void usbip_urb_queue(struct usbip_urbs *urbs, struct usbip_urb *urb);

/* The one of that seqnum; NULL if none is. */
const struct usbip_urb *usbip_urb_find(
    const struct usbip_urbs *urbs, uint32_t seqnum);

/* Takes the one of that seqnum out, for the caller to free; NULL if none is. */
struct usbip_urb *usbip_urb_take(struct usbip_urbs *urbs, uint32_t seqnum);
void usbip_urbs_clear(struct usbip_urbs *urbs);

#endif
