/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_KEPT_H
#define COLLAR_KEPT_H

/*
 * What stands in the store and how: every value is a map of its own table, as
 * messages are, so that a later firmware can read what an earlier one wrote.
 */

#include "../../proto/message.h"
#include "relay.h"
#include "store.h"
#include "testmode.h"

struct kept_unit {
	uint64_t has;
	uint32_t boot;         /* starts so far */
	struct blob nonce_key; /* SECRET_LEN bytes, made with the store */
};

struct kept_provision {
	uint64_t has;
	uint8_t stage; /* enum unit_status */
};

struct kept_uplink {
	uint64_t has;
	uint32_t last_report_at;
	uint16_t failures;
	bool update_failed, reported;
};

struct kept_clock {
	uint64_t has;
	uint32_t day_at, day_ms;
};

struct kept_relay {
	uint64_t has;
	struct relay_kept relay;
};

struct kept_test {
	uint64_t has;
	struct testmode_kept test;
};

extern const struct message kept_unit, kept_provision, kept_uplink, kept_clock,
    kept_relay, kept_test;

/* Room for the relay, and for any of the others but the record. */
enum { KEPT_MAX = 320, KEPT_SMALL_MAX = 64 };

/*
 * Encodes all of *body into bytes, of cap, and returns the item to commit,
 * which borrows them.
 */
struct store_item kept_item(uint8_t *bytes, size_t cap, enum store_key key,
    const struct message *msg, void *body);

/* What lasts of relay and test mode as items to commit, in KEPT_MAX bytes and
 * in KEPT_SMALL_MAX. */
struct store_item relay_item(const struct relay_kept *relay, uint8_t *bytes);
struct store_item test_item(const struct testmode_kept *test, uint8_t *bytes);

/* Reads a value into *body; false, and *body zeroed, if there is none. */
bool kept_load(const struct store *store, const struct board *board,
    enum store_key key, const struct message *msg, void *body);

/* Reads the relay's lasting part; false, and nothing read, if there is none. */
bool relay_load(const struct store *store, const struct board *board,
    struct relay_kept *relay);

#endif
