/* SPDX-License-Identifier: BSD-2-Clause */

#include "outcome.h"

#include <string.h>

/* Offsets in an entry, behind its id. */
enum {
	ENTRY_OP = CHANGE_ID_LEN,
	ENTRY_KIND,
	ENTRY_STATUS,
	ENTRY_RESULT_LEN,
};

static size_t
slot_len(const uint8_t *entry)
{
	return (size_t)OUTCOME_HEAD + entry[ENTRY_RESULT_LEN];
}

/* Offset of id's entry, list->len if it is not there. */
static size_t
slot_find(const struct outcomes *list, const uint8_t *id)
{
	size_t at = 0;

	while (
	    at < list->len && memcmp(list->bytes + at, id, CHANGE_ID_LEN) != 0)
		at += slot_len(list->bytes + at);
	return at;
}

static unsigned
slot_count(const struct outcomes *list)
{
	unsigned count = 0;

	for (size_t at = 0; at < list->len; count++)
		at += slot_len(list->bytes + at);
	return count;
}

static void
slot_cut(struct outcomes *list, size_t at)
{
	size_t len = slot_len(list->bytes + at);
	size_t rest = list->len - at - len;

	memmove(list->bytes + at, list->bytes + at + len, rest);
	list->len = (uint16_t)(at + rest);
}

void
outcomes_load(struct outcomes *list, size_t len)
{
	size_t at = 0;

	list->len = 0;
	while (len - at >= OUTCOME_HEAD) {
		const uint8_t *entry = list->bytes + at;

		if (entry[ENTRY_RESULT_LEN] > BLOB_MAX ||
		    slot_len(entry) > len - at)
			return;
		at += slot_len(entry);
	}
	if (at == len)
		list->len = (uint16_t)len;
}

void
outcome_drop(struct outcomes *list, const uint8_t *id)
{
	size_t at = slot_find(list, id);

	if (at < list->len)
		slot_cut(list, at);
}

void
outcome_put(
    struct outcomes *list, const uint8_t *id, const struct outcome *outcome)
{
	uint8_t *entry;

	outcome_drop(list, id);
	if (slot_count(list) >= OUTCOMES_KEPT)
		slot_cut(list, 0);

	entry = list->bytes + list->len;
	memcpy(entry, id, CHANGE_ID_LEN);
	entry[ENTRY_OP] = outcome->op;
	entry[ENTRY_KIND] = outcome->outcome;
	entry[ENTRY_STATUS] = outcome->status;
	entry[ENTRY_RESULT_LEN] = outcome->result.len;
	memcpy(entry + OUTCOME_HEAD, outcome->result.at, outcome->result.len);
	list->len = (uint16_t)(list->len + slot_len(entry));
}

bool
outcome_get(
    const struct outcomes *list, const uint8_t *id, struct outcome *outcome)
{
	size_t at = slot_find(list, id);
	const uint8_t *entry = list->bytes + at;

	memset(outcome, 0, sizeof(*outcome));
	HAVE(outcome, OUTCOME_OUTCOME);
	outcome->outcome = OUTCOME_NOT_SEEN;
	if (at >= list->len)
		return false;

	outcome->outcome = entry[ENTRY_KIND];
	outcome->op = entry[ENTRY_OP];
	HAVE(outcome, OUTCOME_OP);
	if (outcome->outcome == OUTCOME_DONE) {
		outcome->status = entry[ENTRY_STATUS];
		outcome->result.len = entry[ENTRY_RESULT_LEN];
		memcpy(outcome->result.at, entry + OUTCOME_HEAD,
		    outcome->result.len);
		HAVE(outcome, OUTCOME_STATUS);
		HAVE(outcome, OUTCOME_RESULT);
	}
	return true;
}

unsigned
outcomes_interrupt(struct outcomes *list)
{
	unsigned count = 0;

	for (size_t at = 0; at < list->len; at += slot_len(list->bytes + at))
		if (list->bytes[at + ENTRY_KIND] == OUTCOME_RUNNING) {
			list->bytes[at + ENTRY_KIND] = OUTCOME_INTERRUPTED;
			count++;
		}
	return count;
}

struct store_item
outcomes_item(const struct outcomes *list)
{
	return (struct store_item){
		.key = STORE_OUTCOMES,
		.len = list->len,
		.value = list->bytes,
	};
}
