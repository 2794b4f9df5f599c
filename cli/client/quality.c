/* SPDX-License-Identifier: BSD-2-Clause */

#include "quality.h"

#include <stdlib.h>
#include <string.h>

#include "../../proto/rate.h"
#include "rate.h"

enum {
	TRIPS = 10,
	CHECKS = 2,
	QUARTER_SECOND_BITS = 4 * 10, /* of a baud, ten bits a byte */
	ENVELOPE_LEN = 32,            /* around a padding, at most */
	FAIR_PERCENT = 10, /* lost on a line that is fair still, at most */
};

const char *const line_verdicts[] = { "good", "fair", "bad" };

static int
by_size(const void *a, const void *b)
{
	const uint32_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

static int
make_trips(struct client *client, struct line_quality *quality,
    struct failure *failure)
{
	const struct nothing nothing = { .has = 0 };
	struct nothing answer;
	uint32_t trip_ms[TRIPS];

	for (unsigned i = 0; i < TRIPS; i++) {
		uint64_t begun_ms = link_now_ms(client->link);
		int err =
		    client_call(client, OP_NOOP, &nothing, &answer, failure);

		if (err != E_OK)
			return err;
		trip_ms[i] = (uint32_t)(link_now_ms(client->link) - begun_ms);
	}
	qsort(trip_ms, TRIPS, sizeof(*trip_ms), by_size);
	quality->trips = TRIPS;
	quality->min_ms = trip_ms[0];
	quality->mid_ms = trip_ms[TRIPS / 2];
	quality->max_ms = trip_ms[TRIPS - 1];

	return E_OK;
}

/* Padding that fits into a payload of at most `room` bytes, and that the line
 * carries in a quarter of a second. */
static uint16_t
padding_len(const struct client *client, unsigned room, unsigned max)
{
	unsigned len = room > ENVELOPE_LEN ? room - ENVELOPE_LEN : 0;
	uint32_t baud = client->link->baud;

	if (baud > 0 && max > baud / QUARTER_SECOND_BITS)
		max = baud / QUARTER_SECOND_BITS;

	return (uint16_t)(len < max ? len : max);
}

/* The longest frames that there is time for: most of what can go wrong does. */
static int
make_checks(struct client *client, struct line_quality *quality,
    struct failure *failure)
{
	const struct hello_answer *unit = &client->answer;
	struct link_check check = {
		.padding.len =
		    padding_len(client, unit->receive_max, CHECK_TO_COLLAR_MAX),
		.answer_len =
		    padding_len(client, unit->send_max, CHECK_TO_HOST_MAX),
	};
	struct link_checked checked;

	HAVE(&check, LINK_CHECK_PADDING);
	HAVE(&check, LINK_CHECK_ANSWER_LEN);
	for (unsigned i = 0; i < CHECKS; i++) {
		struct failure refusal = { .err = E_OK };
		int err = client_call(
		    client, OP_LINK_CHECK, &check, &checked, &refusal);

		if (err == E_UNSUPPORTED)
			return E_OK;
		if (err != E_OK) {
			*failure = refusal;
			return err;
		}
		quality->checks++;
	}

	return E_OK;
}

/* What was lost on the way had to be said again; a frame that broke beside is
 * noise that did no harm. */
static enum line_verdict
judge(const struct line_quality *quality)
{
	unsigned asked = quality->trips + quality->checks;

	if (quality->repeats == 0 && quality->broken == 0)
		return LINE_GOOD;

	return quality->repeats * 100 <= asked * FAIR_PERCENT ? LINE_FAIR
							      : LINE_BAD;
}

/* At the rate that it has. */
static int
measure_once(
    struct client *client, struct line_qualities *all, struct failure *failure)
{
	struct line_quality *quality = &all->at[all->count++];
	uint32_t frames = client->rx.good, broken = client->rx.broken;
	uint32_t repeats = client->repeats;
	int err;

	*quality = (struct line_quality){ .baud = client->link->baud };
	err = make_trips(client, quality, failure);
	if (err == E_OK)
		err = make_checks(client, quality, failure);
	quality->frames = client->rx.good - frames;
	quality->broken = client->rx.broken - broken;
	quality->repeats = client->repeats - repeats;
	quality->verdict = err == E_OK ? judge(quality) : LINE_BAD;

	return err;
}

/* At another rate, if it carries; 1 if it does, or as rate_set. */
static int
measure_at(struct client *client, uint32_t baud, struct line_qualities *all,
    struct failure *failure)
{
	int set = rate_set(client, baud, failure);
	int err;

	if (set <= 0)
		return set;
	err = measure_once(client, all, failure);

	return err == E_OK ? 1 : err;
}

static uint32_t
best_rate(const struct line_qualities *all)
{
	size_t best = all->count - 1;

	while (best > 0 && all->at[best].verdict == LINE_BAD)
		best--;

	return all->at[best].baud;
}

int
line_measure(struct client *client, struct line_qualities *qualities,
    struct failure *failure)
{
	uint32_t base = client->baud_base;
	int done = 1;

	qualities->count = 0;
	if (base == 0)
		return measure_once(client, qualities, failure);
	done = measure_at(client, base, qualities, failure);
	for (size_t i = RATES; i > 0 && done >= 0; i--)
		if (rate_bauds[i - 1] > base &&
		    rate_bauds[i - 1] <= client->link->baud_top)
			done = measure_at(
			    client, rate_bauds[i - 1], qualities, failure);
	if (done >= 0)
		done = rate_set(client, best_rate(qualities), failure);

	return done < 0 ? done : E_OK;
}
