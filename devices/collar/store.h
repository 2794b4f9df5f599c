/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_STORE_H
#define COLLAR_STORE_H

/*
 * What a unit remembers, apart from its logs: a few values under fixed keys.
 * A commit replaces any number of them at once: after a power cut at any
 * instant either all of it is there or nothing.  A commit has to fit in one
 * flash sector; where there are but two, together with all values.
 */

#include "ring.h"

enum { STORE_VALUE_MAX = 1200 };

/* Never renumbered: the numbers stand in flash. */
enum store_key {
	STORE_UNIT,      /* boot counter, nonce key */
	STORE_RECORD,    /* the unit record */
	STORE_PROVISION, /* where provisioning stands */
	STORE_RELAY,     /* position, pending move, hold, tag-out */
	STORE_OUTCOMES,  /* the last changes and how they ended */
	STORE_TEST,      /* starts of test mode */
	STORE_UPLINK,    /* reports */
	STORE_CLOCK,     /* how much it was set today */
	STORE_METERING,  /* registers at power-fail, test registers */
	STORE_EVENT_ID,  /* ids of the two logs */
	STORE_DATA_ID,
	STORE_KEYS, /* role keys */
	STORE_SPARE1,
	STORE_SPARE2,
	STORE_KEY_COUNT,
};

struct store_item {
	enum store_key key;
	uint16_t len; /* 0 removes the value */
	const void *value;
};

struct store {
	struct ring ring;
	uint32_t next; /* where the next commit goes */
	struct {
		uint32_t at; /* address of the value */
		uint16_t len;
	} index[STORE_KEY_COUNT];
};

/*
 * Takes up what the flash holds; an empty or unintelligible one is made anew.
 * False if the flash fails.
 */
bool store_mount(struct store *store, const struct board *board);

/* Length of a value; 0 if there is none. */
uint16_t store_len(const struct store *store, enum store_key key);

/*
 * Copies a value, at most cap bytes of it.  Returns its whole length: more than
 * cap if it was cut, 0 if there is none or the flash fails.
 */
size_t store_get(const struct store *store, const struct board *board,
    enum store_key key, void *buf, size_t cap);

/*
 * Makes the items the new values, all or none.  False if the flash fails or
 * they do not fit; then the old values stand.
 */
bool store_commit(struct store *store, const struct board *board,
    const struct store_item *items, size_t count);

#endif
