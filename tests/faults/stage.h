/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_STAGE_H
#define FAULTS_STAGE_H

/*
 * The program under test, unmodified, and a unit with the real handler, on a
 * pseudo-terminal or a socket, in one virtual time; or, of tests/usb, on USB.
 */

#include "../../proto/message.h"
#include "line.h"
#include "unit.h"

/*
 * PORT_OPTICAL: a terminal under an optical probe that echoes, half duplex, at
 * the rate that the program sets and the unit agrees to; PORT_OPTICAL_FIXED
 * keeps the one it begins with.
 */
enum port_kind {
	PORT_SOCKET,
	PORT_TERMINAL,
	PORT_USB,
	PORT_OPTICAL,
	PORT_OPTICAL_FIXED,
};

enum { OUTPUT_MAX = 1 << 20, WORDS_MAX = 24 };

/* How a run of the program ended. */
struct run {
	int status;  /* exit status; negative: the signal that killed it */
	bool hung;   /* it did not end in REAL_LIMIT_S, and was killed */
	bool struck; /* the fault happened */
	unsigned bytes[WAYS]; /* that set out */
	unsigned frames[WAYS];
	unsigned packets[WAYS]; /* on USB */
	unsigned empty;         /* of those to the host */
	struct octets id;   /* of the last change it asked for; len 0: none */
	unsigned flash_ops; /* of the collar meanwhile */
	uint64_t ms;        /* of virtual time */
	unsigned clashes;   /* frames begun while the unit was talking */
	char *out, *err;    /* what it printed; owned by the stage, until
			     * the next run */
};

struct stage;

/*
 * A stage in the folder `folder`, which must exist, for the program at
 * `program`; preload is the library of virtual_time.c.  The unit is blank and
 * has had power for a while.
 */
struct stage *stage_new(
    const char *folder, const char *program, const char *preload);
void stage_free(struct stage **stage);

/*
 * Runs the program with --port and these words (NULL ends) over a line of that
 * kind and speed, with one fault.  Afterwards nothing is under way any more.
 */
void stage_run(struct stage *stage, enum port_kind port, uint32_t baud,
    struct fault fault, const char *const words[], struct run *run);

/* From here on the program reads this text on its standard input. */
void stage_input(struct stage *stage, const char *text);

#endif
