/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

/* Serving virtual collars to other programs, by the computer's clock. */

#include "door.h"
#include "failure.h"
#include "sim_probe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct serve_options {
	enum door_kind door;
	const char *path;  /* DOOR_UNIX; .NAME is added for several units */
	uint16_t tcp_port; /* DOOR_TCP: of the first unit; 0: any free one */
	uint32_t baud;     /* bytes pass no faster; 0: as they come.  Of an
			    * optical port: the rate it begins with */
	struct sim_probe_options probe; /* of DOOR_PTY only */
	double noise;                   /* probability that a byte is damaged */
	uint64_t cut_after; /* bytes, both ways together; 0: never */
	/* told of each optical port at the end: how often its host talked out
	 * of turn; or NULL */
	void (*ended)(const char *name, unsigned violations);
};

/* A unit to be served: its name, and its keys ("" for none). */
struct serve_unit {
	char name[80];
	const char *keys;
};

/*
 * Opens all units and doors, tells the caller each (in the order given), and
 * serves until link_interrupted or until all lines were cut: E_OK; or until a
 * telling fails.
 */
int serve(const struct serve_unit *units, size_t count,
    const struct serve_options *options,
    int (*announce)(void *ctx, const char *name, const char *port), void *ctx,
    struct failure *failure);

#endif
