/* SPDX-License-Identifier: BSD-2-Clause */

#include "exchange.h"

#include <string.h>

#include "collar.h"
#include "dispatch.h"
#include "state.h"

bool
exchange_sending(const struct collar *collar)
{
	return collar->exchange.tx_at < collar->exchange.tx_len;
}

/* Longest payload that may be sent now. */
static size_t
send_max(const struct exchange *exchange)
{
	return exchange->receive_max < PAYLOAD_TO_HOST_MAX
	    ? exchange->receive_max
	    : PAYLOAD_TO_HOST_MAX;
}

static void
payload_send(struct exchange *exchange, const uint8_t *payload, size_t len)
{
	exchange->tx_at = 0;
	exchange->tx_len = (uint16_t)frame_encode(
	    exchange->tx, sizeof(exchange->tx), payload, len);
}

static struct cbor_out
payload_begin(struct exchange *exchange, enum direction direction, uint32_t seq,
    uint32_t what)
{
	struct cbor_out out =
	    cbor_writer(exchange->payload, send_max(exchange));

	envelope_begin(&out, direction, seq, what, false);
	return out;
}

static bool
payload_end(struct exchange *exchange, const struct cbor_out *out)
{
	size_t len = cbor_len(out, exchange->payload);

	if (len > 0)
		payload_send(exchange, exchange->payload, len);
	return len > 0;
}

static void
answer_too_long(struct exchange *exchange, uint32_t seq)
{
	struct cbor_out out =
	    payload_begin(exchange, DIR_RESPONSE, seq, ST_UNSUPPORTED);

	cbor_put_map(&out, 0);
	payload_end(exchange, &out);
}

void
answer_message(struct collar *collar, uint32_t seq, uint32_t status,
    const struct message *msg, const void *body)
{
	struct exchange *exchange = &collar->exchange;
	struct cbor_out out =
	    payload_begin(exchange, DIR_RESPONSE, seq, status);

	message_encode(msg, body, &out);
	if (!payload_end(exchange, &out))
		answer_too_long(exchange, seq);
}

void
answer_encoded(struct collar *collar, uint32_t seq, uint32_t status,
    const struct blob *map)
{
	struct exchange *exchange = &collar->exchange;
	struct cbor_out out =
	    payload_begin(exchange, DIR_RESPONSE, seq, status);

	cbor_put_encoded(&out, map->at, map->len);
	payload_end(exchange, &out);
}

void
answer_keep(struct collar *collar)
{
	struct exchange *exchange = &collar->exchange;
	struct cbor_in in = cbor_reader(exchange->payload, KEPT_ANSWER_MAX);

	cbor_skip(&in);
	if (in.err != CBOR_OK)
		return;
	exchange->kept_len = (uint8_t)cbor_offset(&in, exchange->payload);
	memcpy(exchange->kept, exchange->payload, exchange->kept_len);
}

struct cbor_out
part_begin(struct collar *collar, uint32_t seq, uint32_t index)
{
	return payload_begin(&collar->exchange, DIR_PART, seq, index);
}

bool
part_send(struct collar *collar, const struct cbor_out *out)
{
	return payload_end(&collar->exchange, out);
}

static void
refuse(struct collar *collar, uint32_t seq, enum status status)
{
	static const struct nothing none = { 0 };

	answer_message(collar, seq, status, &msg_nothing, &none);
}

/* May this request be carried out?  If not it has been answered here. */
static bool
request_is_new(struct collar *collar, const struct envelope *env, bool repeated)
{
	struct exchange *exchange = &collar->exchange;

	if (env->what == OP_HELLO || !exchange->heard)
		return true;
	if (env->seq < exchange->seq) {
		refuse(collar, env->seq, ST_SEQ_OLD);
		return false;
	}
	if (env->seq > exchange->seq)
		return true;
	if (!repeated) {
		refuse(collar, env->seq, ST_SEQ_CONFLICT);
		return false;
	}
	if (exchange->kept_len > 0)
		payload_send(exchange, exchange->kept, exchange->kept_len);
	return exchange->kept_len == 0 && !dispatch_waits(collar);
}

static void
request_take(struct collar *collar, const struct envelope *env,
    const uint8_t *payload, size_t len)
{
	struct exchange *exchange = &collar->exchange;
	uint32_t crc = crc32c(0, payload, len);
	bool repeated = exchange->heard && env->seq == exchange->seq &&
	    crc == exchange->crc && len == exchange->len;

	if (!request_is_new(collar, env, repeated))
		return;
	exchange->heard = true;
	exchange->seq = env->seq;
	exchange->crc = crc;
	exchange->len = (uint16_t)len;
	exchange->kept_len = 0;
	dispatch(collar, env, repeated);
}

/* Deals with the payload of a frame that may be answered now. */
static void
payload_take(struct collar *collar, const uint8_t *payload, size_t len)
{
	struct envelope env = { 0 };
	bool answerable = false;
	bool good = envelope_open(&env, payload, len, &answerable) == E_OK &&
	    cbor_valid(payload, len);

	if (!answerable || env.direction != DIR_REQUEST)
		return;
	rate_heard(collar);
	stream_end(collar);
	if (!good)
		refuse(collar, env.seq, ST_MALFORMED);
	else if (env.tag != NULL)
		refuse(collar, env.seq, ST_NO_SESSION);
	else
		request_take(collar, &env, payload, len);
}

/* A credit is never answered, so that it is taken even while sending. */
static bool
credit_take(struct collar *collar, const uint8_t *payload, size_t len)
{
	struct envelope env = { 0 };
	bool answerable = false;

	if (envelope_open(&env, payload, len, &answerable) != E_OK ||
	    env.direction != DIR_CREDIT)
		return false;
	rate_heard(collar);
	if (env.tag == NULL && cbor_valid(payload, len))
		stream_credit(collar, &env);
	return true;
}

/*
 * Whoever sent it has long gone: what moves power must not move it then.  So a
 * request is not completed by the next host's first byte, and does not wait
 * until the next host fetches what the last one left.
 */
static void
exchange_forget_old(struct collar *collar)
{
	struct exchange *exchange = &collar->exchange;
	uint64_t old_ms = collar->now_ms - exchange->rx_ms;

	if (old_ms > PARTIAL_MAX_MS)
		frame_rx_give_up(&exchange->rx);
	if (old_ms > WAITING_MAX_MS)
		exchange->rx_len = 0;
}

/* Deals with the frame that waits, if the answer before it has gone. */
static void
exchange_serve(struct collar *collar)
{
	struct exchange *exchange = &collar->exchange;
	size_t len;

	exchange_forget_old(collar);
	len = exchange->rx_len;
	if (len == 0)
		return;
	if (!credit_take(collar, exchange->rx_buf, len)) {
		if (exchange_sending(collar))
			return;
		payload_take(collar, exchange->rx_buf, len);
	}
	exchange->rx_len = 0;
}

/* Bytes of payload and CRC that are taken now: fewer before a hello. */
static size_t
receive_cap(const struct exchange *exchange)
{
	return (exchange->hellos > 0 ? PAYLOAD_TO_COLLAR_MAX
				     : PAYLOAD_FIRST_MAX) +
	    FRAME_CRC_LEN;
}

size_t
exchange_receive(
    struct collar *collar, const uint8_t *bytes, size_t len, uint64_t came_ms)
{
	struct exchange *exchange = &collar->exchange;
	size_t taken = 0;

	exchange_serve(collar);
	while (taken < len && exchange->rx_len == 0) {
		exchange->rx_ms = collar->now_ms;
		exchange->rx_len = (uint16_t)frame_rx_byte(&exchange->rx,
		    exchange->rx_buf, receive_cap(exchange), bytes[taken]);
		taken++;
		exchange_serve(collar);
	}
	if (taken > 0)
		exchange->rx_ms = came_ms;
	return taken;
}

size_t
collar_receive(struct collar *collar, const uint8_t *bytes, size_t len)
{
	return exchange_receive(collar, bytes, len, collar->now_ms);
}

void
collar_link_reset(struct collar *collar)
{
	struct exchange *exchange = &collar->exchange;

	frame_rx_give_up(&exchange->rx);
	exchange->rx_len = 0;
	exchange->tx_at = exchange->tx_len;
	collar->waiting.on = false;
	stream_end(collar);
	rate_forget(collar);
}

/* Finds more to send: the answer of a waiting request, or of a stream; nothing
 * where the line is to be at another rate first. */
static bool
exchange_refill(struct collar *collar)
{
	if (rate_is_due(collar))
		return false;
	exchange_serve(collar);
	if (!exchange_sending(collar))
		stream_send(collar);
	return exchange_sending(collar);
}

size_t
collar_transmit(struct collar *collar, uint8_t *bytes, size_t cap)
{
	struct exchange *exchange = &collar->exchange;
	size_t len = 0;

	while (
	    len < cap && (exchange_sending(collar) || exchange_refill(collar)))
		bytes[len++] = exchange->tx[exchange->tx_at++];
	if (len > 0)
		rate_sent(collar);
	return len;
}
