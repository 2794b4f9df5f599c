/* SPDX-License-Identifier: BSD-2-Clause */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../proto/rate.h"
#include "../parse.h"
#include "../serve.h"
#include "sim.h"

enum { UNITS_MAX = 250 };

const struct opt sim_serve_opts[] = {
	{ 0, "count", "N", TAKES_NUMBER, NULL,
	    "serve NAME1 to NAMEN instead of NAME" },
	{ 0, "pty", NULL, TAKES_NOTHING, NULL, "on a pseudo-terminal each" },
	{ 0, "unix", "PATH", TAKES_FILE, NULL,
	    "on a unix socket; PATH.NAME for several units" },
	{ 0, "tcp", "PORT", TAKES_NUMBER, NULL,
	    "on 127.0.0.1, from PORT on; 0: any free port" },
	{ 0, "optical", NULL, TAKES_NOTHING, NULL,
	    "with --pty: as a port under an optical probe, half duplex" },
	{ 0, "echo", NULL, TAKES_NOTHING, NULL,
	    "with --optical: the probe sends back what it is sent" },
	{ 0, "damage-echo", NULL, TAKES_NOTHING, NULL,
	    "the same, with bytes of it changed, lost and added" },
	{ 0, "refuse-baud", "N", TAKES_NUMBER, NULL,
	    "with --optical: the unit has not that rate; N,N for several" },
	{ 0, "garble-baud", "N", TAKES_NUMBER, NULL,
	    "with --optical: the probe spoils bytes at that rate; N,N" },
	{ 0, "usbip", "ADDRESS:PORT", TAKES_TEXT, NULL,
	    "as USB devices; PORT alone: on 127.0.0.1; 0: any free port" },
	{ 0, "baud", "N", TAKES_NUMBER, NULL, "no faster than such a line" },
	{ 0, "noise", "R", TAKES_NUMBER, NULL,
	    "damage a byte with probability R" },
	{ 0, "cut-after", "BYTES", TAKES_NUMBER, NULL,
	    "cut the line for good after so many bytes, both ways together" },
	{ 0 },
};

/* A whole number given as an option; as it was if the option is not. */
static int
number_option(struct ctx *ctx, const struct args *args, const char *name,
    int64_t min, int64_t max, int64_t *number)
{
	const char *text = args_get(args, name);
	char what[32];

	if (text == NULL)
		return E_OK;
	snprintf(what, sizeof(what), "--%s", name);

	return parse_number(text, what, min, max, number, &ctx->failure);
}

static int
noise_option(struct ctx *ctx, const struct args *args, double *noise)
{
	const char *text = args_get(args, "noise");
	char *rest;

	if (text == NULL)
		return E_OK;
	*noise = strtod(text, &rest);
	if (strspn(text, "0123456789.eE-") == strlen(text) && rest != text &&
	    *rest == '\0' && *noise >= 0 && *noise <= 1)
		return E_OK;
	fail(&ctx->failure, E_USAGE, "--noise %.40s is no probability", text);

	return fail_hint(
	    &ctx->failure, "write a number from 0 to 1, such as 0.001");
}

static int
door_option(
    struct ctx *ctx, const struct args *args, struct serve_options *options)
{
	const char *path = args_get(args, "unix");
	int64_t port = 0;
	int doors = args_has(args, "pty") + (path != NULL) +
	    args_has(args, "tcp") + args_has(args, "usbip");

	if (doors != 1) {
		fail(&ctx->failure, E_USAGE, "sim serve: %s",
		    doors == 0 ? "nothing says where"
			       : "it can be in one place only");
		return fail_hint(&ctx->failure,
		    "give one of --pty, --unix PATH, --tcp PORT and "
		    "--usbip ADDRESS:PORT");
	}
	options->door = path != NULL ? DOOR_UNIX
	    : args_has(args, "tcp")  ? DOOR_TCP
				     : DOOR_PTY;
	options->path = path;
	if (number_option(ctx, args, "tcp", 0, UINT16_MAX, &port) < 0)
		return ctx->failure.err;
	options->tcp_port = (uint16_t)port;

	return E_OK;
}

static int
no_such_baud(struct ctx *ctx, const char *option, const char *text)
{
	char bauds[64];

	fail(&ctx->failure, E_USAGE, "--%s %.40s is no rate of an optical port",
	    option, text);

	return fail_hint(
	    &ctx->failure, "they have %s", sim_probe_bauds_text(bauds));
}

/* "N[,N...]" into list, which it ends with 0. */
static int
bauds_option(struct ctx *ctx, const struct args *args, const char *name,
    uint32_t list[SIM_PROBE_BAUDS_MAX])
{
	const char *text = args_get(args, name), *at = text;
	size_t count = 0;

	while (at != NULL) {
		char *end;
		unsigned long baud = strtoul(at, &end, 10);

		if (*at < '0' || *at > '9' || (*end != '\0' && *end != ',') ||
		    baud > RATE_BAUD_MAX ||
		    !sim_probe_has_baud((uint32_t)baud) ||
		    count == SIM_PROBE_BAUDS_MAX - 1)
			return no_such_baud(ctx, name, text);
		list[count++] = (uint32_t)baud;
		at = *end == ',' ? end + 1 : NULL;
	}
	list[count] = 0;

	return E_OK;
}

/* The one that the port begins with cannot be missing, nor be spoiled. */
static int
probe_baud_check(struct ctx *ctx, const struct serve_options *options)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", (unsigned)options->baud);
	if (!sim_probe_has_baud(options->baud))
		return no_such_baud(ctx, "baud", text);
	for (size_t i = 0; options->probe.refused[i] != 0; i++)
		if (options->probe.refused[i] == options->baud)
			return fail(&ctx->failure, E_USAGE,
			    "--refuse-baud %s: the port begins with that rate",
			    text);

	return E_OK;
}

static int
probe_option(
    struct ctx *ctx, const struct args *args, struct serve_options *options)
{
	static const char *const of_probe[] = { "echo", "damage-echo",
		"refuse-baud", "garble-baud" };
	struct sim_probe_options *probe = &options->probe;

	probe->on = args_has(args, "optical");
	probe->damage = args_has(args, "damage-echo");
	probe->echo = args_has(args, "echo") || probe->damage;
	for (size_t i = 0; i < sizeof(of_probe) / sizeof(*of_probe); i++)
		if (args_has(args, of_probe[i]) && !probe->on)
			return fail(&ctx->failure, E_USAGE,
			    "--%s goes with --optical only", of_probe[i]);
	if (!probe->on)
		return E_OK;
	if (options->door != DOOR_PTY)
		return fail(&ctx->failure, E_USAGE,
		    "--optical goes with --pty only: sockets have no rate");
	if (options->baud == 0)
		options->baud = RATE_OPTICAL;
	if (bauds_option(ctx, args, "refuse-baud", probe->refused) < 0 ||
	    bauds_option(ctx, args, "garble-baud", probe->garbled) < 0)
		return ctx->failure.err;

	return probe_baud_check(ctx, options);
}

static int
read_options(struct ctx *ctx, const struct args *args,
    struct serve_options *options, int64_t *count)
{
	int64_t baud = 0, cut_after = 0;

	if (door_option(ctx, args, options) < 0 ||
	    number_option(
		ctx, args, "baud", RATE_BAUD_MIN, RATE_BAUD_MAX, &baud) < 0 ||
	    sim_usbip_check(ctx, args) < 0 ||
	    number_option(ctx, args, "cut-after", 1, INT64_MAX, &cut_after) <
		0 ||
	    number_option(ctx, args, "count", 1, UNITS_MAX, count) < 0 ||
	    noise_option(ctx, args, &options->noise) < 0)
		return ctx->failure.err;
	options->baud = (uint32_t)baud;
	options->cut_after = (uint64_t)cut_after;
	if (probe_option(ctx, args, options) < 0)
		return ctx->failure.err;
	if (args->npos * (*count > 0 ? *count : 1) > UNITS_MAX)
		return fail(&ctx->failure, E_USAGE,
		    "sim serve: at most %d units can be served at once",
		    UNITS_MAX);

	return E_OK;
}

/* NAME[,KEY=VALUE...]; number 0: none is added to the name. */
static struct serve_unit
unit_named(const char *text, int64_t number)
{
	size_t len = strcspn(text, ",");
	struct serve_unit unit = {
		.keys = text + len + (text[len] == ','),
	};

	snprintf(unit.name, sizeof(unit.name), "%.*s",
	    (int)(len < 60 ? len : 60), text);
	len = strlen(unit.name);
	if (number > 0)
		snprintf(unit.name + len, sizeof(unit.name) - len, "%d",
		    (int)number);

	return unit;
}

struct announcement {
	struct ctx *ctx;
	json_t *ports; /* with --json */
	size_t left;
};

/* The line must be out before anybody can know where to connect. */
static int
announce(void *ctx, const char *name, const char *port)
{
	struct announcement *told = ctx;
	struct out *out = &told->ctx->out;
	json_t *row;

	if (out->format == FORMAT_JSON) {
		row = json_object();
		json_object_set_new(row, "name", json_string(name));
		json_object_set_new(row, "port", json_string(port));
		json_array_append_new(told->ports, row);
		if (--told->left == 0) {
			row = json_object();
			json_object_set(row, "ports", told->ports);
			out_json(out, row);
		}
	} else {
		out_print(out, "%s\n", port);
	}

	return out_flush(out, &told->ctx->failure);
}

static void
tell_turns(const char *name, unsigned violations)
{
	fprintf(
	    stderr, "sim serve: %s: %u times out of turn\n", name, violations);
}

int
sim_serve(struct ctx *ctx, const struct args *args)
{
	struct serve_options options = { .door = DOOR_PTY,
		.ended = ctx->verbosity < 0 ? NULL : tell_turns };
	struct serve_unit *units;
	int64_t each = 0;
	size_t count = 0;
	struct announcement told = { .ctx = ctx };
	int err;

	if ((err = read_options(ctx, args, &options, &each)) < 0)
		return err;
	ctx_close(ctx); /* it may be one of those to be served */
	units = calloc(UNITS_MAX, sizeof(*units));
	if (units == NULL)
		return fail(&ctx->failure, E_INTERNAL, "out of memory");
	for (int i = 0; i < args->npos; i++) {
		int64_t last = each > 0 ? each : 1;

		for (int64_t n = 1; n <= last; n++)
			units[count++] =
			    unit_named(args->pos[i], each > 0 ? n : 0);
	}
	told.ports = json_array();
	told.left = count;
	if (args_has(args, "usbip"))
		err = sim_usbip(ctx, units, count, args_get(args, "usbip"),
		    options.cut_after);
	else
		err = serve(
		    units, count, &options, announce, &told, &ctx->failure);
	json_decref(told.ports);
	free(units);

	return err;
}
