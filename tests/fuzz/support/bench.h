/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_BENCH_H
#define FUZZ_BENCH_H

/*
 * A unit on the bench: the handler on a board in RAM, and beside it what was
 * said to it and what it answered.  Every answer is judged by the tables and by
 * what the unit was and has become; a breach is a finding.
 */

#include "../../../devices/collar/kept.h"
#include "../../../devices/collar/state.h"
#include "../../support/board.h"
#include "feed.h"

enum { STREAM_WATCHED = 256 };

/* What a unit is, apart from the hour. */
struct stood {
	struct unit_record record;
	uint8_t relay[KEPT_MAX]; /* encoded: holds no padding */
	uint16_t relay_len;
	struct testmode_kept test;
	struct outcomes outcomes;
	struct clock clock;
	uint8_t stage, memory_faults;
	unsigned drives, flash_ops;
};

/* A message sent, and the answer to it. */
struct told {
	size_t len;
	uint8_t payload[PAYLOAD_TO_COLLAR_MAX];
	struct envelope env;     /* into payload */
	const struct op *op;     /* NULL: no request that the tables know */
	bool sound;              /* its arguments are right, too */
	union request_args args; /* if sound */
	struct stood before;
	uint64_t at_ms;
	bool restarted; /* the unit was, since */

	bool answered;
	uint32_t status;
	size_t answer_len;
	uint8_t answer[PAYLOAD_TO_HOST_MAX];
};

struct watched {
	bool on, headers, data;
	uint32_t seq, first, last;
	uint32_t next;             /* of the log, when it was asked for */
	uint32_t through, credit;  /* given so far */
	bool sent[STREAM_WATCHED]; /* from first on */
};

struct bench {
	struct ram_board *board;
	struct told last;
	uint32_t owed; /* number of a change whose answer was still to come */
	struct watched stream;
	size_t send_max; /* longest payload that may come */
	unsigned drives; /* judged so far */
};

void bench_start(struct bench *bench);

struct stood bench_stand(const struct bench *bench);

/* Has nothing changed?  Flash that fails is tried again with every step: then
 * only record and provisioning must be the same. */
bool bench_same(const struct stood *a, const struct stood *b);

/* Sends one payload and judges what comes. */
void bench_send(struct bench *bench, const uint8_t *payload, size_t len);

/* Lets time pass, and judges what comes. */
void bench_pass(struct bench *bench, uint64_t ms);

/* Takes the power away and gives it back; the unit must be what it was, or
 * (power gone in the middle of a change) what it was about to be. */
void bench_restart(struct bench *bench);

#endif
