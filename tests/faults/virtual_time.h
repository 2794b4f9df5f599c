/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_VIRTUAL_TIME_H
#define FAULTS_VIRTUAL_TIME_H

/*
 * What the program under test and its stage say to each other.
 *
 * The program stops before its main and waits on the socket whose number stands
 * in the environment.  With each byte that comes there comes a socket for one
 * run; a copy of the program runs, and its pid and then its wait status are
 * sent back.  So it is loaded once for thousands of runs.
 *
 * In a run time stands still while the program computes.  When it would wait,
 * it says so on its socket, and the stage lets the world go on instead.
 */

#include <stdbool.h>
#include <stdint.h>

#define VIRTUAL_TIME_FD "VIRTUAL_TIME_FD"

/* Program to stage: let time pass until then, or until bytes arrive. */
struct time_wait {
	uint64_t until_us;
	uint64_t written; /* bytes put on the line so far */
	bool for_input;   /* wakes with the first byte */
};

/* Stage to program, once at the start and then after every wait. */
struct time_now {
	uint64_t now_us;    /* since the stage was set */
	uint64_t utc_us;    /* at that moment, since 1970 */
	uint64_t delivered; /* bytes given to the line so far */
	bool gone;          /* nothing will come any more: hung up */
	uint32_t seed;      /* of the program's random numbers; not 0 */
};

#endif
