/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_EXCHANGE_H
#define CLIENT_EXCHANGE_H

/*
 * Frames of one collar out and in, and requests with their repeats.  Private
 * to cli/client.
 *
 * A trace has one line a frame: milliseconds since the first one, '>' for sent
 * or '<' for received, the payload in hex: "1250 > 84001a12345678...".
 */

#include "../../proto/change.h"
#include "../../proto/frame.h"
#include "client.h"

enum { INPUT_LEN = 512 };

struct client {
	struct link *link;
	int timeout_ms;
	int babble_ms; /* what comes, and never what is due, beyond a silence */
	char unit[64]; /* the unit meant, "" for any */
	char holder[HOLDER_MAX + 1];
	FILE *trace;
	uint64_t trace_ms; /* of its first frame */

	struct hello_answer answer; /* to the last hello */
	bool known;                 /* there was one */
	uint32_t seq;               /* of the last request */
	uint32_t repeats;           /* requests that were sent again */
	uint8_t change_id[CHANGE_ID_LEN];
	bool changed; /* a change was made since client_settle */
	bool untold;  /* and what was asked after it was refused */
	bool sent;    /* the last frame may have reached the collar */
	bool gone;    /* the link has ended */

	int find_ms;        /* as in client_options */
	bool keep_rate;     /* the same */
	uint32_t baud_base; /* the rate before it was raised; 0: it was not */
	uint64_t heard_ms;  /* when a message of the collar's came last */
	uint64_t alive_ms;  /* when client_keep_alive asked last */

	struct frame_rx rx;
	uint8_t payload[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN];
	uint8_t input[INPUT_LEN]; /* read ahead of the frames */
	size_t input_at, input_len;
	uint64_t heard;         /* bytes so far that are not zero */
	uint64_t heard_at_send; /* and before the last frame was sent */
};

/* A request, encoded: repeats are the same bytes. */
struct request {
	const struct op *op;
	uint32_t seq;
	size_t len;
	uint8_t payload[PAYLOAD_TO_COLLAR_MAX];
};

/* Encodes a request under the next number.  E_OK, E_PROTOCOL (an id that the
 * collar gave is not of its form), or E_UNSUPPORTED: it is longer than the
 * collar takes. */
int request_make(struct client *client, struct request *request,
    enum op_code op, const void *args, struct failure *failure);

/*
 * Sends one payload as a frame.  client->sent tells whether the collar may have
 * it.  Errors: E_NO_ANSWER (the line takes no bytes, or is gone),
 * E_INTERRUPTED.
 */
int frame_send(struct client *client, const uint8_t *payload, size_t len,
    struct failure *failure);

/*
 * The next message from the collar, whose pointers are good until the next
 * call.  Returns 1, or 0 after a silence of silence_ms, or E_NO_ANSWER (the
 * link is gone), E_INTERRUPTED.
 */
int frame_receive(struct client *client, struct envelope *env, int silence_ms,
    struct failure *failure);

/*
 * Sends the request once and waits for its response for at most ms.  Returns 1,
 * 0 (none came), or an error as request_ask.
 */
int request_try(struct client *client, const struct request *request, int ms,
    struct envelope *env, struct failure *failure);

/* How long to wait for len bytes of answer before the request is repeated. */
int answer_ms(const struct client *client, size_t len);

/*
 * Sends the request, up to `sends` times, until its response is there or the
 * collar has been silent for client->timeout_ms.  Errors: E_NO_ANSWER,
 * E_PROTOCOL, E_INTERRUPTED.
 */
int request_ask(struct client *client, const struct request *request,
    unsigned sends, struct envelope *env, struct failure *failure);

/*
 * Reads a response: its result into *result, or its refusal as a failure.
 * Returns E_OK, the refusal, or E_PROTOCOL.
 */
int response_read(const struct op *op, const struct envelope *env, void *result,
    struct failure *failure);

/* The same for a status and an encoded result apart from a response. */
int result_read(const struct op *op, uint32_t status, const uint8_t *bytes,
    size_t len, void *result, struct failure *failure);

/* Says hello; the unit must be the same as before, if there was one. */
int client_hello(struct client *client, struct failure *failure);

/* The same, asking at most so many times at the rate that the link has. */
int client_hello_once(
    struct client *client, unsigned sends, struct failure *failure);

/*
 * A link that has ended is opened anew if the unit comes back by itself, as on
 * USB one does that restarts; hello is the caller's.  E_OK, also if it has not
 * ended; E_NO_ANSWER, E_INTERRUPTED.
 */
int client_reconnect(struct client *client);

/* len random bytes; E_OK or E_INTERNAL. */
int random_bytes(uint8_t *buf, size_t len, struct failure *failure);

#endif
