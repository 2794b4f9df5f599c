/* SPDX-License-Identifier: BSD-2-Clause */

#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "cmd.h"

enum { PRESSES_MAX = 20 };

json_t *
sim_json(const char *name)
{
	char port[VIRTUAL_NAME_MAX + 8];
	json_t *object = json_object();

	snprintf(port, sizeof(port), "sim:%.*s", VIRTUAL_NAME_MAX, name);
	json_object_set_new(object, "name", json_string(name));
	json_object_set_new(object, "port", json_string(port));

	return object;
}

int
sim_fail(struct ctx *ctx, int err, const char *name, const char *why)
{
	fail(&ctx->failure, err, "%s", why);
	if (err == E_NO_COLLAR)
		fail_hint(&ctx->failure,
		    "see `collarctl sim list`; to make it: collarctl -p "
		    "sim:%.40s status",
		    name);
	else if (err == E_USAGE)
		fail_hint(&ctx->failure, "see `collarctl help sim`");

	return err;
}

int
sim_open_old(struct ctx *ctx, const char *name, struct virtual_collar **collar)
{
	char why[VIRTUAL_WHY_MAX];
	int err;

	ctx_close(ctx);
	err = virtual_open(collar, name, "", false, why);

	return err < 0 ? sim_fail(ctx, err, name, why) : E_OK;
}

/* A setting as JSON: a number where it is one. */
static json_t *
value_json(const struct virtual_key *key, const char *value)
{
	json_int_t number;
	char *end;

	if (key->values != NULL || strcmp(key->name, "history") == 0)
		return json_string(value);

	number = strtoll(value, &end, 10);

	return end != value ? json_integer(number) : json_null();
}

static int
list_one(const char *name, void *ctx)
{
	char why[VIRTUAL_WHY_MAX], seed[SIM_VALUE_MAX] = "?",
				   kind[SIM_VALUE_MAX] = "?";
	int holder = virtual_holder(name, why);
	struct ctx *context = ctx;

	virtual_peek(name, "kind", kind, sizeof(kind), why);
	virtual_peek(name, "seed", seed, sizeof(seed), why);
	out_print(&context->out, "%-*s  %-8s  seed %-10s  ", VIRTUAL_NAME_MAX,
	    name, kind, seed);
	if (holder > 0)
		out_print(&context->out, "open in process %d\n", holder);
	else
		out_print(&context->out, "closed\n");

	return E_OK;
}

/* Where it is, whether it is open, and its settings. */
static int
describe(struct ctx *ctx, const char *name, json_t **object)
{
	char why[VIRTUAL_WHY_MAX], value[SIM_VALUE_MAX];
	const struct virtual_key *key;
	int holder;

	*object = NULL;
	for (key = virtual_keys; key->name != NULL; key++) {
		int err =
		    virtual_peek(name, key->name, value, sizeof(value), why);

		if (err < 0) {
			json_decref(*object);
			return sim_fail(ctx, err, name, why);
		}
		if (*object == NULL)
			*object = sim_json(name);
		json_object_set_new(*object, key->name, value_json(key, value));
	}
	holder = virtual_holder(name, why);
	json_object_set_new(*object, "open", json_boolean(holder > 0));
	json_object_set_new(
	    *object, "pid", holder > 0 ? json_integer(holder) : json_null());

	return E_OK;
}

struct collection {
	struct ctx *ctx;
	json_t *rows;
};

static int
collect_one(const char *name, void *ctx)
{
	struct collection *collection = ctx;
	json_t *row;
	int err = describe(collection->ctx, name, &row);

	if (err == E_OK)
		json_array_append_new(collection->rows, row);

	return err;
}

static int
run_list(struct ctx *ctx, const struct args *args)
{
	struct collection collection = { .ctx = ctx };
	json_t *object;
	int err;

	(void)args;
	if (ctx->out.format != FORMAT_JSON) {
		err = virtual_list(list_one, ctx);
	} else {
		collection.rows = json_array();
		err = virtual_list(collect_one, &collection);
		object = json_object();
		json_object_set_new(object, "collars", collection.rows);
		if (err == E_OK)
			out_json(&ctx->out, object);
		else
			json_decref(object);
	}
	if (err < 0)
		fail(&ctx->failure, err, "no place for virtual collars");

	return err;
}

static int
run_show(struct ctx *ctx, const struct args *args)
{
	char why[VIRTUAL_WHY_MAX], value[SIM_VALUE_MAX];
	const char *name = args->pos[0];
	const struct virtual_key *key;
	json_t *object;
	int holder, err = describe(ctx, name, &object);

	if (err < 0)
		return err;
	if (ctx->out.format == FORMAT_JSON) {
		out_json(&ctx->out, object);
		return E_OK;
	}
	json_decref(object);
	holder = virtual_holder(name, why);
	out_line(&ctx->out, "port", "sim:%s", name);
	if (holder > 0)
		out_line(&ctx->out, "open", "in process %d", holder);
	else
		out_line(&ctx->out, "open", "no");
	for (key = virtual_keys; key->name != NULL; key++) {
		virtual_peek(name, key->name, value, sizeof(value), why);
		out_line(&ctx->out, key->name, "%s", value);
	}

	return E_OK;
}

static int
run_remove(struct ctx *ctx, const struct args *args)
{
	char why[VIRTUAL_WHY_MAX], value[SIM_VALUE_MAX];
	json_t *object;
	int err;

	ctx_close(ctx);
	if (ctx->dry_run)
		err = virtual_peek(
		    args->pos[0], "kind", value, sizeof(value), why);
	else
		err = virtual_remove(args->pos[0], why);
	if (err < 0)
		return sim_fail(ctx, err, args->pos[0], why);
	if (ctx->out.format == FORMAT_JSON) {
		object = sim_json(args->pos[0]);
		json_object_set_new(
		    object, "removed", json_boolean(!ctx->dry_run));
		out_json(&ctx->out, object);
	} else {
		out_print(&ctx->out, "sim:%s %s\n", args->pos[0],
		    ctx->dry_run ? "would be removed" : "removed");
	}

	return E_OK;
}

static int
run_cut(struct ctx *ctx, const struct args *args)
{
	struct virtual_collar *collar = NULL;
	json_t *object;
	int err = sim_open_old(ctx, args->pos[0], &collar);

	if (err < 0)
		return err;
	if (!ctx->dry_run)
		virtual_power_cut(collar);
	if (ctx->out.format == FORMAT_JSON) {
		object = sim_json(args->pos[0]);
		json_object_set_new(object, "cut", json_boolean(!ctx->dry_run));
		out_json(&ctx->out, object);
	} else {
		out_print(&ctx->out, "sim:%s %s\n", args->pos[0],
		    ctx->dry_run ? "would lose its power"
				 : "lost its power and has it again");
	}
	virtual_close(&collar);

	return E_OK;
}

/* In pieces, so that ^C ends it; a year takes half a second. */
static int
advance(struct ctx *ctx, struct virtual_collar *collar, uint32_t seconds)
{
	const uint32_t year_s = 365 * 86400;
	char utc[UTC_TEXT_LEN];

	if (virtual_now_utc_ms(collar) + (uint64_t)seconds * 1000 >
	    virtual_utc_max_ms)
		return fail(&ctx->failure, E_BAD_VALUE,
		    "sim advance: the clock of sim:%s ends at %s",
		    virtual_name(collar),
		    utc_text(utc, virtual_utc_max_ms / 1000));
	for (uint32_t piece_s; seconds > 0; seconds -= piece_s) {
		piece_s = seconds < year_s ? seconds : year_s;
		virtual_advance(collar, (uint64_t)piece_s * 1000);
		if (link_interrupted)
			return fail(&ctx->failure, E_INTERRUPTED,
			    "interrupted: sim:%s is at %s",
			    virtual_name(collar),
			    utc_text(utc, virtual_now_utc_ms(collar) / 1000));
	}

	return E_OK;
}

static int
run_advance(struct ctx *ctx, const struct args *args)
{
	struct virtual_collar *collar = NULL;
	char utc[UTC_TEXT_LEN];
	uint32_t seconds;
	json_t *object;
	int err;

	err = parse_duration(args->pos[1], "DURATION", &seconds, &ctx->failure);
	if (err < 0 || (err = sim_open_old(ctx, args->pos[0], &collar)) < 0)
		return err;
	if (!ctx->dry_run)
		err = advance(ctx, collar, seconds);
	utc_text(utc, virtual_now_utc_ms(collar) / 1000);
	virtual_close(&collar);
	if (err < 0)
		return err;
	if (ctx->out.format == FORMAT_JSON) {
		object = sim_json(args->pos[0]);
		json_object_set_new(object, "advanced_s",
		    json_integer(ctx->dry_run ? 0 : seconds));
		json_object_set_new(object, "utc", json_string(utc));
		out_json(&ctx->out, object);
	} else {
		out_print(&ctx->out, "sim:%s is at %s\n", args->pos[0], utc);
	}

	return E_OK;
}

static int
run_press(struct ctx *ctx, const struct args *args)
{
	struct virtual_collar *collar = NULL;
	const char *times = args_get(args, "times");
	int64_t count = 1;
	int err;

	if (strcmp(args->pos[1], "reset") != 0) {
		fail(&ctx->failure, E_USAGE, "sim press: '%.40s' is no button",
		    args->pos[1]);
		return fail_hint(&ctx->failure, "the button is called reset");
	}
	if (times != NULL &&
	    (err = parse_number(
		 times, "--times", 1, PRESSES_MAX, &count, &ctx->failure)) < 0)
		return err;
	if ((err = sim_open_old(ctx, args->pos[0], &collar)) < 0)
		return err;
	err = virtual_press(collar, (unsigned)count);
	virtual_close(&collar);
	if (err == E_WRONG_KIND)
		fail(&ctx->failure, err,
		    "sim:%.40s is a DER collar, which has no Reset button",
		    args->pos[0]);

	return err;
}

static const struct opt press_opts[] = {
	{ 0, "times", "N", TAKES_NUMBER, NULL, "press it N times, rapidly" },
	{ 0 },
};

static const struct verb sim_verbs[] = {
	{ .name = "list",
	    .args = "",
	    .help = "every virtual collar there is",
	    .run = run_list },
	{ .name = "show",
	    .args = "NAME",
	    .takes = TAKES_SIM,
	    .min = 1,
	    .max = 1,
	    .help = "its settings",
	    .run = run_show },
	{ .name = "remove",
	    .args = "NAME",
	    .takes = TAKES_SIM,
	    .min = 1,
	    .max = 1,
	    .flags = COMMAND_CHANGES,
	    .help = "remove it for good",
	    .run = run_remove },
	{ .name = "cut",
	    .args = "NAME",
	    .takes = TAKES_SIM,
	    .min = 1,
	    .max = 1,
	    .flags = COMMAND_CHANGES,
	    .help = "cut its power: its memory is lost, it starts anew",
	    .run = run_cut },
	{ .name = "advance",
	    .args = "NAME DURATION",
	    .takes = TAKES_SIM,
	    .min = 2,
	    .max = 2,
	    .flags = COMMAND_CHANGES,
	    .help = "let time pass for it",
	    .run = run_advance },
	{ .name = "press",
	    .args = "NAME reset",
	    .takes = TAKES_SIM,
	    .min = 2,
	    .max = 2,
	    .flags = COMMAND_CHANGES,
	    .help = "press the Reset button of a transfer collar",
	    .opts = press_opts,
	    .run = run_press },
	{ .name = "set",
	    .args = "NAME KEY=VALUE...",
	    .takes = TAKES_SIM,
	    .min = 2,
	    .max = -1,
	    .flags = COMMAND_CHANGES,
	    .help = "change its world",
	    .run = sim_set },
	{ .name = "serve",
	    .args = "NAME...",
	    .takes = TAKES_SIM,
	    .min = 1,
	    .max = -1,
	    .help = "serve it to other programs until ^C; prints its port",
	    .opts = sim_serve_opts,
	    .run = sim_serve },
	{ 0 },
};

const struct command cmd_sim = {
	.name = "sim",
	.group = "Practise",
	.args = "",
	.help = "virtual collars: to practise, and for tests",
	.text =
	    "A virtual collar is a port, sim:NAME (sim alone is the one named "
	    "sim), and is made at its first use. Keys behind the name say "
	    "how: -p sim:NAME,KEY=VALUE,...\n"
	    "\n"
	    "    kind         der\n"
	    "    seed         N: what its world is made from\n"
	    "    history      DURATION: interval data it is born with (7d)\n"
	    "    orientation  up, flipped\n"
	    "    breaker      shut, open\n"
	    "    utility      on, off, one-leg, flicker\n"
	    "    coverage     on, off: the cellular network\n"
	    "    modem        active, inactive: with its carrier\n"
	    "    reports      ok, fail\n"
	    "    updates      ok, fail\n"
	    "    relay        ok, stuck\n"
	    "    metering     ok, fault\n"
	    "    power_w      N: DER power, + produces; auto: the sun's\n"
	    "\n"
	    "All but kind, seed and history can be changed with sim set. "
	    "Closing a virtual collar is no power cut: the time until it is "
	    "opened again is caught up. Killing the program that has it open "
	    "is one, and so is sim cut.",
	.examples = "collarctl -p sim status\n"
		    "collarctl -p sim:roof,history=365d data info\n"
		    "collarctl sim set roof coverage=off\n"
		    "collarctl sim advance roof 6h\n"
		    "collarctl sim serve roof --pty --baud 115200\n"
		    "collarctl sim serve rack --count 5 --usbip 0",
	.verbs = sim_verbs,
};
