/* SPDX-License-Identifier: BSD-2-Clause */
#include "sim_probe.h"

#include "../proto/rate.h"
#include "noise.h"

#include <stdio.h>

enum {
	GARBLE_SHARE = 16, /* of so many bytes one is spoiled */
	DAMAGE_EACH = 11,  /* byte of an echo that is to be damaged */
	TURN_HOST_NS = TURN_MIN_US * 1000,
	TURN_UNIT_NS = 1000000,
};

bool
sim_probe_has_baud(uint32_t baud)
{
	for (size_t i = 0; i < RATES; i++)
		if (rate_bauds[i] == baud)
			return true;

	return false;
}

char *
sim_probe_bauds_text(char text[64])
{
	size_t len = 0;

	for (size_t i = RATES; i > 0; i--)
		len += (size_t)snprintf(text + len, 64 - len, "%s%u",
		    len > 0 ? ", " : "", (unsigned)rate_bauds[i - 1]);

	return text;
}

static bool
has(const uint32_t *list, uint32_t baud)
{
	while (*list != 0 && *list != baud)
		list++;

	return *list != 0;
}

void
sim_probe_init(struct sim_probe *probe, const struct sim_probe_options *options,
    uint64_t seed)
{
	size_t count = 0;

	*probe =
	    (struct sim_probe){ .options = options, .noise = seed * 2 + 1 };
	for (size_t i = RATES; i > 0; i--)
		if (!has(options->refused, rate_bauds[i - 1]))
			probe->bauds[count++] = rate_bauds[i - 1];
}

static uint32_t
chance(struct sim_probe *probe)
{
	return (uint32_t)(noise_next(&probe->noise) >> 32);
}

static void
spoil(struct sim_probe *probe, uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (chance(probe) % GARBLE_SHARE == 0)
			bytes[i] ^= (uint8_t)(1 + chance(probe) % 255);
}

size_t
sim_probe_carry(struct sim_probe *probe, uint8_t *bytes, size_t len, size_t cap,
    uint32_t from, uint32_t to)
{
	size_t count = 0;

	if (from == to) {
		if (has(probe->options->garbled, from))
			spoil(probe, bytes, len);
		return len;
	}
	for (size_t i = 0; i < len; i++)
		for (probe->share += to; probe->share >= from;
		     probe->share -= from)
			count++;
	if (count > cap)
		count = cap;
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)chance(probe);

	return count;
}

void
sim_probe_heard(struct sim_probe *probe, uint8_t *bytes, size_t len,
    uint64_t now_ns, bool sending)
{
	bool clash = sending || now_ns < probe->said_ns + TURN_HOST_NS;

	if (clash)
		spoil(probe, bytes, len);
	if (clash && !probe->clashing)
		probe->violations++;
	probe->clashing = clash;
	probe->heard_ns = now_ns;
}

bool
sim_probe_may_talk(const struct sim_probe *probe, uint64_t now_ns)
{
	return now_ns >= probe->heard_ns + TURN_UNIT_NS;
}

size_t
sim_probe_echo(
    struct sim_probe *probe, const uint8_t *bytes, size_t len, uint8_t *echo)
{
	size_t count = 0;

	if (!probe->options->echo)
		return 0;
	for (size_t i = 0; i < len; i++) {
		unsigned turn = ++probe->echoed % (3 * DAMAGE_EACH);

		echo[count++] = bytes[i];
		if (!probe->options->damage || turn % DAMAGE_EACH != 0)
			continue;
		if (turn == 0)
			echo[count - 1] ^= (uint8_t)(1 + chance(probe) % 255);
		else if (turn == DAMAGE_EACH)
			count--;
		else
			echo[count++] = (uint8_t)chance(probe);
	}

	return count;
}
