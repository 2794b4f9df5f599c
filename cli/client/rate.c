/* SPDX-License-Identifier: BSD-2-Clause */

#include "rate.h"

enum {
	MARGIN_MS = 500,    /* of two clocks and an adapter */
	ENVELOPE_ROOM = 32, /* around the padding of a check */
	RESTORE_SENDS = 2,
};

static bool
is_raised(const struct client *client)
{
	return client->baud_base != 0;
}

/* Back where it began, on this end. */
static void
come_back(struct client *client)
{
	link_set_baud(client->link, client->baud_base);
	client->baud_base = 0;
}

static uint64_t
silent_ms(const struct client *client)
{
	return link_now_ms(client->link) - client->heard_ms;
}

/* Waits until so much silence is behind us; false if that was interrupted. */
static bool
wait_out(struct client *client, uint64_t ms)
{
	uint64_t passed_ms = silent_ms(client);

	return passed_ms >= ms ||
	    link_wait(client->link, (uint32_t)(ms - passed_ms)) == E_OK;
}

void
rate_mind(struct client *client)
{
	if (!is_raised(client) || silent_ms(client) < RATE_QUIET_MS - MARGIN_MS)
		return;
	if (wait_out(client, RATE_QUIET_MS + MARGIN_MS))
		come_back(client);
}

bool
rate_fall_back(struct client *client)
{
	const int quiet_ms = RATE_QUIET_MS + MARGIN_MS;
	uint64_t doubt_ms =
	    2 * (uint64_t)answer_ms(client, PAYLOAD_TO_HOST_MAX);

	if (!is_raised(client) || client->gone ||
	    silent_ms(client) < doubt_ms ||
	    (client->timeout_ms > 0 && client->timeout_ms < quiet_ms) ||
	    !wait_out(client, (uint64_t)quiet_ms))
		return false;
	come_back(client);

	return true;
}

/* Asks for a rate: E_OK, the collar's refusal, or no answer. */
static int
rate_ask(struct client *client, uint32_t baud, unsigned sends,
    struct failure *failure)
{
	struct link_baud asked = { .baud = baud };
	struct link_rate agreed = { .has = 0 };
	struct request request;
	struct envelope env;
	int err;

	HAVE(&asked, LINK_BAUD_BAUD);
	err = request_make(client, &request, OP_LINK_BAUD, &asked, failure);
	if (err == E_OK)
		err = request_ask(client, &request, sends, &env, failure);
	if (err == E_OK)
		err = response_read(request.op, &env, &agreed, failure);
	if (err == E_OK && agreed.baud != baud)
		err = fail(failure, E_PROTOCOL,
		    "link-baud: another rate than asked for");

	return err;
}

static uint16_t
padding_len(uint32_t limit, size_t max)
{
	size_t len = limit > ENVELOPE_ROOM ? limit - ENVELOPE_ROOM : 0;

	return (uint16_t)(len < max ? len : max);
}

/* One check, of the longest messages both ways, that must end in ms: 1 if it
 * was answered, 0 if not, or E_NO_ANSWER, E_INTERRUPTED. */
static int
rate_check(struct client *client, int ms, struct failure *failure)
{
	const struct hello_answer *unit = &client->answer;
	struct link_check check = {
		.padding.len =
		    padding_len(unit->receive_max, CHECK_TO_COLLAR_MAX),
		.answer_len = padding_len(unit->send_max, CHECK_TO_HOST_MAX),
	};
	int wait_ms = answer_ms(client, PAYLOAD_TO_HOST_MAX);
	struct link_checked checked;
	struct failure refused = { .err = E_OK };
	struct request request;
	struct envelope env;
	int err;

	HAVE(&check, LINK_CHECK_PADDING);
	HAVE(&check, LINK_CHECK_ANSWER_LEN);
	err = request_make(client, &request, OP_LINK_CHECK, &check, failure);
	if (err != E_OK)
		return err;
	err = request_try(
	    client, &request, wait_ms < ms ? wait_ms : ms, &env, failure);
	if (err <= 0)
		return err;

	return response_read(request.op, &env, &checked, &refused) == E_OK &&
	    checked.padding.len == check.answer_len;
}

/* Both ends are at a new rate: does it carry?  As rate_check. */
static int
rate_try(struct client *client, struct failure *failure)
{
	uint64_t begin_ms = link_now_ms(client->link);
	int carried = 0;

	if (link_wait(client->link, RATE_SETTLE_MS) != E_OK)
		return fail(failure, E_INTERRUPTED, "interrupted");
	for (unsigned i = 0; i < RATE_CHECKS_MAX && carried == 0; i++) {
		uint64_t passed_ms = link_now_ms(client->link) - begin_ms;

		if (passed_ms >= RATE_CHECK_MS)
			break;
		carried = rate_check(
		    client, (int)(RATE_CHECK_MS - passed_ms), failure);
	}
	if (carried != 0)
		return carried;
	come_back(client);
	begin_ms += RATE_CHECK_MS;
	if (begin_ms > link_now_ms(client->link) &&
	    link_wait(client->link,
		(uint32_t)(begin_ms - link_now_ms(client->link))) != E_OK)
		return fail(failure, E_INTERRUPTED, "interrupted");

	return 0;
}

/*
 * Agrees on a rate and tries it: 1 if the line is at it, 0 if not, or as
 * rate_check.  If it is refused, *limit becomes the fastest that the collar's
 * line has.
 */
static int
rate_agree(struct client *client, uint32_t baud, uint32_t *limit,
    struct failure *failure)
{
	struct failure refused = { .err = E_OK };
	int err = rate_ask(client, baud, RESTORE_SENDS, &refused);

	if (err == E_INTERRUPTED || client->gone) {
		*failure = refused;
		return err;
	}
	if (err != E_OK) {
		*limit = err == E_BAD_VALUE && HAS(&refused.detail, ERROR_MAX)
		    ? (uint32_t)refused.detail.max
		    : 0;
		return 0;
	}
	client->baud_base = client->link->baud;
	if (link_set_baud(client->link, baud) == E_OK)
		return rate_try(client, failure);
	client->baud_base = 0; /* our end has no such rate */

	return link_wait(client->link, RATE_CHECK_MS) == E_OK
	    ? 0
	    : fail(failure, E_INTERRUPTED, "interrupted");
}

int
rate_raise(struct client *client, struct failure *failure)
{
	uint32_t limit = client->link->baud_top;
	int agreed = 0;

	for (size_t i = 0; i < RATES && agreed == 0; i++)
		if (rate_bauds[i] <= limit &&
		    rate_bauds[i] > client->link->baud)
			agreed =
			    rate_agree(client, rate_bauds[i], &limit, failure);

	return agreed < 0 ? agreed : E_OK;
}

/* Both ends back to where they began. */
static int
rate_begin_again(struct client *client, struct failure *failure)
{
	int err = rate_ask(client, client->baud_base, RESTORE_SENDS, failure);

	if (err != E_OK)
		return err;
	come_back(client);

	return link_wait(client->link, RATE_SETTLE_MS) == E_OK
	    ? E_OK
	    : fail(failure, E_INTERRUPTED, "interrupted");
}

int
rate_set(struct client *client, uint32_t baud, struct failure *failure)
{
	uint32_t limit = baud;
	int err = E_OK;

	if (client->link->baud == baud)
		return 1;
	if (is_raised(client))
		err = rate_begin_again(client, failure);
	if (err != E_OK)
		return err;

	return client->link->baud == baud
	    ? 1
	    : rate_agree(client, baud, &limit, failure);
}

int
rate_find(struct client *client, struct failure *failure)
{
	uint32_t base = client->link->baud;
	int err = E_NO_ANSWER, timeout_ms = client->timeout_ms;

	if (client->find_ms > 0)
		client->timeout_ms = client->find_ms;
	for (size_t i = 0; i < RATES && err != E_OK; i++) {
		if (rate_bauds[i] == base ||
		    rate_bauds[i] > client->link->baud_top ||
		    link_set_baud(client->link, rate_bauds[i]) != E_OK)
			continue;
		*failure = (struct failure){ .err = E_OK };
		err = client_hello_once(client, 1, failure);
		if (client->gone || err == E_INTERRUPTED)
			break;
	}
	client->timeout_ms = timeout_ms;
	if (err == E_OK)
		client->baud_base = base;
	else
		link_set_baud(client->link, base);

	return err;
}

void
rate_restore(struct client *client)
{
	struct failure ignored = { .err = E_OK };

	if (is_raised(client) && !client->gone && !link_interrupted)
		rate_ask(client, client->baud_base, 1, &ignored);
}

void
client_keep_alive(struct client *client)
{
	const struct nothing nothing = { .has = 0 };
	struct failure failure = { .err = E_OK };
	uint64_t now_ms = link_now_ms(client->link);
	struct request request;
	struct envelope env;

	/* one that does not answer is not asked without a pause */
	if (client->link->baud == 0 || client->gone ||
	    silent_ms(client) < RATE_ALIVE_MS ||
	    now_ms - client->alive_ms < RATE_ALIVE_MS)
		return;
	client->alive_ms = now_ms;
	if (request_make(client, &request, OP_NOOP, &nothing, &failure) == E_OK)
		request_try(client, &request,
		    answer_ms(client, PAYLOAD_TO_HOST_MAX), &env, &failure);
}
