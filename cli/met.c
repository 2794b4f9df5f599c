/* SPDX-License-Identifier: BSD-2-Clause */

#include "met.h"

#include <stdlib.h>
#include <string.h>

struct met {
	struct met *next;
	char port[LINK_WHY_MAX];
	struct hello_answer unit;
};

static struct met *
find(const struct ctx *ctx, const char *port)
{
	struct met *met = ctx->met;

	while (met != NULL && strcmp(met->port, port) != 0)
		met = met->next;

	return met;
}

static struct met *
add(struct ctx *ctx, const char *port)
{
	struct met *met = calloc(1, sizeof(*met));

	if (met == NULL)
		return NULL;
	snprintf(met->port, sizeof(met->port), "%s", port);
	met->next = ctx->met;
	ctx->met = met;

	return met;
}

static bool
is_same(const struct hello_answer *one, const struct hello_answer *other)
{
	return one->hardware_id.len == other->hardware_id.len &&
	    memcmp(one->hardware_id.at, other->hardware_id.at,
		one->hardware_id.len) == 0;
}

int
met_check(struct ctx *ctx, const char *port, const struct hello_answer *unit)
{
	const char *transport = link_transport(port);
	char name[UNIT_NAME_LEN], before[UNIT_NAME_LEN];
	struct met *met;

	if (!ctx->in_shell ||
	    (transport != NULL && strcmp(transport, "sim") == 0))
		return E_OK;
	met = find(ctx, port);
	if (met != NULL && ctx->unit == NULL && !is_same(&met->unit, unit)) {
		fail(&ctx->failure, E_WRONG_UNIT,
		    "%s is there now, the lines before were for %s",
		    unit_name(name, unit), unit_name(before, &met->unit));
		return fail_hint(&ctx->failure,
		    "if it is the one meant, name it with --serial");
	}
	if (met == NULL)
		met = add(ctx, port);
	if (met == NULL)
		return fail(&ctx->failure, E_INTERNAL, "out of memory");
	met->unit = *unit;

	return E_OK;
}

void
met_free(struct ctx *ctx)
{
	while (ctx->met != NULL) {
		struct met *next = ctx->met->next;

		free(ctx->met);
		ctx->met = next;
	}
}
