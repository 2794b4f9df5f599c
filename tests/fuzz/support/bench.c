/* SPDX-License-Identifier: BSD-2-Clause */

#include "bench.h"

#include <stdlib.h>
#include <string.h>

enum { FRAMES_MAX = 2000 };

/* Without what a hold or a schedule that is over has left behind. */
static uint16_t
relay_encode(const struct relay_kept *relay, uint8_t *bytes)
{
	struct relay_kept kept = *relay;

	if (!kept.hold.set)
		memset(&kept.hold, 0, sizeof(kept.hold));
	if (!kept.pending.set)
		memset(&kept.pending, 0, sizeof(kept.pending));

	return relay_item(&kept, bytes).len;
}

struct stood
bench_stand(const struct bench *bench)
{
	const struct collar *collar = bench->board->collar;
	struct stood stood = { .record = collar->record,
		.test = collar->test.kept,
		.outcomes.len = collar->outcomes.len,
		.clock = collar->clock,
		.stage = collar->provision.stage,
		.memory_faults = collar->memory_faults,
		.drives = bench->board->drives,
		.flash_ops = bench->board->flash_ops };

	stood.relay_len = relay_encode(&collar->relay.kept, stood.relay);
	memcpy(
	    stood.outcomes.bytes, collar->outcomes.bytes, collar->outcomes.len);

	return stood;
}

static bool
same_record(const struct unit_record *a, const struct unit_record *b)
{
	for (size_t i = 0; i < msg_record.count; i++)
		if (!field_equal(&msg_record.fields[i], a, b))
			return false;

	return true;
}

/* Apart from what is remembered of changes. */
static bool
same_state(const struct stood *a, const struct stood *b)
{
	if (!same_record(&a->record, &b->record) || a->stage != b->stage)
		return false;
	if (a->memory_faults != 0 || b->memory_faults != 0)
		return true;

	return a->drives == b->drives && a->relay_len == b->relay_len &&
	    memcmp(a->relay, b->relay, a->relay_len) == 0 &&
	    memcmp(&a->test, &b->test, sizeof(a->test)) == 0 &&
	    a->clock.utc_ms == b->clock.utc_ms &&
	    a->clock.day_ms == b->clock.day_ms;
}

bool
bench_same(const struct stood *a, const struct stood *b)
{
	if (!same_state(a, b))
		return false;
	if (a->memory_faults != 0 || b->memory_faults != 0)
		return true;

	return a->flash_ops == b->flash_ops &&
	    a->outcomes.len == b->outcomes.len &&
	    memcmp(a->outcomes.bytes, b->outcomes.bytes, a->outcomes.len) == 0;
}

static bool
is_status(uint32_t status)
{
	switch (status) {
	case ST_OK:
#define ERROR(number, NAME, ...) case (number):
#include "../../../proto/errors.def"
#undef ERROR
		return status < 100;
	default:
		return false;
	}
}

static bool
is_sound(const struct message *msg, const struct envelope *env, void *body)
{
	struct cbor_in in = cbor_reader(env->body, env->body_len);

	return message_decode(msg, &in, body, true, NULL) == E_OK &&
	    cbor_done(&in);
}

/* Nobody is refused the way to OPEN. */
static bool
only_opens(const struct told *told)
{
	const struct relay_move *move = &told->args.relay_move;

	return told->sound && told->op->code == OP_RELAY_MOVE &&
	    move->position == RELAY_OPEN && move->when == WHEN_NOW &&
	    !HAS(move, RELAY_MOVE_TAG) && !HAS(move, RELAY_MOVE_EXPECT) &&
	    !HAS(move, RELAY_MOVE_AT) && !HAS(move, RELAY_MOVE_HOLD);
}

static void
judge_open(uint32_t status)
{
	must(status == ST_OK || status == ST_ACCEPTED ||
	    status == ST_MEMORY_FAULT || status == ST_WRONG_UNIT ||
	    status == ST_SEQ_OLD || status == ST_SEQ_CONFLICT ||
	    status == ST_NO_SESSION || status == ST_RELAY_FAULT ||
	    status == ST_BUSY);
}

/* An answer that says that nothing was changed has changed nothing. */
static void
judge_unchanged(const struct bench *bench, const union request_result *result)
{
	const struct told *told = &bench->last;
	const struct message *msg = told->op->result;
	struct stood now = bench_stand(bench);

	if ((msg == &msg_relay_moved && !result->moved.changed) ||
	    (msg == &msg_record_changed && !result->changed.changed))
		must(same_state(&told->before, &now));
	if (!told->op->change)
		must(bench_same(&told->before, &now));
}

static void
judge_answer(struct bench *bench, const struct envelope *env)
{
	struct told *told = &bench->last;
	bool at_once = told->at_ms == bench->board->now_ms;
	union {
		union request_result result;
		struct log_done done;
		struct error_detail detail;
	} body;
	struct stood now;

	if (env->seq == bench->owed && env->seq != told->env.seq)
		return; /* what came between was not even read */
	must(env->seq == told->env.seq && !told->answered);
	if (only_opens(told))
		judge_open(env->what);
	if (env->what != ST_OK) {
		must(is_sound(&msg_error_detail, env, &body));
		now = bench_stand(bench);
		if (env->what != ST_ACCEPTED && at_once)
			must(bench_same(&told->before, &now));
		return;
	}
	must(told->op != NULL && is_sound(told->op->result, env, &body));
	if (at_once && told->op->result != &msg_log_done)
		judge_unchanged(bench, &body.result);
	if (told->op->code == OP_HELLO)
		bench->send_max = told->args.hello.receive_max;
}

/* Every entry that the log holds was sent, or is said to be lost. */
static void
judge_closing(const struct bench *bench, const struct envelope *env)
{
	const struct watched *stream = &bench->stream;
	uint32_t count = stream->last - stream->first;
	struct log_done done;

	must(is_sound(&msg_log_done, env, &done));
	for (uint32_t i = 0; i < STREAM_WATCHED && i <= count; i++)
		must(stream->sent[i] || stream->first + i >= stream->next ||
		    ranges_hold(&done.lost, stream->first + i));
}

static void
judge_part(struct bench *bench, const struct envelope *env)
{
	struct watched *stream = &bench->stream;
	struct cbor_in in = cbor_reader(env->body, env->body_len);
	struct interval records[BLOCK_RECORDS_MAX];
	struct block_header header;
	struct event event;

	must(stream->on && env->seq == stream->seq);
	must(env->what >= stream->first && env->what <= stream->last &&
	    env->what <= stream->through);
	if (env->what - stream->first < STREAM_WATCHED)
		stream->sent[env->what - stream->first] = true;
	if (!stream->data)
		must(message_decode(&msg_event, &in, &event, true, NULL) ==
		    E_OK);
	else if (stream->headers)
		must(env->body_len >= BLOCK_HEADER_LEN &&
		    block_header_decode(&header, env->body));
	else
		must(block_decode(&header, records, env->body, env->body_len) >=
		    0);
}

static void
judge(struct bench *bench, const uint8_t *payload, size_t len)
{
	struct told *told = &bench->last;
	struct envelope env;
	bool answerable;

	show_message('<', payload, len);
	must(len <= bench->send_max);
	must(cbor_valid(payload, len) &&
	    envelope_open(&env, payload, len, &answerable) == E_OK &&
	    env.tag == NULL);
	if (env.direction == DIR_PART) {
		judge_part(bench, &env);
		return;
	}
	must(env.direction == DIR_RESPONSE && is_status(env.what));
	if (bench->stream.on && env.seq == bench->stream.seq &&
	    env.what == ST_OK) {
		judge_closing(bench, &env);
		return;
	}
	judge_answer(bench, &env);
	if (env.seq != told->env.seq)
		return;
	told->answered = true;
	told->status = env.what;
	told->answer_len = len;
	memcpy(told->answer, payload, len);
	bench->stream.on &= told->status == ST_OK;
}

/* What PROTOCOL.md says must be so when contacts SHUT. */
static void
judge_drive(struct bench *bench)
{
	const struct ram_board *board = bench->board;
	const struct board_inputs *in = &board->in;
	const struct unit_record *record = &board->collar->record;
	unsigned nominal_dv = 2400;

	if (HAS(record, RECORD_METER_FORM) && record->meter_form == FORM_12S)
		nominal_dv = 2080;
	if (board->drives != bench->drives && board->relay_wants)
		must(!in->flipped && in->utility && in->metering_ok &&
		    !board->collar->relay.kept.tag.set &&
		    in->grid_dv * 100U >= nominal_dv * 88 &&
		    in->grid_dv * 100U <= nominal_dv * 110 &&
		    in->frequency_chz >= 5700 && in->frequency_chz <= 6300);
	bench->drives = board->drives;
}

static void
listen(struct bench *bench)
{
	uint8_t payload[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN];
	unsigned frames = 0;
	size_t len;

	judge_drive(bench);
	while ((len = ram_board_fetch(bench->board, payload, sizeof(payload))) >
	    0) {
		must(frames++ < FRAMES_MAX);
		if (!bench->board->dead)
			judge(bench, payload, len);
	}
	if (bench->board->dead)
		bench_restart(bench);
}

static void
told_make(struct bench *bench, const uint8_t *payload, size_t len)
{
	struct told *told = &bench->last;
	bool answerable = false;
	int err;

	if (told->sound && told->op->change && !told->answered)
		bench->owed = told->env.seq;
	memset(told, 0, sizeof(*told));
	told->len = len;
	memcpy(told->payload, payload, len);
	told->before = bench_stand(bench);
	told->at_ms = bench->board->now_ms;
	err = envelope_open(&told->env, told->payload, len, &answerable);
	if (told->env.direction != DIR_REQUEST || (err != E_OK && !answerable))
		return;
	memset(&bench->stream, 0, sizeof(bench->stream));
	if (err == E_OK && cbor_valid(payload, len) && told->env.tag == NULL)
		told->op = op_find(told->env.what);
	if (told->op != NULL)
		told->sound = is_sound(told->op->args, &told->env, &told->args);
}

static void
watch(struct bench *bench)
{
	const struct told *told = &bench->last;
	const struct log_read *read = &told->args.log_read;
	const struct collar *collar = bench->board->collar;
	bool data;

	if (!told->sound || told->op->args != &msg_log_read)
		return;
	data = told->op->code == OP_DATA_READ;
	bench->stream = (struct watched){ .on = true,
		.headers = read->headers,
		.data = data,
		.next = data ? collar->data.next : collar->events.next,
		.seq = told->env.seq,
		.first = read->first,
		.last = read->last,
		.through = read->through };
}

/* A credit belongs to the request before it, and may allow more. */
static void
credit(struct bench *bench, const uint8_t *payload, size_t len)
{
	struct watched *stream = &bench->stream;
	struct envelope env;
	struct credit credit;
	bool answerable;

	if (cbor_valid(payload, len) &&
	    envelope_open(&env, payload, len, &answerable) == E_OK &&
	    env.direction == DIR_CREDIT && env.seq == stream->seq &&
	    is_sound(&msg_credit, &env, &credit) &&
	    credit.through > stream->through)
		stream->through = credit.through;
}

static bool
is_request(const uint8_t *payload, size_t len)
{
	struct envelope env = { 0 };
	bool answerable = false;
	int err = envelope_open(&env, payload, len, &answerable);

	return env.direction == DIR_REQUEST && (err == E_OK || answerable);
}

void
bench_send(struct bench *bench, const uint8_t *payload, size_t len)
{
	/* what is due at this instant is not the request's doing */
	collar_tick(bench->board->collar, bench->board->now_ms);
	if (is_request(payload, len)) {
		told_make(bench, payload, len);
		watch(bench);
	} else {
		credit(bench, payload, len);
	}
	show_message('>', payload, len);
	ram_board_send(bench->board, payload, len);
	listen(bench);
}

void
bench_pass(struct bench *bench, uint64_t ms)
{
	ram_board_pass(bench->board, ms);
	listen(bench);
}

/* What was answered as done is remembered as that. */
static void
judge_outcome(const struct bench *bench)
{
	const struct told *told = &bench->last;
	const struct collar *collar = bench->board->collar;
	union request_args args = told->args;
	struct outcome outcome;
	struct envelope env;
	bool answerable;

	if (!told->answered || told->status != ST_OK || !told->op->change)
		return;
	must(outcome_get(&collar->outcomes,
	    change_in(told->op->args, &args)->id.at, &outcome));
	must(outcome.outcome == OUTCOME_DONE && outcome.status == ST_OK);
	must(envelope_open(&env, told->answer, told->answer_len, &answerable) ==
	    E_OK);
	must(env.body_len == outcome.result.len &&
	    memcmp(env.body, outcome.result.at, env.body_len) == 0);
}

static bool
same_tag(const struct relay_tag *a, const struct relay_tag *b)
{
	return a->set == b->set && strcmp(a->text, b->text) == 0 &&
	    strcmp(a->holder, b->holder) == 0;
}

void
bench_restart(struct bench *bench)
{
	struct ram_board *board = bench->board;
	const struct collar *collar = board->collar;
	struct stood ram = bench_stand(bench), now;
	struct relay_tag tag = collar->relay.kept.tag;
	uint32_t events = collar->events.next, data = collar->data.next;
	bool died = board->dead, faulty = collar->memory_faults != 0;

	ram_board_start(board);
	bench->send_max = PAYLOAD_FIRST_MAX;
	memset(&bench->stream, 0, sizeof(bench->stream));
	now = bench_stand(bench);
	must(same_record(&now.record, &ram.record) ||
	    (died && same_record(&now.record, &bench->last.before.record)));
	judge_drive(bench);
	if (!died && !faulty) {
		must(collar->events.next >= events);
		must(collar->data.next >= data);
		must(same_tag(&collar->relay.kept.tag, &tag));
		judge_outcome(bench);
	}
	bench->last.restarted = true;
}

/*
 * A unit that has just been started for the first time.  It is made once, and
 * brought back from a copy for every input: blank flash takes long to mount.
 */
static struct ram_board *
fresh_board(void)
{
	static struct ram_board *board, *copy;
	static void *ram;

	if (board == NULL) {
		board = ram_board_new(8);
		ram_board_wire(board);
		ram_board_start(board);
		copy = malloc(sizeof(*copy));
		ram = malloc(collar_size());
		must(copy != NULL && ram != NULL);
		memcpy(copy, board, sizeof(*copy));
		memcpy(ram, board->collar, collar_size());
	}
	memcpy(board, copy, sizeof(*copy));
	memcpy(board->collar, ram, collar_size());

	return board;
}

void
bench_start(struct bench *bench)
{
	memset(bench, 0, sizeof(*bench));
	bench->board = fresh_board();
	bench->send_max = PAYLOAD_FIRST_MAX;
}
