/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USB_STAGE_H
#define USB_STAGE_H

/*
 * What a stage on USB has besides that of tests/faults, which it stands in for.
 * The program runs in real time.  The unit's world goes with it, and faster
 * while the program waits between frames, so that work is done soon.
 */

#include "../faults/stage.h"
#include "usbfs.h"

/* The bus of the stage, and the unit in its first port. */
struct bus *stage_bus(struct stage *stage);
struct usbfs *stage_usbfs(struct stage *stage);

/* How the unit behaves on the bus, and may go on to. */
struct manners {
	const char *maker, *serial; /* its strings; NULL: its own */
	bool nameless;              /* it answers no request for strings */
	bool halting;               /* pipes halt whenever they are resumed */
	bool deaf;                  /* nothing moves */
	bool chatters; /* it sends empty packets, without end, nothing else */
};

struct manners *stage_manners(struct stage *stage);

/* Plugs it in anew, with a plain node: see usbfs_plain. */
void stage_plain(struct stage *stage);

/* The program runs as somebody who may not open the (plain) node. */
void stage_deny(struct stage *stage);

/* Runs the program with exactly these words; the device is as it stands. */
void stage_run_words(
    struct stage *stage, const char *const words[], struct run *run);

/* The same, and `act` is called every few ms with the ms since its start. */
void stage_run_acting(struct stage *stage, const char *const words[],
    void (*act)(struct stage *stage, uint64_t ms), struct run *run);

/* How often a program left transfers or its claim behind, but when it was
 * killed. */
unsigned stage_untidy(const struct stage *stage);

/* Of the last run. */
struct usbfs_counts stage_counts(const struct stage *stage);

/* Sends the running program a signal. */
void stage_signal(struct stage *stage, int number);

/* A number of the test's own, 0 at the start of each run. */
unsigned *stage_mark(struct stage *stage);

/* Plugs the unit in, which is unplugged; its device side is as after power-up.
 */
void stage_replug(struct stage *stage);

/* What the running program has printed so far; owned by the stage. */
const char *stage_output(struct stage *stage);

#endif
