/* SPDX-License-Identifier: BSD-2-Clause */

#include "wire.h"

#include <string.h>

enum { BEGIN_MS = 1000, LATE_MS = 20, PARTS_MAX = 12, PART_LEN_MAX = 48 };

/* 2026-11-21T15:00:00Z, when the wire's time begins. */
static const uint64_t epoch_ms = 1795273200000;

static struct wire *
wire_of(struct link *link)
{
	return (struct wire *)link;
}

uint64_t
wire_utc_ms(const struct wire *wire)
{
	return epoch_ms + wire->now_ms;
}

static void
say(struct wire *wire, const uint8_t *bytes, size_t len, uint32_t late_ms)
{
	struct wire_frame *frame =
	    &wire->queue[(wire->head + wire->queued) % WIRE_QUEUE];

	if (wire->queued == WIRE_QUEUE || len > sizeof(frame->bytes))
		return;
	wire->queued++;
	frame->at_ms = wire->now_ms + 1 + late_ms;
	frame->len = len;
	frame->taken = 0;
	memcpy(frame->bytes, bytes, len);
	if (len > 0)
		wire->last = *frame;
}

static void
say_payload(
    struct wire *wire, const uint8_t *payload, size_t len, uint32_t late_ms)
{
	uint8_t bytes[FRAME_LINE_LEN(PAYLOAD_TO_HOST_MAX)];

	show_message('<', payload, len);
	say(wire, bytes, frame_encode(bytes, sizeof(bytes), payload, len),
	    late_ms);
}

/* Whole messages or noise, as the feed has them. */
static void
say_anything(struct wire *wire, bool framed)
{
	size_t len;
	const uint8_t *bytes = feed_bytes(wire->feed, 255, &len);

	if (framed && len > 0)
		say_payload(wire, bytes, len, 0);
	else
		say(wire, bytes, len, 0);
}

/* The result of the change at hand, as an outcome carries it. */
static void
fill_outcome(struct wire *wire, struct outcome *outcome)
{
	union {
		struct relay_moved moved;
		struct record_changed changed;
		struct test_state test;
		struct clock_state clock;
	} result;
	struct cbor_out out =
	    cbor_writer(outcome->result.at, sizeof(outcome->result.at));

	outcome->outcome %= OUTCOME_RUNNING + 1;
	if (wire->change.op == NULL || feed_below(wire->feed, 4) == 0)
		return;
	feed_message(
	    wire->feed, wire->change.op->result, &result, wire_utc_ms(wire));
	message_encode(wire->change.op->result, &result, &out);
	if (cbor_len(&out, outcome->result.at) == 0)
		return;
	outcome->result.len = (uint8_t)cbor_len(&out, outcome->result.at);
	outcome->status = 0;
	HAVE(outcome, OUTCOME_RESULT);
	HAVE(outcome, OUTCOME_STATUS);
}

/* One of the unit whose chip is all the same byte, mostly 7. */
static void
fill_hello(
    struct wire *wire, const struct hello *hello, struct hello_answer *answer)
{
	uint8_t how = feed_byte(wire->feed);

	answer->nonce = hello->nonce;
	if (how == 255)
		answer->nonce.at[0] ^= 1;
	if (how != 254)
		answer->version = 1;
	if (how < 200) {
		answer->hardware_id.len = 8;
		memset(answer->hardware_id.at, 7, 8);
		answer->receive_max = PAYLOAD_TO_COLLAR_MAX;
	}
}

union answer_body {
	struct unit_record record;
	struct unit_state state;
	struct hello_answer hello;
	struct outcome outcome;
	struct log_info log_info;
	struct error_detail detail;
	struct log_done done;
	uint8_t room[2048];
};

static const struct message *
fill_answer(struct wire *wire, const struct op *op, const void *args,
    uint32_t status, union answer_body *body)
{
	const struct message *msg =
	    status == ST_OK ? op->result : &msg_error_detail;

	feed_message(wire->feed, msg, body, wire_utc_ms(wire));
	if (msg == &msg_hello_answer)
		fill_hello(wire, args, &body->hello);
	if (msg == &msg_outcome)
		fill_outcome(wire, &body->outcome);
	if (msg == &msg_log_info && feed_below(wire->feed, 8) != 0)
		body->log_info.newest =
		    body->log_info.oldest + feed_below(wire->feed, 40);

	return msg;
}

/* What comes back; the first few are an answer that can be believed. */
enum manner {
	MANNER_SPOILED = 10,
	MANNER_TWICE,
	MANNER_LATE,
	MANNER_OTHER_SEQ,
	MANNERS,
};

static void
respond(struct wire *wire, const struct op *op, uint32_t seq, const void *args,
    uint32_t status)
{
	uint8_t payload[PAYLOAD_TO_HOST_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));
	unsigned manner = feed_below(wire->feed, MANNERS);
	union answer_body body;
	const struct message *msg = fill_answer(wire, op, args, status, &body);
	size_t len;

	envelope_begin(&out, DIR_RESPONSE, seq + (manner == MANNER_OTHER_SEQ),
	    status, false);
	message_encode(msg, &body, &out);
	len = cbor_len(&out, payload);
	if (len == 0)
		return;
	if (manner == MANNER_SPOILED)
		payload[feed_byte(wire->feed) % len] ^= feed_byte(wire->feed);
	say_payload(wire, payload, len,
	    manner == MANNER_LATE ? feed_byte(wire->feed) * LATE_MS : 0);
	if (manner == MANNER_TWICE)
		say_payload(wire, payload, len, 1);
}

/* A part, mostly the next; sometimes one is missing, or comes again. */
static void
say_part(struct wire *wire, uint8_t how)
{
	uint8_t payload[ENVELOPE_MAX + PART_LEN_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));
	size_t len;
	const uint8_t *bytes;
	uint32_t index = wire->next;

	if (how % 8 == 0)
		index += 1 + how / 32;
	else if (how % 8 == 1)
		index -= 1 + how / 32;
	bytes = feed_bytes(wire->feed, PART_LEN_MAX, &len);
	envelope_begin(&out, DIR_PART, wire->read_seq, index, false);
	cbor_put_bytes(&out, bytes, len);
	if (cbor_len(&out, payload) > 0)
		say_payload(wire, payload, cbor_len(&out, payload), 0);
	wire->next = index + 1;
}

/* The closing response: what is gone lies within what was asked for. */
static void
say_closing(struct wire *wire)
{
	uint8_t payload[PAYLOAD_FIRST_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));
	struct log_done done;

	feed_message(wire->feed, &msg_log_done, &done, wire_utc_ms(wire));
	envelope_begin(&out, DIR_RESPONSE, wire->read_seq, ST_OK, false);
	message_encode(&msg_log_done, &done, &out);
	if (cbor_len(&out, payload) > 0)
		say_payload(wire, payload, cbor_len(&out, payload), 0);
}

static void
stream(struct wire *wire)
{
	for (unsigned i = 0; i < PARTS_MAX; i++) {
		uint8_t how = feed_byte(wire->feed);

		if (feed_is_empty(wire->feed) || how % 16 == 2)
			return;
		if (how % 16 == 3) {
			say_closing(wire);
			return;
		}
		say_part(wire, how);
	}
}

/* What the far end does about one request. */
enum deed {
	DEED_ANSWER = 10,
	DEED_REFUSE = 12,
	DEED_ACCEPT = 13,
	DEED_SILENCE = 14,
	DEED_PAYLOAD = 15,
	DEED_NOISE = 16,
	DEED_CUT = 17,
	DEED_INTERRUPT = 18,
	DEED_BABBLE = 19,
	DEEDS = 20,
};

static void
answer(struct wire *wire, const struct op *op, uint32_t seq, const void *args)
{
	unsigned deed = feed_below(wire->feed, DEEDS);

	if (feed_is_empty(wire->feed))
		return;
	if (deed <= DEED_ANSWER && op->result == &msg_log_done)
		stream(wire);
	else if (deed <= DEED_ANSWER)
		respond(wire, op, seq, args, ST_OK);
	else if (deed <= DEED_REFUSE)
		respond(wire, op, seq, args, feed_below(wire->feed, 120));
	else if (deed == DEED_ACCEPT)
		respond(wire, op, seq, args, ST_ACCEPTED);
	else if (deed == DEED_PAYLOAD || deed == DEED_NOISE)
		say_anything(wire, deed == DEED_PAYLOAD);
	else if (deed == DEED_BABBLE)
		wire->babble_ms = 100U + feed_byte(wire->feed);
	else if (deed == DEED_CUT && feed_below(wire->feed, 4) == 0)
		wire->cut = true;
	else if (deed == DEED_INTERRUPT && feed_below(wire->feed, 4) == 0)
		link_interrupted = 1;
}

static void
change_begin(struct wire_change *change, const struct op *op,
    const struct octets *id, uint32_t body_crc)
{
	*change = (struct wire_change){
		.op = op, .body_crc = body_crc, .may_send = true
	};
	memcpy(change->id, id->at, CHANGE_ID_LEN);
}

/* A change is sent again only when the unit has said that it has not seen it,
 * and then it is the same. */
static void
change_sent(struct wire *wire, const struct op *op, const struct envelope *env,
    void *args)
{
	struct wire_change *change = &wire->change;
	const struct octets *id = &change_in(op->args, args)->id;
	uint32_t crc = crc32c(0, env->body, env->body_len);

	if (change->op == NULL ||
	    memcmp(change->id, id->at, CHANGE_ID_LEN) != 0)
		change_begin(change, op, id, crc);
	must(change->may_send && change->op == op);
	/* a time that it is goes on meanwhile */
	must(change->body_crc == crc || op->code == OP_CLOCK_SET);
	change->may_send = false;
	if (change->sends < WIRE_SEQS)
		change->seqs[change->sends] = env->seq;
	change->sends++;
}

static void
request_came(struct wire *wire, const struct envelope *env)
{
	const struct op *op = op_find(env->what);
	struct cbor_in in = cbor_reader(env->body, env->body_len);
	union {
		struct record_change change;
		struct hello hello;
		struct log_read read;
		uint8_t room[2048];
	} args;

	/* whatever the host was told, its own requests are right */
	must(op != NULL && op->args->size <= sizeof(args) &&
	    message_decode(op->args, &in, &args, true, NULL) == E_OK);
	if (op->change)
		change_sent(wire, op, env, &args);
	if (op->code == OP_OUTCOME)
		wire->outcome_seq = env->seq;
	if (op->args == &msg_log_read) {
		wire->read = args.read;
		wire->read_seq = env->seq;
		wire->next = args.read.first;
	}
	answer(wire, op, env->seq, &args);
}

static void
frame_came(struct wire *wire, size_t len)
{
	struct envelope env;
	bool answerable;

	show_message('>', wire->payload, len);
	must(cbor_valid(wire->payload, len) &&
	    envelope_open(&env, wire->payload, len, &answerable) == E_OK);
	must(env.direction == DIR_REQUEST || env.direction == DIR_CREDIT);
	if (env.direction == DIR_REQUEST)
		request_came(wire, &env);
	else if (!feed_is_empty(wire->feed))
		stream(wire);
}

static int
wire_write(struct link *link, const uint8_t *buf, size_t len, int *ms)
{
	struct wire *wire = wire_of(link);

	(void)ms;
	if (link_interrupted)
		return E_INTERRUPTED;
	for (size_t i = 0; i < len; i++) {
		size_t n;

		if (wire->cut)
			return E_IO;
		n = frame_rx_byte(
		    &wire->rx, wire->payload, sizeof(wire->payload), buf[i]);
		if (n > 0)
			frame_came(wire, n);
	}

	return E_OK;
}

static bool
is_of_change(const struct wire_change *change, uint32_t seq)
{
	for (unsigned i = 0; i < change->sends && i < WIRE_SEQS; i++)
		if (change->seqs[i] == seq)
			return true;

	return false;
}

/* The host has been told how the change ended. */
static void
change_ended(struct wire_change *change, uint32_t status, const uint8_t *bytes,
    size_t len)
{
	struct cbor_in in = cbor_reader(bytes, len);
	union answer_body result;

	if (status != ST_OK && status != ST_ACCEPTED)
		change->refused = status;
	else if (status == ST_OK &&
	    message_decode(change->op->result, &in, &result, false, NULL) ==
		E_OK)
		change->done = true;
}

static void
outcome_heard(struct wire_change *change, const struct envelope *env)
{
	struct cbor_in in = cbor_reader(env->body, env->body_len);
	struct outcome outcome;

	if (env->what != ST_OK ||
	    message_decode(&msg_outcome, &in, &outcome, false, NULL) != E_OK)
		return;
	if (outcome.outcome == OUTCOME_NOT_SEEN)
		change->may_send = true;
	else if (outcome.outcome == OUTCOME_DONE)
		change_ended(change, outcome.status, outcome.result.at,
		    outcome.result.len);
}

static void
frame_heard(struct wire *wire, size_t len)
{
	struct wire_change *change = &wire->change;
	struct envelope env;
	bool answerable;

	if (!cbor_valid(wire->heard, len) ||
	    envelope_open(&env, wire->heard, len, &answerable) != E_OK ||
	    env.direction != DIR_RESPONSE || env.tag != NULL ||
	    change->op == NULL)
		return;
	if (is_of_change(change, env.seq))
		change_ended(change, env.what, env.body, env.body_len);
	else if (env.seq == wire->outcome_seq)
		outcome_heard(change, &env);
}

static uint8_t
byte_take(struct wire *wire)
{
	struct wire_frame *frame = &wire->queue[wire->head];
	uint8_t byte = frame->bytes[frame->taken++];
	size_t n = frame_rx_byte(
	    &wire->heard_rx, wire->heard, sizeof(wire->heard), byte);

	if (n > 0)
		frame_heard(wire, n);
	if (frame->taken == frame->len) {
		wire->head = (wire->head + 1) % WIRE_QUEUE;
		wire->queued--;
	}

	return byte;
}

/* Lets *ms pass at most; true if bytes are there before they are over. */
static bool
bytes_come(struct wire *wire, int *ms)
{
	const struct wire_frame *frame = &wire->queue[wire->head];
	uint64_t wait_ms = 0;

	must(*ms >= 0);
	if (wire->queued == 0 && wire->babble_ms > 0)
		say(wire, wire->last.bytes, wire->last.len, wire->babble_ms);
	if (wire->queued > 0 && frame->at_ms > wire->now_ms)
		wait_ms = frame->at_ms - wire->now_ms;
	if (wire->queued == 0 || wait_ms > (uint64_t)*ms) {
		wire->now_ms += (uint64_t)*ms;
		*ms = 0;
		return false;
	}
	wire->now_ms += wait_ms;
	*ms -= (int)wait_ms;

	return true;
}

static int
wire_read(struct link *link, uint8_t *buf, size_t cap, int *ms)
{
	struct wire *wire = wire_of(link);
	size_t n = 0;

	must(wire->now_ms <= wire->until_ms);
	while (n == 0 && !link_interrupted && bytes_come(wire, ms)) {
		unsigned queued = wire->queued;

		if (wire->queue[wire->head].len == 0) { /* silence, framed */
			wire->head = (wire->head + 1) % WIRE_QUEUE;
			wire->queued--;
			continue;
		}
		while (n < cap && wire->queued == queued)
			buf[n++] = byte_take(wire);
	}
	if (link_interrupted)
		return E_INTERRUPTED;

	return n == 0 && wire->cut ? E_IO : (int)n;
}

static int
wire_wait(struct link *link, uint32_t ms)
{
	struct wire *wire = wire_of(link);

	wire->now_ms += ms;
	must(wire->now_ms <= wire->until_ms);

	return link_interrupted ? E_INTERRUPTED : E_OK;
}

static uint64_t
wire_now_ms(struct link *link)
{
	return wire_of(link)->now_ms;
}

static uint64_t
wire_now_utc_ms(struct link *link)
{
	return wire_utc_ms(wire_of(link));
}

static void
wire_close(struct link *link)
{
	(void)link;
}

static const struct link_ops wire_ops = {
	.transport = "memory",
	.read = wire_read,
	.write = wire_write,
	.wait = wire_wait,
	.now_ms = wire_now_ms,
	.now_utc_ms = wire_now_utc_ms,
	.close = wire_close,
};

void
wire_init(struct wire *wire, struct feed *feed)
{
	memset(wire, 0, sizeof(*wire));
	wire->link.ops = &wire_ops;
	memcpy(wire->link.port, "wire", sizeof("wire"));
	wire->feed = feed;
	wire->now_ms = BEGIN_MS;
	wire->until_ms = BEGIN_MS;
}

void
wire_limit(struct wire *wire, uint64_t ms)
{
	wire->until_ms = wire->now_ms + ms;
}
