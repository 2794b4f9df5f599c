/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_RELAY_PARTS_H
#define COLLAR_RELAY_PARTS_H

/* What requests (relay.c) and the passing of time (relay_step.c) share. */

#include "relay.h"

void effects_clear(struct relay_effects *out);

/* Says who is behind the notes. */
void effects_by(struct relay_effects *out, uint8_t role, const char *holder);

/* Adds an event and returns it, to be completed. */
struct relay_note *effects_note(
    struct relay_effects *out, enum event_kind kind, uint8_t position);

/* Adds the event of a contact that has moved. */
void effects_moved(struct relay_effects *out, uint8_t position);

/* The contact's position, as enum relay_position. */
uint8_t relay_feedback(const struct unit_now *unit);

/* Does the relay stand there, driven so, at rest and sound? */
bool relay_stands(
    const struct relay *relay, const struct unit_now *unit, uint8_t position);

/* Begins to move: everything but who asked, which motion already says. */
void relay_begin(struct relay *relay, const struct unit_now *unit,
    enum relay_cause cause, uint8_t position, struct relay_effects *out);

/* Ends the move under way for whoever waits for its outcome. */
void relay_finish(struct relay *relay, const struct unit_now *unit,
    enum status status, struct relay_effects *out);

/*
 * Takes the hold of a move to position, which starts now: hold_s 0 ends a
 * running one, another keeps its origin.
 */
void relay_take_hold(struct relay *relay, const struct unit_now *unit,
    uint8_t position, uint32_t hold_s, uint8_t role, const struct octets *id);

#endif
