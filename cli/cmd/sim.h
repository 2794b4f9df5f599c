/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_SIM_H
#define CMD_SIM_H

#include "../../devices/virtual/virtual.h"
#include "../command.h"
#include "../serve.h"

enum { SIM_VALUE_MAX = 32 }; /* of a setting as text, with its NUL */

/* Verbs in files of their own. */
extern const struct opt sim_serve_opts[];
int sim_serve(struct ctx *ctx, const struct args *args);
int sim_set(struct ctx *ctx, const struct args *args);

/* Are no options with --usbip that say nothing of a USB cable?  E_USAGE. */
int sim_usbip_check(struct ctx *ctx, const struct args *args);

/*
 * Serves units as USB devices at the address (see usbip_listen), each cable
 * pulled before more than cut_after bytes move (0: never), and tells where.
 */
int sim_usbip(struct ctx *ctx, const struct serve_unit *units, size_t count,
    const char *address, uint64_t cut_after);

/* An object that begins as every one about a virtual collar does. */
json_t *sim_json(const char *name);

/* Says why of the collar so named, with a hint; returns err. */
int sim_fail(struct ctx *ctx, int err, const char *name, const char *why);

/*
 * Opens a collar that exists, to be closed with virtual_close; closes the
 * port that a shell may hold, which may be the same.  E_OK or the failure's.
 */
int sim_open_old(
    struct ctx *ctx, const char *name, struct virtual_collar **collar);

#endif
