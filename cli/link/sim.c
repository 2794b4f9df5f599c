/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The built-in virtual collar as a link.  Waiting moves the time of its world,
 * not the user's.
 */

#include "../../devices/virtual/virtual.h"
#include "../../proto/errors.h"
#include "transports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sim_link {
	struct link link;
	struct virtual_collar *collar;
	uint64_t begin_utc_ms;
};

static struct virtual_collar *
collar_of(struct link *link)
{
	return ((struct sim_link *)link)->collar;
}

/* Lets the world go on to whatever comes next; returns the ms it took. */
static uint32_t
sim_step(struct virtual_collar *collar, uint32_t max_ms)
{
	uint32_t ms = virtual_next_due_ms(collar);

	ms = ms < max_ms ? ms : max_ms;
	virtual_advance(collar, ms);

	return ms;
}

static int
sim_read(struct link *link, uint8_t *buf, size_t cap, int *ms)
{
	struct virtual_collar *collar = collar_of(link);

	for (;;) {
		size_t len;

		if (link_interrupted)
			return E_INTERRUPTED;
		len = virtual_transmit(collar, buf, cap);
		if (len > 0 || *ms <= 0)
			return (int)len;
		*ms -= (int)sim_step(collar, (uint32_t)*ms);
	}
}

static int
sim_write(struct link *link, const uint8_t *buf, size_t len, int *ms)
{
	struct virtual_collar *collar = collar_of(link);

	virtual_follow_clock(collar);
	while (len > 0) {
		size_t taken = virtual_receive(collar, buf, len);

		if (link_interrupted)
			return E_INTERRUPTED;
		buf += taken;
		len -= taken;
		if (taken > 0)
			continue;
		if (*ms <= 0)
			return E_NO_ANSWER;
		*ms -= (int)sim_step(collar, (uint32_t)*ms);
	}

	return E_OK;
}

static int
sim_wait(struct link *link, uint32_t ms)
{
	while (ms > 0 && !link_interrupted)
		ms -= sim_step(collar_of(link), ms);

	return link_interrupted ? E_INTERRUPTED : E_OK;
}

static uint64_t
sim_now_utc_ms(struct link *link)
{
	return virtual_now_utc_ms(collar_of(link));
}

static uint64_t
sim_now_ms(struct link *link)
{
	return sim_now_utc_ms(link) - ((struct sim_link *)link)->begin_utc_ms;
}

static void
sim_close(struct link *link)
{
	struct sim_link *sim = (struct sim_link *)link;

	virtual_close(&sim->collar);
	free(sim);
}

static const struct link_ops sim_ops = {
	.transport = "sim",
	.read = sim_read,
	.write = sim_write,
	.wait = sim_wait,
	.now_ms = sim_now_ms,
	.now_utc_ms = sim_now_utc_ms,
	.close = sim_close,
};

int
sim_open(struct link **link, const char *rest, char *why)
{
	size_t name_len = strcspn(rest, ",");
	char name[LINK_WHY_MAX], reason[VIRTUAL_WHY_MAX];
	const char *keys = rest + name_len + (rest[name_len] == ',');
	struct sim_link *sim = calloc(1, sizeof(*sim));
	int err;

	if (sim == NULL)
		return link_fail(why, E_INTERNAL, "out of memory");
	snprintf(name, sizeof(name), "%.*s", (int)name_len, rest);
	if (name_len == 0)
		strcpy(name, "sim");
	err = virtual_open(&sim->collar, name, keys, true, reason);
	if (err < 0) {
		free(sim);
		return link_fail(why, err, "%s", reason);
	}
	sim->link.ops = &sim_ops;
	snprintf(sim->link.port, sizeof(sim->link.port), "sim:%.40s", name);
	sim->begin_utc_ms = virtual_now_utc_ms(sim->collar);
	*link = &sim->link;

	return E_OK;
}
