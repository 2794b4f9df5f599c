/* SPDX-License-Identifier: BSD-2-Clause */

/* Which of the collars in reach is meant by a line that names no port. */

#include "met.h"
#include "reach.h"

#include <string.h>

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

/* Is the unit of that serial number used on another way? */
static bool
is_usable_elsewhere(const struct reach *reach, const char *serial)
{
	for (size_t i = 0; i < reach->count; i++)
		if (place_is_usable(&reach->places[i]) &&
		    unit_is(&reach->places[i].is.unit, serial))
			return true;

	return false;
}

/* Collars on USB that cannot be used now, as another program has them or they
 * are slow: they may be the ones that are meant. */
static size_t
count_hidden(const struct reach *reach)
{
	size_t count = 0;

	for (size_t i = 0; i < reach->count; i++) {
		const struct place *place = &reach->places[i];

		count += place_is_on_usb(place) && !place_is_usable(place) &&
		    !is_usable_elsewhere(reach, place->at.serial);
	}

	return count;
}

/* The only collar on USB with that serial number that has not answered; NULL:
 * none, or there are several. */
static const struct place *
find_silent(const struct reach *reach, const char *serial)
{
	const struct place *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < reach->count; i++) {
		const struct place *place = &reach->places[i];

		if (!place_is_on_usb(place) || place->is.answered ||
		    strcmp(place->at.serial, serial) != 0)
			continue;
		found = place;
		count++;
	}

	return count == 1 ? found : NULL;
}

/* The one that --serial means, or may mean, and that cannot be used. */
static const struct place *
find_meant(const struct ctx *ctx, const struct reach *reach)
{
	const struct place *place = NULL;

	if (ctx->unit != NULL) {
		place = find_silent(reach, ctx->unit);
		if (place == NULL)
			place = find_silent(reach, "");
	}

	return place;
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

/* Says why none of them is the one. */
static int
refuse(struct ctx *ctx, const struct reach *reach, size_t units)
{
	const struct place *meant = find_meant(ctx, reach);

	tell_all(reach);
	if (units > 1)
		return refuse_several(ctx, units);
	if (meant != NULL)
		return fail(&ctx->failure, meant->is.err, "%s: %s",
		    meant->at.port, meant->is.why);

	return refuse_none(ctx, reach);
}

int
reach_choose(struct ctx *ctx)
{
	struct reach reach = { .count = 0 };
	const struct place *first;
	size_t units, hidden = 0;
	int err = reach_look_usb(ctx, &reach);

	if (err == E_OK)
		err = reach_look(ctx, &reach, false);
	if (err == E_OK)
		err = reach_ask(ctx, &reach);
	if (err != E_OK)
		goto out;
	first = count_units(&reach, &units);
	if (ctx->unit == NULL)
		hidden = count_hidden(&reach);
	if (units != 1 || hidden > 0)
		err = refuse(ctx, &reach, units + hidden);
	else if ((err = met_check(ctx, "", &first->is.unit)) == E_OK)
		take(ctx, first);
out:
	reach_free(&reach);

	return err;
}
