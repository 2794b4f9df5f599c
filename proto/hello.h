/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_HELLO_H
#define PROTO_HELLO_H

/*
 * Hello: who is there, what it speaks.  This request and its answer never
 * change shape.  Both also carry what a session is bound to later.
 */

#include "message.h"

enum { PROTOCOL_VERSION_MIN = 1, PROTOCOL_VERSION_MAX = 1, NONCE_LEN = 16 };

/* In front of the hexadecimal hardware id of a unit without a serial number,
 * where its serial number would stand. */
#define HARDWARE_PREFIX "hw:"

enum hello_key {
	HELLO_NONCE = 1,
	HELLO_VERSION_MIN = 2,
	HELLO_VERSION_MAX = 3,
	HELLO_RECEIVE_MAX = 4,
};

struct hello {
	uint64_t has;
	struct octets nonce; /* NONCE_LEN random bytes of the host */
	uint8_t version_min, version_max;
	uint16_t receive_max; /* longest payload that the host takes */
};

enum hello_answer_key {
	HELLO_ANSWER_NONCE = 1,
	HELLO_ANSWER_UNIT_NONCE = 2,
	HELLO_ANSWER_VERSION_MIN = 3,
	HELLO_ANSWER_VERSION_MAX = 4,
	HELLO_ANSWER_VERSION = 5,
	HELLO_ANSWER_RECEIVE_MAX = 6,
	HELLO_ANSWER_SEND_MAX = 7,
	HELLO_ANSWER_KIND = 8,
	HELLO_ANSWER_HARDWARE_ID = 9,
	HELLO_ANSWER_SERIAL = 10,
	HELLO_ANSWER_MODEL = 11,
	HELLO_ANSWER_FIRMWARE_VERSION = 12,
	HELLO_ANSWER_SEALED = 13,
	HELLO_ANSWER_CAPABILITIES = 14,
};

enum unit_kind { KIND_DER, KIND_TRANSFER };

extern const char *const unit_kind_names[]; /* "der", "transfer" */

/* What a unit can do; bits of capabilities. */
enum {
	CAN_DER_RELAY = 1U << 0,
	CAN_LCD = 1U << 1,
	CAN_REPORT = 1U << 2, /* has a modem */
	CAN_TRANSFER = 1U << 3,
	IS_VIRTUAL = 1U << 16, /* in software, for practice and tests */
};

struct hello_answer {
	uint64_t has;
	struct octets nonce;      /* the host's, again */
	struct octets unit_nonce; /* NONCE_LEN bytes of the unit */
	uint8_t version_min, version_max, version;
	uint16_t receive_max; /* longest payload that the unit takes */
	uint16_t send_max;    /* longest payload that the unit will send */
	uint8_t kind;         /* enum unit_kind */
	struct octets hardware_id;
	char serial[17]; /* absent while it has none */
	char model[25];  /* absent while it has none */
	char firmware_version[17];
	bool sealed;
	uint32_t capabilities;
};

extern const struct message msg_hello;        /* struct hello */
extern const struct message msg_hello_answer; /* struct hello_answer */

/* Requests and answers without fields: noop, status and info requests, … */
struct nothing {
	uint64_t has;
};

extern const struct message msg_nothing;

enum error_detail_key {
	ERROR_FIELD = 1,
	ERROR_MIN = 2,
	ERROR_MAX = 3,
	ERROR_CONDITION = 4,
	ERROR_RETRY_AFTER = 5,
	ERROR_VERSION_MIN = 6,
	ERROR_VERSION_MAX = 7,
};

/* The result of every response whose status is not OK. */
struct error_detail {
	uint64_t has;
	uint32_t field;    /* key of the field at fault */
	int64_t min, max;  /* its limits */
	uint8_t condition; /* bit of the hex status that stands in the way */
	uint32_t retry_after_s; /* with too_soon: seconds until it may be */
	uint8_t version_min, version_max; /* with version: the unit's range */
};

extern const struct message msg_error_detail; /* struct error_detail */

#endif
