/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A log fetched through a window: parts that come early wait in their slot
 * until the gap before them is filled.
 */

#include "exchange.h"

#include "../../proto/cbor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	WINDOW_SLOW = 8,
	WINDOW_FAST = 32,
	FAST_BAUD = 460800,
	FAST_HALF_BAUD = 38400, /* a turn is to be long beside its turning */
	SILENCES_MAX = 5,       /* in a row, without a new part */
	SILENCES_GAP = 3,       /* the same, while only a gap does not come */
	STUCK_MAX = 3,          /* runs in a row that brought nothing */
};

struct slot {
	bool held;
	uint16_t len;
	uint8_t bytes[PAYLOAD_TO_HOST_MAX];
};

enum run { RUN_STUCK, RUN_DONE, RUN_FAILED };

struct stream {
	struct client *client;
	const struct op *op;
	struct log_read range; /* as sent; first and through move on */
	int (*part)(
	    void *ctx, uint32_t index, const uint8_t *bytes, size_t len);
	void *ctx;
	struct log_done *done; /* of all runs together */
	struct failure *failure;
	int err; /* with RUN_FAILED */

	uint64_t next;    /* to be delivered */
	uint64_t last;    /* of this run */
	uint64_t through; /* credit given */
	uint64_t seen;    /* one past the highest part of this run */
	uint64_t news_ms; /* when something new came last */
	uint32_t seq, credits;
	unsigned silences;
	unsigned refusals; /* of a collar that may have restarted */
	bool begun, closed;
	uint32_t window;
	struct slot slots[];
};

static struct slot *
slot_of(struct stream *s, uint64_t index)
{
	return &s->slots[index % s->window];
}

/* The range of lost entries that index is in; NULL if it is not lost. */
static const struct range *
lost_range(const struct stream *s, uint64_t index)
{
	const struct ranges *lost = &s->done->lost;

	for (size_t i = 0; i < lost->count; i++)
		if (index >= lost->at[i].first && index <= lost->at[i].last)
			return &lost->at[i];

	return NULL;
}

static bool
is_lost(const struct stream *s, uint64_t index)
{
	return lost_range(s, index) != NULL;
}

static uint64_t
window_end(const struct stream *s)
{
	uint64_t end = s->next + s->window - 1;

	return end < s->last ? end : s->last;
}

/* Adds what a closing response says is gone to what earlier ones said. */
static void
lost_add(struct stream *s, const struct ranges *more)
{
	struct ranges *lost = &s->done->lost;
	struct range *eighth = &lost->at[RANGES_MAX - 1];

	for (size_t i = 0; i < more->count; i++) {
		const struct range *range = &more->at[i];

		if (is_lost(s, range->first) && is_lost(s, range->last))
			continue;
		if (lost->count < RANGES_MAX) {
			lost->at[lost->count++] = *range;
			continue;
		}
		if (range->first < eighth->first)
			eighth->first = range->first;
		if (range->last > eighth->last)
			eighth->last = range->last;
	}
	if (lost->count > 0)
		HAVE(s->done, LOG_DONE_LOST);
}

/* Hands on what is there in order; false if the receiver has had enough. */
static bool
deliver(struct stream *s)
{
	for (; s->next <= s->range.last; s->next++) {
		const struct range *lost = lost_range(s, s->next);
		struct slot *slot = slot_of(s, s->next);

		if (slot->held) {
			slot->held = false;
			s->err = s->part(
			    s->ctx, (uint32_t)s->next, slot->bytes, slot->len);
		} else if (lost == NULL) {
			return true;
		} else if (s->next > s->through) {
			s->next = lost->last; /* no slot is held up there */
		}
		if (s->err != E_OK)
			return false;
	}

	return true;
}

/* Ranges below end that have not come; at most RANGES_MAX of them. */
static void
gaps_find(struct stream *s, uint64_t end, struct ranges *gaps)
{
	struct range *range = NULL;

	gaps->count = 0;
	for (uint64_t i = s->next; i < end; i++) {
		if (slot_of(s, i)->held || is_lost(s, i))
			continue;
		if (range == NULL || range->last + 1 != i) {
			if (gaps->count == RANGES_MAX)
				return;
			range = &gaps->at[gaps->count++];
			range->first = (uint32_t)i;
		}
		range->last = (uint32_t)i;
	}
}

/*
 * After a silence all that was allowed has been sent, or tried; before, only
 * what lies below the highest part seen.
 */
static int
credit_send(struct stream *s, bool after_silence)
{
	uint64_t end = after_silence ? s->through + 1 : s->seen;
	uint8_t payload[PAYLOAD_FIRST_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));
	struct credit credit = { .has = 0 };

	gaps_find(s, end, &credit.gaps);
	s->through = window_end(s);
	credit.through = (uint32_t)s->through;
	HAVE(&credit, CREDIT_THROUGH);
	if (credit.gaps.count > 0)
		HAVE(&credit, CREDIT_GAPS);
	envelope_begin(&out, DIR_CREDIT, s->seq, ++s->credits, false);
	message_encode(&msg_credit, &credit, &out);

	return frame_send(
	    s->client, payload, cbor_len(&out, payload), s->failure);
}

/* The request for next..last, with the first credit. */
static int
run_begin(struct stream *s, uint64_t last, struct request *request)
{
	struct log_read range = s->range;
	int err;

	s->last = last;
	s->through = window_end(s);
	s->seen = s->next;
	s->credits = 0;
	s->silences = 0;
	s->news_ms = link_now_ms(s->client->link);
	s->begun = s->closed = false;
	range.first = (uint32_t)s->next;
	range.last = (uint32_t)last;
	range.through = (uint32_t)s->through;
	err = request_make(s->client, request, s->op->code, &range, s->failure);
	if (err != E_OK)
		return err;
	s->seq = request->seq;

	return frame_send(
	    s->client, request->payload, request->len, s->failure);
}

static bool
run_is_stuck(struct stream *s)
{
	bool held = false;

	for (uint64_t i = s->next; i <= s->through; i++)
		held |= slot_of(s, i)->held;

	return ++s->silences >= (held ? SILENCES_GAP : SILENCES_MAX);
}

/* Keeps a part in its slot; false if it is none that is wanted. */
static bool
part_take(struct stream *s, const struct envelope *env)
{
	uint64_t index = env->what;
	struct slot *slot = slot_of(s, index);

	if (index < s->next || index > s->through || slot->held ||
	    env->body_len > sizeof(slot->bytes))
		return false;
	slot->held = true;
	slot->len = (uint16_t)env->body_len;
	memcpy(slot->bytes, env->body, env->body_len);

	return true;
}

/* Is it time for more credit?  skipped: a gap has just shown. */
static bool
credit_is_due(const struct stream *s, bool skipped)
{
	if (s->closed)
		return false;
	if (s->client->link->half_duplex)
		return s->seen > s->through && s->through < s->last;

	return skipped ||
	    (window_end(s) > s->through &&
		s->through + 1 - s->seen <= s->window / 2);
}

static int
part_received(struct stream *s, const struct envelope *env)
{
	bool skipped = env->what > s->seen && env->what <= s->through;
	bool news = part_take(s, env);

	s->begun = true;
	if (env->what >= s->seen && env->what <= s->through)
		s->seen = (uint64_t)env->what + 1;
	if (!deliver(s))
		return s->err;
	if (news) {
		s->silences = 0;
		s->news_ms = link_now_ms(s->client->link);
	}

	return credit_is_due(s, skipped) ? credit_send(s, false) : E_OK;
}

static int
closing_received(struct stream *s, const struct envelope *env)
{
	struct log_done done;
	int err = response_read(s->op, env, &done, s->failure);

	if (err != E_OK)
		return err;
	s->begun = s->closed = true;
	s->done->has |= done.has;
	s->done->oldest = done.oldest;
	lost_add(s, &done.lost);

	return deliver(s) ? E_OK : s->err;
}

/*
 * Nothing more comes by itself: ask for what is missing.  False if that has
 * been done often enough, or fails.
 */
static bool
run_nudge(struct stream *s, const struct request *request)
{
	if (run_is_stuck(s))
		return false;
	s->client->repeats++;
	if (s->begun)
		s->err = credit_send(s, true);
	else
		s->err = frame_send(
		    s->client, request->payload, request->len, s->failure);

	return s->err == E_OK;
}

/* False if the collar talks on and on, and never of what was asked. */
static bool
run_goes_on(struct stream *s, int silence_ms)
{
	uint64_t bound_ms = (uint64_t)silence_ms * SILENCES_MAX +
	    (uint64_t)s->client->babble_ms;

	if (s->err == E_OK &&
	    link_now_ms(s->client->link) - s->news_ms > bound_ms)
		s->err = fail(s->failure, E_NO_ANSWER,
		    "%s: the collar talks, but not of entry %" PRIu64,
		    s->op->name, s->next);

	return s->err == E_OK;
}

/* Waits for one message; false if the run is over. */
static bool
run_step(struct stream *s, const struct request *request)
{
	struct envelope env;
	int silence_ms = answer_ms(s->client, PAYLOAD_TO_HOST_MAX);
	int got = frame_receive(s->client, &env, silence_ms, s->failure);

	if (got == 0)
		return run_nudge(s, request);
	if (got < 0) {
		s->err = got;
		return false;
	}
	if (env.seq != s->seq)
		return run_goes_on(s, silence_ms);
	if (env.direction == DIR_PART) {
		s->err = part_received(s, &env);
		return run_goes_on(s, silence_ms);
	}
	s->err = closing_received(s, &env);

	return s->err == E_OK && (s->next > s->last || run_nudge(s, request));
}

/*
 * One request for next..last, until all of it is there, or no more comes.  A
 * collar that restarted meanwhile keeps to the limits from before hello, and
 * refuses to send blocks.
 */
static enum run
stream_run(struct stream *s, uint64_t last)
{
	struct failure *failure = s->failure, refused = { .err = E_OK };
	struct request request;

	s->failure = &refused;
	s->err = run_begin(s, last, &request);
	if (s->err == E_OK)
		while ((s->next <= last || !s->closed) && run_step(s, &request))
			;
	s->failure = failure;
	if (s->err == E_UNSUPPORTED && s->refusals++ < STUCK_MAX)
		return RUN_STUCK;
	if (s->err != E_OK) {
		*failure = refused;
		return RUN_FAILED;
	}

	return s->next > last ? RUN_DONE : RUN_STUCK;
}

/* The end of the gap at next. */
static uint64_t
gap_end(struct stream *s)
{
	uint64_t end = s->next;

	while (end < s->through && !slot_of(s, end + 1)->held)
		end++;

	return end;
}

/*
 * A gap that does not fill may be one that the unit cannot fill: asked for on
 * its own, the closing response says so at once.
 */
static int
stream_fetch(struct stream *s)
{
	uint64_t before = s->next;

	for (unsigned stuck = 0; stuck < STUCK_MAX;) {
		enum run run = stream_run(s, s->range.last);

		if (run == RUN_STUCK) {
			s->err = client_hello(s->client, s->failure);
			run = s->err != E_OK ? RUN_FAILED
					     : stream_run(s, gap_end(s));
		}
		if (run == RUN_FAILED)
			return s->err;
		if (s->next > s->range.last)
			return E_OK;
		stuck = s->next == before ? stuck + 1 : 0;
		before = s->next;
	}

	return fail(s->failure, E_NO_ANSWER,
	    "%s: no answer from entry %" PRIu64 " on", s->op->name, s->next);
}

static uint32_t
window_of(const struct link *link)
{
	uint32_t fast = link->half_duplex ? FAST_HALF_BAUD : FAST_BAUD;

	return link->baud == 0 || link->baud >= fast ? WINDOW_FAST
						     : WINDOW_SLOW;
}

int
client_stream(struct client *client, enum op_code op,
    const struct log_read *range,
    int (*part)(void *ctx, uint32_t index, const uint8_t *bytes, size_t len),
    void *ctx, struct log_done *done, struct failure *failure)
{
	uint32_t window = window_of(client->link);
	struct stream *s = calloc(1, sizeof(*s) + window * sizeof(struct slot));
	int err;

	if (s == NULL)
		return fail(failure, E_INTERNAL, "out of memory");
	*done = (struct log_done){ .has = 0 };
	s->client = client;
	s->op = op_find(op);
	s->range = *range;
	HAVE(&s->range, LOG_READ_LOG_ID);
	HAVE(&s->range, LOG_READ_FIRST);
	HAVE(&s->range, LOG_READ_LAST);
	HAVE(&s->range, LOG_READ_THROUGH);
	s->part = part;
	s->ctx = ctx;
	s->done = done;
	s->failure = failure;
	s->next = range->first;
	s->window = window;
	err = stream_fetch(s);
	free(s);

	return err;
}
