/* SPDX-License-Identifier: BSD-2-Clause */

#include "noise.h"

uint64_t
noise_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;

	return *state * 0x2545f4914f6cdd1d;
}
