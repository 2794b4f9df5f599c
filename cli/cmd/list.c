/* SPDX-License-Identifier: BSD-2-Clause */

#include <stdlib.h>
#include <string.h>

#include "../reach.h"
#include "cmd.h"
#include "list.h"

static json_t *
text_or_null(const char *text)
{
	char safe[4 * FAILURE_LEN];

	return text == NULL || text[0] == '\0'
	    ? json_null()
	    : json_string(escape(safe, sizeof(safe), text));
}

static json_t *
adapter_json(const struct serial_port *port)
{
	char vid[8], pid[8];

	if (!port->usb)
		return json_null();
	snprintf(vid, sizeof(vid), "%04x", port->vid);
	snprintf(pid, sizeof(pid), "%04x", port->pid);

	return json_pack("{s:s, s:s, s:o, s:o}", "vid", vid, "pid", pid,
	    "serial", text_or_null(port->serial), "product",
	    text_or_null(port->product));
}

static json_t *
holder_json(const struct device_holder *holder)
{
	if (holder->pid == 0)
		return json_null();

	return json_pack("{s:o, s:i}", "name", text_or_null(holder->name),
	    "pid", holder->pid);
}

static void
place_put(const struct place *place, json_t *object, const char *name)
{
	const struct field *field = message_find(&msg_hello_answer, name);

	json_object_set_new(object, name,
	    place->is.answered ? json_of_field(field, &place->is.unit)
			       : json_null());
}

json_t *
list_place_json(const struct place *place)
{
	const char *port = place->at.port;
	json_t *object = json_pack("{s:o, s:s, s:o, s:o}", "port",
	    text_or_null(port), "transport", link_transport(port), "name",
	    text_or_null(place->name), "by_path",
	    text_or_null(place->at.by_path));

	place_put(place, object, "serial");
	place_put(place, object, "hardware_id");
	place_put(place, object, "kind");
	place_put(place, object, "model");
	json_object_set_new(object, "virtual",
	    place->is.answered ? json_boolean(place_is_virtual(place))
			       : json_null());
	json_object_set_new(object, "status", text_or_null(place->is.status));
	json_object_set_new(
	    object, "usable", json_boolean(place_is_usable(place)));
	json_object_set_new(object, "why", text_or_null(place->is.why));
	json_object_set_new(object, "holder", holder_json(&place->is.holder));
	json_object_set_new(object, "adapter", adapter_json(&place->at));

	return object;
}

static void
reach_json(struct out *out, const struct reach *reach)
{
	json_t *places = json_array();

	for (size_t i = 0; i < reach->count; i++)
		json_array_append_new(
		    places, list_place_json(&reach->places[i]));
	out_json(out, json_pack("{s:o}", "collars", places));
}

/* What a port is besides its own name: the adapter, and its other names. */
static void
place_details(struct out *out, const struct place *place)
{
	const struct serial_port *at = &place->at;
	char text[4 * LINK_WHY_MAX];

	if (place->name[0] != '\0')
		out_line(out, "", "named %s", place->name);
	if (at->usb)
		out_line(out, "", "%04x:%04x %s %s", at->vid, at->pid,
		    escape(text, sizeof(text) / 2, at->product),
		    escape(
			text + sizeof(text) / 2, sizeof(text) / 2, at->serial));
	if (at->by_path[0] != '\0' && strstr(at->port, at->by_path) == NULL)
		out_line(
		    out, "", "%s", escape(text, sizeof(text), at->by_path));
}

void
list_place_text(struct out *out, const struct place *place)
{
	char port[2 * LINK_WHY_MAX], text[4 * FAILURE_LEN];

	out_line(out, escape(port, sizeof(port), place->at.port), "%s",
	    place_text(text, sizeof(text), place));
	place_details(out, place);
}

static int
list_verdict(struct ctx *ctx, const struct reach *reach)
{
	bool all = true;

	for (size_t i = 0; i < reach->count; i++) {
		if (place_is_usable(&reach->places[i]))
			return E_OK;
		all &= reach->places[i].ask;
	}
	if (reach->count == 0)
		return fail(&ctx->failure, E_NO_COLLAR,
		    "no collar found, this computer has no port for one");
	fail(&ctx->failure, E_NO_COLLAR, "no collar found%s",
	    all ? "" : ", not every port was asked");

	return fail_hint(&ctx->failure,
	    "%sto practise: collarctl -p sim status",
	    all ? "" : "ask them with --probe; ");
}

/* The one port that is asked for, whatever it is. */
static int
list_one(struct ctx *ctx, struct reach *reach)
{
	const struct find_options options = { ctx->timeout_ms, ctx->unit };
	int err = reach_only(ctx, reach, ctx->port);

	return err != E_OK
	    ? err
	    : find_ask_one(reach->places, &options, &ctx->failure);
}

static int
list_every(struct ctx *ctx, struct reach *reach, bool probe)
{
	int err = reach_look_usb(ctx, reach);

	if (err == E_OK)
		err = reach_look(ctx, reach, probe);

	return err != E_OK ? err : reach_ask(ctx, reach);
}

static int
run_list(struct ctx *ctx, const struct args *args)
{
	struct reach reach = { .count = 0 };
	bool probe = args_has(args, "probe");
	int err;

	ctx_close(ctx); /* the shell's own would be found in use */
	if (args_has(args, "watch"))
		return list_watch(ctx, args_has(args, "port"), probe);
	err = args_has(args, "port") ? list_one(ctx, &reach)
				     : list_every(ctx, &reach, probe);
	if (err == E_OK && ctx->out.format == FORMAT_JSON)
		reach_json(&ctx->out, &reach);
	for (size_t i = 0;
	     err == E_OK && i < reach.count && ctx->out.format != FORMAT_JSON;
	     i++)
		list_place_text(&ctx->out, &reach.places[i]);
	if (err == E_OK)
		err = list_verdict(ctx, &reach);
	reach_free(&reach);

	return err;
}

static const struct opt list_opts[] = {
	{ .name = "probe",
	    .help = "ask each port who is there; another device may mind" },
	{ .name = "watch",
	    .help = "go on as ports are plugged and unplugged, until ^C" },
	{ 0 },
};

const struct command cmd_list = {
	.name = "list",
	.group = "Find",
	.args = "",
	.help = "every collar in reach, and every port with why not",
	.text = "Collars on USB, ports that are named in the configuration and "
		"optical probes are asked who is there, all others only with "
		"--probe: at 115200 baud, and as an optical probe at 9600. "
		"With --port only that port is asked; virtual collars are "
		"listed only so.",
	.examples = "collarctl list\n"
		    "collarctl list --probe --json\n"
		    "collarctl list --watch",
	.opts = list_opts,
	.run = run_list,
};
