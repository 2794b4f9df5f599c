/* SPDX-License-Identifier: BSD-2-Clause */

#include "confirm.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../proto/ops.h"
#include "link/stop.h"

static bool
have_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Does the line itself say which unit it means, not only where it is?  What was
 * written down before may be another visit's. */
static bool
is_unit_named(const struct ctx *ctx)
{
	return ctx->unit != NULL ||
	    (ctx->port_given && strncmp(ctx->port, "usb:", 4) == 0 &&
		ctx->port[4] != '\0');
}

int
confirm_allowed(struct ctx *ctx)
{
	if (ctx->dry_run || have_terminal() || (ctx->yes && is_unit_named(ctx)))
		return E_OK;
	fail(&ctx->failure, E_USAGE,
	    "this moves power, and there is no terminal to ask on: %s missing",
	    ctx->yes                 ? "the unit's name is"
		: is_unit_named(ctx) ? "--yes is"
				     : "--yes and the unit are");
	return fail_hint(
	    &ctx->failure, "give --yes and --serial S; nothing was sent");
}

static void
show(FILE *tty, const char *name, const char *raw)
{
	char text[600];

	fprintf(tty, "%-12s %s\n", name,
	    raw[0] != '\0' ? escape(text, sizeof(text), raw) : "(unknown)");
}

static void
show_place(FILE *tty, const struct unit_record *record)
{
	char address[160];

	snprintf(address, sizeof(address), "%s%s%s%s%s %s", record->address,
	    record->address[0] ? ", " : "", record->city,
	    record->city[0] ? ", " : "", record->state, record->zip);
	show(tty, "Premises ID", record->premises_id);
	show(tty, "Address", address[0] == ' ' ? "" : address);
}

bool
tty_wait(FILE *tty)
{
	fflush(tty);

	return stop_poll(fileno(tty), POLLIN, NULL) > 0;
}

/* E_OK for a yes; what is not a yes is a no. */
static int
ask(FILE *tty, const char *move, struct failure *failure)
{
	char answer[16] = "";

	fprintf(tty, "%s? [y/N] ", move);
	if (tty_wait(tty) && fgets(answer, sizeof(answer), tty) != NULL &&
	    (strcmp(answer, "y\n") == 0 || strcmp(answer, "Y\n") == 0 ||
		strcmp(answer, "yes\n") == 0))
		return E_OK;
	if (link_interrupted || answer[0] == '\0')
		fputc('\n', tty);
	return fail(failure, E_INTERRUPTED, "not confirmed: nothing was done");
}

int
confirm_move(struct ctx *ctx, const struct args *args, const char *move)
{
	struct unit_record record;
	struct nothing nothing = { 0 };
	char name[UNIT_NAME_LEN];
	struct client *client;
	FILE *tty;
	int err = confirm_allowed(ctx);

	if (err < 0 || ctx->dry_run || ctx->yes)
		return err;
	if ((client = ctx_client(ctx, args)) == NULL)
		return ctx->failure.err;
	err = client_call(client, OP_INFO, &nothing, &record, &ctx->failure);
	if (err < 0)
		return err;
	if ((tty = fopen("/dev/tty", "r+")) == NULL)
		return fail(&ctx->failure, E_USAGE, "the terminal is gone");
	if (client_is_virtual(client) && !(ctx->headed && ctx->out.terminal))
		fputs("VIRTUAL COLLAR\n", tty);
	show(tty, "Serial", unit_name(name, client_unit(client)));
	show_place(tty, &record);
	show(tty, "Port", client_link(client)->port);
	err = ask(tty, move, &ctx->failure);
	fclose(tty);
	return err;
}
