/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_STATE_H
#define COLLAR_STATE_H

/*
 * All state of the handler.  No pointers but `board`: a board may keep the
 * struct as an image of its RAM.
 */

#include "clock.h"
#include "collar.h"
#include "conditions.h"
#include "datalog.h"
#include "dispatch.h"
#include "eventlog.h"
#include "exchange.h"
#include "metering.h"
#include "outcome.h"
#include "provision.h"
#include "rate.h"
#include "relay.h"
#include "store.h"
#include "stream.h"
#include "testmode.h"
#include "unit.h"

/* What of the memory has failed at its last use. */
enum memory_part { MEMORY_STORE = 1, MEMORY_EVENTS = 2, MEMORY_DATA = 4 };

struct collar {
	const struct board *board;
	uint64_t now_ms; /* of the last tick */
	struct board_inputs in;
	struct glass glass; /* as last shown */
	uint32_t boot;      /* starts so far */
	uint8_t nonce_key[SECRET_LEN];
	uint8_t memory_faults; /* enum memory_part */

	struct store store;
	struct eventlog events;
	struct datalog data;
	struct metering metering;

	struct unit_record record;
	uint8_t breaker_a; /* of the model; 0: none */
	struct outcomes outcomes;
	struct clock clock;
	struct provision provision;
	struct relay relay;
	struct testmode test;
	struct conditions conditions;

	struct exchange exchange;
	struct rate rate;
	struct stream stream;
	struct request request;
	struct waiting waiting;
	struct error_detail detail;
	union request_args args;
	union request_result result;
};

/* Takes a fresh look at inputs and clock. */
void collar_look(struct collar *collar);

/* Unit and world now; borrows collar->in. */
struct unit_now collar_now(const struct collar *collar);

/* What the metering works with, and what holds for it now. */
struct metering_io collar_metering_io(struct collar *collar);
struct metering_now collar_metering_now(const struct collar *collar);

/* Carries on whatever is due at this instant, and shows the glass. */
void collar_step(struct collar *collar);

/* Does the unit have keys?  Not in this version: sessions bring them. */
bool collar_sealed(const struct collar *collar);

/* Role of whoever is on the port. */
enum role collar_role(const struct collar *collar);

/* Commits; a failure is remembered as a memory fault. */
bool collar_commit(
    struct collar *collar, const struct store_item *items, size_t count);

/* Stamps the event and appends it to the log. */
void collar_log(struct collar *collar, struct event *event);

/* An event of the unit itself, or (asked) of the request at hand. */
struct event event_of_unit(enum event_kind kind);
struct event event_of_request(
    const struct collar *collar, enum event_kind kind);

/* Logs one of these that says no more than its kind. */
void collar_log_unit(struct collar *collar, enum event_kind kind);
void collar_log_request(struct collar *collar, enum event_kind kind);

/* Logs all that the relay's logic asks for. */
void collar_log_relay(
    struct collar *collar, const struct relay_effects *effects);

/* Carries out moves that are due, and answers those that have ended. */
void moves_step(struct collar *collar);

/*
 * Drops schedule and hold for whoever unprovisions; the caller commits the
 * relay and then logs *effects.
 */
void moves_forget(struct collar *collar, struct relay_effects *effects);

/*
 * The record (record.c).  record_load at power-up; record_refresh for what
 * follows from other fields or from the board.
 */
void record_load(struct collar *collar);
void record_refresh(struct collar *collar);

/*
 * May the request at hand write the fields in args.record, and do their values
 * fit?  ST_OK, or a refusal with its detail.
 */
int record_check(struct collar *collar);

/* Does args.record bring anything that the record does not hold already? */
bool record_differs(const struct collar *collar);

/* Completes args.record with what the record holds: what will be the record. */
void record_merge(struct collar *collar);

/* The item to commit args.record by; its bytes stand in exchange.payload. */
struct store_item record_item(struct collar *collar);

/* Answers set, provision and unprovision, with the status as it is now. */
void record_answer(struct collar *collar, bool changed);

/* Writes what args.record brings and answers; what `set` does. */
int record_write(struct collar *collar);

/* After the commit: logs what changed and makes args.record the record. */
void record_take(struct collar *collar);

#endif
