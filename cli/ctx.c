/* SPDX-License-Identifier: BSD-2-Clause */

#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "met.h"
#include "reach.h"

static const char *
getenv_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

void
ctx_init(struct ctx *ctx)
{
	*ctx = (struct ctx){ 0 };
	ctx->port = getenv_set("COLLARCTL_PORT");
	ctx->key = getenv_set("COLLARCTL_KEY");
	ctx->out.file = stdout;
	ctx->out.terminal = isatty(STDOUT_FILENO) == 1;
	ctx->out.color = ctx->out.terminal && getenv_set("NO_COLOR") == NULL;
	ctx->out.progress = isatty(STDERR_FILENO) == 1;
}

/* The login name, as the unit keeps it beside a change. */
static const char *
holder_name(char holder[HOLDER_MAX + 1])
{
	const char *name = getenv_set("USER");
	const struct passwd *entry;

	if (name == NULL && (entry = getpwuid(getuid())) != NULL)
		name = entry->pw_name;
	escape(holder, HOLDER_MAX + 1, name != NULL ? name : "unknown");
	return holder;
}

void
ctx_close(struct ctx *ctx)
{
	client_close(&ctx->client);
	free(ctx->opened);
	ctx->opened = NULL;
	if (ctx->trace_file != NULL)
		fclose(ctx->trace_file);
	ctx->trace_file = NULL;
}

/* Is the unit that was found for a line before still at hand, and meant? */
static bool
is_found(const struct ctx *ctx)
{
	size_t len = strlen(ctx->found);

	return ctx->client != NULL && ctx->opened != NULL && len > 0 &&
	    strncmp(ctx->opened, ctx->found, len) == 0 &&
	    ctx->opened[len] == '\n' &&
	    (ctx->unit == NULL || unit_is(client_unit(ctx->client), ctx->unit));
}

/* Where to go if nobody says where. */
static int
choose_port(struct ctx *ctx)
{
	if (ctx->port == NULL && !is_found(ctx)) {
		ctx_close(ctx); /* or it would find its port in use */
		return reach_choose(ctx);
	}
	if (ctx->port == NULL)
		ctx->port = ctx->found;
	return E_OK;
}

/* Sessions have no place yet in which a key would mean anything. */
static int
check_key(struct ctx *ctx)
{
	int fd;

	if (ctx->key == NULL)
		return E_OK;
	fd = open(ctx->key, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(&ctx->failure, E_BAD_KEY, "key file %s: %s",
		    ctx->key, strerror(errno));
	close(fd);
	fail(&ctx->failure, E_BAD_KEY,
	    "key file %s: this version opens no sessions", ctx->key);
	return fail_hint(&ctx->failure,
	    "leave out --key and unset COLLARCTL_KEY: unsealed units need "
	    "none");
}

static int
open_trace(struct ctx *ctx)
{
	int fd;

	if (ctx->trace == NULL)
		return E_OK;
	fd = open(ctx->trace, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0)
		ctx->trace_file = fdopen(fd, "w");
	if (ctx->trace_file != NULL)
		return E_OK;
	if (fd >= 0)
		close(fd);
	return fail(&ctx->failure, E_CANNOT_CREATE, "trace %s: %s", ctx->trace,
	    strerror(errno));
}

/* What a connection was made with: it serves for as long as that is wanted. */
static char *
opening_text(const struct ctx *ctx)
{
	const char *port = ctx->port, *unit = ctx->unit ? ctx->unit : "";
	const char *trace = ctx->trace ? ctx->trace : "";
	size_t len = strlen(port) + strlen(unit) + strlen(trace) + 32;
	char *text = malloc(len);

	if (text != NULL)
		snprintf(text, len, "%s\n%s\n%s\n%d", port, unit, trace,
		    ctx->timeout_ms);
	return text;
}

/* The unit that a line means: by --serial, or by a port that names it. */
static const char *
meant_unit(const struct ctx *ctx)
{
	static const char usb[] = "usb:";
	const size_t len = sizeof(usb) - 1;

	if (ctx->unit != NULL)
		return ctx->unit;
	return strncmp(ctx->port, usb, len) == 0 ? ctx->port + len : NULL;
}

/* Of several on USB --serial tells the one; the bus may know it by another of
 * its names. */
static int
open_link(const struct ctx *ctx, struct link **link, char *why)
{
	char port[LINK_WHY_MAX];
	int err;

	if (ctx->unit != NULL && strcmp(ctx->port, "usb") == 0) {
		snprintf(port, sizeof(port), "usb:%.64s", ctx->unit);
		if ((err = link_open(link, port, why)) != E_NO_COLLAR)
			return err;
	}
	return link_open(link, ctx->port, why);
}

static int
open_client(struct ctx *ctx)
{
	char why[LINK_WHY_MAX] = "", holder[HOLDER_MAX + 1];
	struct client_options options = { .timeout_ms = ctx->timeout_ms,
		.unit = meant_unit(ctx),
		.holder = holder_name(holder) };
	struct link *link = NULL;
	int err = open_trace(ctx);

	if (err < 0)
		return err;
	options.trace = ctx->trace_file;
	if ((err = open_link(ctx, &link, why)) < 0) {
		fail(&ctx->failure, err, "%s", why);
		if (err == E_USAGE)
			fail_hint(&ctx->failure, "see `collarctl help%s`",
			    strncmp(ctx->port, "sim", 3) == 0 ? " sim" : "");
		return err;
	}
	return client_open(&ctx->client, link, &options, &ctx->failure);
}

/* Keeps the connection of the line before, if it is the one meant. */
static int
connect_client(struct ctx *ctx)
{
	char *opening = opening_text(ctx);
	int err;

	if (opening == NULL)
		return fail(&ctx->failure, E_INTERNAL, "out of memory");
	if (ctx->client != NULL && ctx->opened != NULL &&
	    strcmp(ctx->opened, opening) == 0) {
		free(opening);
		return E_OK;
	}
	ctx_close(ctx);
	ctx->opened = opening;
	if ((err = open_client(ctx)) < 0)
		ctx_close(ctx);
	return err;
}

/* The heading that no text about a virtual collar is without. */
static void
print_heading(struct ctx *ctx, unsigned flags)
{
	if (ctx->headed || !client_is_virtual(ctx->client) ||
	    ctx->out.format != FORMAT_TEXT)
		return;
	ctx->headed = true;
	if (!(flags & COMMAND_BARE))
		out_print(&ctx->out, "VIRTUAL COLLAR\n");
	else if (ctx->verbosity >= 0)
		fputs("VIRTUAL COLLAR\n", stderr);
}

static int
check_kind(struct ctx *ctx, const struct command *command)
{
	const struct hello_answer *unit = client_unit(ctx->client);

	if ((unit->capabilities & command->needs) == command->needs)
		return E_OK;
	return fail(&ctx->failure, E_WRONG_KIND,
	    "%s: a %s collar has no such thing", command->name,
	    unit->kind <= KIND_TRANSFER ? unit_kind_names[unit->kind] : "new");
}

/* Is the unit on the other end that of the lines before? */
static int
check_met(struct ctx *ctx)
{
	const char *port = ctx->port == ctx->found ? "" : ctx->port;
	int err = met_check(ctx, port, client_unit(ctx->client));

	if (err < 0)
		ctx_close(ctx);
	return err;
}

struct client *
ctx_client(struct ctx *ctx, const struct args *args)
{
	unsigned flags =
	    args->command->flags | (args->verb != NULL ? args->verb->flags : 0);

	if (check_key(ctx) < 0 || choose_port(ctx) < 0 ||
	    connect_client(ctx) < 0 || check_met(ctx) < 0 ||
	    check_kind(ctx, args->command) < 0)
		return NULL;
	print_heading(ctx, flags);
	return ctx->client;
}

json_t *
json_unit(const struct client *client)
{
	const struct hello_answer *unit = client_unit(client);
	json_t *object = json_object();

	json_put(object, "serial",
	    json_of_field(
		message_field(&msg_hello_answer, HELLO_ANSWER_SERIAL), unit));
	json_put(object, "kind",
	    json_of_field(
		message_field(&msg_hello_answer, HELLO_ANSWER_KIND), unit));
	json_put(object, "virtual", json_boolean(client_is_virtual(client)));
	return object;
}
