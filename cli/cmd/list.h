/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_LIST_H
#define CMD_LIST_H

#include "../reach.h"

/* A row of `list`: as an object (new reference), or as lines for people. */
json_t *list_place_json(const struct place *place);
void list_place_text(struct out *out, const struct place *place);

/*
 * `list --watch`: what is there, and then what is plugged and unplugged, until
 * ^C.  one: of ctx->port alone; probe: every port is asked.  Never E_OK.
 */
int list_watch(struct ctx *ctx, bool one, bool probe);

#endif
