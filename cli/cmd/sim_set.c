/* SPDX-License-Identifier: BSD-2-Clause */

#include "sim.h"

#include <string.h>

/* One KEY=VALUE of the line, with what was there and what is now. */
struct pair {
	char key[SIM_VALUE_MAX], old[SIM_VALUE_MAX], new[SIM_VALUE_MAX];
	char value[64];
};

/* KEY=VALUE, checked against the collar; nothing is changed yet. */
static int
pair_read(struct ctx *ctx, const struct virtual_collar *collar,
    const char *text, struct pair *pair)
{
	char why[VIRTUAL_WHY_MAX];
	size_t len = strcspn(text, "=");
	int err;

	memset(pair, 0, sizeof(*pair));
	if (len == 0 || len >= sizeof(pair->key) || text[len] == '\0' ||
	    strlen(text + len) > sizeof(pair->value)) {
		fail(&ctx->failure, E_USAGE, "sim set: '%.80s' is no KEY=VALUE",
		    text);
		return fail_hint(&ctx->failure, "see `collarctl help sim`");
	}
	memcpy(pair->key, text, len);
	memcpy(pair->value, text + len + 1, strlen(text + len));
	if ((err = virtual_check(collar, pair->key, pair->value, why)) < 0)
		return sim_fail(ctx, err, virtual_name(collar), why);

	return virtual_get(collar, pair->key, pair->old, sizeof(pair->old));
}

static int
pair_set(struct ctx *ctx, struct virtual_collar *collar, struct pair *pair)
{
	char why[VIRTUAL_WHY_MAX];
	int err = E_OK;

	if (ctx->dry_run)
		snprintf(pair->new, sizeof(pair->new), "%.31s", pair->value);
	else if ((err = virtual_set(collar, pair->key, pair->value, why)) < 0)
		return fail(&ctx->failure, err, "%s", why);
	else
		err = virtual_get(
		    collar, pair->key, pair->new, sizeof(pair->new));

	return err;
}

static void
pair_show(struct ctx *ctx, const struct pair *pair, json_t *changes)
{
	json_t *row;

	if (strcmp(pair->old, pair->new) == 0)
		return;
	if (ctx->out.format != FORMAT_JSON) {
		out_line(
		    &ctx->out, pair->key, "%s -> %s", pair->old, pair->new);
		return;
	}
	row = json_object();
	json_object_set_new(row, "field", json_string(pair->key));
	json_object_set_new(row, "old", json_string(pair->old));
	json_object_set_new(row, "new", json_string(pair->new));
	json_array_append_new(changes, row);
}

int
sim_set(struct ctx *ctx, const struct args *args)
{
	struct virtual_collar *collar = NULL;
	json_t *object = NULL, *changes = NULL;
	struct pair pair;
	int err = sim_open_old(ctx, args->pos[0], &collar);

	/* all are checked before the first is set */
	for (int i = 1; err == E_OK && i < args->npos; i++)
		err = pair_read(ctx, collar, args->pos[i], &pair);
	if (err < 0)
		goto out;
	object = sim_json(args->pos[0]);
	changes = json_array();
	for (int i = 1; err == E_OK && i < args->npos; i++) {
		err = pair_read(ctx, collar, args->pos[i], &pair);
		if (err == E_OK)
			err = pair_set(ctx, collar, &pair);
		if (err == E_OK)
			pair_show(ctx, &pair, changes);
	}
	json_object_set_new(object, "changed",
	    json_boolean(!ctx->dry_run && json_array_size(changes) > 0));
	json_object_set(object, "changes", changes);
	if (err == E_OK && ctx->out.format == FORMAT_JSON)
		out_json(&ctx->out, json_incref(object));

out:
	json_decref(changes);
	json_decref(object);
	virtual_close(&collar);

	return err;
}
