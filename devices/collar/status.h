/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_STATUS_H
#define COLLAR_STATUS_H

#include "../../proto/status.h"
#include "relay.h"
#include "testmode.h"

/* Fills the whole answer to `status`. */
void status_fill(const struct unit_now *unit, const struct relay *relay,
    const struct testmode *test, struct unit_state *state);

#endif
