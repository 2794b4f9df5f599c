/* SPDX-License-Identifier: BSD-2-Clause */

#include "stream.h"

#include <string.h>

#include "state.h"

void
stream_end(struct collar *collar)
{
	collar->stream.source = STREAM_NONE;
}

int
on_data_info(struct collar *collar)
{
	struct log_info *info = &collar->result.log_info;

	datalog_info(&collar->data, collar->board, info);
	info->sample_minutes = collar->record.sample_minutes;
	HAVE(info, LOG_INFO_SAMPLE_MINUTES);
	return ST_OK;
}

int
on_events_info(struct collar *collar)
{
	eventlog_info(&collar->events, collar->board, &collar->result.log_info);
	return ST_OK;
}

/* Indices that the log holds now: oldest to next - 1. */
static uint32_t
log_oldest(const struct collar *collar)
{
	return collar->stream.source == STREAM_DATA ? collar->data.oldest
						    : collar->events.oldest;
}

static uint32_t
log_next(const struct collar *collar, enum stream_source source)
{
	return source == STREAM_DATA ? collar->data.next : collar->events.next;
}

static const uint8_t *
log_id(const struct collar *collar, enum stream_source source)
{
	return source == STREAM_DATA ? collar->data.id : collar->events.id;
}

/*
 * Notes first..last as lost; when the list is full its last entry grows, both
 * ways: a gap that is asked for again may have become unreadable.
 */
static void
lost_add(struct ranges *lost, uint32_t first, uint32_t last)
{
	struct range *tail = &lost->at[lost->count > 0 ? lost->count - 1 : 0];

	for (size_t i = 0; i < lost->count; i++)
		if (lost->at[i].first <= first && last <= lost->at[i].last)
			return;
	if (lost->count == 0 ||
	    (lost->count < RANGES_MAX && first != tail->last + 1)) {
		lost->at[lost->count++] = (struct range){ first, last };
		return;
	}
	if (first < tail->first)
		tail->first = first;
	if (last > tail->last)
		tail->last = last;
}

static int
stream_begin(struct collar *collar, enum stream_source source)
{
	const struct log_read *args = &collar->args.log_read;
	struct stream *stream = &collar->stream;
	uint32_t next = log_next(collar, source);

	if (memcmp(args->log_id.at, log_id(collar, source), LOG_ID_LEN) != 0)
		return ST_LOG_CHANGED;
	if (args->first > args->last) {
		collar->detail.field = LOG_READ_LAST;
		collar->detail.min = args->first;
		HAVE(&collar->detail, ERROR_FIELD);
		HAVE(&collar->detail, ERROR_MIN);
		return ST_BAD_VALUE;
	}
	if (source == STREAM_DATA && !args->headers &&
	    collar->exchange.receive_max < PAYLOAD_TO_HOST_MAX)
		return ST_UNSUPPORTED;
	*stream = (struct stream){
		.source = (uint8_t)source,
		.headers = args->headers,
		.seq = collar->request.seq,
		.first = args->first,
		.next = args->first,
		.end = args->last < next ? args->last + 1 : next,
		.through = args->through,
	};
	return ANSWER_LATER;
}

int
on_data_read(struct collar *collar)
{
	return stream_begin(collar, STREAM_DATA);
}

int
on_events_read(struct collar *collar)
{
	return stream_begin(collar, STREAM_EVENTS);
}

/* Only what was asked for and sent can be a gap; the rest comes anyway. */
static void
gaps_take(struct stream *stream, const struct ranges *gaps)
{
	stream->gaps.count = 0;
	for (size_t i = 0; i < gaps->count; i++) {
		struct range gap = gaps->at[i];

		if (gap.first >= stream->next || gap.last < stream->first)
			continue;
		if (gap.first < stream->first)
			gap.first = stream->first;
		if (gap.last >= stream->next)
			gap.last = stream->next - 1;
		stream->gaps.at[stream->gaps.count++] = gap;
	}
}

void
stream_credit(struct collar *collar, const struct envelope *env)
{
	struct stream *stream = &collar->stream;
	struct cbor_in in = cbor_reader(env->body, env->body_len);
	struct message_fault fault;
	struct credit credit;

	if (stream->source == STREAM_NONE || env->seq != stream->seq ||
	    env->what <= stream->credit)
		return;
	if (message_decode(&msg_credit, &in, &credit, true, &fault) != E_OK)
		return;
	stream->credit = env->what;
	gaps_take(stream, &credit.gaps);
	stream->closed = false;
	if (credit.through > stream->through)
		stream->through = credit.through;
}

/*
 * Sends one entry; false if it is lost.  It is read into the far end of the
 * payload's own buffer and then moved up to its head.
 */
static bool
entry_send(struct collar *collar, uint32_t index)
{
	const struct stream *stream = &collar->stream;
	uint8_t *entry = collar->exchange.payload + ENVELOPE_MAX;
	size_t len = stream->source == STREAM_DATA
	    ? datalog_read(
		  &collar->data, collar->board, index, stream->headers, entry)
	    : eventlog_read(&collar->events, collar->board, index, entry);
	struct cbor_out out;
	uint8_t *room;

	if (len == 0)
		return false;
	out = part_begin(collar, stream->seq, index);
	room = cbor_room_bytes(&out, len);
	if (room == NULL)
		return false;
	memmove(room, entry, len);
	return part_send(collar, &out);
}

/* Passes over what the log has overwritten of *first to last. */
static void
lost_skip(struct collar *collar, uint32_t *first, uint32_t last)
{
	uint32_t oldest = log_oldest(collar);

	if (*first > last || *first >= oldest)
		return;
	if (last >= oldest)
		last = oldest - 1;
	lost_add(&collar->stream.done.lost, *first, last);
	*first = last + 1;
}

/* The next entry that the credit lets go: gaps first, they are older. */
static bool
entry_due(struct collar *collar, uint32_t *index)
{
	struct stream *stream = &collar->stream;
	struct ranges *gaps = &stream->gaps;

	while (gaps->count > 0) {
		lost_skip(collar, &gaps->at[0].first, gaps->at[0].last);
		if (gaps->at[0].first <= gaps->at[0].last) {
			*index = gaps->at[0].first++;
			return true;
		}
		gaps->count--;
		memmove(
		    gaps->at, gaps->at + 1, gaps->count * sizeof(gaps->at[0]));
	}
	if (stream->next < stream->end)
		lost_skip(collar, &stream->next, stream->end - 1);
	if (stream->next >= stream->end || stream->next > stream->through)
		return false;
	*index = stream->next++;
	return true;
}

static void
stream_close(struct collar *collar)
{
	struct stream *stream = &collar->stream;

	stream->closed = true;
	stream->done.oldest = log_oldest(collar);
	HAVE(&stream->done, LOG_DONE_OLDEST);
	if (stream->done.lost.count > 0)
		HAVE(&stream->done, LOG_DONE_LOST);
	answer_message(
	    collar, stream->seq, ST_OK, &msg_log_done, &stream->done);
}

void
stream_send(struct collar *collar)
{
	struct stream *stream = &collar->stream;
	uint32_t index;

	if (stream->source == STREAM_NONE)
		return;
	while (entry_due(collar, &index)) {
		if (entry_send(collar, index))
			return;
		lost_add(&stream->done.lost, index, index);
	}
	if (stream->next >= stream->end && !stream->closed)
		stream_close(collar);
}
