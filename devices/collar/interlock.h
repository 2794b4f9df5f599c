/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_INTERLOCK_H
#define COLLAR_INTERLOCK_H

/*
 * What forbids a SHUT of the DER relay.  An OPEN has no interlocks.
 *
 * Each returns ST_OK, or the status to refuse with and *detail filled.
 */

#include "relay.h"

enum { INTERLOCK_LIVE_PERCENT = 20 }; /* of nominal: the DER side is live */

/* What does not pass by waiting: a SHUT is not even scheduled against it. */
enum status interlock_standing(const struct relay *relay,
    const struct unit_now *unit, uint8_t role, struct error_detail *detail);

/* Grid and DER side at this instant, the grid's return, the relay's rest. */
enum status interlock_passing(const struct relay *relay,
    const struct unit_now *unit, struct error_detail *detail);

/* Both, in this order. */
enum status interlock_shut(const struct relay *relay,
    const struct unit_now *unit, uint8_t role, struct error_detail *detail);

/* Milliseconds that the relay must still rest before a SHUT; 0: none. */
uint64_t interlock_rest_ms(const struct relay *relay, uint64_t now_ms);

/* Refuses with the condition that stands in the way. */
enum status interlock_refuse(
    struct error_detail *detail, enum status status, uint8_t condition);

#endif
