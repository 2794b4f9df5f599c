/* SPDX-License-Identifier: BSD-2-Clause */

#include "peer.h"

#include "../../proto/errors.h"

#include <stdlib.h>
#include <string.h>

/* 2026-11-21T15:00:00Z */
static const uint64_t begin_utc_ms = 1795273200000;

static struct peer *
peer_of(struct link *link)
{
	return (struct peer *)link;
}

/* Counts one byte on the line; false if it does not arrive. */
static bool
byte_passes(struct peer *peer)
{
	long n = peer->bytes++;

	return n < peer->lost_from || n >= peer->lost_to;
}

static bool
is_dead(const struct peer *peer)
{
	return peer->dead_from >= 0 && peer->bytes >= peer->dead_from;
}

void
peer_say(struct peer *peer, const uint8_t *bytes, size_t len)
{
	struct peer_frame *frame =
	    &peer->queue[(peer->head + peer->queued) % PEER_FRAMES];

	if (peer->queued == PEER_FRAMES || len > sizeof(frame->bytes))
		abort();
	peer->queued++;
	frame->at_ms = peer->now_ms + 1;
	frame->len = len;
	frame->taken = 0;
	memcpy(frame->bytes, bytes, len);
}

void
peer_send(struct peer *peer, const uint8_t *payload, size_t len)
{
	uint8_t bytes[PEER_FRAME_LEN];
	size_t n = frame_encode(bytes, sizeof(bytes), payload, len);
	unsigned number = ++peer->nframes_out;

	if (peer->damage != NULL && peer->damage(true, number))
		bytes[n / 2] ^= 0x10;
	peer_say(peer, bytes, n);
	if (number == peer->late)
		peer->queue[(peer->head + peer->queued - 1) % PEER_FRAMES]
		    .at_ms += peer->late_ms;
}

static void
answer(struct peer *peer, uint32_t seq, uint32_t status,
    const struct message *msg, const void *body)
{
	uint8_t payload[PAYLOAD_TO_HOST_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));

	envelope_begin(&out, DIR_RESPONSE, seq, status, false);
	message_encode(msg, body, &out);
	if (cbor_len(&out, payload) == 0)
		abort();
	peer_send(peer, payload, cbor_len(&out, payload));
}

static void
on_hello(struct peer *peer, const struct envelope *env, const void *args)
{
	static const uint8_t chip[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const struct hello *hello = args;
	struct hello_answer rsp = { .nonce = hello->nonce,
		.unit_nonce.len = NONCE_LEN,
		.version_min = 1,
		.version_max = peer->version,
		.version = peer->version,
		.receive_max = PAYLOAD_TO_COLLAR_MAX,
		.send_max = PAYLOAD_TO_HOST_MAX,
		.hardware_id.len = sizeof(chip),
		.firmware_version = "1.0.0",
		.capabilities = CAN_DER_RELAY | IS_VIRTUAL };

	memcpy(rsp.hardware_id.at, chip, sizeof(chip));
	rsp.hardware_id.at[0] ^= peer->replaced;
	rsp.has = (1U << (HELLO_ANSWER_CAPABILITIES + 1)) - 2U;
	LACK(&rsp, HELLO_ANSWER_MODEL);
	if (peer->serial == NULL)
		LACK(&rsp, HELLO_ANSWER_SERIAL);
	else
		memcpy(rsp.serial, peer->serial, strlen(peer->serial) + 1);
	if (peer->foreign_nonce)
		rsp.nonce.at[0] ^= 1;
	answer(peer, env->seq, ST_OK, &msg_hello_answer, &rsp);
}

static void
refuse(struct peer *peer, uint32_t seq, uint32_t status, uint32_t retry_s)
{
	struct error_detail detail = { .retry_after_s = retry_s };

	if (retry_s > 0)
		HAVE(&detail, ERROR_RETRY_AFTER);
	answer(peer, seq, status, &msg_error_detail, &detail);
}

static struct relay_moved
moved(void)
{
	struct relay_moved rsp = { .changed = true, .state = RELAY_OPEN };

	HAVE(&rsp, RELAY_MOVED_CHANGED);
	HAVE(&rsp, RELAY_MOVED_STATE);
	HAVE(&rsp, RELAY_MOVED_FEEDBACK);

	return rsp;
}

static int
id_find(const struct peer *peer, const struct octets *id)
{
	for (unsigned i = 0; i < peer->changes; i++)
		if (memcmp(peer->ids[i], id->at, CHANGE_ID_LEN) == 0)
			return (int)i;

	return -1;
}

static void
on_move(struct peer *peer, const struct envelope *env, const void *args)
{
	const struct relay_move *move = args;
	uint64_t due_ms = (uint64_t)peer->retry_s * 1000;
	struct relay_moved rsp = moved();

	if (peer->now_ms < due_ms) {
		refuse(peer, env->seq, ST_TOO_SOON,
		    (uint32_t)((due_ms - peer->now_ms + 999) / 1000));
		return;
	}
	if (peer->status != ST_OK) {
		refuse(peer, env->seq, (uint32_t)peer->status, 0);
		return;
	}
	if (id_find(peer, &move->change.id) < 0) {
		memcpy(peer->ids[peer->changes++ % PEER_CHANGES],
		    move->change.id.at, CHANGE_ID_LEN);
		peer->moves++;
	}
	if (peer->restarts)
		return;
	if (peer->working > 0)
		refuse(peer, env->seq, ST_ACCEPTED, 0);
	else
		answer(peer, env->seq, ST_OK, &msg_relay_moved, &rsp);
}

static void
on_clock_set(struct peer *peer, const struct envelope *env, const void *args)
{
	const struct clock_set *set = args;
	struct clock_state rsp = { .utc_ms = set->utc_ms, .trusted = true };

	peer->clock_late_ms = (long)(begin_utc_ms + peer->now_ms - set->utc_ms);
	HAVE(&rsp, CLOCK_UTC);
	HAVE(&rsp, CLOCK_TRUSTED);
	answer(peer, env->seq, ST_OK, &msg_clock_state, &rsp);
}

static void
on_outcome(struct peer *peer, const struct envelope *env, const void *args)
{
	const struct outcome_ask *ask = args;
	struct outcome rsp = { .outcome = OUTCOME_DONE,
		.op = peer->other_op ? OP_UNTAG : OP_RELAY_MOVE };
	struct relay_moved result = moved();
	struct cbor_out out = cbor_writer(rsp.result.at, sizeof(rsp.result.at));

	HAVE(&rsp, OUTCOME_OUTCOME);
	if (id_find(peer, &ask->id) < 0) {
		rsp.outcome = OUTCOME_NOT_SEEN;
	} else if (peer->restarts) {
		rsp.outcome = OUTCOME_INTERRUPTED;
		HAVE(&rsp, OUTCOME_FEEDBACK);
	} else if (peer->working > 0) {
		peer->working--;
		rsp.outcome = OUTCOME_RUNNING;
	} else {
		message_encode(&msg_relay_moved, &result, &out);
		rsp.result.len = (uint8_t)cbor_len(&out, rsp.result.at);
		HAVE(&rsp, OUTCOME_OP);
		HAVE(&rsp, OUTCOME_STATUS);
		HAVE(&rsp, OUTCOME_RESULT);
	}
	answer(peer, env->seq, ST_OK, &msg_outcome, &rsp);
}

static void
on_read(struct peer *peer, const struct envelope *env, const void *args)
{
	const struct log_read *range = args;

	peer->seq = env->seq;
	peer->first = peer->next = range->first;
	peer->end = range->last + 1;
	if (peer->empty)
		peer->next = peer->end;
	peer->through = range->through;
	peer->credit = 0;
	peer->gaps.count = 0;
	peer->streaming = peer->closing = true;
}

static void
on_credit(struct peer *peer, const struct envelope *env)
{
	struct cbor_in in = cbor_reader(env->body, env->body_len);
	struct message_fault fault;
	struct credit credit;

	if (message_decode(&msg_credit, &in, &credit, true, &fault) != E_OK)
		abort(); /* the host broke the rules */
	if (env->seq != peer->seq || env->what <= peer->credit)
		return;
	peer->credit = env->what;
	peer->through = credit.through;
	peer->gaps = credit.gaps;
	peer->streaming = peer->closing = true;
}

static void
on_request(struct peer *peer, const struct envelope *env)
{
	static const struct {
		enum op_code op;
		void (*handle)(
		    struct peer *, const struct envelope *, const void *args);
	} handlers[] = {
		{ OP_HELLO, on_hello },
		{ OP_RELAY_MOVE, on_move },
		{ OP_CLOCK_SET, on_clock_set },
		{ OP_OUTCOME, on_outcome },
		{ OP_DATA_READ, on_read },
	};
	static const struct nothing nothing;
	const struct op *op = op_find(env->what);
	struct cbor_in in = cbor_reader(env->body, env->body_len);
	struct message_fault fault;
	union {
		struct record_change largest;
		struct log_read read;
		struct relay_move move;
	} args;

	peer->streaming = false;
	if (op == NULL ||
	    message_decode(op->args, &in, &args, true, &fault) != E_OK)
		abort();
	for (size_t i = 0; i < nitems(handlers); i++)
		if (handlers[i].op == op->code) {
			handlers[i].handle(peer, env, &args);
			return;
		}
	if (op->result == &msg_nothing)
		answer(peer, env->seq, ST_OK, &msg_nothing, &nothing);
	else
		refuse(peer, env->seq, ST_UNSUPPORTED, 0);
}

static void
on_frame(struct peer *peer, const uint8_t *payload, size_t len)
{
	struct peer_seen *seen = &peer->seen[peer->nseen % PEER_FRAMES];
	bool answerable;

	peer->nseen++;
	seen->len = len;
	memcpy(seen->payload, payload, len);
	if (!cbor_valid(payload, len) ||
	    envelope_open(&seen->env, seen->payload, len, &answerable) != E_OK)
		abort();
	if (peer->deaf)
		return;
	if (seen->env.direction == DIR_REQUEST)
		on_request(peer, &seen->env);
	else
		on_credit(peer, &seen->env);
}

static bool
is_gone(const struct peer *peer, uint32_t index)
{
	return index < peer->oldest ||
	    (index >= peer->gone_first && index <= peer->gone_last);
}

static void
part_send(struct peer *peer, uint32_t index)
{
	uint8_t payload[ENVELOPE_MAX + PEER_PART_LEN];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));
	uint8_t bytes[PEER_PART_LEN];

	if (is_gone(peer, index))
		return;
	memset(bytes, (int)(index & 0xff), sizeof(bytes));
	memcpy(bytes, &index, sizeof(index));
	envelope_begin(&out, DIR_PART, peer->seq, index, false);
	cbor_put_bytes(&out, bytes, sizeof(bytes));
	peer_send(peer, payload, cbor_len(&out, payload));
}

static void
lost_note(struct ranges *lost, uint32_t index)
{
	if (lost->count > 0 && lost->at[lost->count - 1].last + 1 == index)
		lost->at[lost->count - 1].last = index;
	else
		lost->at[lost->count++] =
		    (struct range){ .first = index, .last = index };
}

static void
closing_send(struct peer *peer)
{
	struct log_done done = { .oldest = peer->oldest };

	HAVE(&done, LOG_DONE_OLDEST);
	if (peer->empty)
		done.lost = (struct ranges){ .count = 1,
			.at = { { peer->first, peer->end - 1 } } };
	for (uint32_t i = peer->first; i < peer->end && !peer->empty; i++)
		if (is_gone(peer, i))
			lost_note(&done.lost, i);
	if (done.lost.count > 0)
		HAVE(&done, LOG_DONE_LOST);
	answer(peer, peer->seq, ST_OK, &msg_log_done, &done);
}

/* Sends what the credit allows next: a part, a gap's part, the closing. */
static void
stream_pump(struct peer *peer)
{
	struct range *gap = &peer->gaps.at[0];

	if (!peer->streaming)
		return;
	if (peer->stutters) {
		part_send(peer, peer->first);
		return;
	}
	if (peer->next < peer->end && peer->next <= peer->through) {
		part_send(peer, peer->next++);
	} else if (peer->gaps.count > 0) {
		part_send(peer, gap->first);
		if (gap->first++ == gap->last)
			memmove(
			    gap, gap + 1, --peer->gaps.count * sizeof(*gap));
	} else if (peer->next >= peer->end && peer->closing) {
		peer->closing = false;
		closing_send(peer);
	} else {
		peer->streaming = false;
	}
}

static int
peer_write(struct link *link, const uint8_t *buf, size_t len, int *ms)
{
	struct peer *peer = peer_of(link);

	(void)ms;
	for (size_t i = 0; i < len; i++) {
		size_t n;

		if (is_dead(peer))
			return E_IO;
		if (!byte_passes(peer))
			continue;
		n = frame_rx_byte(
		    &peer->rx, peer->payload, sizeof(peer->payload), buf[i]);
		if (n == 0)
			continue;
		peer->nframes_in++;
		if (peer->damage == NULL ||
		    !peer->damage(false, peer->nframes_in))
			on_frame(peer, peer->payload, n);
	}

	return E_OK;
}

/* Lets time pass until bytes are there; false if *ms is not enough. */
static bool
bytes_come(struct peer *peer, int *ms)
{
	uint64_t at_ms;

	while (peer->queued == 0 && peer->streaming)
		stream_pump(peer);
	at_ms = peer->queued > 0 ? peer->queue[peer->head].at_ms : UINT64_MAX;
	if (at_ms > peer->now_ms + (uint64_t)*ms) {
		peer->now_ms += (uint64_t)*ms;
		*ms = 0;
		return false;
	}
	if (at_ms > peer->now_ms) {
		*ms -= (int)(at_ms - peer->now_ms);
		peer->now_ms = at_ms;
	}

	return true;
}

static int
peer_read(struct link *link, uint8_t *buf, size_t cap, int *ms)
{
	struct peer *peer = peer_of(link);
	int n = 0;

	if (link_interrupted)
		return E_INTERRUPTED;
	while (n == 0 && bytes_come(peer, ms)) {
		struct peer_frame *frame = &peer->queue[peer->head];

		if (is_dead(peer))
			return E_IO;
		while (frame->taken < frame->len && (size_t)n < cap &&
		    !is_dead(peer)) {
			uint8_t byte = frame->bytes[frame->taken++];

			if (byte_passes(peer))
				buf[n++] = byte;
		}
		if (frame->taken == frame->len) {
			peer->head = (peer->head + 1) % PEER_FRAMES;
			peer->queued--;
		}
	}

	return n == 0 && is_dead(peer) ? E_IO : n;
}

static int
peer_wait(struct link *link, uint32_t ms)
{
	peer_of(link)->now_ms += ms;

	return link_interrupted ? E_INTERRUPTED : E_OK;
}

static uint64_t
peer_now_ms(struct link *link)
{
	return peer_of(link)->now_ms;
}

static uint64_t
peer_now_utc_ms(struct link *link)
{
	return begin_utc_ms + peer_of(link)->now_ms;
}

static void
peer_close(struct link *link)
{
	peer_of(link)->closed = true;
}

static const struct link_ops peer_ops = {
	.transport = "memory",
	.read = peer_read,
	.write = peer_write,
	.wait = peer_wait,
	.now_ms = peer_now_ms,
	.now_utc_ms = peer_now_utc_ms,
	.close = peer_close,
};

struct peer *
peer_new(void)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL)
		abort();
	peer->link.ops = &peer_ops;
	memcpy(peer->link.port, "memory", sizeof("memory"));
	peer->now_ms = 1000;
	peer->dead_from = peer->lost_from = peer->lost_to = -1;
	peer->serial = "SIM00001";
	peer->version = 1;
	peer->gone_first = 1;

	return peer;
}

unsigned
peer_count(const struct peer *peer, enum op_code op)
{
	unsigned count = 0;

	for (unsigned i = 0; i < peer->nseen && i < PEER_FRAMES; i++)
		count += peer->seen[i].env.direction == DIR_REQUEST &&
		    peer->seen[i].env.what == op;

	return count;
}
