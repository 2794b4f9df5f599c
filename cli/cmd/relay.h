/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_RELAY_H
#define CMD_RELAY_H

#include "../command.h"

/* `relay open` and `relay shut`, in a file of their own. */
extern const struct opt relay_open_opts[];
extern const struct opt relay_shut_opts[];
int relay_open(struct ctx *ctx, const struct args *args);
int relay_shut(struct ctx *ctx, const struct args *args);

/* The relay's part of a state; moved: what an answer adds, or NULL. */
json_t *relay_state_json(struct client *client, const struct unit_state *state,
    const struct relay_moved *moved);

/* Asks how the relay stands and prints it; moved as above. */
int relay_show(struct ctx *ctx, const struct relay_moved *moved);

/* After an OPEN: it is not isolation. */
void relay_warn_open(struct ctx *ctx);

#endif
