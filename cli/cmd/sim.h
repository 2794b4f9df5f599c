/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_SIM_H
#define CMD_SIM_H

#include "../command.h"

/* `sim serve`, in a file of its own. */
extern const struct opt sim_serve_opts[];
int sim_serve(struct ctx *ctx, const struct args *args);

#endif
