/* SPDX-License-Identifier: BSD-2-Clause */

#include <stdlib.h>
#include <string.h>

#include "cmd.h"

enum { PROBE_MS = 400 };

/* One port, and the collar on it as far as it was asked. */
struct row {
	struct serial_port port;
	const char *transport;
	struct hello_answer unit;
	bool answered, usable;
	char status[32];       /* as in JSON, "" if it was not told */
	char why[FAILURE_LEN]; /* not usable because */
	struct device_holder holder;
};

struct list {
	struct row *rows;
	size_t count;
};

static int
list_add(const struct serial_port *port, void *ctx)
{
	struct list *list = ctx;
	struct row *rows =
	    realloc(list->rows, (list->count + 1) * sizeof(*list->rows));

	if (rows == NULL)
		return E_INTERNAL;
	list->rows = rows;
	rows[list->count++] = (struct row){ .port = *port,
		.transport = "serial",
		.why = "not asked: try --probe" };

	return E_OK;
}

/* Leaves only the port named: of the system's list, or any other. */
static int
list_limit(struct list *list, const char *port)
{
	struct serial_port other = { .usb = false };
	size_t colon = strcspn(port, ":");

	for (size_t i = 0; i < list->count; i++) {
		const char *known = list->rows[i].port.port;

		if (strcmp(known, port) == 0 || strcmp(known + 7, port) == 0) {
			list->rows[0] = list->rows[i];
			list->count = 1;
			return E_OK;
		}
	}
	list->count = 0;
	snprintf(other.port, sizeof(other.port), "%s", port);
	if (list_add(&other, list) != E_OK)
		return E_INTERNAL;
	if (strncmp(port, "sim", 3) == 0)
		list->rows[0].transport = "sim";
	else if (strncmp(port, "unix:", colon + 1) == 0)
		list->rows[0].transport = "unix";
	else if (strncmp(port, "tcp:", colon + 1) == 0)
		list->rows[0].transport = "tcp";

	return E_OK;
}

static int
list_fill(struct ctx *ctx, struct list *list)
{
	int err = serial_ports(list_add, list);

	if (err == E_OK && ctx->port != NULL)
		err = list_limit(list, ctx->port);
	if (err != E_OK)
		fail(&ctx->failure, err, "the list of ports cannot be had");

	return err;
}

static void
row_ask(struct row *row, struct client *client)
{
	struct nothing nothing = { .has = 0 };
	struct failure failure = { .err = E_OK };
	struct unit_state state;

	row->unit = *client_unit(client);
	row->answered = row->usable = true;
	row->why[0] = '\0';
	if (client_call(client, OP_STATUS, &nothing, &state, &failure) == E_OK)
		field_text(message_find(&msg_unit_state, "status"), &state,
		    row->status, sizeof(row->status));
}

/* Why it is not usable; the port itself stands before it already. */
static void
row_refuse(struct row *row, int err, const char *why)
{
	const char *port = row->port.port;
	size_t len = strlen(port);

	if (strncmp(why, port, len) == 0 && strncmp(why + len, ": ", 2) == 0)
		why += len + 2;
	snprintf(row->why, sizeof(row->why), "%s", why);
	if (err == E_PORT_BUSY && strncmp(port, "serial:", 7) == 0)
		device_holder(port + 7, &row->holder);
}

static int
row_probe(struct ctx *ctx, struct row *row)
{
	struct client_options options = {
		.timeout_ms = ctx->timeout_ms > 0 ? ctx->timeout_ms : PROBE_MS,
		.unit = ctx->unit,
	};
	struct failure failure = { .err = E_OK };
	struct client *client = NULL;
	struct link *link;
	char why[LINK_WHY_MAX];
	int err = link_open(&link, row->port.port, why);

	if (err != E_OK) {
		row_refuse(row, err, why);
	} else if ((err = client_open(&client, link, &options, &failure)) !=
	    E_OK) {
		row_refuse(row, err, failure.what);
	} else {
		row_ask(row, client);
		client_close(&client);
	}

	return err == E_INTERRUPTED || link_interrupted ? E_INTERRUPTED : E_OK;
}

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
row_put(const struct row *row, json_t *object, const char *name)
{
	const struct field *field = message_find(&msg_hello_answer, name);

	json_object_set_new(object, name,
	    row->answered ? json_of_field(field, &row->unit) : json_null());
}

static json_t *
row_json(const struct row *row)
{
	json_t *object = json_pack("{s:o, s:s}", "port",
	    text_or_null(row->port.port), "transport", row->transport);

	row_put(row, object, "serial");
	row_put(row, object, "hardware_id");
	row_put(row, object, "kind");
	row_put(row, object, "model");
	json_object_set_new(object, "virtual",
	    row->answered
		? json_boolean((row->unit.capabilities & IS_VIRTUAL) != 0)
		: json_null());
	json_object_set_new(object, "status", text_or_null(row->status));
	json_object_set_new(object, "usable", json_boolean(row->usable));
	json_object_set_new(object, "why", text_or_null(row->why));
	json_object_set_new(object, "holder", holder_json(&row->holder));
	json_object_set_new(object, "adapter", adapter_json(&row->port));

	return object;
}

static void
list_json(struct out *out, const struct list *list)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(rows, row_json(&list->rows[i]));
	out_json(out, json_pack("{s:o}", "collars", rows));
}

static void
row_text(struct out *out, const struct row *row)
{
	char unit[UNIT_NAME_LEN], model[64], why[4 * FAILURE_LEN];
	const struct hello_answer *answer = &row->unit;

	if (!row->answered) {
		out_line(out, row->port.port, "%s",
		    escape(why, sizeof(why), row->why));
		return;
	}
	out_line(out, row->port.port, "%s  %s  %s%s", unit_name(unit, answer),
	    HAS(answer, HELLO_ANSWER_MODEL)
		? escape(model, sizeof(model), answer->model)
		: "no model",
	    row->status,
	    (answer->capabilities & IS_VIRTUAL) != 0 ? "  VIRTUAL COLLAR" : "");
}

static int
list_verdict(struct ctx *ctx, const struct list *list, bool probed)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i].usable)
			return E_OK;
	if (list->count == 0)
		fail(&ctx->failure, E_NO_COLLAR,
		    "no collar found, this computer has no serial port");
	else
		fail(&ctx->failure, E_NO_COLLAR, "no collar found%s",
		    probed ? "" : ", the ports were not asked");

	return fail_hint(&ctx->failure,
	    "%sto practise: collarctl -p sim status",
	    probed || list->count == 0 ? "" : "ask them with --probe; ");
}

static int
run_list(struct ctx *ctx, const struct args *args)
{
	struct list list = { .rows = NULL };
	bool probe = args_has(args, "probe");
	int err = list_fill(ctx, &list);

	for (size_t i = 0; probe && err == E_OK && i < list.count; i++)
		if (row_probe(ctx, &list.rows[i]) != E_OK)
			err = fail(&ctx->failure, E_INTERRUPTED, "interrupted");
	if (err != E_OK)
		goto out;
	if (ctx->out.format == FORMAT_JSON)
		list_json(&ctx->out, &list);
	else
		for (size_t i = 0; i < list.count; i++)
			row_text(&ctx->out, &list.rows[i]);
	err = list_verdict(ctx, &list, probe);
out:
	free(list.rows);

	return err;
}

static const struct opt list_opts[] = {
	{ .name = "probe",
	    .help = "ask each port who is there; another device may mind" },
	{ 0 },
};

const struct command cmd_list = {
	.name = "list",
	.group = "Find",
	.args = "",
	.help = "the ports of this computer and the collars on them",
	.text = "Without --probe nothing is sent to any port. With --port only "
		"that port is listed; virtual collars are listed only so.",
	.examples = "collarctl list --probe\n"
		    "collarctl -p sim list --probe --json",
	.opts = list_opts,
	.run = run_list,
};
