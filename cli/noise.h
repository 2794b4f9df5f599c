/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_NOISE_H
#define CLI_NOISE_H

/* What is random on the line of a served collar, and comes again with its
 * seed. */

#include <stdint.h>

/* The next of a row of numbers (xorshift64*); *state, which is never 0, is the
 * seed, and where the row has come to. */
uint64_t noise_next(uint64_t *state);

#endif
