/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_OUTCOME_H
#define COLLAR_OUTCOME_H

/*
 * What became of the last changes, by their ids.  The list is kept in the very
 * bytes that are committed to flash, together with the change itself; oldest
 * first, each entry OUTCOME_HEAD bytes and its result:
 *
 *	id (8), op, enum outcome_kind, status, length of the result, result
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../proto/relay.h"
#include "store.h"

enum {
	OUTCOMES_KEPT = 8,
	OUTCOME_HEAD = CHANGE_ID_LEN + 4,
	OUTCOMES_MAX = OUTCOMES_KEPT * (OUTCOME_HEAD + BLOB_MAX),
};

struct outcomes {
	uint16_t len;
	uint8_t bytes[OUTCOMES_MAX];
};

/* Takes the len bytes just read into list->bytes; drops what makes no sense. */
void outcomes_load(struct outcomes *list, size_t len);

/*
 * Remembers the outcome of change id, in place of an earlier one of the same
 * id; the oldest makes room.  result is the encoded map of the answer.
 */
void outcome_put(
    struct outcomes *list, const uint8_t *id, const struct outcome *outcome);

/* Forgets what is known of id; nothing if it is not there. */
void outcome_drop(struct outcomes *list, const uint8_t *id);

/*
 * What is known of change id: fills *outcome but for feedback, and returns
 * true; otherwise *outcome says OUTCOME_NOT_SEEN.
 */
bool outcome_get(
    const struct outcomes *list, const uint8_t *id, struct outcome *outcome);

/* The list as an item to commit; it borrows the list's bytes. */
struct store_item outcomes_item(const struct outcomes *list);

/*
 * At start: what still runs was interrupted.  Returns how many there were; the
 * list then is to be committed.
 */
unsigned outcomes_interrupt(struct outcomes *list);

#endif
