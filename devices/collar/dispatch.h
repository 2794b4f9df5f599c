/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_DISPATCH_H
#define COLLAR_DISPATCH_H

/*
 * From a request to its handler and back.  A handler finds its arguments in
 * collar->args and the request's envelope in collar->request; it checks all,
 * then acts, then leaves its answer in collar->result and returns ST_OK, or
 * leaves *why* in collar->detail and returns the status of its refusal, having
 * changed nothing.  ANSWER_LATER: the answer follows by itself.
 */

#include "../../proto/ops.h"

enum { ANSWER_LATER = 0x100, ANSWER_BY_MS = 240 };

/* The request at hand. */
struct request {
	uint32_t seq;
	uint8_t op;           /* enum op_code */
	uint8_t role;         /* enum role, of who asks */
	bool repeated;        /* the same bytes as the request before */
	struct change change; /* of changes only */
};

/* A change whose contact has not followed yet. */
struct waiting {
	bool on;
	uint32_t seq;
	uint64_t until_ms; /* then it is answered ST_ACCEPTED */
	uint8_t id[CHANGE_ID_LEN];
};

union request_args {
	struct nothing nothing;
	struct hello hello;
	struct outcome_ask outcome_ask;
	struct record_change record;
	struct plain_change plain;
	struct relay_move relay_move;
	struct relay_confirm relay_confirm;
	struct tag_set tag_set;
	struct test_start test_start;
	struct log_read log_read;
	struct clock_set clock_set;
	struct link_baud link_baud;
	struct link_check link_check;
};

union request_result {
	struct nothing nothing;
	struct hello_answer hello;
	struct unit_state state;
	struct unit_record record;
	struct outcome outcome;
	struct record_changed changed;
	struct relay_moved moved;
	struct test_state test;
	struct log_info log_info;
	struct clock_state clock;
	struct link_rate link_rate;
	struct link_checked link_checked;
};

struct collar;
struct store_item;

/* Carries out the request in env and answers it. */
void dispatch(struct collar *collar, const struct envelope *env, bool repeated);

/* Is the answer to the last request still to come? */
bool dispatch_waits(const struct collar *collar);

/* Answers a change that has waited too long. */
void dispatch_step(struct collar *collar);

/* The change id has ended so: answers it, if it is the one that waits. */
void dispatch_finish(
    struct collar *collar, const uint8_t *id, const struct outcome *outcome);

/* From now on the answer to the request at hand waits for its contact. */
void dispatch_wait(struct collar *collar);

enum { CHANGE_ITEMS_MAX = 4 };

/*
 * Commits what the request at hand changes together with its outcome, which is
 * done with collar->result.  Returns ST_OK or ST_MEMORY_FAULT.
 */
int change_commit(
    struct collar *collar, const struct store_item *items, size_t count);

/*
 * The same before the work is done: its outcome is that it runs.  Once the work
 * is done, change_end makes its outcome collar->result; if that cannot be saved
 * it is done nevertheless, and only a restart will call it interrupted.
 */
int change_begin(
    struct collar *collar, const struct store_item *items, size_t count);
void change_end(struct collar *collar);

/* Handlers, by file. */
int on_hello(struct collar *collar);  /* hello.c */
int on_status(struct collar *collar); /* dispatch.c */
int on_outcome(struct collar *collar);
int on_info(struct collar *collar); /* record.c */
int on_set(struct collar *collar);
int on_provision(struct collar *collar); /* provision.c */
int on_unprovision(struct collar *collar);
int on_relay(struct collar *collar); /* moves.c: whatever asks the relay */
int on_test_start(struct collar *collar);
int on_test_stop(struct collar *collar);
int on_data_info(struct collar *collar); /* stream.c */
int on_data_read(struct collar *collar);
int on_events_info(struct collar *collar);
int on_events_read(struct collar *collar);
int on_clock(struct collar *collar); /* clock.c */
int on_clock_set(struct collar *collar);
int on_link_baud(struct collar *collar); /* rate.c */
int on_link_check(struct collar *collar);

#endif
