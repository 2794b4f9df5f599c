/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_FIND_H
#define CLIENT_FIND_H

/*
 * Who is there: ports asked for the collar on them, all at the same time.
 */

#include "client.h"

enum { FIND_NAME_LEN = 40, FIND_STATUS_LEN = 32 };

/* What asking a port has given. */
struct finding {
	int err;       /* E_OK: a collar answered */
	bool answered; /* unit is its; false before it is asked */
	struct hello_answer unit;
	char status[FIND_STATUS_LEN]; /* as in JSON, "" if it was not told */
	char why[FAILURE_LEN];        /* it cannot be used; "" if it can */
	struct device_holder holder;  /* of a port in use; pid 0: unknown */
};

/* A place where a collar may be. */
struct place {
	struct serial_port at;    /* adapter and names of the port, if known */
	char name[FIND_NAME_LEN]; /* in the configuration, or "" */
	char
	    node[FIND_NAME_LEN]; /* of a collar on USB, for its holder, or "" */
	bool ask;                /* it may be talked to */
	bool maybe_optical;      /* a serial port that may have a probe on it */
	struct finding is;
};

struct find_options {
	int timeout_ms;   /* longest silence of a collar, if it is shorter than
			     there is time for; 0: as is usual */
	const char *unit; /* only that unit can be used; NULL: any */
};

/*
 * Asks every place of count that may be: hello, and its status.  All of them at
 * once, each in a process of its own, which is ended when it takes too long, so
 * that all is done within 2 s however many they are.  A serial port that may
 * have an optical probe on it is asked as that, too, if it is silent, and has
 * that port then.  Fills in `is` of those asked.  E_OK, E_INTERRUPTED, or
 * E_INTERNAL.
 */
int find_ask(struct place *places, size_t count,
    const struct find_options *options, struct failure *failure);

/* The same for one place, for as long as its link takes, in this process. */
int find_ask_one(struct place *place, const struct find_options *options,
    struct failure *failure);

#endif
