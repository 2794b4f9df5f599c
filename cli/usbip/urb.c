/* SPDX-License-Identifier: BSD-2-Clause */
#include "urb.h"

#include <stdlib.h>

struct usbip_reply *
usbip_reply_new(size_t len)
{
	return malloc(sizeof(struct usbip_reply) + len);
}

void
usbip_reply_queue(
    struct usbip_replies *replies, struct usbip_reply *reply, size_t len)
{
	struct usbip_reply *shrunk = realloc(reply, sizeof(*reply) + len);

	if (shrunk != NULL) /* what it turned out not to need is given back */
		reply = shrunk;
	reply->len = len;
	reply->next = NULL;
	if (replies->last != NULL)
		replies->last->next = reply;
	else
		replies->first = reply;
	replies->last = reply;
	replies->count++;
	replies->len += len;
}

static void
drop_first(struct usbip_replies *replies)
{
	struct usbip_reply *first = replies->first;

	replies->first = first->next;
	if (replies->first == NULL)
		replies->last = NULL;
	replies->count--;
	replies->len -= first->len;
	replies->sent = 0;
	free(first);
}

const uint8_t *
usbip_reply_next(const struct usbip_replies *replies, size_t *len)
{
	const struct usbip_reply *first = replies->first;

	if (first == NULL)
		return NULL;
	*len = first->len - replies->sent;

	return first->bytes + replies->sent;
}

void
usbip_reply_sent(struct usbip_replies *replies, size_t len)
{
	replies->sent += len;
	if (replies->sent == replies->first->len)
		drop_first(replies);
}

void
usbip_replies_clear(struct usbip_replies *replies)
{
	while (replies->first != NULL)
		drop_first(replies);
}

struct usbip_urb *
usbip_urb_new(const struct usbip_submit *submit)
{
	bool is_out = submit->basic.direction == USBIP_OUT;
	struct usbip_urb *urb =
	    malloc(sizeof(*urb) + (is_out ? submit->len : 0));

	if (urb == NULL)
		return NULL;
	*urb = (struct usbip_urb){
		.seqnum = submit->basic.seqnum,
		.transfer = { .flags = submit->flags, .len = submit->len },
	};
	if (is_out)
		urb->transfer.data = urb->bytes;

	return urb;
}

void
usbip_urb_free(struct usbip_urb **urb)
{
	if (*urb != NULL)
		free((*urb)->reply);
	free(*urb);
	*urb = NULL;
}

/* Of its bytes, those kept for the device. */
static size_t
kept_len(const struct usbip_urb *urb)
{
	return urb->transfer.data == urb->bytes ? urb->transfer.len : 0;
}

void
usbip_urb_queue(struct usbip_urbs *urbs, struct usbip_urb *urb)
{
	urb->next = NULL;
	if (urbs->last != NULL)
		urbs->last->next = urb;
	else
		urbs->first = urb;
	urbs->last = urb;
	urbs->count++;
	urbs->len += kept_len(urb);
}

const struct usbip_urb *
usbip_urb_find(const struct usbip_urbs *urbs, uint32_t seqnum)
{
	const struct usbip_urb *urb = urbs->first;

	while (urb != NULL && urb->seqnum != seqnum)
		urb = urb->next;

	return urb;
}

struct usbip_urb *
usbip_urb_take(struct usbip_urbs *urbs, uint32_t seqnum)
{
	struct usbip_urb *urb = urbs->first, *before = NULL;

	while (urb != NULL && urb->seqnum != seqnum) {
		before = urb;
		urb = urb->next;
	}
	if (urb == NULL)
		return NULL;
	if (before != NULL)
		before->next = urb->next;
	else
		urbs->first = urb->next;
	if (urbs->last == urb)
		urbs->last = before;
	urbs->count--;
	urbs->len -= kept_len(urb);

	return urb;
}

void
usbip_urbs_clear(struct usbip_urbs *urbs)
{
	while (urbs->first != NULL) {
		struct usbip_urb *urb =
		    usbip_urb_take(urbs, urbs->first->seqnum);

		usbip_urb_free(&urb);
	}
}
