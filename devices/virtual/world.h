/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VIRTUAL_WORLD_H
#define VIRTUAL_WORLD_H

/*
 * The world around a virtual collar: sun and clouds over 40 degrees north and
 * 77 west, the grid, the weather.  A pure function of seed, time and settings.
 */

#include "settings.h"

/* Services, line to line. */
enum { SERVICE_2S_V = 240, SERVICE_12S_V = 208 };

struct world {
	bool utility;        /* line power is present */
	double grid_v;       /* line to line, without the DER's own rise */
	double frequency_hz; /* 0 without utility */
	double der_w;        /* what the DER gives if connected; < 0: takes */
	double der_var;      /* positive: supplies vars */
	double temperature_f;
};

void world_at(struct world *world, const struct settings *settings,
    unsigned service_v, uint64_t utc_ms);

/* Numbers in 0 to 2^64 - 1 that belong to a seed: identities, noise. */
uint64_t world_hash(uint64_t seed, uint32_t channel, uint64_t index);

#endif
