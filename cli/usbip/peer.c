/* SPDX-License-Identifier: BSD-2-Clause */
#include "peer_private.h"

#include "../../proto/errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
usbip_peer_init(struct usbip_peer *peer, struct usbip_bus *bus, uint64_t now_ms)
{
	*peer = (struct usbip_peer){ .bus = bus, .heard_ms = now_ms };
}

void
usbip_peer_end(struct usbip_peer *peer)
{
	if (peer->imported != NULL)
		usbip_unplug(peer->imported);
	peer->imported = NULL;
	usbip_urb_free(&peer->filling);
	usbip_urbs_clear(&peer->waiting[USBIP_OUT]);
	usbip_urbs_clear(&peer->waiting[USBIP_IN]);
	usbip_replies_clear(&peer->replies);
	peer->stage = USBIP_AT_END;
}

int
usbip_malformed(struct usbip_peer *peer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(peer->why, sizeof(peer->why), format, args);
	va_end(args);

	return E_BAD_DATA;
}

int
usbip_no_memory(struct usbip_peer *peer)
{
	snprintf(peer->why, sizeof(peer->why), "out of memory");

	return E_INTERNAL;
}

bool
usbip_has_room(const struct usbip_peer *peer)
{
	return peer->replies.len < USBIP_UNSENT_MAX &&
	    peer->replies.count < USBIP_REPLIES_MAX;
}

/* How a head is handled, by usbip_stage, and how long it is. */
static const struct {
	size_t len;
	int (*on)(struct usbip_peer *peer);
	const char *name;
} heads[] = {
	[USBIP_AT_OP] = { USBIP_OP_LEN, usbip_on_op, "OP request" },
	[USBIP_AT_BUSID] = { USBIP_BUSID_LEN, usbip_on_import,
	    "OP_REQ_IMPORT" },
	[USBIP_AT_COMMAND] = { USBIP_HEADER_LEN, usbip_on_command, "command" },
};

/* Takes bytes as far as the message goes, handles it when it is whole, and
 * returns how many it took, or a failure. */
static int
take_head(struct usbip_peer *peer, const uint8_t *bytes, size_t len)
{
	size_t want = heads[peer->stage].len - peer->got;
	size_t part = len < want ? len : want;
	int err = E_OK;

	memcpy(peer->head + peer->got, bytes, part);
	peer->got += part;
	if (part == want) {
		peer->got = 0;
		err = heads[peer->stage].on(peer);
	}

	return err < 0 ? err : (int)part;
}

static int
take_data(struct usbip_peer *peer, const uint8_t *bytes, size_t len)
{
	size_t want = peer->submit.len - peer->got;
	size_t part = len < want ? len : want;
	int err = E_OK;

	if (peer->filling != NULL)
		memcpy(peer->filling->bytes + peer->got, bytes, part);
	peer->got += part;
	if (part == want) {
		peer->got = 0;
		err = usbip_on_submit(peer);
	}

	return err < 0 ? err : (int)part;
}

bool
usbip_peer_reads(const struct usbip_peer *peer)
{
	return peer->stage != USBIP_AT_END && usbip_has_room(peer);
}

int
usbip_peer_receive(
    struct usbip_peer *peer, const uint8_t *bytes, size_t len, uint64_t now_ms)
{
	peer->heard_ms = now_ms;
	while (len > 0 && peer->stage != USBIP_AT_END) {
		int taken = peer->stage == USBIP_AT_DATA
		    ? take_data(peer, bytes, len)
		    : take_head(peer, bytes, len);

		if (taken < 0)
			return taken;
		bytes += taken;
		len -= (size_t)taken;
	}

	return E_OK;
}

const uint8_t *
usbip_peer_next(const struct usbip_peer *peer, size_t *len)
{
	return usbip_reply_next(&peer->replies, len);
}

void
usbip_peer_sent(struct usbip_peer *peer, size_t len)
{
	usbip_reply_sent(&peer->replies, len);
}

bool
usbip_peer_is_over(const struct usbip_peer *peer)
{
	if (peer->imported != NULL && peer->imported->gone)
		return true;

	return peer->stage == USBIP_AT_END && peer->replies.first == NULL;
}

int
usbip_peer_check_time(struct usbip_peer *peer, uint64_t now_ms)
{
	bool may_wait = peer->stage == USBIP_AT_COMMAND && peer->got == 0;

	if (peer->stage != USBIP_AT_END && !usbip_peer_reads(peer))
		peer->heard_ms = now_ms; /* it is we who do not listen */
	if (may_wait || now_ms - peer->heard_ms < USBIP_PATIENCE_MS)
		return E_OK;
	if (peer->stage == USBIP_AT_END)
		return usbip_malformed(peer,
		    "reply: it is not fetched for %d s",
		    USBIP_PATIENCE_MS / 1000);
	if (peer->stage == USBIP_AT_DATA)
		return usbip_malformed(peer,
		    "CMD_SUBMIT %u: %zu of %u bytes came, no more for %d s",
		    (unsigned)peer->submit.basic.seqnum, peer->got,
		    (unsigned)peer->submit.len, USBIP_PATIENCE_MS / 1000);

	return usbip_malformed(peer,
	    "%s: %zu of %zu bytes came, no more for %d s",
	    heads[peer->stage].name, peer->got, heads[peer->stage].len,
	    USBIP_PATIENCE_MS / 1000);
}
