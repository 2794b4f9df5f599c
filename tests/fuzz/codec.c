/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gate, skipping, every message table and diagnostic notation, on any
 * bytes.  What the gate lets in must be read to its end, and what a table has
 * read must encode to something the gate lets in and the table reads alike.
 */

#include <stdlib.h>
#include <string.h>

#include "../../cli/cmd/diagnostic.h"
#include "../../proto/ops.h"
#include "support/feed.h"

union body {
	struct unit_record record;
	struct record_change change;
	struct unit_state state;
	struct hello_answer hello;
	struct relay_move move;
	struct event event;
	struct outcome outcome;
	struct log_done done;
	uint8_t room[2048];
};

static void
try_table(const struct message *msg, const uint8_t *data, size_t len)
{
	static union body first, second;
	static uint8_t again[4096];
	struct message_fault fault;
	struct cbor_in in = cbor_reader(data, len);
	struct cbor_out out = cbor_writer(again, sizeof(again));

	must(msg->size <= sizeof(first));
	if (message_decode(msg, &in, &first, true, &fault) != E_OK)
		return;
	message_encode(msg, &first, &out);
	len = cbor_len(&out, again);
	must(len > 0 && cbor_valid(again, len));
	in = cbor_reader(again, len);
	must(message_decode(msg, &in, &second, true, &fault) == E_OK);
	for (size_t i = 0; i < msg->count; i++)
		must(field_equal(&msg->fields[i], &first, &second));
}

static void
try_tables(const uint8_t *data, size_t len)
{
	for (size_t i = 0; ops[i].name; i++) {
		try_table(ops[i].args, data, len);
		try_table(ops[i].result, data, len);
	}
	try_table(&msg_event, data, len);
	try_table(&msg_credit, data, len);
	try_table(&msg_error_detail, data, len);
}

/* What the envelope leads to lies in the payload, and is sound itself. */
static void
try_message(const uint8_t *data, size_t len)
{
	struct envelope env;
	bool answerable;

	if (envelope_open(&env, data, len, &answerable) != E_OK)
		return;
	must(answerable && env.direction <= DIR_CREDIT);
	must(env.body >= data && env.body_len <= len &&
	    env.body + env.body_len <= data + len);
	if (env.direction == DIR_PART)
		try_table(&msg_event, env.body, env.body_len);
	else
		try_tables(env.body, env.body_len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cbor_in in = cbor_reader(data, len);
	struct envelope env;
	bool answerable;
	char *text;

	envelope_open(&env, data, len, &answerable);
	cbor_skip(&in);
	if (!cbor_valid(data, len))
		return 0;
	must(cbor_done(&in));
	text = diagnostic_text(data, len);
	must(text != NULL);
	free(text);
	try_tables(data, len);
	try_message(data, len);

	return 0;
}
