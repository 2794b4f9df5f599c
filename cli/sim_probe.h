/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_SIM_PROBE_H
#define CLI_SIM_PROBE_H

/*
 * An optical probe, and the port of a served collar that it sits on (ANSI
 * C12.18, type 2): half duplex, with an echo or without, and rates that one of
 * the two does not carry.  Times are monotonic, in ns.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_PROBE_BAUDS_MAX = 8 };

/* What a port on an optical probe can be like. */
struct sim_probe_options {
	bool on;     /* there is a probe */
	bool echo;   /* what the host sends comes back */
	bool damage; /* and is damaged on its way */
	uint32_t
	    refused[SIM_PROBE_BAUDS_MAX]; /* that the collar has not; 0 ends */
	uint32_t
	    garbled[SIM_PROBE_BAUDS_MAX]; /* that the probe spoils; 0 ends */
};

struct sim_probe {
	const struct sim_probe_options *options;
	uint32_t bauds[SIM_PROBE_BAUDS_MAX]; /* of the collar's end; 0 ends */
	uint64_t heard_ns;   /* when the host's last byte had arrived */
	uint64_t said_ns;    /* when the collar's last byte has gone */
	uint64_t noise;      /* state of what is random */
	uint64_t share;      /* of a byte, where the rates differ */
	unsigned echoed;     /* bytes, for their damage */
	bool clashing;       /* both talk */
	unsigned violations; /* times that the host talked out of turn */
};

/* Is it a rate that optical ports have? */
bool sim_probe_has_baud(uint32_t baud);

/* Names all of these in text (64 bytes): "9600, 19200, …".  Returns text. */
char *sim_probe_bauds_text(char text[64]);

/* A probe in sound order; options must outlive it.  The seed makes its noise.
 */
void sim_probe_init(struct sim_probe *probe,
    const struct sim_probe_options *options, uint64_t seed);

/*
 * What an end at the rate `to` hears of len bytes sent at the rate `from`:
 * changes them in place, and their number, which it returns, to at most cap.
 */
size_t sim_probe_carry(struct sim_probe *probe, uint8_t *bytes, size_t len,
    size_t cap, uint32_t from, uint32_t to);

/*
 * Bytes of the host have arrived; sending: the collar has not finished.  Counts
 * a violation where the host did not wait for its turn, and spoils the bytes.
 */
void sim_probe_heard(struct sim_probe *probe, uint8_t *bytes, size_t len,
    uint64_t now_ns, bool sending);

/* May the collar talk, after the turn-around that it keeps? */
bool sim_probe_may_talk(const struct sim_probe *probe, uint64_t now_ns);

/* The echo of len bytes of the host, as it comes back: its length, at most
 * 2 * len; 0 without an echo. */
size_t sim_probe_echo(
    struct sim_probe *probe, const uint8_t *bytes, size_t len, uint8_t *echo);

#endif
