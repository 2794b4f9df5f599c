/* SPDX-License-Identifier: BSD-2-Clause */
#include "peer_private.h"

#include "../../proto/errors.h"

#include <errno.h>

enum { PACKETS_AT_ONCE = 1024 }; /* then others have their turn */

/* bEndpointAddress, by usbip_direction */
static const uint8_t bulk[] = { USB_ENDPOINT_OUT, USB_ENDPOINT_IN };

/* Queues an answer of a command's size; with data of its own it is queued by
 * whoever received that. */
static int
reply(struct usbip_peer *peer, const struct usbip_layout *layout,
    const void *message)
{
	struct usbip_reply *made = usbip_reply_new(USBIP_HEADER_LEN);

	if (made == NULL)
		return usbip_no_memory(peer);
	usbip_reply_queue(
	    &peer->replies, made, usbip_encode(layout, message, made->bytes));

	return E_OK;
}

static struct usbip_submitted
answer_to(uint32_t seqnum, int32_t status, uint32_t len)
{
	return (struct usbip_submitted){
		.basic = { .command = USBIP_RET_SUBMIT, .seqnum = seqnum },
		.status = status,
		.len = len,
		.packets = UINT32_MAX,
	};
}

static int
answer_without_data(
    struct usbip_peer *peer, uint32_t seqnum, int32_t status, uint32_t len)
{
	struct usbip_submitted answer = answer_to(seqnum, status, len);

	return reply(peer, &usbip_submitted, &answer);
}

static int
on_control(struct usbip_peer *peer)
{
	const struct usbip_submit *submit = &peer->submit;
	struct usbip_submitted answer;
	struct usbip_reply *made =
	    usbip_reply_new(USBIP_HEADER_LEN + USBIP_CONTROL_MAX);
	int got;

	if (made == NULL)
		return usbip_no_memory(peer);
	got = usbip_control(
	    peer->imported, submit->setup, made->bytes + USBIP_HEADER_LEN);
	answer = answer_to(submit->basic.seqnum, got < 0 ? got : 0,
	    got < 0 ? 0 : (uint32_t)got);
	usbip_encode(&usbip_submitted, &answer, made->bytes);
	usbip_reply_queue(&peer->replies, made,
	    USBIP_HEADER_LEN +
		(submit->basic.direction == USBIP_IN ? answer.len : 0));

	return E_OK;
}

/* The device has done with it: its answer, with what came. */
static int
finish(struct usbip_peer *peer, struct usbip_urb *urb, int32_t status)
{
	struct usbip_submitted answer =
	    answer_to(urb->seqnum, status, urb->transfer.moved);
	int err = E_OK;

	if (urb->reply == NULL) {
		err = reply(peer, &usbip_submitted, &answer);
	} else {
		usbip_encode(&usbip_submitted, &answer, urb->reply->bytes);
		usbip_reply_queue(&peer->replies, urb->reply,
		    USBIP_HEADER_LEN + urb->transfer.moved);
		urb->reply = NULL;
	}
	usbip_urb_free(&urb);

	return err;
}

/* Room for what comes, once it is first in its queue: never for more than one
 * of them at a time. */
static int
make_room(struct usbip_peer *peer, struct usbip_urb *urb)
{
	if (urb->transfer.data != NULL)
		return E_OK;
	urb->reply = usbip_reply_new(USBIP_HEADER_LEN + urb->transfer.len);
	if (urb->reply == NULL)
		return usbip_no_memory(peer);
	urb->transfer.data = urb->reply->bytes + USBIP_HEADER_LEN;

	return E_OK;
}

static int
move_queue(
    struct usbip_peer *peer, enum usbip_direction direction, unsigned *packets)
{
	struct usbip_urbs *urbs = &peer->waiting[direction];
	int err = E_OK;

	while (err == E_OK && urbs->first != NULL && usbip_has_room(peer) &&
	    !peer->imported->gone) {
		struct usbip_transfer *transfer = &urbs->first->transfer;
		int32_t status;
		bool is_over;

		if ((err = make_room(peer, urbs->first)) < 0)
			break;
		is_over = direction == USBIP_IN
		    ? usbip_move_in(peer->imported, transfer, packets, &status)
		    : usbip_move_out(
			  peer->imported, transfer, packets, &status);
		if (!is_over)
			break;
		err = finish(
		    peer, usbip_urb_take(urbs, urbs->first->seqnum), status);
	}

	return err;
}

/* Each way may be what the other one waits for: a collar takes no request
 * before its last answer is fetched. */
int
usbip_peer_move(struct usbip_peer *peer)
{
	unsigned out = PACKETS_AT_ONCE, in = PACKETS_AT_ONCE, before;
	int err;

	if (peer->imported == NULL)
		return E_OK;
	do {
		before = out + in;
		if ((err = move_queue(peer, USBIP_OUT, &out)) < 0 ||
		    (err = move_queue(peer, USBIP_IN, &in)) < 0)
			return err;
	} while (out > 0 && in > 0 && out + in < before);

	return out == 0 || in == 0 ? 1 : E_OK;
}

/* Its data, if any, is here. */
int
usbip_on_submit(struct usbip_peer *peer)
{
	const struct usbip_basic *basic = &peer->submit.basic;
	struct usbip_urb *urb = peer->filling;
	int moved;

	peer->stage = USBIP_AT_COMMAND;
	peer->filling = NULL;
	if (peer->refusal < 0)
		return answer_without_data(
		    peer, basic->seqnum, peer->refusal, 0);
	if (basic->ep == 0)
		return on_control(peer);
	usbip_urb_queue(&peer->waiting[basic->direction], urb);
	moved = usbip_peer_move(peer);

	return moved < 0 ? moved : E_OK;
}

static bool
is_bulk(const struct usbip_basic *basic)
{
	return basic->ep == (bulk[basic->direction] & 0x0f);
}

/* Why a transfer is not carried out, or 0.  A controller would hear no
 * handshake from an end point that is not there. */
static int32_t
refusal_of(const struct usbip_peer *peer, const struct usbip_submit *submit)
{
	const struct usbip_urbs *urbs = &peer->waiting[submit->basic.direction];

	if (submit->len > USBIP_TRANSFER_MAX)
		return -EMSGSIZE;
	if (submit->basic.ep == 0)
		return 0;
	if (!is_bulk(&submit->basic))
		return -EPROTO;
	if (urbs->count >= USBIP_WAITING_MAX)
		return -ENOMEM;
	if (submit->basic.direction == USBIP_OUT &&
	    submit->len > USBIP_KEPT_MAX - urbs->len)
		return -ENOMEM;

	return 0;
}

static bool
is_waiting(const struct usbip_peer *peer, uint32_t seqnum)
{
	return usbip_urb_find(&peer->waiting[USBIP_OUT], seqnum) != NULL ||
	    usbip_urb_find(&peer->waiting[USBIP_IN], seqnum) != NULL;
}

static int
begin_submit(struct usbip_peer *peer)
{
	struct usbip_submit *submit = &peer->submit;
	const char *fault;

	usbip_decode(&usbip_submit, submit, peer->head);
	fault = usbip_submit_fault(submit);
	if (fault == NULL && is_waiting(peer, submit->basic.seqnum))
		fault = "its seqnum is that of one under way";
	if (fault != NULL)
		return usbip_malformed(peer, "CMD_SUBMIT %u: %s",
		    (unsigned)submit->basic.seqnum, fault);
	peer->refusal = refusal_of(peer, submit);
	if (peer->refusal == 0 && is_bulk(&submit->basic) &&
	    (peer->filling = usbip_urb_new(submit)) == NULL)
		return usbip_no_memory(peer);
	peer->stage = USBIP_AT_DATA;
	if (submit->basic.direction == USBIP_OUT && submit->len > 0)
		return E_OK;

	return usbip_on_submit(peer);
}

/* The data that a transfer has moved so far is lost with it. */
static int
on_unlink(struct usbip_peer *peer)
{
	struct usbip_unlink unlink;
	struct usbip_unlinked answer = { 0 };
	struct usbip_urb *urb;

	usbip_decode(&usbip_unlink, &unlink, peer->head);
	urb = usbip_urb_take(&peer->waiting[USBIP_OUT], unlink.unlinked);
	if (urb == NULL)
		urb = usbip_urb_take(&peer->waiting[USBIP_IN], unlink.unlinked);
	answer.basic.command = USBIP_RET_UNLINK;
	answer.basic.seqnum = unlink.basic.seqnum;
	answer.status = urb != NULL ? -ECONNRESET : 0;
	usbip_urb_free(&urb);

	return reply(peer, &usbip_unlinked, &answer);
}

int
usbip_on_command(struct usbip_peer *peer)
{
	const struct usbip_device *told = &peer->imported->told;
	struct usbip_basic basic;

	usbip_decode(&usbip_basic, &basic, peer->head);
	if (basic.command != USBIP_CMD_SUBMIT &&
	    basic.command != USBIP_CMD_UNLINK)
		return usbip_malformed(peer,
		    "command %u: it is neither CMD_SUBMIT nor CMD_UNLINK",
		    (unsigned)basic.command);
	if (basic.devid != (told->busnum << 16 | told->devnum))
		return usbip_malformed(peer,
		    "%s %u: its devid is not that of the imported %s",
		    basic.command == USBIP_CMD_SUBMIT ? "CMD_SUBMIT"
						      : "CMD_UNLINK",
		    (unsigned)basic.seqnum, told->busid);

	return basic.command == USBIP_CMD_SUBMIT ? begin_submit(peer)
						 : on_unlink(peer);
}
