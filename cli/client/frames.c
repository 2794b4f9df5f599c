/* SPDX-License-Identifier: BSD-2-Clause */

#include "exchange.h"

#include "../../proto/cbor.h"
#include "rate.h"

#include <inttypes.h>

enum {
	WRITE_MS = 2000,       /* beyond the time on the line */
	COLLAR_MS = 250,       /* a collar begins its answer within */
	MARGIN_MS = 100,       /* of both computers */
	UNPACED_MS = 500,      /* at least, where the speed is not known */
	TAIL_LEN = 2,          /* a frame without it is no frame to anybody */
	QUIET_MS = 30,         /* a line is quiet after */
	OTHER_TURN_MS = 12000, /* half duplex: a stream may run on so long */
	BYTE_GROUP = 16,
	SILENCE_SHARES = 6, /* a long silence has room for every repeat */
};

static void
trace(struct client *client, char sign, const uint8_t *payload, size_t len)
{
	uint64_t now_ms = link_now_ms(client->link);

	if (client->trace == NULL)
		return;
	if (client->trace_ms == 0)
		client->trace_ms = now_ms;
	fprintf(
	    client->trace, "%" PRIu64 " %c ", now_ms - client->trace_ms, sign);
	for (size_t i = 0; i < len; i++)
		fprintf(client->trace, "%02x", payload[i]);
	fputc('\n', client->trace);
}

static int
link_failure(struct client *client, int err, struct failure *failure)
{
	const char *port = client->link->port;

	if (err == E_INTERRUPTED)
		return fail(failure, err, "interrupted");
	if (err == E_NO_ANSWER)
		return fail(failure, err, "%s takes no bytes", port);
	client->gone = true;
	fail(failure, E_NO_ANSWER, "%s: the connection is gone", port);

	return fail_hint(
	    failure, "nothing was done: check the cable, then try again");
}

/*
 * The last two bytes go on their own: when the first part fails the collar has
 * certainly seen nothing, whatever the link did with it.
 */
int
frame_send(struct client *client, const uint8_t *payload, size_t len,
    struct failure *failure)
{
	uint8_t frame[FRAME_LINE_LEN(PAYLOAD_TO_COLLAR_MAX)];
	size_t n = frame_encode(frame, sizeof(frame), payload, len);
	int ms = WRITE_MS + (int)link_line_ms(client->link, n);
	int err;

	rate_mind(client);
	if (client->link->half_duplex)
		ms += OTHER_TURN_MS;

	client->sent = false;
	client->heard_at_send = client->heard;
	if (n <= TAIL_LEN)
		return fail(failure, E_INTERNAL, "a frame of %zu bytes", len);
	trace(client, '>', payload, len);
	err = link_write(client->link, frame, n - TAIL_LEN, &ms);
	if (err == E_OK) {
		client->sent = true;
		err = link_write(
		    client->link, frame + n - TAIL_LEN, TAIL_LEN, &ms);
	}

	return err == E_OK ? E_OK : link_failure(client, err, failure);
}

int
answer_ms(const struct client *client, size_t len)
{
	uint32_t line_ms = link_line_ms(client->link, FRAME_LINE_LEN(len)) +
	    link_line_ms(client->link, FRAME_LINE_LEN(PAYLOAD_TO_COLLAR_MAX));
	uint32_t ms =
	    COLLAR_MS + MARGIN_MS + line_ms + client->link->latency_ms;

	if (client->link->baud == 0 && ms < UNPACED_MS)
		ms = UNPACED_MS;
	if (client->timeout_ms / SILENCE_SHARES > (int)ms)
		ms = (uint32_t)client->timeout_ms / SILENCE_SHARES;

	return (int)ms;
}

/*
 * A payload that is for us; anything else is dropped without a word.  We have
 * no session, so that what bears a tag is somebody else's.
 */
static bool
is_ours(struct envelope *env, const uint8_t *payload, size_t len)
{
	bool answerable;

	return cbor_valid(payload, len) &&
	    envelope_open(env, payload, len, &answerable) == E_OK &&
	    env->tag == NULL &&
	    (env->direction == DIR_RESPONSE || env->direction == DIR_PART);
}

static bool
input_frame(struct client *client, struct envelope *env)
{
	while (client->input_at < client->input_len) {
		size_t len = frame_rx_byte(&client->rx, client->payload,
		    sizeof(client->payload), client->input[client->input_at++]);

		if (len == 0)
			continue;
		trace(client, '<', client->payload, len);
		if (!is_ours(env, client->payload, len))
			continue;
		client->heard_ms = link_now_ms(client->link);
		return true;
	}

	return false;
}

/* Zeros alone are nothing that anybody has said: they are what is left of an
 * echo. */
static size_t
spoken_len(const uint8_t *bytes, size_t len)
{
	size_t spoken = 0;

	for (size_t i = 0; i < len; i++)
		spoken += bytes[i] != 0;

	return spoken;
}

int
frame_receive(struct client *client, struct envelope *env, int silence_ms,
    struct failure *failure)
{
	int quiet_ms = QUIET_MS + (int)link_line_ms(client->link, BYTE_GROUP);
	uint64_t end_ms = link_now_ms(client->link) + (uint64_t)silence_ms +
	    (uint64_t)client->babble_ms;

	while (!input_frame(client, env)) {
		int n = link_read(client->link, client->input,
		    sizeof(client->input), &silence_ms);

		if (n < 0)
			return link_failure(client, n, failure);
		if (n == 0 || link_now_ms(client->link) > end_ms)
			return 0;
		client->heard += spoken_len(client->input, (size_t)n);
		client->input_at = 0;
		client->input_len = (size_t)n;
		if (silence_ms < quiet_ms)
			silence_ms = quiet_ms;
	}

	return 1;
}
