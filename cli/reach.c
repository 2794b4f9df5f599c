/* SPDX-License-Identifier: BSD-2-Clause */

#include "reach.h"

#include "met.h"

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

/* A port that the user has named, name NULL: not in a line of its own. */
static int
add_named(struct reach *reach, const char *name, const char *port)
{
	struct place *place;

	if (strcmp(link_transport(port), "sim") == 0 ||
	    find(reach, port) != NULL)
		return E_OK;
	place = add(reach, port);
	if (place == NULL)
		return E_INTERNAL;
	place->ask = true;
	if (name != NULL)
		snprintf(place->name, sizeof(place->name), "%s", name);

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
	else if ((place = add(search->reach, name)) != NULL)
		place->ask = probe || search->every;
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

static int
add_usb(const struct usb_collar *collar, void *ctx)
{
	struct reach *reach = ctx;
	struct place *place = add(reach, collar->port);

	if (place == NULL)
		return E_INTERNAL;
	place->ask = collar->err == E_OK;
	place->at.usb = true;
	place->at.vid = collar->vid;
	place->at.pid = collar->pid;
	memcpy(place->at.serial, collar->serial, sizeof(collar->serial));
	memcpy(place->at.product, collar->product, sizeof(collar->product));
	snprintf(place->node, sizeof(place->node), "%s", collar->node);
	if (collar->err != E_OK) {
		place->is.err = collar->err;
		snprintf(
		    place->is.why, sizeof(place->is.why), "%s", collar->why);
	}

	return E_OK;
}

int
reach_look_usb(struct ctx *ctx, struct reach *reach)
{
	int err = usb_collars(add_usb, reach);

	return err == E_OK
	    ? E_OK
	    : fail(&ctx->failure, err,
		  err == E_INTERRUPTED ? "interrupted"
				       : "the devices on USB cannot be had");
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

int
reach_only(struct ctx *ctx, struct reach *reach, const char *port)
{
	struct place *place;

	if (link_transport(port) == NULL)
		return fail(
		    &ctx->failure, E_USAGE, "'%.100s' is not a port", port);
	place = add(reach, port);
	if (place == NULL)
		return fail(&ctx->failure, E_INTERNAL, "out of memory");
	place->ask = true;
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

/* Is the unit of the place on one before it, too: by USB and by a probe? */
static bool
is_again(const struct reach *reach, size_t index)
{
	const struct octets *id = &reach->places[index].is.unit.hardware_id;

	for (size_t i = 0; i < index; i++) {
		const struct octets *other =
		    &reach->places[i].is.unit.hardware_id;

		if (place_is_usable(&reach->places[i]) &&
		    other->len == id->len &&
		    memcmp(other->at, id->at, id->len) == 0)
			return true;
	}

	return false;
}

/* The first real collar that can be used; *units counts them. */
static const struct place *
count_units(const struct reach *reach, size_t *units)
{
	const struct place *first = NULL;

	*units = 0;
	for (size_t i = 0; i < reach->count; i++) {
		const struct place *place = &reach->places[i];

		if (!place_is_usable(place) || place_is_virtual(place) ||
		    is_again(reach, i))
			continue;
		if ((*units)++ == 0)
			first = place;
	}

	return first;
}

static void
tell_all(const struct reach *reach)
{
	char port[2 * LINK_WHY_MAX], text[4 * FAILURE_LEN];

	for (size_t i = 0; i < reach->count; i++)
		fprintf(stderr, "  %-24s %s\n",
		    escape(port, sizeof(port), reach->places[i].at.port),
		    place_text(text, sizeof(text), &reach->places[i]));
}

/* A unit that is meant by its name is not found as a virtual one. */
static int
refuse_virtual(struct ctx *ctx, const struct reach *reach)
{
	for (size_t i = 0; i < reach->count; i++) {
		const struct place *place = &reach->places[i];

		if (place_is_usable(place) && place_is_virtual(place))
			return fail(&ctx->failure, E_NO_COLLAR,
			    "no collar found but a virtual one on %s",
			    place->at.port);
	}

	return E_OK;
}

static int
refuse_none(struct ctx *ctx, const struct reach *reach)
{
	bool all = true;

	for (size_t i = 0; i < reach->count; i++)
		all &= reach->places[i].ask;
	if (refuse_virtual(ctx, reach) != E_OK)
		return ctx->failure.err;
	if (ctx->unit != NULL)
		fail(&ctx->failure, E_NO_COLLAR, "%s is not found", ctx->unit);
	else if (reach->count == 0)
		fail(&ctx->failure, E_NO_COLLAR,
		    "no collar found: no port is named, none is there");
	else
		fail(&ctx->failure, E_NO_COLLAR, "no collar found");
	if (!all)
		fail_hint(&ctx->failure,
		    "name the port with --port, or see `collarctl list "
		    "--probe`; to practise: collarctl -p sim status");

	return ctx->failure.err;
}

static int
refuse_several(struct ctx *ctx, size_t units)
{
	fail(&ctx->failure, E_SEVERAL_COLLARS, "%zu collars found", units);

	return fail_hint(&ctx->failure,
	    "name the unit with --serial, or the port with --port");
}

static void
take(struct ctx *ctx, const struct place *place)
{
	char unit[UNIT_NAME_LEN], text[2 * LINK_WHY_MAX], safe[80];

	snprintf(ctx->found, sizeof(ctx->found), "%s", place->at.port);
	ctx->port = ctx->found;
	if (ctx->verbosity >= 0)
		fprintf(stderr, "collarctl: using %s on %s\n",
		    escape(
			safe, sizeof(safe), unit_name(unit, &place->is.unit)),
		    escape(text, sizeof(text), ctx->port));
}

int
reach_choose(struct ctx *ctx)
{
	struct reach reach = { .count = 0 };
	const struct place *first;
	size_t units;
	int err = reach_look_usb(ctx, &reach);

	if (err == E_OK)
		err = reach_look(ctx, &reach, false);
	if (err == E_OK)
		err = reach_ask(ctx, &reach);
	if (err != E_OK)
		goto out;
	first = count_units(&reach, &units);
	if (units == 1) {
		err = met_check(ctx, "", &first->is.unit);
		if (err == E_OK)
			take(ctx, first);
		goto out;
	}
	tell_all(&reach);
	err =
	    units == 0 ? refuse_none(ctx, &reach) : refuse_several(ctx, units);
out:
	reach_free(&reach);

	return err;
}
