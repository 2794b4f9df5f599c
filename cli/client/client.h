/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

/*
 * One collar, as the host sees it: hello, calls, changes made exactly once,
 * streams.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../../proto/ops.h"
#include "../failure.h"
#include "../link/link.h"

struct client;

struct client_options {
	int timeout_ms; /* longest silence of the collar; 0: by the line */
	int babble_ms;  /* beyond that, of what is not due; 0: as usual */
	int find_ms;    /* wait at each rate that it may have been left at, and
			   then give up; 0: by the line, and begin again */
	bool keep_rate; /* do not raise the line's */
	const char *unit;   /* -s: serial number or hw:HEX; NULL: any */
	const char *holder; /* who asks for changes */
	FILE *trace;        /* every frame, or NULL */
};

/*
 * Says hello over link, which the client takes over and closes, even on
 * failure.  Errors: E_NO_ANSWER (nothing comes, or the link is gone),
 * E_PROTOCOL, E_VERSION, E_WRONG_UNIT, E_INTERRUPTED.
 */
int client_open(struct client **client, struct link *link,
    const struct client_options *options, struct failure *failure);

/* Closes it and sets *client to NULL; NULL is accepted. */
void client_close(struct client **client);

/* Who answered; borrowed, good until client_close. */
const struct hello_answer *client_unit(const struct client *client);
struct link *client_link(struct client *client);

/* The longest work that a unit accepts, and how often it is asked after. */
enum { WORK_MS = 70000, WORK_POLL_MS = 500 };

enum { UNIT_NAME_LEN = 40 };

/* How people name the unit: its serial number, or hw:HEX while it has none.
 * Returns text. */
char *unit_name(char text[UNIT_NAME_LEN], const struct hello_answer *unit);

/* Is it the unit that people name so: by serial number, or hw:HEX? */
bool unit_is(const struct hello_answer *unit, const char *name);

/* A collar in software: the glass says VIRTUAL COLLAR. */
bool client_is_virtual(const struct client *client);

/*
 * For whoever waits with the client open: sends a noop if its line has a rate
 * and nothing has passed for 5 s, so that the collar keeps the rate.  Takes no
 * longer than an answer does; a failure shows in the next request.
 */
void client_keep_alive(struct client *client);

/*
 * One request that changes nothing: args and result are the structs of the
 * op's messages.  A lost answer is asked for again.  Returns E_OK, or the
 * collar's refusal, or E_NO_ANSWER, E_PROTOCOL, E_INTERRUPTED.
 */
int client_call(struct client *client, enum op_code op, const void *args,
    void *result, struct failure *failure);

/*
 * One change, at most once: fills in the change header of *args (unit, id,
 * holder) and, of OP_CLOCK_SET, the time; after a lost answer asks for the
 * outcome before anything is repeated.  Also E_ACCEPTED is followed up until
 * the work is done.  If it cannot be learned what happened: E_UNKNOWN, with
 * failure->change_id.
 */
int client_change(struct client *client, enum op_code op, void *args,
    void *result, struct failure *failure);

/*
 * Ends a command with its failure, which may be E_OK.  When the line fails, or
 * the collar refuses to be read, after a change was made, the failure must not
 * read as if nothing was done: it becomes E_UNKNOWN with the id of that change
 * (E_INTERRUPTED stays, but names it too).  NULL is accepted.  Returns
 * failure->err.
 */
int client_settle(struct client *client, struct failure *failure);

/* Of the last client_change: its id, CHANGE_ID_LEN bytes. */
const uint8_t *client_change_id(const struct client *client);

/*
 * Reads entries first..last of a log (OP_DATA_READ or OP_EVENTS_READ): calls
 * part(ctx, index, bytes, len) for each in ascending order, none twice, gaps
 * repaired.  Entries that the unit lost meanwhile are in done->lost.  A part
 * that returns non-zero ends the stream with that value.
 */
int client_stream(struct client *client, enum op_code op,
    const struct log_read *range,
    int (*part)(void *ctx, uint32_t index, const uint8_t *bytes, size_t len),
    void *ctx, struct log_done *done, struct failure *failure);

#endif
