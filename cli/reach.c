/* SPDX-License-Identifier: BSD-2-Clause */

#include "reach.h"

#include <stdlib.h>
#include <string.h>

static const char not_asked[] = "not asked: try --probe";

int
reach_add(struct reach *reach, const struct place *place)
{
	struct place *grown =
	    realloc(reach->places, (reach->count + 1) * sizeof(*grown));

	if (grown == NULL)
		return E_INTERNAL;
	reach->places = grown;
	grown[reach->count++] = *place;

	return E_OK;
}

/* A new place with that port, or NULL. */
static struct place *
add(struct reach *reach, const char *port)
{
	struct place place = { .is = { .err = E_NO_COLLAR } };

	snprintf(place.at.port, sizeof(place.at.port), "%s", port);
	snprintf(place.is.why, sizeof(place.is.why), "%s", not_asked);

	return reach_add(reach, &place) == E_OK
	    ? &reach->places[reach->count - 1]
	    : NULL;
}

/* The place with the same port, or the same device behind it; NULL: none. */
static struct place *
find(const struct reach *reach, const char *port)
{
	char device[LINK_WHY_MAX], other[LINK_WHY_MAX];
	bool has = link_device(port, device);

	for (size_t i = 0; i < reach->count; i++) {
		const char *known = reach->places[i].at.port;

		if (strcmp(known, port) == 0 ||
		    (has && link_device(known, other) &&
			link_same_file(device, other)))
			return &reach->places[i];
	}

	return NULL;
}

bool
place_is_on_usb(const struct place *place)
{
	return place->node[0] != '\0' &&
	    strcmp(link_transport(place->at.port), "usb") == 0;
}

/* Those on USB; *only is one of them, if there is any. */
static size_t
count_usb(const struct reach *reach, struct place **only)
{
	size_t count = 0;

	for (size_t i = 0; i < reach->count; i++)
		if (place_is_on_usb(&reach->places[i])) {
			*only = &reach->places[i];
			count++;
		}

	return count;
}

static void
give_name(struct place *place, const char *name)
{
	if (name != NULL && place->name[0] == '\0')
		snprintf(place->name, sizeof(place->name), "%s", name);
}

/* "usb" alone means the only one there: where some have been found it is no
 * place of its own. */
static bool
is_found_usb(struct reach *reach, const char *name, const char *port)
{
	struct place *only;
	size_t count;

	if (strcmp(port, "usb") != 0)
		return false;
	count = count_usb(reach, &only);
	if (count == 1)
		give_name(only, name);

	return count > 0;
}

/* A port that the user has named, name NULL: not in a line of its own. */
static int
add_named(struct reach *reach, const char *name, const char *port)
{
	struct place *place;

	if (strcmp(link_transport(port), "sim") == 0 ||
	    is_found_usb(reach, name, port))
		return E_OK;
	place = find(reach, port);
	if (place == NULL && (place = add(reach, port)) != NULL)
		place->ask = true;
	if (place == NULL)
		return E_INTERNAL;
	give_name(place, name);

	return E_OK;
}

static int
add_usual(struct reach *reach, const char *port)
{
	if (port == NULL || link_transport(port) == NULL)
		return E_OK;

	return add_named(reach, NULL, port);
}

static int
add_configured(struct reach *reach, const struct config *config)
{
	int err = E_OK;

	for (size_t i = 0; i < config->count && err == E_OK; i++)
		err = add_named(
		    reach, config->ports[i].name, config->ports[i].port);

	return err;
}

struct serial_search {
	struct reach *reach;
	bool every;
};

/* What the system tells of a port that is there already by name, or a new one,
 * with the probe that it is known to be. */
static int
add_serial(const struct serial_port *port, void *ctx)
{
	const struct serial_search *search = ctx;
	bool probe = serial_probe(port) != NULL;
	struct place *place = find(search->reach, port->port);
	char name[LINK_WHY_MAX];

	snprintf(name, sizeof(name), "%s%s",
	    probe ? "optical:" : "serial:", port->port + strlen("serial:"));
	if (place != NULL)
		snprintf(name, sizeof(name), "%s", place->at.port);
	else if ((place = add(search->reach, name)) != NULL) {
		place->ask = probe || search->every;
		place->maybe_optical = !probe;
	}
	if (place == NULL)
		return E_INTERNAL;
	place->at = *port;
	memcpy(place->at.port, name, sizeof(name));

	return E_OK;
}

int
reach_look(struct ctx *ctx, struct reach *reach, bool every)
{
	struct serial_search search = { reach, every };
	int err = add_configured(reach, &ctx->config);

	if (err == E_OK)
		err = add_usual(reach, ctx->port);
	if (err == E_OK)
		err = serial_ports(add_serial, &search);
	if (err != E_OK)
		fail(&ctx->failure, err, "the list of ports cannot be had");

	return err;
}

static void
describe_usb(struct place *place, const struct usb_collar *collar)
{
	place->at.usb = true;
	place->at.vid = collar->vid;
	place->at.pid = collar->pid;
	memcpy(place->at.serial, collar->serial, sizeof(collar->serial));
	memcpy(place->at.product, collar->product, sizeof(collar->product));
	snprintf(place->node, sizeof(place->node), "%s", collar->node);
}

static int
add_usb(const struct usb_collar *collar, void *ctx)
{
	struct reach *reach = ctx;
	struct place *place = add(reach, collar->port);

	if (place == NULL)
		return E_INTERNAL;
	place->ask = collar->err == E_OK;
	describe_usb(place, collar);
	if (collar->err != E_OK) {
		place->is.err = collar->err;
		snprintf(
		    place->is.why, sizeof(place->is.why), "%s", collar->why);
	}

	return E_OK;
}

static int
usb_failure(struct ctx *ctx, int err)
{
	return fail(&ctx->failure, err,
	    err == E_INTERRUPTED ? "interrupted"
				 : "the devices on USB cannot be had");
}

int
reach_look_usb(struct ctx *ctx, struct reach *reach)
{
	int err = usb_collars(add_usb, reach);

	return err == E_OK ? E_OK : usb_failure(ctx, err);
}

static int
describe_only(const struct serial_port *port, void *ctx)
{
	struct reach *reach = ctx;
	char name[LINK_WHY_MAX];

	if (find(reach, port->port) == NULL)
		return E_OK;
	memcpy(name, reach->places[0].at.port, sizeof(name));
	reach->places[0].at = *port;
	memcpy(reach->places[0].at.port, name, sizeof(name));

	return E_OK;
}

/* One whose serial number cannot be read may be the one that is named. */
static int
describe_only_usb(const struct usb_collar *collar, void *ctx)
{
	struct place *place = ctx;
	const char *port = place->at.port;
	bool meant =
	    strcmp(port, "usb") == 0 || strcmp(port, collar->port) == 0;

	if (meant || (collar->serial[0] == '\0' && place->node[0] == '\0'))
		describe_usb(place, collar);

	return E_OK;
}

int
reach_only(struct ctx *ctx, struct reach *reach, const char *port)
{
	struct place *place;
	int err = E_OK;

	if (link_transport(port) == NULL)
		return fail(
		    &ctx->failure, E_USAGE, "'%.100s' is not a port", port);
	place = add(reach, port);
	if (place == NULL)
		return fail(&ctx->failure, E_INTERNAL, "out of memory");
	place->ask = true;
	if (strcmp(link_transport(port), "usb") == 0)
		err = usb_collars(describe_only_usb, place);
	if (err != E_OK)
		return usb_failure(ctx, err);
	if (serial_ports(describe_only, reach) != E_OK)
		return fail(
		    &ctx->failure, E_IO, "the list of ports cannot be had");

	return E_OK;
}

int
reach_ask(struct ctx *ctx, struct reach *reach)
{
	const struct find_options options = { ctx->timeout_ms, ctx->unit };

	return find_ask(reach->places, reach->count, &options, &ctx->failure);
}

void
reach_free(struct reach *reach)
{
	free(reach->places);
	*reach = (struct reach){ .count = 0 };
}

bool
place_is_virtual(const struct place *place)
{
	return place->is.answered &&
	    (place->is.unit.capabilities & IS_VIRTUAL) != 0;
}

bool
place_is_usable(const struct place *place)
{
	return place->is.answered && place->is.err == E_OK;
}

char *
place_text(char *text, size_t cap, const struct place *place)
{
	const struct finding *is = &place->is;
	char unit[UNIT_NAME_LEN], raw[2 * FAILURE_LEN];

	if (is->answered)
		snprintf(raw, sizeof(raw), "%s  %s  %s%s%s%s",
		    unit_name(unit, &is->unit),
		    HAS(&is->unit, HELLO_ANSWER_MODEL) ? is->unit.model
						       : "no model",
		    is->status,
		    place_is_virtual(place) ? "  VIRTUAL COLLAR" : "",
		    is->why[0] != '\0' ? "  " : "", is->why);
	else
		snprintf(raw, sizeof(raw), "%s", is->why);

	return escape(text, cap, raw);
}
