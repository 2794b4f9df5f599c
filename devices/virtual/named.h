/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VIRTUAL_NAMED_H
#define VIRTUAL_NAMED_H

/*
 * What can be done by name with a virtual collar that is closed, or open in
 * another process: peek, holder, list and remove of virtual.h.
 */

#include <stdbool.h>

/* May a virtual collar be called so?  False with why, of VIRTUAL_WHY_MAX. */
bool named_ok(const char *name, char *why);

#endif
