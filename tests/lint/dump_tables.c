/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints every row of the protocol's tables, one a line, tab-separated, for
 * check_protocol.py to hold against PROTOCOL.md and collar.cddl.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../../devices/collar/usb_descriptors.h"
#include "../../proto/errors.h"
#include "../../proto/frame.h"
#include "../../proto/interval.h"
#include "../../proto/ops.h"

static const char *const type_names[] = {
	[FIELD_BOOL] = "bool",
	[FIELD_UINT] = "uint",
	[FIELD_INT] = "int",
	[FIELD_TEXT] = "text",
	[FIELD_TEXTS] = "texts",
	[FIELD_OCTETS] = "bytes",
	[FIELD_BLOB] = "bytes",
	[FIELD_RANGES] = "ranges",
	[FIELD_PADDING] = "padding",
};

static const char *const rule_names[] = {
	[RULE_NONE] = "",
	[RULE_PRINTABLE] = "printable",
	[RULE_SERIAL] = "serial",
	[RULE_STATE] = "state",
	[RULE_ZIP] = "zip",
	[RULE_MODEL] = "model",
};

static const char *const writer_names[] = {
	[ROLE_NONE] = "none",
	[ROLE_READ_ONLY] = "read-only",
	[ROLE_INSTALLER] = "installer",
	[ROLE_ADMIN] = "admin",
	[ROLE_FACTORY] = "factory",
	[ROLE_NOBODY] = "nobody",
};

/* Numbers that PROTOCOL.md states in its table of constants. */
static const struct {
	const char *name;
	long value;
} constants[] = {
#define CONSTANT(name) \
	{ \
#name, (long)(name) \
	}
	CONSTANT(PROTOCOL_VERSION_MIN),
	CONSTANT(PROTOCOL_VERSION_MAX),
	CONSTANT(PAYLOAD_FIRST_MAX),
	CONSTANT(PAYLOAD_TO_HOST_MAX),
	CONSTANT(PAYLOAD_TO_COLLAR_MAX),
	CONSTANT(FRAME_CRC_LEN),
	CONSTANT(PARTIAL_MAX_MS),
	CONSTANT(WAITING_MAX_MS),
	CONSTANT(CBOR_DEPTH),
	CONSTANT(KEY_ELECTIVE),
	CONSTANT(NONCE_LEN),
	CONSTANT(TAG_LEN),
	CONSTANT(CHANGE_ID_LEN),
	CONSTANT(HOLDER_MAX),
	CONSTANT(TAG_MAX),
	CONSTANT(BLOB_MAX),
	CONSTANT(TEXTS_MAX),
	CONSTANT(RANGES_MAX),
	CONSTANT(HOLD_MAX_S),
	CONSTANT(HOLD_OPEN_MAX_S),
	CONSTANT(RELAY_REST_MS),
	CONSTANT(GRID_RETURN_MS),
	CONSTANT(LATE_SHUT_MAX_S),
	CONSTANT(EXERCISE_MAX_MS),
	CONSTANT(TEST_MINUTES_MAX),
	CONSTANT(TEST_STARTS_MAX),
	CONSTANT(LOG_ID_LEN),
	CONSTANT(BLOCK_MAX),
	CONSTANT(BLOCK_HEADER_LEN),
	CONSTANT(RECORD_LEN),
	CONSTANT(BLOCK_RECORDS_MAX),
	CONSTANT(BLOCK_FORMAT_PLAIN),
	CONSTANT(INTERVAL_POWER_MAX),
	CONSTANT(RATE_SERIAL),
	CONSTANT(RATE_OPTICAL),
	CONSTANT(RATE_OPTICAL_TOP),
	CONSTANT(TURN_MIN_US),
	CONSTANT(RATE_SETTLE_MS),
	CONSTANT(RATE_TRIAL_MS),
	CONSTANT(RATE_CHECK_MS),
	CONSTANT(RATE_CHECKS_MAX),
	CONSTANT(RATE_QUIET_MS),
	CONSTANT(RATE_ALIVE_MS),
};

static const struct {
	unsigned number;
	const char *name;
} statuses[] = {
	{ ST_OK, "ok" },
#define ERROR(number, NAME, exit, code, sentence, hint) { (number), (code) },
#include "../../proto/errors.def"
#undef ERROR
};

static const struct {
	unsigned bit;
	const char *name;
} capabilities[] = {
	{ CAN_DER_RELAY, "der_relay" },
	{ CAN_LCD, "lcd" },
	{ CAN_REPORT, "report" },
	{ CAN_TRANSFER, "transfer" },
	{ IS_VIRTUAL, "virtual" },
};

static void
dump_names(const struct message *msg, const struct field *field)
{
	printf("names\t%s\t%u\t", msg->name, field->key);
	for (unsigned i = 0; field->names[i] != NULL; i++)
		printf("%s%u %s", i > 0 ? ", " : "", i, field->names[i]);
	putchar('\n');
}

static void
dump_message(const struct message *msg)
{
	printf("message\t%s\t%s\n", msg->name, msg->help);
	for (const struct field *field = msg->fields;
	     field < msg->fields + msg->count; field++) {
		printf("field\t%s\t%u\t%s\t%s\t%s\t%" PRId64 "\t%" PRId64
		       "\t%s\t%s\t%s\t%s\n",
		    msg->name, field->key, field->name, type_names[field->type],
		    rule_names[field->rule], field->min, field->max,
		    field->presence == REQUIRED ? "required" : "optional",
		    writer_names[field->writer], field->unit, field->help);
		if (field->show == SHOW_NAME && field->names != NULL)
			dump_names(msg, field);
	}
}

static void
dump_list(const char *kind, const char *const *names)
{
	for (unsigned i = 0; names[i] != NULL; i++)
		printf("%s\t%u\t%s\n", kind, i, names[i]);
}

static void
dump_requests(void)
{
	for (const struct op *op = ops; op->name != NULL; op++) {
		printf("op\t0x%02x\t%s\t%s\t%s\t%s\t%s\n", op->code, op->name,
		    op->args->name, op->result->name, writer_names[op->role],
		    op->change ? "change" : "read");
		dump_message(op->args);
		dump_message(op->result);
	}
	dump_message(&msg_error_detail);
	dump_message(&msg_credit);
	dump_message(&msg_event);
}

static void
dump_numbers(void)
{
	for (size_t i = 0; i < nitems(constants); i++)
		printf("constant\t%s\t%ld\n", constants[i].name,
		    constants[i].value);
	for (size_t i = 0; i < nitems(capabilities); i++)
		printf("capability\t0x%05x\t%s\n", capabilities[i].bit,
		    capabilities[i].name);
	for (size_t i = 0; i < nitems(statuses); i++)
		if (statuses[i].number < 100)
			printf("status\t%u\t%s\n", statuses[i].number,
			    statuses[i].name);
	for (const struct condition_row *row = conditions; row->name; row++)
		printf("condition\t%u\t%s\n", row->bit, row->name);
	for (const struct event_row *row = event_rows; row->name; row++)
		printf("event\t%u\t%s\n", row->kind, row->name);
}

static void
dump_usb(void)
{
	for (const struct usb_descriptor *row = usb_descriptors; row->name;
	     row++) {
		printf("descriptor\t%s\t", row->name);
		for (unsigned i = 0; i < row->len; i++)
			printf("%02x", row->bytes[i]);
		putchar('\n');
	}
	for (unsigned i = 0; i <= USB_STRING_SERIAL; i++)
		if (usb_strings[i] != NULL)
			printf("usb-string\t%u\t%s\n", i, usb_strings[i]);
#define USB_REQUEST(type, request, name, answer) \
	printf("usb-request\t%s\t%d\t%d\n", (name), (type), (request));
#include "../../devices/collar/usb_requests.def"
#undef USB_REQUEST
}

int
main(void)
{
	dump_requests();
	dump_numbers();
	dump_usb();
	dump_list("flag", interval_flag_names);
	dump_list("cause", block_cause_names);
	dump_list("role", role_names);

	return 0;
}
