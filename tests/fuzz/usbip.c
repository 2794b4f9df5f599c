/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Hosts of USB/IP that say whatever they like, in messages of the protocol's
 * form and in plain bytes, while the device takes, gives, stalls or says NAK.
 * Every reply must be of the protocol's form, each submit is answered once and
 * only once, and what is kept for a host stays within its bounds.
 */

#include <stdlib.h>
#include <string.h>

#include "../../cli/usbip/peer.h"
#include "../../proto/errors.h"
#include "support/feed.h"

enum { HOSTS = 3, EXPORTS = 2, ASKED_MAX = 1024, PIECE_MAX = 200 };

enum act {
	ACT_OP,
	ACT_IMPORT,
	ACT_SUBMIT,
	ACT_CONTROL,
	ACT_UNLINK,
	ACT_BYTES,
	ACT_MOVE,
	ACT_FETCH,
	ACT_DEVICE,
	ACT_TIME,
	ACT_LEAVE,
	ACTS,
};

/* What the pipes answer from now on. */
struct device {
	int out, in;
};

/* One host, and what it must still hear of. */
struct host {
	struct usbip_peer peer;
	bool here;
	bool wild; /* plain bytes were among what it said */
	bool imported;
	uint32_t asked[ASKED_MAX], lens[ASKED_MAX];
	size_t count;
	uint8_t unlinked[UINT8_MAX + 1]; /* by seqnum of the unlink, */
	bool unlinks[UINT8_MAX + 1];     /* which was used already */
	uint8_t heard[USBIP_HEADER_LEN]; /* a reply's head, so far */
	size_t got, head_len, skip;
};

struct stage {
	struct device devices[EXPORTS];
	struct usbip_export exports[EXPORTS];
	struct usbip_bus bus;
	struct host hosts[HOSTS];
	uint64_t now_ms;
};

static void
device_reset(void *ctx)
{
	must(ctx != NULL);
}

static int
device_control(void *ctx, const uint8_t *setup, uint8_t *in, size_t cap)
{
	(void)ctx;
	must(cap <= USBIP_CONTROL_MAX);
	if (setup[1] & 1)
		return USBIP_STALL;
	memset(in, setup[1], cap);

	return (int)cap;
}

static int
device_out(void *ctx, const uint8_t *packet, size_t len)
{
	static uint8_t taken[USB_PACKET_LEN];
	const struct device *device = ctx;

	must(packet != NULL && len <= sizeof(taken));
	memcpy(taken, packet, len); /* all of it is there */

	return device->out;
}

static int
device_in(void *ctx, uint8_t *packet)
{
	const struct device *device = ctx;

	if (device->in > 0)
		memset(packet, 0x11, (size_t)device->in);

	return device->in;
}

static const struct usbip_ops device_ops = {
	.reset = device_reset,
	.control = device_control,
	.out = device_out,
	.in = device_in,
};

static void
leave(struct host *host)
{
	usbip_peer_end(&host->peer);
	host->here = false;
}

static void
arrive(struct stage *stage, struct host *host)
{
	memset(host, 0, sizeof(*host));
	usbip_peer_init(&host->peer, &stage->bus, stage->now_ms);
	host->here = true;
}

static void
judge(const struct stage *stage, const struct host *host)
{
	const struct usbip_peer *peer = &host->peer;
	unsigned importers = 0;

	must(peer->waiting[USBIP_OUT].count <= USBIP_WAITING_MAX);
	must(peer->waiting[USBIP_IN].count <= USBIP_WAITING_MAX);
	must(peer->waiting[USBIP_OUT].len <= USBIP_KEPT_MAX);
	must(peer->imported == NULL || peer->imported->importer == peer);
	for (size_t i = 0; i < EXPORTS; i++)
		importers += stage->exports[i].importer == peer;
	must(importers == (peer->imported != NULL));
}

static void
say(struct stage *stage, struct host *host, const uint8_t *bytes, size_t len)
{
	int err = E_OK;

	if (usbip_peer_reads(&host->peer))
		err =
		    usbip_peer_receive(&host->peer, bytes, len, stage->now_ms);
	else
		host->wild = true; /* it will be out of step with us */
	must(err == E_OK || err == E_BAD_DATA);
	must(err == E_OK || host->peer.why[0] != '\0');
	judge(stage, host);
	if (err < 0)
		leave(host);
}

/* What is said where something else is awaited is heard as that. */
static void
keep_step(struct host *host, enum usbip_stage awaited)
{
	host->wild |= host->peer.stage != awaited || host->peer.got > 0;
}

static uint32_t
devid_of(const struct host *host)
{
	const struct usbip_export *export = host->peer.imported;

	return export == NULL ? 0
			      : export->told.busnum << 16 | export->told.devnum;
}

static void
say_op(struct stage *stage, struct host *host, struct feed *feed)
{
	struct usbip_op op = { USBIP_VERSION, USBIP_REQ_DEVLIST, 0 };
	uint8_t bytes[USBIP_OP_LEN];
	uint8_t odd = feed_byte(feed);

	if (odd & 1)
		op.code = USBIP_REQ_IMPORT;
	if (odd == 8)
		op.version--;
	else if (odd == 9)
		op.status++;
	keep_step(host, USBIP_AT_OP);
	say(stage, host, bytes, usbip_encode(&usbip_op, &op, bytes));
}

static void
say_import(struct stage *stage, struct host *host, struct feed *feed)
{
	const struct usbip_op op = { USBIP_VERSION, USBIP_REQ_IMPORT, 0 };
	uint8_t bytes[USBIP_OP_LEN + USBIP_BUSID_LEN] = { 0 };

	usbip_encode(&usbip_op, &op, bytes);
	memcpy(bytes + USBIP_OP_LEN, "1-1", 3);
	bytes[USBIP_OP_LEN + 2] =
	    (uint8_t)('1' + feed_below(feed, EXPORTS + 1));
	keep_step(host, USBIP_AT_OP);
	host->skip = USBIP_OP_LEN + USBIP_DEVICE_LEN;
	say(stage, host, bytes, sizeof(bytes));
	host->imported = host->here && host->peer.imported != NULL;
}

/* Lengths short and long, seldom beyond what is taken. */
static uint32_t
len_from(struct feed *feed)
{
	static const uint32_t longer[] = { 4096, 65536, USBIP_TRANSFER_MAX,
		USBIP_TRANSFER_MAX + 1 };
	uint8_t byte = feed_byte(feed);

	return byte < 252 ? byte : longer[byte - 252];
}

static void
say_data(struct stage *stage, struct host *host, uint32_t len)
{
	static const uint8_t data[4096];

	while (len > 0 && host->here) {
		size_t part = len < sizeof(data) ? len : sizeof(data);

		/* within a message nothing is held back */
		if (usbip_peer_receive(&host->peer, data, part, stage->now_ms) <
		    0) {
			leave(host);
			return;
		}
		judge(stage, host);
		len -= (uint32_t)part;
	}
}

static void
say_submit(
    struct stage *stage, struct host *host, const struct usbip_submit *submit)
{
	uint8_t bytes[USBIP_HEADER_LEN];
	bool reads = usbip_peer_reads(&host->peer);

	if (host->count == ASKED_MAX || !reads)
		return;
	keep_step(host, USBIP_AT_COMMAND);
	for (size_t i = 0; i < host->count; i++)
		if (host->asked[i] == submit->basic.seqnum)
			host->wild = true; /* which of them is answered? */
	host->asked[host->count] = submit->basic.seqnum;
	host->lens[host->count++] =
	    submit->basic.direction == USBIP_IN ? submit->len : 0;
	say(stage, host, bytes, usbip_encode(&usbip_submit, submit, bytes));
	if (submit->basic.direction == USBIP_OUT)
		say_data(stage, host, submit->len);
}

static void
say_bulk(struct stage *stage, struct host *host, struct feed *feed)
{
	struct usbip_submit submit = {
		.basic = { USBIP_CMD_SUBMIT, .devid = devid_of(host), .ep = 1 },
		.packets = UINT32_MAX,
	};
	uint8_t odd;

	submit.basic.seqnum = feed_byte(feed);
	submit.basic.direction = feed_byte(feed) & 1;
	submit.flags = feed_byte(feed);
	submit.len = len_from(feed);
	odd = feed_byte(feed);
	if (odd < 8)
		submit.basic.ep = odd * 3;
	else if (odd == 8)
		submit.basic.direction = 2;
	else if (odd == 9)
		submit.packets = 1;
	else if (odd == 10)
		submit.basic.devid++;
	say_submit(stage, host, &submit);
}

static void
say_control(struct stage *stage, struct host *host, struct feed *feed)
{
	struct usbip_submit submit = {
		.basic = { USBIP_CMD_SUBMIT, .devid = devid_of(host) },
	};

	submit.basic.seqnum = feed_byte(feed);
	for (unsigned i = 0; i < 4; i++)
		submit.setup[i] = feed_byte(feed);
	submit.basic.direction = submit.setup[0] >> 7;
	submit.setup[6] = feed_byte(feed);
	submit.len = submit.setup[6];
	submit.setup[7] = feed_byte(feed) == 1;
	say_submit(stage, host, &submit);
}

static void
say_unlink(struct stage *stage, struct host *host, struct feed *feed)
{
	struct usbip_unlink unlink = {
		.basic = { USBIP_CMD_UNLINK, .devid = devid_of(host) },
	};
	uint8_t bytes[USBIP_HEADER_LEN];

	unlink.basic.seqnum = feed_byte(feed);
	unlink.unlinked = feed_byte(feed);
	host->wild |= host->unlinks[unlink.basic.seqnum];
	host->unlinks[unlink.basic.seqnum] = true;
	host->unlinked[unlink.basic.seqnum] = (uint8_t)unlink.unlinked;
	keep_step(host, USBIP_AT_COMMAND);
	say(stage, host, bytes, usbip_encode(&usbip_unlink, &unlink, bytes));
}

static void
say_bytes(struct stage *stage, struct host *host, struct feed *feed)
{
	size_t len;
	const uint8_t *bytes = feed_bytes(feed, PIECE_MAX, &len);

	host->wild = true;
	say(stage, host, bytes, len);
}

/* It was asked and is not answered yet; now it is.  Bytes asked IN. */
static uint32_t
settled(struct host *host, uint32_t seqnum)
{
	uint32_t len;
	size_t i = 0;

	while (i < host->count && host->asked[i] != seqnum)
		i++;
	must(i < host->count);
	len = host->lens[i];
	host->count--;
	memmove(&host->asked[i], &host->asked[i + 1],
	    (host->count - i) * sizeof(*host->asked));
	memmove(&host->lens[i], &host->lens[i + 1],
	    (host->count - i) * sizeof(*host->lens));

	return len;
}

/* A head is whole: what follows it is skipped. */
static void
hear_reply(struct host *host)
{
	struct usbip_submitted answer;
	uint32_t len;

	usbip_decode(&usbip_submitted, &answer, host->heard);
	must(answer.basic.seqnum <= UINT8_MAX && answer.status <= 0);
	if (answer.basic.command == USBIP_RET_UNLINK) {
		if (answer.status < 0)
			settled(host, host->unlinked[answer.basic.seqnum]);
		return;
	}
	must(answer.basic.command == USBIP_RET_SUBMIT);
	len = settled(host, answer.basic.seqnum);
	must(len == 0 || answer.len <= len);
	host->skip = len > 0 ? answer.len : 0;
}

static void
hear(struct host *host, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t want =
		    host->skip > 0 ? host->skip : USBIP_HEADER_LEN - host->got;
		size_t part = len < want ? len : want;

		if (host->skip > 0) {
			host->skip -= part;
		} else {
			memcpy(host->heard + host->got, bytes, part);
			host->got += part;
		}
		if (host->got == USBIP_HEADER_LEN) {
			host->got = 0;
			hear_reply(host);
		}
		bytes += part;
		len -= part;
	}
}

static void
fetch_some(struct host *host, size_t most)
{
	size_t len;
	const uint8_t *bytes = usbip_peer_next(&host->peer, &len);

	if (bytes == NULL)
		return;
	must(len > 0);
	len = len < most ? len : most;
	if (host->imported && !host->wild)
		hear(host, bytes, len);
	usbip_peer_sent(&host->peer, len);
}

static void
fetch(struct host *host, struct feed *feed)
{
	uint8_t most = feed_byte(feed);

	fetch_some(host, most > 200 ? SIZE_MAX : most + 1U);
}

/* With a device that takes and gives, nothing stays unanswered. */
static void
take_leave(struct stage *stage, struct host *host)
{
	size_t len;

	if (!host->here)
		return;
	for (unsigned i = 0; i < EXPORTS; i++)
		stage->devices[i] = (struct device){ 0 };
	while (usbip_peer_move(&host->peer) > 0 ||
	    usbip_peer_next(&host->peer, &len) != NULL)
		fetch_some(host, SIZE_MAX);
	if (host->imported && !host->wild && !host->peer.imported->gone)
		must(host->count == 0);
	leave(host);
}

static void
change_device(struct stage *stage, struct feed *feed)
{
	struct device *device = &stage->devices[feed_below(feed, EXPORTS)];
	uint8_t in = feed_byte(feed);

	device->out = -(int)feed_below(feed, 3);
	device->in = in <= USB_PACKET_LEN ? in
	    : in & 1                      ? USBIP_NAK
					  : USBIP_STALL;
}

static void
act(struct stage *stage, struct host *host, struct feed *feed)
{
	static void (*const sayings[])(
	    struct stage * stage, struct host * host, struct feed * feed) = {
		[ACT_OP] = say_op,
		[ACT_IMPORT] = say_import,
		[ACT_SUBMIT] = say_bulk,
		[ACT_CONTROL] = say_control,
		[ACT_UNLINK] = say_unlink,
		[ACT_BYTES] = say_bytes,
	};
	enum act what = (enum act)feed_below(feed, ACTS);

	if (what <= ACT_BYTES)
		sayings[what](stage, host, feed);
	else if (what == ACT_MOVE)
		must(usbip_peer_move(&host->peer) >= 0);
	else if (what == ACT_FETCH)
		fetch(host, feed);
	else if (what == ACT_DEVICE)
		change_device(stage, feed);
	else if (what == ACT_TIME)
		stage->now_ms += 100 * feed_byte(feed);
	else
		leave(host);
}

/* As the server does after each turn. */
static void
settle(struct stage *stage, struct host *host)
{
	if (!host->here)
		return;
	judge(stage, host);
	if (usbip_peer_is_over(&host->peer) ||
	    usbip_peer_check_time(&host->peer, stage->now_ms) < 0)
		leave(host);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct stage stage;
	struct feed feed = feed_of(data, len);

	memset(&stage, 0, sizeof(stage));
	stage.bus = (struct usbip_bus){ stage.exports, EXPORTS };
	for (unsigned i = 0; i < EXPORTS; i++) {
		stage.exports[i] = (struct usbip_export){
			.ops = &device_ops,
			.device = &stage.devices[i],
			.told = { .busnum = 1, .devnum = i + 2 },
			.cut_after = i * 5000,
		};
		memcpy(stage.exports[i].told.busid, "1-1", 3);
		stage.exports[i].told.busid[2] = (char)('1' + i);
	}
	while (!feed_is_empty(&feed)) {
		struct host *host = &stage.hosts[feed_below(&feed, HOSTS)];

		if (!host->here)
			arrive(&stage, host);
		act(&stage, host, &feed);
		settle(&stage, host);
	}
	for (unsigned i = 0; i < HOSTS; i++)
		take_leave(&stage, &stage.hosts[i]);
	for (unsigned i = 0; i < EXPORTS; i++)
		must(stage.exports[i].importer == NULL);

	return 0;
}
