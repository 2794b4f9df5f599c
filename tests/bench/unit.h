/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_UNIT_H
#define BENCH_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unit {
	const char *serial, *place, *note;
	size_t serial_len, place_len, note_len, id_len;
	const uint8_t *id;
	uint8_t model, ports;
	uint16_t firmware;
	uint32_t made_at, timeout_s, total;
	int32_t offset, balance;
	uint64_t energy;
	bool live, none;
};

/* Writes a map of fifteen entries; returns its length, 0 if cap is less. */
size_t unit_write(uint8_t *buf, size_t cap, const struct unit *u);

/* Reads it, in any order of keys; what it does not know it passes over. */
bool unit_read(struct unit *u, const uint8_t *buf, size_t len);

#endif
