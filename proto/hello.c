/* SPDX-License-Identifier: BSD-2-Clause */
#include "hello.h"

#include "frame.h"

const char *const unit_kind_names[] = { "der", "transfer", NULL };

static const struct field hello_fields[] = {
	FIELD_PLAIN(struct hello, nonce, "nonce", HELLO_NONCE, REQUIRED,
	    NONCE_LEN, NONCE_LEN, "", "random bytes of the host"),
	FIELD_PLAIN(struct hello, version_min, "version_min", HELLO_VERSION_MIN,
	    REQUIRED, 1, UINT8_MAX, "",
	    "lowest protocol version the host speaks"),
	FIELD_PLAIN(struct hello, version_max, "version_max", HELLO_VERSION_MAX,
	    REQUIRED, 1, UINT8_MAX, "",
	    "highest protocol version the host speaks"),
	FIELD_PLAIN(struct hello, receive_max, "receive_max", HELLO_RECEIVE_MAX,
	    REQUIRED, PAYLOAD_FIRST_MAX, UINT16_MAX, "bytes",
	    "longest payload the host takes"),
};

static const struct field hello_answer_fields[] = {
	FIELD_PLAIN(struct hello_answer, nonce, "nonce", HELLO_ANSWER_NONCE,
	    REQUIRED, NONCE_LEN, NONCE_LEN, "", "the host's random bytes"),
	FIELD_PLAIN(struct hello_answer, unit_nonce, "unit_nonce",
	    HELLO_ANSWER_UNIT_NONCE, REQUIRED, NONCE_LEN, NONCE_LEN, "",
	    "bytes of the unit, never twice the same"),
	FIELD_PLAIN(struct hello_answer, version_min, "version_min",
	    HELLO_ANSWER_VERSION_MIN, REQUIRED, 1, UINT8_MAX, "",
	    "lowest protocol version the unit speaks"),
	FIELD_PLAIN(struct hello_answer, version_max, "version_max",
	    HELLO_ANSWER_VERSION_MAX, REQUIRED, 1, UINT8_MAX, "",
	    "highest protocol version the unit speaks"),
	FIELD_PLAIN(struct hello_answer, version, "version",
	    HELLO_ANSWER_VERSION, REQUIRED, 1, UINT8_MAX, "",
	    "protocol version in use from here on"),
	FIELD_PLAIN(struct hello_answer, receive_max, "receive_max",
	    HELLO_ANSWER_RECEIVE_MAX, REQUIRED, PAYLOAD_FIRST_MAX, UINT16_MAX,
	    "bytes", "longest payload the unit takes"),
	FIELD_PLAIN(struct hello_answer, send_max, "send_max",
	    HELLO_ANSWER_SEND_MAX, REQUIRED, PAYLOAD_FIRST_MAX, UINT16_MAX,
	    "bytes", "longest payload the unit sends"),
	FIELD_SHOWN(struct hello_answer, kind, "kind", HELLO_ANSWER_KIND,
	    REQUIRED, KIND_DER, KIND_TRANSFER, SHOW_NAME, unit_kind_names, "",
	    "kind of the unit"),
	FIELD_PLAIN(struct hello_answer, hardware_id, "hardware_id",
	    HELLO_ANSWER_HARDWARE_ID, REQUIRED, 8, 16, "",
	    "identity of the unit's chip"),
	FIELD_ROW(struct hello_answer, serial, "serial", HELLO_ANSWER_SERIAL,
	    OPTIONAL, 1, 16, RULE_SERIAL, ROLE_NOBODY, SHOW_PLAIN, NULL, "",
	    "serial number of the unit"),
	FIELD_PLAIN(struct hello_answer, model, "model", HELLO_ANSWER_MODEL,
	    OPTIONAL, 1, 24, "", "model number"),
	FIELD_PLAIN(struct hello_answer, firmware_version, "firmware_version",
	    HELLO_ANSWER_FIRMWARE_VERSION, REQUIRED, 1, 16, "",
	    "firmware version"),
	FIELD_PLAIN(struct hello_answer, sealed, "sealed", HELLO_ANSWER_SEALED,
	    REQUIRED, 0, 1, "", "whether the unit has keys"),
	FIELD_SHOWN(struct hello_answer, capabilities, "capabilities",
	    HELLO_ANSWER_CAPABILITIES, REQUIRED, 0, UINT32_MAX, SHOW_HEX32,
	    NULL, "", "bits: what the unit can do"),
};

static const struct field error_detail_fields[] = {
	FIELD_PLAIN(struct error_detail, field, "field", ERROR_FIELD, OPTIONAL,
	    0, UINT32_MAX, "", "key of the field at fault"),
	FIELD_PLAIN(struct error_detail, min, "min", ERROR_MIN, OPTIONAL,
	    INT64_MIN, INT64_MAX, "", "its least value or length"),
	FIELD_PLAIN(struct error_detail, max, "max", ERROR_MAX, OPTIONAL,
	    INT64_MIN, INT64_MAX, "", "its greatest value or length"),
	FIELD_PLAIN(struct error_detail, condition, "condition",
	    ERROR_CONDITION, OPTIONAL, 0, 31, "",
	    "bit of the hex status that stands in the way"),
	FIELD_PLAIN(struct error_detail, retry_after_s, "retry_after_s",
	    ERROR_RETRY_AFTER, OPTIONAL, 0, UINT32_MAX, "s",
	    "time until it may be tried again"),
	FIELD_PLAIN(struct error_detail, version_min, "version_min",
	    ERROR_VERSION_MIN, OPTIONAL, 1, UINT8_MAX, "",
	    "lowest protocol version the unit speaks"),
	FIELD_PLAIN(struct error_detail, version_max, "version_max",
	    ERROR_VERSION_MAX, OPTIONAL, 1, UINT8_MAX, "",
	    "highest protocol version the unit speaks"),
};

MESSAGE(msg_hello, "hello", struct hello, hello_fields,
    "who asks, and what it speaks");
MESSAGE(msg_hello_answer, "hello-answer", struct hello_answer,
    hello_answer_fields, "who is there, and what it speaks");
MESSAGE(msg_error_detail, "error-detail", struct error_detail,
    error_detail_fields, "why a request was refused");

/* No array: C has none of length 0. */
const struct message msg_nothing = { .size = sizeof(struct nothing),
	FOR_PEOPLE(.name = "nothing", .help = "a map without fields") };
