/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A live handler fed requests above the CRC.  The input is a script: requests
 * made by their tables (a few of them spoiled), repeats, whole payloads,
 * credits, and between them time, a world that changes, flash that fails and
 * power that goes.
 */

#include <string.h>

#include "support/bench.h"

enum { PASS_MAX_MS = 3600 * 1000 };

struct script {
	struct bench bench;
	struct feed feed;
	uint32_t seq;
	uint64_t passed_ms;
};

/* What a request is made with; most are sound. */
enum spoil {
	SPOIL_BYTE,
	SPOIL_UNIT,
	SPOIL_OLD_SEQ,
	SPOIL_SAME_SEQ,
	SPOIL_TAG,
	SPOIL_LOG_ID,
	SPOIL_KEY,
	SPOILS = 32,
};

static void
name_unit(const struct collar *collar, struct change *change, uint64_t *has)
{
	const struct unit_record *record = &collar->record;
	uint64_t serial = (uint64_t)1 << CHANGE_UNIT;
	uint64_t chip = (uint64_t)1 << CHANGE_HARDWARE_ID;

	*has &= ~(serial | chip);
	*has |= HAS(record, RECORD_SERIAL) ? serial : chip;
	memset(change->unit, 0, sizeof(change->unit));
	if (HAS(record, RECORD_SERIAL))
		memcpy(change->unit, record->serial, sizeof(change->unit));
	else
		change->hardware_id = record->hardware_id;
}

static void
name_log(const struct collar *collar, uint8_t op, struct log_read *read)
{
	memcpy(read->log_id.at,
	    op == OP_DATA_READ ? collar->data.id : collar->events.id,
	    LOG_ID_LEN);
	read->log_id.len = LOG_ID_LEN;
}

/* The arguments by the op's table, with what only this unit knows. */
static void
make_args(struct script *script, const struct op *op, enum spoil spoil,
    union request_args *args)
{
	const struct ram_board *board = script->bench.board;
	struct change *change;

	feed_message(&script->feed, op->args, args, board->utc_ms);
	change = change_in(op->args, args);
	if (change != NULL && spoil != SPOIL_UNIT)
		name_unit(board->collar, change, &args->nothing.has);
	if (op->args == &msg_log_read && spoil != SPOIL_LOG_ID)
		name_log(board->collar, op->code, &args->log_read);
	if (op->code == OP_HELLO) {
		args->hello.version_min = 1;
		if (spoil != SPOIL_UNIT)
			args->hello.version_max = 1;
	}
}

static uint32_t
next_seq(struct script *script, enum spoil spoil)
{
	if (spoil == SPOIL_OLD_SEQ)
		return script->seq - 1;
	if (spoil == SPOIL_SAME_SEQ)
		return script->seq;

	return ++script->seq;
}

/* A key that this version does not know: critical, or elective. */
static void
add_key(struct script *script, uint8_t *payload, struct cbor_out *out,
    const struct message *msg)
{
	uint8_t key = feed_byte(&script->feed);

	/* the head of the map counts it; the keys before are all below 64 */
	if (out->full || msg->count >= 20 || key < 64)
		return;
	for (uint8_t *at = payload; at < out->at; at++)
		if (*at >= 0xa0 && *at < 0xb7) {
			++*at;
			break;
		}
	cbor_put_uint(out, key);
	cbor_put_uint(out, 1);
}

static void
request(struct script *script)
{
	static const uint8_t tag[TAG_LEN];
	const struct op *op = &ops[feed_below(&script->feed, 22)];
	enum spoil spoil = feed_below(&script->feed, SPOILS);
	uint8_t payload[PAYLOAD_TO_COLLAR_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));
	union request_args args;
	size_t len;

	make_args(script, op, spoil, &args);
	envelope_begin(&out, DIR_REQUEST, next_seq(script, spoil), op->code,
	    spoil == SPOIL_TAG);
	message_encode(op->args, &args, &out);
	if (spoil == SPOIL_KEY)
		add_key(script, payload, &out, op->args);
	if (spoil == SPOIL_TAG)
		cbor_put_bytes(&out, tag, sizeof(tag));
	len = cbor_len(&out, payload);
	if (len > 0 && spoil == SPOIL_BYTE)
		payload[feed_byte(&script->feed) % len] ^=
		    feed_byte(&script->feed);
	if (len > 0)
		bench_send(&script->bench, payload, len);
}

/* The same answer and nothing else, whether it comes from RAM or flash. */
static void
judge_repeat(const struct told *first, const struct told *again)
{
	bool change = first->op != NULL && first->op->change;
	bool done = first->answered && first->status == ST_OK;

	if (!change || (first->restarted && !done))
		return;
	if (first->restarted && first->len > PAYLOAD_FIRST_MAX)
		return;
	must(again->answered == first->answered);
	must(again->answer_len == first->answer_len &&
	    memcmp(again->answer, first->answer, first->answer_len) == 0);
}

static void
repeat(struct script *script)
{
	struct bench *bench = &script->bench;
	const struct told first = bench->last;
	struct stood now;

	if (first.op == NULL)
		return;
	bench_send(bench, first.payload, first.len);
	if (bench->last.restarted) /* the power went meanwhile */
		return;
	judge_repeat(&first, &bench->last);
	now = bench_stand(bench);
	if (first.op->change && !first.restarted)
		must(bench_same(&bench->last.before, &now));
}

/* The same change under a new number: it is known, and not made twice. */
static void
again(struct script *script)
{
	struct bench *bench = &script->bench;
	const struct told first = bench->last;
	uint8_t payload[PAYLOAD_TO_COLLAR_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));
	struct stood now;
	size_t len;

	if (!first.sound || !first.op->change || !first.answered ||
	    first.status != ST_OK || first.env.seq == UINT32_MAX)
		return;
	script->seq = first.env.seq; /* it may have come as a whole payload */
	envelope_begin(&out, DIR_REQUEST, ++script->seq, first.env.what, false);
	cbor_put_encoded(&out, first.env.body, first.env.body_len);
	len = cbor_len(&out, payload);
	if (len == 0 || (first.restarted && len > PAYLOAD_FIRST_MAX))
		return;
	bench_send(bench, payload, len);
	if (bench->last.restarted)
		return;
	now = bench_stand(bench);
	must(bench->last.answered && bench->last.status == ST_OK);
	must(bench_same(&bench->last.before, &now));
}

static void
whole_payload(struct script *script)
{
	size_t len;
	const uint8_t *payload =
	    feed_bytes(&script->feed, PAYLOAD_TO_COLLAR_MAX, &len);

	if (len > 0)
		bench_send(&script->bench, payload, len);
}

static void
give_credit(struct script *script)
{
	struct watched *stream = &script->bench.stream;
	uint8_t payload[PAYLOAD_FIRST_MAX];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));
	uint8_t how = feed_byte(&script->feed);
	struct credit credit;

	feed_message(&script->feed, &msg_credit, &credit, 0);
	stream->credit += how != 0; /* an old one is dropped */
	envelope_begin(&out, DIR_CREDIT, stream->seq, stream->credit, how == 1);
	message_encode(&msg_credit, &credit, &out);
	if (cbor_len(&out, payload) > 0)
		bench_send(&script->bench, payload, cbor_len(&out, payload));
}

static void
pass(struct script *script)
{
	static const uint32_t spans_ms[] = { 1, 29, 31, 100, 240, 1000, 5000,
		10000, 15000, 60000, 300000, 900000 };
	uint64_t ms = spans_ms[feed_below(&script->feed, nitems(spans_ms))];

	if (script->passed_ms + ms > PASS_MAX_MS)
		return;
	script->passed_ms += ms;
	bench_pass(&script->bench, ms);
}

static void
change_power(struct feed *feed, struct board_inputs *in)
{
	static const uint16_t grids_dv[] = { 2400, 0, 1829, 1831, 2080, 2111,
		2113, 2287, 2289, 2639, 2641, 65535 };
	static const uint16_t frequencies_chz[] = { 6000, 0, 5699, 5700, 6300,
		6301, 65535 };

	in->grid_dv = grids_dv[feed_below(feed, nitems(grids_dv))];
	in->der_dv = grids_dv[feed_below(feed, nitems(grids_dv))];
	in->frequency_chz =
	    frequencies_chz[feed_below(feed, nitems(frequencies_chz))];
	in->current_ca = feed_byte(feed) * 4001U;
	in->active_power_cw = (feed_byte(feed) - 128) * 70001;
	in->reactive_power_cvar = (feed_byte(feed) - 128) * 70001;
	in->temperature_df = (int16_t)((feed_byte(feed) - 128) * 256);
}

static void
change_clock(struct feed *feed, struct ram_board *board)
{
	static const int32_t steps_s[] = { 1, 60, 899, 901, 3600, 86400,
		8 * 86400, -1, -60, -3600, -86400 };
	uint8_t how = feed_byte(feed);
	int64_t step_ms = steps_s[how % nitems(steps_s)] * (int64_t)1000;

	board->wall_lost = how > 200;
	board->utc_ms += (uint64_t)step_ms;
}

static void
change_modem(struct feed *feed, struct ram_board *board)
{
	uint8_t how = feed_byte(feed);

	board->in.modem_active = (how & 1) == 0;
	board->in.modem_registered = (how & 2) == 0;
	board->uplink_fails = (how & 4) != 0;
	board->uplink_ms = how & 8 ? 400000 : 3000;
}

/*
 * Keys, as a later version installs them: nobody has a role any more, and what
 * was asked before cannot be asked again.
 */
static void
seal(struct bench *bench)
{
	const struct store_item keys = {
		.key = STORE_KEYS, .len = 1, .value = "k"
	};

	collar_commit(bench->board->collar, &keys, 1);
	bench->owed = bench->last.env.seq;
	memset(&bench->last, 0, sizeof(bench->last));
}

static void
change_world(struct script *script)
{
	struct ram_board *board = script->bench.board;
	struct board_inputs *in = &board->in;
	bool *const switches[] = { &in->flipped, &in->utility,
		&in->breaker_shut, &in->metering_ok, &in->power_fail,
		&in->service_jumper, &board->relay_stuck,
		&board->flash_broken };
	unsigned what = feed_below(&script->feed, nitems(switches) + 5);

	if (what < nitems(switches))
		*switches[what] = !*switches[what];
	else if (what == nitems(switches))
		change_power(&script->feed, in);
	else if (what == nitems(switches) + 1)
		change_clock(&script->feed, board);
	else if (what == nitems(switches) + 2)
		change_modem(&script->feed, board);
	else if (what == nitems(switches) + 3)
		seal(&script->bench);
	else /* a contact that moves by itself, or another hand on it */
		in->relay_shut = board->relay_wants = !in->relay_shut;
	/* the handler is told of a changed input, as board.h says */
	bench_pass(&script->bench, 1);
}

static void
restart(struct script *script)
{
	bench_restart(&script->bench);
}

/* The power will go in one of the next operations on flash. */
static void
cut_power(struct script *script)
{
	struct ram_board *board = script->bench.board;

	board->cut_at = board->flash_ops + 1 + feed_below(&script->feed, 12);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static void (*const steps[])(struct script *) = { request, request,
		request, request, request, pass, pass, repeat, again,
		give_credit, change_world, whole_payload, restart, cut_power };
	static struct script script;

	memset(&script, 0, sizeof(script));
	script.feed = feed_of(data, len);
	script.seq = 100; /* far from either end */
	bench_start(&script.bench);
	while (!feed_is_empty(&script.feed))
		steps[feed_below(&script.feed, nitems(steps))](&script);

	return 0;
}
