/* SPDX-License-Identifier: BSD-2-Clause */

#include "../usbip/server.h"
#include "sim.h"

enum { USBIP_PORT = 3240, NOTE_LEN = 300 };

struct telling {
	struct ctx *ctx;
	json_t *ports; /* with --json */
	size_t left;
	bool warned;
};

/* What a person types on the computer that is to have the collar. */
static void
tell_attach(const struct usbip_place *place)
{
	fprintf(stderr, "%s: usbip ", place->name);
	if (place->port != USBIP_PORT)
		fprintf(stderr, "-t %u ", place->port);
	fprintf(stderr, "attach -r %s -b %s\n", place->host, place->busid);
}

static void
warn(struct telling *told, const struct usbip_place *place)
{
	if (place->loopback || told->warned)
		return;
	fprintf(stderr,
	    "collarctl: %s: whoever reaches this address can import these "
	    "collars\n",
	    place->address);
	told->warned = true;
}

static json_t *
place_json(const struct usbip_place *place, const char *port)
{
	json_t *row = json_object();

	json_object_set_new(row, "name", json_string(place->name));
	json_object_set_new(row, "port", json_string(port));
	json_object_set_new(row, "address", json_string(place->address));
	json_object_set_new(row, "busid", json_string(place->busid));

	return row;
}

/* The port is that of the computer which attaches it. */
static int
announce(void *ctx, const struct usbip_place *place)
{
	struct telling *told = ctx;
	struct out *out = &told->ctx->out;
	char port[160];
	json_t *object;

	snprintf(port, sizeof(port), "usb:%s", place->serial);
	warn(told, place);
	if (out->format == FORMAT_JSON) {
		json_array_append_new(told->ports, place_json(place, port));
		if (--told->left == 0) {
			object = json_object();
			json_object_set(object, "ports", told->ports);
			out_json(out, object);
		}
	} else {
		out_print(out, "%s\n", port);
		if (told->ctx->verbosity >= 0)
			tell_attach(place);
	}

	return out_flush(out, &told->ctx->failure);
}

static void
note(void *ctx, const char *from, const char *why)
{
	char text[NOTE_LEN];

	(void)ctx;
	fprintf(stderr, "collarctl: %s: %s: connection closed\n", from,
	    escape(text, sizeof(text), why));
}

int
sim_usbip_check(struct ctx *ctx, const struct args *args)
{
	static const char *const others[] = { "optical", "baud", "noise" };

	if (!args_has(args, "usbip"))
		return E_OK;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (!args_has(args, others[i]))
			continue;
		fail(&ctx->failure, E_USAGE,
		    "sim serve: --%s does not go with --usbip", others[i]);
		return fail_hint(&ctx->failure,
		    "leave it out: a USB cable has one speed and mends its "
		    "packets itself");
	}

	return E_OK;
}

int
sim_usbip(struct ctx *ctx, const struct serve_unit *units, size_t count,
    const char *address, uint64_t cut_after)
{
	struct telling told = { .ctx = ctx, .left = count };
	const struct usbip_options options = {
		.address = address,
		.cut_after = cut_after,
	};
	const struct usbip_calls calls = {
		.ctx = &told,
		.announce = announce,
		.note = note,
	};
	int err;

	told.ports = json_array();
	err = usbip_serve(units, count, &options, &calls, &ctx->failure);
	json_decref(told.ports);

	return err;
}
