/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_DIAGNOSTIC_H
#define CMD_DIAGNOSTIC_H

#include <stddef.h>
#include <stdint.h>

/*
 * One item that passed cbor_valid, in the diagnostic notation of RFC 8949
 * section 8.  Returns text that the caller frees, NULL if memory is short.
 */
char *diagnostic_text(const uint8_t *item, size_t len);

#endif
