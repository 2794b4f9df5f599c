/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The client fed answers above the CRC: hello, then calls, changes and streams
 * against a far end that does what the input says.  The client must come to an
 * end, its requests must be right whatever it was told, and what it says of a
 * change must be what the answers said.
 */

#include <string.h>

#include "../../cli/client/client.h"
#include "support/wire.h"

enum {
	MINUTE_MS = 60000,
	CALL_MAX_MS = 5 * MINUTE_MS,
	CHANGE_MAX_MS = 30 * MINUTE_MS,
	ENTRY_MAX_MS = MINUTE_MS, /* of a stream, beside a call's time */
	ENTRIES_MAX = 64,
	ACTIONS_MAX = 12,
};

void random_restart(void);

struct session {
	struct wire wire;
	struct feed feed;
	struct client *client;
	struct failure failure;
};

/* Entries as they come to whoever asked for them. */
struct received {
	uint32_t next, last;
	bool got[ENTRIES_MAX];
	uint32_t first;
	unsigned left; /* that the receiver still wants */
};

static void
judge_failure(const struct session *session, int err)
{
	const struct failure *failure = &session->failure;

	must(err <= 0);
	if (err == E_OK)
		return;
	must(failure->err == err && failure->what[0] != '\0');
	must(!failure->outcome_unknown || failure->change_id[0] != '\0');
}

static bool
begin(struct session *session)
{
	static const char *const units[] = { NULL, NULL, "hw:0707070707070707",
		"AAAA" };
	struct client_options options = {
		.timeout_ms = (int)feed_below(&session->feed, 4) * 1000,
		.unit = units[feed_below(&session->feed, nitems(units))],
		.holder = "tester",
	};
	int err;

	wire_limit(&session->wire, CALL_MAX_MS);
	err = client_open(
	    &session->client, &session->wire.link, &options, &session->failure);
	judge_failure(session, err);

	return err == E_OK;
}

/* No command sends what its own table does not allow. */
static void
make_good(const struct field *field, void *args)
{
	uint64_t *has = args;
	uint8_t *at = field_in(field, args);

	if (field_check(field, args) == E_OK)
		return;
	if (field->presence == OPTIONAL)
		*has &= ~((uint64_t)1 << field->key);
	else if (field->type == FIELD_UINT || field->type == FIELD_INT)
		field_set_number(field, args, field->min);
	else if (field->type == FIELD_TEXT)
		memcpy(at, "A", sizeof("A"));
	else
		at[0] = (uint8_t)field->min;
}

/* Any request by its table; the client fills in the head of a change. */
static void
make_args(struct session *session, const struct op *op, void *args)
{
	struct change *change;

	feed_message(
	    &session->feed, op->args, args, wire_utc_ms(&session->wire));
	for (size_t i = 0; i < op->args->count; i++)
		make_good(&op->args->fields[i], args);
	change = change_in(op->args, args);
	if (change != NULL)
		memset(change, 0, sizeof(*change));
}

union body {
	struct record_change change;
	struct unit_state state;
	struct hello_answer hello;
	uint8_t room[2048];
};

static void
call(struct session *session)
{
	static const uint8_t reads[] = { OP_NOOP, OP_STATUS, OP_INFO,
		OP_DATA_INFO, OP_EVENTS_INFO, OP_CLOCK };
	const struct op *op =
	    op_find(reads[feed_below(&session->feed, nitems(reads))]);
	union body args, result;

	make_args(session, op, &args);
	wire_limit(&session->wire, CALL_MAX_MS);
	judge_failure(session,
	    client_call(
		session->client, op->code, &args, &result, &session->failure));
}

/*
 * Done only if an answer said so, refused only by an answer, and nothing done
 * only if nothing was sent, or the unit has not seen it.
 */
static void
judge_change(const struct session *session, int err)
{
	const struct wire_change *change = &session->wire.change;
	bool sent = memcmp(change->id, client_change_id(session->client),
			CHANGE_ID_LEN) == 0 &&
	    change->sends > 0;

	if (err == E_OK)
		must(sent && change->done);
	else if (session->failure.outcome_unknown)
		must(sent || err == E_INTERRUPTED);
	else if (err == E_UNSUPPORTED && !sent)
		return; /* longer than the collar takes */
	else if (err > -100)
		must(sent && change->refused == (uint32_t)-err);
	else
		must(!sent || change->may_send || change->refused != 0);
}

static void
make_change(struct session *session)
{
	static const uint8_t changes[] = { OP_SET, OP_PROVISION, OP_UNPROVISION,
		OP_RELAY_MOVE, OP_RELAY_MOVE, OP_RELAY_CANCEL, OP_RELAY_CONFIRM,
		OP_RELAY_EXERCISE, OP_TAG, OP_UNTAG, OP_TEST_START,
		OP_TEST_STOP, OP_CLOCK_SET };
	const struct op *op =
	    op_find(changes[feed_below(&session->feed, nitems(changes))]);
	union body args, result;
	int err;

	make_args(session, op, &args);
	wire_limit(&session->wire, CHANGE_MAX_MS);
	err = client_change(
	    session->client, op->code, &args, &result, &session->failure);
	judge_failure(session, err);
	judge_change(session, err);
	if (feed_below(&session->feed, 2) == 0)
		judge_failure(
		    session, client_settle(session->client, &session->failure));
}

static int
receive(void *ctx, uint32_t index, const uint8_t *bytes, size_t len)
{
	struct received *received = ctx;

	must(bytes != NULL && len <= PAYLOAD_TO_HOST_MAX);
	must(index >= received->next && index <= received->last);
	received->got[index - received->first] = true;
	received->next = index + 1;
	if (received->left == 0)
		return E_IO;
	received->left--;

	return E_OK;
}

static void
read_entries(struct session *session)
{
	struct log_read range = { .log_id.len = LOG_ID_LEN };
	struct received received = { 0 };
	unsigned count = feed_below(&session->feed, ENTRIES_MAX);
	struct log_done done;
	int err;

	range.first = feed_byte(&session->feed);
	if (range.first == 255)
		range.first = UINT32_MAX - count;
	range.last = range.first + count;
	received.first = received.next = range.first;
	received.last = range.last;
	received.left = feed_byte(&session->feed) + 8U;
	session->wire.link.half_duplex = feed_below(&session->feed, 4) == 0;
	wire_limit(
	    &session->wire, CALL_MAX_MS + (count + 1) * (uint64_t)ENTRY_MAX_MS);
	err = client_stream(session->client,
	    feed_below(&session->feed, 2) ? OP_DATA_READ : OP_EVENTS_READ,
	    &range, receive, &received, &done, &session->failure);
	must(err <= 0);
	if (err != E_OK)
		return;
	for (uint32_t i = 0; i <= count; i++)
		must(received.got[i] ||
		    ranges_hold(&done.lost, range.first + i));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static void (*const actions[])(struct session *) = { call, make_change,
		make_change, read_entries };
	static struct session session;

	random_restart();
	memset(&session, 0, sizeof(session));
	session.feed = feed_of(data, len);
	link_interrupted = 0;
	wire_init(&session.wire, &session.feed);
	if (!begin(&session)) {
		must(session.client == NULL);
		return 0;
	}
	for (unsigned i = 0; i < ACTIONS_MAX; i++) {
		if (feed_is_empty(&session.feed))
			break;
		session.failure = (struct failure){ 0 };
		link_interrupted = 0;
		actions[feed_below(&session.feed, nitems(actions))](&session);
	}
	client_close(&session.client);
	link_interrupted = 0;

	return 0;
}
