/* SPDX-License-Identifier: BSD-2-Clause */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

struct listing {
	struct ctx *ctx;
	uint64_t since_s, until_s;
	json_t *events; /* NULL: text */
};

static const struct opt events_opts[] = {
	{ 0, "since", "TIME", TAKES_TIME, NULL,
	    "after this time; also a date or a duration ago" },
	{ 0, "until", "TIME", TAKES_TIME, NULL,
	    "up to and with this time; also a date or a duration ago" },
	{ 0 },
};

static const struct event_row *
event_row(uint8_t kind)
{
	static const struct event_row stranger = { 0, "unknown",
		"an event that this collarctl does not know" };

	for (size_t i = 0; event_rows[i].name; i++)
		if (event_rows[i].kind == kind)
			return &event_rows[i];

	return &stranger;
}

static json_t *
text_json(const struct event *event, uint8_t key, const char *text)
{
	char safe[4 * sizeof(event->old)];

	if (!HAS(event, key))
		return json_null();

	return json_string(escape(safe, sizeof(safe), text));
}

static const char *
role_name(const struct event *event)
{
	return HAS(event, EVENT_KEY_ROLE) && event->role <= ROLE_FACTORY
	    ? role_names[event->role]
	    : NULL;
}

static json_t *
event_json(uint32_t seq, const struct event *event)
{
	const struct event_row *row = event_row(event->kind);
	const char *role = role_name(event);
	json_t *object = json_object();
	char at[UTC_TEXT_LEN];

	json_object_set_new(object, "seq", json_integer(seq));
	json_object_set_new(object, "at",
	    event->untrusted ? json_null()
			     : json_string(utc_text(at, event->at)));
	json_object_set_new(object, "kind", json_string(row->name));
	json_object_set_new(
	    object, "role", role ? json_string(role) : json_null());
	json_object_set_new(object, "holder",
	    text_json(event, EVENT_KEY_HOLDER, event->holder));
	json_object_set_new(
	    object, "field", text_json(event, EVENT_KEY_FIELD, event->field));
	json_object_set_new(
	    object, "old", text_json(event, EVENT_KEY_OLD, event->old));
	json_object_set_new(
	    object, "new", text_json(event, EVENT_KEY_NEW, event->new));
	json_object_set_new(object, "text", json_string(row->text));

	return object;
}

static void
event_print(struct out *out, uint32_t seq, const struct event *event)
{
	char at[UTC_TEXT_LEN], safe[4 * sizeof(event->old)];

	if (event->untrusted)
		snprintf(at, sizeof(at), "+%" PRIu32 " s", event->at);
	else
		utc_text(at, event->at);
	out_print(out, "%6" PRIu32 "  %-20s  %s", seq, at,
	    event_row(event->kind)->text);
	if (HAS(event, EVENT_KEY_FIELD) || HAS(event, EVENT_KEY_NEW))
		out_print(out, ":");
	if (HAS(event, EVENT_KEY_FIELD))
		out_print(out, " %s", escape(safe, sizeof(safe), event->field));
	if (HAS(event, EVENT_KEY_OLD))
		out_print(
		    out, " \"%s\" ->", escape(safe, sizeof(safe), event->old));
	if (HAS(event, EVENT_KEY_NEW))
		out_print(
		    out, " \"%s\"", escape(safe, sizeof(safe), event->new));
	if (HAS(event, EVENT_KEY_HOLDER))
		out_print(out, ", by %s (%s)",
		    escape(safe, sizeof(safe), event->holder),
		    role_name(event) ? role_name(event) : "no role");
	out_print(out, "\n");
}

static int
take_event(void *ctx, uint32_t seq, const uint8_t *bytes, size_t len)
{
	struct listing *listing = ctx;
	struct failure *failure = &listing->ctx->failure;
	struct cbor_in in = cbor_reader(bytes, len);
	struct message_fault fault;
	struct event event;

	if (!cbor_valid(bytes, len) ||
	    message_decode(&msg_event, &in, &event, false, &fault) < 0)
		return fail(failure, E_BAD_DATA,
		    "event %" PRIu32 " of the unit is not understood", seq);
	if (!event.untrusted &&
	    (event.at <= listing->since_s || event.at > listing->until_s))
		return E_OK;
	if (listing->events)
		json_array_append_new(listing->events, event_json(seq, &event));
	else
		event_print(&listing->ctx->out, seq, &event);

	return E_OK;
}

static int
read_range(struct listing *listing, const struct args *args)
{
	struct ctx *ctx = listing->ctx;
	int err;

	listing->since_s = 0;
	listing->until_s = UINT32_MAX;
	err = read_bound(ctx, args, "since", &listing->since_s);
	if (err == E_OK)
		err = read_bound(ctx, args, "until", &listing->until_s);
	if (err == E_OK)
		err = check_range(ctx, listing->since_s, listing->until_s);

	return err;
}

static int
read_events(struct listing *listing)
{
	struct ctx *ctx = listing->ctx;
	struct nothing nothing = { 0 };
	struct log_info info;
	struct log_read range = { 0 };
	struct log_done done = { 0 };
	int err = client_call(
	    ctx->client, OP_EVENTS_INFO, &nothing, &info, &ctx->failure);

	if (err < 0 || !HAS(&info, LOG_INFO_NEWEST))
		return err;
	range.log_id = info.log_id;
	range.first = info.oldest;
	range.last = info.newest;
	err = client_stream(ctx->client, OP_EVENTS_READ, &range, take_event,
	    listing, &done, &ctx->failure);
	if (err == E_OK)
		tell_lost("events", &done.lost);

	return err;
}

static int
run_events(struct ctx *ctx, const struct args *args)
{
	struct listing listing = { .ctx = ctx };
	int err;

	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if ((err = read_range(&listing, args)) < 0)
		return err;
	if (ctx->out.format == FORMAT_JSON)
		listing.events = json_array();
	err = read_events(&listing);
	if (err == E_OK && listing.events) {
		json_t *object = json_unit(ctx->client);

		json_object_set(object, "events", listing.events);
		out_json(&ctx->out, object);
	}
	json_decref(listing.events);

	return err;
}

const struct command cmd_events = {
	.name = "events",
	.group = "Read",
	.args = "",
	.flags = COMMAND_DEVICE,
	.help = "the unit's log: every change and fault, oldest first",
	.examples = "collarctl -p sim events\n"
		    "collarctl -p sim events --since 1d --json",
	.opts = events_opts,
	.run = run_events,
};
