/* SPDX-License-Identifier: BSD-2-Clause */

#include "rate.h"

#include "state.h"

_Static_assert((int)RATE_TRIAL_MS < (int)RATE_QUIET_MS,
    "a trial has ended before silence ends the rate");

static void
baud_set(struct collar *collar, uint32_t baud)
{
	const struct board *board = collar->board;

	collar->rate.baud = baud;
	board->ops->baud_set(board->self, baud);
}

void
rate_start(struct collar *collar)
{
	const struct board *board = collar->board;

	collar->rate = (struct rate){
		.baud = board->baud,
		.heard_ms = collar->now_ms,
	};
	if (board->bauds != NULL)
		baud_set(collar, board->baud);
}

void
rate_heard(struct collar *collar)
{
	collar->rate.heard_ms = collar->now_ms;
	collar->rate.before = 0;
}

bool
rate_is_due(const struct collar *collar)
{
	return collar->rate.next != 0;
}

void
rate_sent(struct collar *collar)
{
	struct rate *rate = &collar->rate;

	rate->heard_ms = collar->now_ms;
	if (!rate_is_due(collar) || exchange_sending(collar))
		return;
	rate->before = rate->baud;
	rate->trial_ms = collar->now_ms + RATE_TRIAL_MS;
	baud_set(collar, rate->next);
	rate->next = 0;
}

void
rate_forget(struct collar *collar)
{
	collar->rate.next = 0;
}

/* Is the line at a rate that it does not keep in silence? */
static bool
is_raised(const struct collar *collar)
{
	return collar->rate.baud != collar->board->baud &&
	    !exchange_sending(collar);
}

void
rate_step(struct collar *collar)
{
	struct rate *rate = &collar->rate;

	if (rate->before != 0 && collar->now_ms >= rate->trial_ms) {
		baud_set(collar, rate->before);
		rate->before = 0;
	}
	if (is_raised(collar) &&
	    collar->now_ms >= rate->heard_ms + RATE_QUIET_MS)
		baud_set(collar, collar->board->baud);
}

uint32_t
rate_due_ms(const struct collar *collar)
{
	const struct rate *rate = &collar->rate;

	if (rate->before != 0)
		return due_in_ms(rate->trial_ms, collar->now_ms);
	if (is_raised(collar))
		return due_in_ms(
		    rate->heard_ms + RATE_QUIET_MS, collar->now_ms);
	return UINT32_MAX;
}

/* Says between which rates the line can be. */
static int
refuse_baud(struct collar *collar)
{
	const uint32_t *bauds = collar->board->bauds;
	struct error_detail *detail = &collar->detail;

	detail->field = LINK_BAUD_BAUD;
	detail->min = bauds[0];
	while (*bauds != 0)
		detail->max = *bauds++;
	HAVE(detail, ERROR_FIELD);
	HAVE(detail, ERROR_MIN);
	HAVE(detail, ERROR_MAX);
	return ST_BAD_VALUE;
}

int
on_link_baud(struct collar *collar)
{
	uint32_t baud = collar->args.link_baud.baud;
	const uint32_t *bauds = collar->board->bauds;

	if (bauds == NULL)
		return ST_UNSUPPORTED;
	while (*bauds != 0 && *bauds != baud)
		bauds++;
	if (*bauds == 0)
		return refuse_baud(collar);
	if (baud != collar->rate.baud)
		collar->rate.next = baud;
	collar->result.link_rate.baud = baud;
	HAVE(&collar->result.link_rate, LINK_RATE_BAUD);
	return ST_OK;
}

int
on_link_check(struct collar *collar)
{
	struct link_checked *checked = &collar->result.link_checked;

	checked->padding.len = collar->args.link_check.answer_len;
	HAVE(checked, LINK_CHECKED_PADDING);
	return ST_OK;
}
