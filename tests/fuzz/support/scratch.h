/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_SCRATCH_H
#define FUZZ_SCRATCH_H

/* A directory of this process, made at first use and removed at its end. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Its path; good for ever. */
const char *scratch_path(void);

/* Writes, or reads, a whole file of it; ends the program if that fails. */
void scratch_write(const char *name, const uint8_t *bytes, size_t len);
uint8_t *scratch_read(const char *name, size_t *len);

#endif
