/* SPDX-License-Identifier: BSD-2-Clause */

#include "kept.h"

#include <string.h>

/*
 * The numbers of the keys stand in flash: they are never used anew.  None is
 * required: what an earlier firmware did not know of is 0.
 */
#define KEPT(s, member, key, min, max) \
	FIELD_ROW(s, member, "", key, OPTIONAL, min, max, RULE_NONE, \
	    ROLE_NOBODY, SHOW_PLAIN, NULL, "", "")
#define KEPT_FLAG(s, member, key) KEPT(s, member, key, 0, 1)
#define KEPT_U32(s, member, key) KEPT(s, member, key, 0, UINT32_MAX)

static const struct field unit_fields[] = {
	KEPT_U32(struct kept_unit, boot, 1),
	KEPT(struct kept_unit, nonce_key, 2, SECRET_LEN, SECRET_LEN),
};

static const struct field provision_fields[] = {
	KEPT(struct kept_provision, stage, 1, 0, UINT8_MAX),
};

static const struct field uplink_fields[] = {
	KEPT_U32(struct kept_uplink, last_report_at, 1),
	KEPT(struct kept_uplink, failures, 2, 0, UINT16_MAX),
	KEPT_FLAG(struct kept_uplink, update_failed, 3),
	KEPT_FLAG(struct kept_uplink, reported, 4),
};

static const struct field clock_fields[] = {
	KEPT_U32(struct kept_clock, day_at, 1),
	KEPT_U32(struct kept_clock, day_ms, 2),
};

static const struct field relay_fields[] = {
	KEPT(struct kept_relay, relay.driven, 1, 0, 1),
	KEPT_FLAG(struct kept_relay, relay.moving, 2),
	KEPT_FLAG(struct kept_relay, relay.fault, 3),
	KEPT_FLAG(struct kept_relay, relay.exercising, 4),
	KEPT_FLAG(struct kept_relay, relay.pending.set, 5),
	KEPT(struct kept_relay, relay.pending.action, 6, 0, 1),
	KEPT(struct kept_relay, relay.pending.role, 7, 0, UINT8_MAX),
	KEPT_U32(struct kept_relay, relay.pending.at, 8),
	KEPT_U32(struct kept_relay, relay.pending.requested_at, 9),
	KEPT_U32(struct kept_relay, relay.pending.hold_s, 10),
	KEPT(struct kept_relay, relay.pending.id, 11, 0, OCTETS_MAX),
	KEPT(struct kept_relay, relay.pending.by, 12, 0, HOLDER_MAX),
	KEPT_FLAG(struct kept_relay, relay.hold.set, 13),
	KEPT(struct kept_relay, relay.hold.returns_to, 14, 0, 1),
	KEPT(struct kept_relay, relay.hold.role, 15, 0, UINT8_MAX),
	KEPT(struct kept_relay, relay.hold.deadline_ms, 16, 0, INT64_MAX),
	KEPT(struct kept_relay, relay.hold.move, 17, 0, OCTETS_MAX),
	KEPT_FLAG(struct kept_relay, relay.tag.set, 18),
	KEPT_U32(struct kept_relay, relay.tag.at, 19),
	KEPT(struct kept_relay, relay.tag.text, 20, 0, TAG_MAX),
	KEPT(struct kept_relay, relay.tag.holder, 21, 0, HOLDER_MAX),
};

static const struct field test_fields[] = {
	KEPT_FLAG(struct kept_test, test.active, 1),
	KEPT(struct kept_test, test.starts_len, 2, 0, TEST_STARTS_MAX),
	KEPT_U32(struct kept_test, test.starts[0], 3),
	KEPT_U32(struct kept_test, test.starts[1], 4),
	KEPT_U32(struct kept_test, test.starts[2], 5),
	KEPT_U32(struct kept_test, test.starts[3], 6),
	KEPT_U32(struct kept_test, test.starts[4], 7),
	KEPT_U32(struct kept_test, test.starts[5], 8),
};

MESSAGE(kept_unit, "", struct kept_unit, unit_fields, "");
MESSAGE(kept_provision, "", struct kept_provision, provision_fields, "");
MESSAGE(kept_uplink, "", struct kept_uplink, uplink_fields, "");
MESSAGE(kept_clock, "", struct kept_clock, clock_fields, "");
MESSAGE(kept_relay, "", struct kept_relay, relay_fields, "");
MESSAGE(kept_test, "", struct kept_test, test_fields, "");

struct store_item
kept_item(uint8_t *bytes, size_t cap, enum store_key key,
    const struct message *msg, void *body)
{
	struct cbor_out out = cbor_writer(bytes, cap);
	uint64_t *has = body;

	*has = 0;
	for (size_t i = 0; i < msg->count; i++)
		*has |= (uint64_t)1 << msg->fields[i].key;
	message_encode(msg, body, &out);
	return (struct store_item){
		.key = key,
		.len = (uint16_t)cbor_len(&out, bytes),
		.value = bytes,
	};
}

struct store_item
relay_item(const struct relay_kept *relay, uint8_t *bytes)
{
	struct kept_relay kept = { .relay = *relay };

	return kept_item(bytes, KEPT_MAX, STORE_RELAY, &kept_relay, &kept);
}

struct store_item
test_item(const struct testmode_kept *test, uint8_t *bytes)
{
	struct kept_test kept = { .test = *test };

	return kept_item(bytes, KEPT_SMALL_MAX, STORE_TEST, &kept_test, &kept);
}

bool
kept_load(const struct store *store, const struct board *board,
    enum store_key key, const struct message *msg, void *body)
{
	uint8_t bytes[KEPT_MAX];
	struct message_fault fault;
	size_t len = store_get(store, board, key, bytes, sizeof(bytes));
	struct cbor_in in = cbor_reader(bytes, len);

	if (len > 0 && len <= sizeof(bytes) &&
	    message_decode(msg, &in, body, false, &fault) == E_OK)
		return true;
	memset(body, 0, msg->size);
	return false;
}

bool
relay_load(const struct store *store, const struct board *board,
    struct relay_kept *relay)
{
	struct kept_relay kept;

	if (!kept_load(store, board, STORE_RELAY, &kept_relay, &kept))
		return false;
	*relay = kept.relay;
	return true;
}
