/* SPDX-License-Identifier: BSD-2-Clause */

#include "dispatch.h"

#include <string.h>

#include "state.h"
#include "status.h"
#include "text.h"

struct handler {
	uint8_t op; /* enum op_code */
	int (*run)(struct collar *collar);
};

static int
on_nothing(struct collar *collar)
{
	(void)collar;
	return ST_OK;
}

/* Role, arguments and result of each stand in proto/ops.def. */
static const struct handler handlers[] = {
	{ OP_HELLO, on_hello },
	{ OP_NOOP, on_nothing },
	{ OP_STATUS, on_status },
	{ OP_INFO, on_info },
	{ OP_OUTCOME, on_outcome },
	{ OP_SET, on_set },
	{ OP_PROVISION, on_provision },
	{ OP_UNPROVISION, on_unprovision },
	{ OP_RELAY_MOVE, on_relay },
	{ OP_RELAY_CANCEL, on_relay },
	{ OP_RELAY_CONFIRM, on_relay },
	{ OP_RELAY_EXERCISE, on_relay },
	{ OP_TAG, on_relay },
	{ OP_UNTAG, on_relay },
	{ OP_TEST_START, on_test_start },
	{ OP_TEST_STOP, on_test_stop },
	{ OP_DATA_INFO, on_data_info },
	{ OP_DATA_READ, on_data_read },
	{ OP_EVENTS_INFO, on_events_info },
	{ OP_EVENTS_READ, on_events_read },
	{ OP_CLOCK, on_clock },
	{ OP_CLOCK_SET, on_clock_set },
	{ OP_LINK_BAUD, on_link_baud },
	{ OP_LINK_CHECK, on_link_check },
};

static const struct handler *
handler_find(uint32_t code)
{
	for (size_t i = 0; i < nitems(handlers); i++)
		if (handlers[i].op == code)
			return &handlers[i];
	return NULL;
}

/* Of a status, what anybody can read off the unit itself. */
#define STATUS_BITS(first, last) \
	(((uint64_t)2 << (last)) - ((uint64_t)1 << (first)))
static const uint64_t label_and_glass =
    STATUS_BITS(STATUS_STATUS, STATUS_SEALED) |
    STATUS_BITS(STATUS_LCD_TEXT, STATUS_LCD_PAGES);

int
on_status(struct collar *collar)
{
	struct unit_now unit = collar_now(collar);

	status_fill(
	    &unit, &collar->relay, &collar->test, &collar->result.state);
	if (collar->request.role == ROLE_NONE)
		collar->result.state.has &= label_and_glass;
	return ST_OK;
}

int
on_outcome(struct collar *collar)
{
	struct outcome *outcome = &collar->result.outcome;

	outcome_get(&collar->outcomes, collar->args.outcome_ask.id.at, outcome);
	if (outcome->outcome == OUTCOME_INTERRUPTED) {
		outcome->feedback = collar->in.relay_shut;
		HAVE(outcome, OUTCOME_FEEDBACK);
	}
	return ST_OK;
}

/* Is the change meant for this unit?  See PROTOCOL.md, "Naming the unit". */
static bool
is_this_unit(const struct collar *collar, const struct change *change)
{
	const struct unit_record *record = &collar->record;
	bool serial = HAS(record, RECORD_SERIAL);

	if (change->unit[0] != '\0')
		return serial && text_equal(change->unit, record->serial);
	if (serial && collar_sealed(collar))
		return false;
	return change->hardware_id.len == record->hardware_id.len &&
	    memcmp(change->hardware_id.at, record->hardware_id.at,
		change->hardware_id.len) == 0;
}

/* Says which field of the arguments was at fault, and its limits. */
static void
fault_detail(
    struct error_detail *detail, int err, const struct message_fault *fault)
{
	if (fault->field == NULL && err == E_MALFORMED)
		return; /* the key itself */
	detail->field = fault->key;
	HAVE(detail, ERROR_FIELD);
	if (fault->field != NULL && err == E_BAD_VALUE) {
		detail->min = fault->field->min;
		detail->max = fault->field->max;
		HAVE(detail, ERROR_MIN);
		HAVE(detail, ERROR_MAX);
	}
}

static int
args_read(
    struct collar *collar, const struct op *op, const struct envelope *env)
{
	struct cbor_in in = cbor_reader(env->body, env->body_len);
	struct message_fault fault = { 0 };
	int err = message_decode(op->args, &in, &collar->args, true, &fault);

	if (err == E_OK)
		return ST_OK;
	fault_detail(&collar->detail, err, &fault);
	return -err;
}

static void
answer(struct collar *collar, const struct op *op, int status)
{
	uint32_t seq = collar->request.seq;

	if (status == ST_OK)
		answer_message(collar, seq, ST_OK, op->result, &collar->result);
	else
		answer_message(collar, seq, (uint32_t)status, &msg_error_detail,
		    &collar->detail);
	if (op != NULL && op->change)
		answer_keep(collar);
}

/* Answers a change of which something is known already, as it was then. */
static void
answer_again(
    struct collar *collar, const struct op *op, const struct outcome *outcome)
{
	if (outcome->op != op->code) {
		answer(collar, op, ST_SEQ_CONFLICT);
	} else if (outcome->outcome == OUTCOME_RUNNING) {
		answer(collar, op, ST_ACCEPTED);
	} else {
		answer_encoded(collar, collar->request.seq, outcome->status,
		    &outcome->result);
		answer_keep(collar);
	}
}

/* An interrupted change may be asked for anew under the same id. */
static bool
change_is_known(struct collar *collar, const struct op *op)
{
	struct outcome outcome;

	if (!outcome_get(
		&collar->outcomes, collar->request.change.id.at, &outcome) ||
	    outcome.outcome == OUTCOME_INTERRUPTED)
		return false;
	answer_again(collar, op, &outcome);
	return true;
}

static void
request_run(
    struct collar *collar, const struct op *op, const struct handler *handler)
{
	int status;

	if (op->change) {
		collar->request.change = *change_in(op->args, &collar->args);
		if (!is_this_unit(collar, &collar->request.change)) {
			answer(collar, op, ST_WRONG_UNIT);
			return;
		}
		if (change_is_known(collar, op))
			return;
	}
	collar_look(collar);
	status = handler->run(collar);
	if (status != ANSWER_LATER)
		answer(collar, op, status);
	collar_step(collar);
}

/* Who has proved nothing yet is asked to; who has, lacks the role. */
static int
role_refusal(uint8_t role)
{
	return role == ROLE_NONE ? ST_NO_SESSION : ST_NOT_PERMITTED;
}

void
dispatch(struct collar *collar, const struct envelope *env, bool repeated)
{
	const struct op *op = op_find(env->what);
	const struct handler *handler = handler_find(env->what);
	int status = ST_UNSUPPORTED;

	memset(&collar->detail, 0, sizeof(collar->detail));
	memset(&collar->result, 0, sizeof(collar->result));
	collar->waiting.on = false;
	collar->request = (struct request){
		.seq = env->seq,
		.op = op != NULL ? op->code : 0,
		.role = (uint8_t)collar_role(collar),
		.repeated = repeated,
	};
	if (op != NULL && handler != NULL)
		status = args_read(collar, op, env);
	if (status == ST_OK && collar->request.role < op->role)
		status = role_refusal(collar->request.role);
	if (status == ST_OK)
		request_run(collar, op, handler);
	else
		answer(collar, op, status);
}

bool
dispatch_waits(const struct collar *collar)
{
	return collar->waiting.on;
}

void
dispatch_wait(struct collar *collar)
{
	struct waiting *waiting = &collar->waiting;

	waiting->on = true;
	waiting->seq = collar->request.seq;
	waiting->until_ms = collar->now_ms + ANSWER_BY_MS;
	memcpy(waiting->id, collar->request.change.id.at, CHANGE_ID_LEN);
}

void
dispatch_finish(
    struct collar *collar, const uint8_t *id, const struct outcome *outcome)
{
	struct waiting *waiting = &collar->waiting;

	if (!waiting->on || memcmp(waiting->id, id, CHANGE_ID_LEN) != 0)
		return;
	waiting->on = false;
	answer_encoded(collar, waiting->seq, outcome->status, &outcome->result);
	answer_keep(collar);
}

void
dispatch_step(struct collar *collar)
{
	struct waiting *waiting = &collar->waiting;
	static const struct error_detail none = { 0 };

	if (!waiting->on || collar->now_ms < waiting->until_ms)
		return;
	waiting->on = false;
	answer_message(
	    collar, waiting->seq, ST_ACCEPTED, &msg_error_detail, &none);
	answer_keep(collar);
}

static int
change_put(struct collar *collar, const struct store_item *items, size_t count,
    const struct outcome *outcome)
{
	const uint8_t *id = collar->request.change.id.at;
	struct store_item all[CHANGE_ITEMS_MAX + 1];
	struct outcome before;
	bool known = outcome_get(&collar->outcomes, id, &before);

	for (size_t i = 0; i < count; i++)
		all[i] = items[i];
	outcome_put(&collar->outcomes, id, outcome);
	all[count] = outcomes_item(&collar->outcomes);
	if (collar_commit(collar, all, count + 1))
		return ST_OK;
	if (known)
		outcome_put(&collar->outcomes, id, &before);
	else
		outcome_drop(&collar->outcomes, id);
	return ST_MEMORY_FAULT;
}

/* The request at hand is done, with collar->result. */
static struct outcome
outcome_done(const struct collar *collar)
{
	const struct op *op = op_find(collar->request.op);
	struct outcome outcome = { .op = collar->request.op };
	struct cbor_out out =
	    cbor_writer(outcome.result.at, sizeof(outcome.result.at));

	message_encode(op->result, &collar->result, &out);
	outcome.result.len = (uint8_t)cbor_len(&out, outcome.result.at);
	return outcome;
}

int
change_commit(
    struct collar *collar, const struct store_item *items, size_t count)
{
	struct outcome outcome = outcome_done(collar);

	return change_put(collar, items, count, &outcome);
}

int
change_begin(
    struct collar *collar, const struct store_item *items, size_t count)
{
	struct outcome outcome = {
		.outcome = OUTCOME_RUNNING,
		.op = collar->request.op,
	};

	return change_put(collar, items, count, &outcome);
}

void
change_end(struct collar *collar)
{
	struct outcome outcome = outcome_done(collar);
	struct store_item item;

	outcome_put(&collar->outcomes, collar->request.change.id.at, &outcome);
	item = outcomes_item(&collar->outcomes);
	collar_commit(collar, &item, 1);
}
