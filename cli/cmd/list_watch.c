/* SPDX-License-Identifier: BSD-2-Clause */

/* `list --watch`: the places in reach are looked at again and again, and what
 * has come or gone is told. */

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../link/stop.h"
#include "cmd.h"
#include "list.h"

enum { LOOK_MS = 250 };

struct watch {
	struct ctx *ctx;
	bool one, probe;
	struct reach known; /* told of */
	struct reach fresh; /* there at the last look, and not told of yet */
	struct reach usb;   /* on USB when that was looked at */
	struct plug_watch *plugs; /* NULL: nobody tells of USB */
	bool usb_news;
};

/* A serial port that has answered as an optical one is the same port. */
static bool
is_same_port(const char *one, const char *other)
{
	char device[LINK_WHY_MAX], other_device[LINK_WHY_MAX];

	return strcmp(one, other) == 0 ||
	    (link_device(one, device) && link_device(other, other_device) &&
		strcmp(device, other_device) == 0);
}

static const struct place *
find(const struct reach *reach, const struct place *place)
{
	for (size_t i = 0; i < reach->count; i++)
		if (is_same_port(reach->places[i].at.port, place->at.port) &&
		    strcmp(reach->places[i].at.serial, place->at.serial) == 0 &&
		    strcmp(reach->places[i].node, place->node) == 0)
			return &reach->places[i];

	return NULL;
}

static int
tell(struct ctx *ctx, const char *event, const struct place *place)
{
	char port[2 * LINK_WHY_MAX], text[4 * FAILURE_LEN];
	char at[UTC_TEXT_LEN];
	json_t *object;

	if (ctx->out.format == FORMAT_JSON) {
		object = json_pack("{s:s, s:s}", "event", event, "at",
		    utc_text(at, (uint64_t)time(NULL)));
		json_object_update_new(object, list_place_json(place));
		out_json_line(&ctx->out, object);
	} else {
		out_print(&ctx->out, "%-10s %-24s %s\n", event,
		    escape(port, sizeof(port), place->at.port),
		    place_text(text, sizeof(text), place));
	}

	return out_flush(&ctx->out, &ctx->failure);
}

/* A port that is named, but not plugged in, is not there. */
static bool
is_there(const struct place *place)
{
	char device[LINK_WHY_MAX];

	if (strcmp(link_transport(place->at.port), "usb") == 0)
		return place_is_on_usb(place);

	return !link_device(place->at.port, device) ||
	    access(device, F_OK) == 0;
}

static void
drop(struct reach *reach, size_t index)
{
	reach->count--;
	memmove(&reach->places[index], &reach->places[index + 1],
	    (reach->count - index) * sizeof(*reach->places));
}

/* Collars on USB are opened to be looked at: once, and when there is news. */
static int
look_usb(struct watch *watch, struct reach *now)
{
	int err = E_OK;

	if (watch->usb_news) {
		reach_free(&watch->usb);
		err = watch->one
		    ? reach_only(watch->ctx, &watch->usb, watch->ctx->port)
		    : reach_look_usb(watch->ctx, &watch->usb);
		watch->usb_news = watch->plugs == NULL;
	}
	for (size_t i = 0; i < watch->usb.count && err == E_OK; i++)
		err = reach_add(now, &watch->usb.places[i]);

	return err;
}

static int
look_everywhere(struct watch *watch, struct reach *now)
{
	int err = look_usb(watch, now);

	return err != E_OK ? err : reach_look(watch->ctx, now, watch->probe);
}

static int
look_at_one(struct watch *watch, struct reach *now)
{
	const char *port = watch->ctx->port, *transport = link_transport(port);

	return transport != NULL && strcmp(transport, "usb") == 0
	    ? look_usb(watch, now)
	    : reach_only(watch->ctx, now, port);
}

/* What is there now. */
static int
look(struct watch *watch, struct reach *now)
{
	int err =
	    watch->one ? look_at_one(watch, now) : look_everywhere(watch, now);

	for (size_t i = now->count; i > 0; i--)
		if (!is_there(&now->places[i - 1]))
			drop(now, i - 1);

	return err;
}

/* Tells what is no longer there. */
static int
tell_gone(struct watch *watch, const struct reach *now)
{
	int err = E_OK;

	for (size_t i = watch->known.count; i > 0 && err == E_OK; i--) {
		const struct place *place = &watch->known.places[i - 1];

		if (find(now, place) != NULL)
			continue;
		err = tell(watch->ctx, "unplugged", place);
		drop(&watch->known, i - 1);
	}

	return err;
}

/* Asks in processes of their own, which must not be made while libusb has a
 * thread in this one. */
static int
ask(struct watch *watch, struct reach *news)
{
	int err;

	if (news->count == 0)
		return E_OK;
	plug_watch_close(&watch->plugs);
	err = reach_ask(watch->ctx, news);
	plug_watch_open(&watch->plugs);
	watch->usb_news = true; /* or what came meanwhile would be missed */

	return err;
}

/*
 * Asks and tells of what is new.  All of it at first, and then what has been
 * there for two looks: a port that has just been plugged in has not got its
 * permissions yet, nor may the collar behind it be awake.
 */
static int
tell_new(struct watch *watch, struct reach *now, bool at_first)
{
	struct reach news = { .count = 0 };
	int err = E_OK;

	for (size_t i = 0; i < now->count && err == E_OK; i++) {
		const struct place *place = &now->places[i];

		if (find(&watch->known, place) == NULL &&
		    (at_first || find(&watch->fresh, place) != NULL))
			err = reach_add(&news, place);
	}
	if (err == E_OK)
		err = ask(watch, &news);
	for (size_t i = 0; i < news.count && err == E_OK; i++) {
		err = reach_add(&watch->known, &news.places[i]);
		if (err == E_OK)
			err = tell(watch->ctx, at_first ? "present" : "plugged",
			    &news.places[i]);
	}
	reach_free(&news);

	return err;
}

static int
step(struct watch *watch, bool at_first)
{
	struct reach now = { .count = 0 };
	int err = look(watch, &now);

	if (err == E_OK)
		err = tell_gone(watch, &now);
	if (err == E_OK)
		err = tell_new(watch, &now, at_first);
	reach_free(&watch->fresh);
	watch->fresh = now;

	return err;
}

/* Until the next look: not all ports are USB's. */
static int
rest(struct watch *watch)
{
	const struct timespec limit = { .tv_nsec = LOOK_MS * 1000000L };
	int ms = LOOK_MS, n;

	if (watch->plugs == NULL)
		n = stop_poll(-1, 0, &limit);
	else if ((n = plug_watch_wait(watch->plugs, &ms)) > 0)
		watch->usb_news = true;
	if (link_interrupted)
		return fail(&watch->ctx->failure, E_INTERRUPTED, "interrupted");

	return n < 0 ? fail(&watch->ctx->failure, n, "waiting failed") : E_OK;
}

int
list_watch(struct ctx *ctx, bool one, bool probe)
{
	struct watch watch = {
		.ctx = ctx, .one = one, .probe = probe, .usb_news = true
	};
	int err;

	plug_watch_open(&watch.plugs); /* before the look: nothing is missed */
	err = step(&watch, true);
	while (err == E_OK && (err = rest(&watch)) == E_OK)
		err = step(&watch, false);
	plug_watch_close(&watch.plugs);
	reach_free(&watch.usb);
	reach_free(&watch.known);
	reach_free(&watch.fresh);

	return err;
}
