/* SPDX-License-Identifier: BSD-2-Clause */

#include "metering.h"

#include <string.h>

#include "unit.h"

enum {
	ENERGY_PER_WH = 360000000, /* 10 mW ms */
	ENERGY_PER_MWH = 360000,
	STEP_MS = 1000, /* a clock that moves by more was stepped */
	CURRENT_MAX = UINT16_MAX,
};

/* What STORE_METERING holds, all little endian. */
enum {
	SAVED_VALID = 0, /* 1: saved as power failed, nothing came after */
	SAVED_CONSUMED = 4,
	SAVED_PRODUCED = 12,
	SAVED_TEST_CONSUMED = 20,
	SAVED_TEST_PRODUCED = 32,
	SAVED_LEN = 44,
};

static void
energy_add(struct energy *energy, uint64_t amount)
{
	uint64_t sum = energy->rest + amount;

	energy->wh += (uint32_t)(sum / ENERGY_PER_WH);
	energy->rest = (uint32_t)(sum % ENERGY_PER_WH);
}

static void
test_energy_add(struct test_energy *energy, uint64_t amount)
{
	uint64_t sum = energy->rest + amount;

	energy->mwh += sum / ENERGY_PER_MWH;
	energy->rest = (uint32_t)(sum % ENERGY_PER_MWH);
}

static void
energy_count(struct metering *metering, int64_t amount, bool test_mode)
{
	uint64_t size = (uint64_t)(amount < 0 ? -amount : amount);

	if (test_mode)
		test_energy_add(amount < 0 ? &metering->test_consumed
					   : &metering->test_produced,
		    size);
	else
		energy_add(
		    amount < 0 ? &metering->consumed : &metering->produced,
		    size);
}

/* Accounts for ms of the running interval at the inputs given. */
static void
interval_count(struct metering *metering, const struct board_inputs *in,
    bool test_mode, uint32_t ms)
{
	struct metering_sums *sums = &metering->sums;
	uint32_t current =
	    in->current_ca < CURRENT_MAX ? in->current_ca : CURRENT_MAX;
	int64_t span = ms;

	sums->ms += ms;
	if (test_mode)
		metering->flags |= INTERVAL_TEST_MODE;
	if (!in->utility)
		metering->flags |= INTERVAL_POWER_OUTAGE;
	else if (!in->metering_ok)
		metering->flags |=
		    INTERVAL_METERING_FAULT | INTERVAL_ENERGY_LOST;
	if (!in->utility || !in->metering_ok)
		return;
	sums->live_ms += ms;
	sums->power += in->active_power_cw * span;
	sums->reactive += in->reactive_power_cvar * span;
	sums->current += current * span;
	sums->voltage += in->grid_dv * span;
	sums->frequency += in->frequency_chz * span;
	sums->temperature += in->temperature_df * span;
	energy_count(metering, in->active_power_cw * span, test_mode);
}

/* Quotient to the nearest integer, halves away from zero; 0 by 0 is 0. */
static int64_t
mean(int64_t sum, int64_t span)
{
	if (span == 0)
		return 0;
	return (sum + (sum < 0 ? -span : span) / 2) / span;
}

/*
 * Power and current are means over the whole interval, voltage and frequency
 * over the time with power: after an outage P = V I pf still holds.
 */
static void
record_fill(const struct metering *metering, struct interval *record)
{
	const struct metering_sums *sums = &metering->sums;

	*record = (struct interval){
		.at = (uint32_t)(metering->clock_ms / 1000),
		.flags = metering->flags,
		.active_power_cw = (int32_t)mean(sums->power, sums->ms),
		.reactive_power_cvar = (int32_t)mean(sums->reactive, sums->ms),
		.current_ca = (uint16_t)mean(sums->current, sums->ms),
		.voltage_dv = (uint16_t)mean(sums->voltage, sums->live_ms),
		.frequency_chz = (uint16_t)mean(sums->frequency, sums->live_ms),
		.temperature_df =
		    (int16_t)mean(sums->temperature, sums->live_ms),
		.energy_consumed_wh = metering->consumed.wh,
		.energy_produced_wh = metering->produced.wh,
	};
	record->power_factor_c = unit_power_factor_c(
	    record->voltage_dv, record->current_ca, record->active_power_cw);
}

static uint64_t
interval_ms(const struct metering *metering)
{
	return metering->sample_minutes * (uint64_t)60000;
}

/* End of the running interval, in its clock. */
static uint64_t
interval_end(const struct metering *metering)
{
	uint64_t len = interval_ms(metering);

	return (metering->start_ms / len + 1) * len;
}

static void
interval_begin(struct metering *metering)
{
	memset(&metering->sums, 0, sizeof(metering->sums));
	metering->flags = 0;
	metering->start_ms = metering->clock_ms;
}

static bool
is_partial(const struct metering *metering)
{
	uint64_t len = interval_ms(metering);

	return metering->start_ms % len != 0 || metering->clock_ms % len != 0;
}

/* Writes the record of the interval that ends now, and begins the next. */
static void
interval_close(struct metering *metering, const struct metering_io *io,
    const struct metering_now *now)
{
	struct datalog_frame frame = { .boot = now->boot,
		.sample_minutes = metering->sample_minutes,
		.untrusted = !metering->trusted };
	struct interval record;

	if (is_partial(metering))
		metering->flags |= INTERVAL_PARTIAL;
	if (now->before_install)
		metering->flags |= INTERVAL_BEFORE_INSTALL;
	if (!metering->trusted)
		metering->flags |= INTERVAL_CLOCK_UNTRUSTED;
	record_fill(metering, &record);
	metering->log_failed =
	    !datalog_append(io->log, io->board, &frame, &record);
	interval_begin(metering);
}

/*
 * Ends the interval before its time.  One of less than a second has no record:
 * its energy goes into the next.
 */
static void
interval_cut(struct metering *metering, const struct metering_io *io,
    const struct metering_now *now, uint16_t flag, enum block_cause cause)
{
	metering->flags |= flag;
	if (metering->clock_ms / 1000 > metering->start_ms / 1000)
		interval_close(metering, io, now);
	datalog_break(io->log, cause);
}

static uint64_t
clock_now(const struct metering_now *now)
{
	return now->trusted ? now->utc_ms : now->now_ms;
}

/* Lets the time since the last tick pass, on the clock as it was then. */
static void
time_pass(struct metering *metering, const struct metering_io *io,
    const struct board_inputs *in, const struct metering_now *now)
{
	uint64_t left = now->now_ms - metering->last_ms;

	while (left > 0) {
		uint64_t end = interval_end(metering), span = left;

		if (span > end - metering->clock_ms)
			span = end - metering->clock_ms;
		interval_count(metering, in, now->test_mode, (uint32_t)span);
		metering->clock_ms += span;
		left -= span;
		if (metering->clock_ms == end)
			interval_close(metering, io, now);
	}
	metering->last_ms = now->now_ms;
}

/* Follows the wall clock where it went another way than monotonic time. */
static void
clock_follow(struct metering *metering, const struct metering_io *io,
    const struct metering_now *now)
{
	uint64_t clock = clock_now(now), was = metering->clock_ms;
	uint64_t off = clock > was ? clock - was : was - clock;

	if (off > STEP_MS || metering->trusted != now->trusted) {
		interval_cut(
		    metering, io, now, INTERVAL_CLOCK_STEP, BLOCK_CLOCK);
		metering->trusted = now->trusted;
		metering->clock_ms = metering->start_ms = clock;
		return;
	}
	if (clock < metering->start_ms) /* wait for it: records rise */
		clock = metering->start_ms;
	if (clock >= interval_end(metering)) {
		metering->clock_ms = interval_end(metering);
		interval_close(metering, io, now);
	}
	metering->clock_ms = clock;
}

static void
saved_write(const struct metering *metering, bool valid, uint8_t *bytes)
{
	memset(bytes, 0, SAVED_LEN);
	bytes[SAVED_VALID] = valid;
	put_le32(bytes + SAVED_CONSUMED, metering->consumed.wh);
	put_le32(bytes + SAVED_CONSUMED + 4, metering->consumed.rest);
	put_le32(bytes + SAVED_PRODUCED, metering->produced.wh);
	put_le32(bytes + SAVED_PRODUCED + 4, metering->produced.rest);
	put_le64(bytes + SAVED_TEST_CONSUMED, metering->test_consumed.mwh);
	put_le32(bytes + SAVED_TEST_CONSUMED + 8, metering->test_consumed.rest);
	put_le64(bytes + SAVED_TEST_PRODUCED, metering->test_produced.mwh);
	put_le32(bytes + SAVED_TEST_PRODUCED + 8, metering->test_produced.rest);
}

static void
saved_read(struct metering *metering, const uint8_t *bytes)
{
	metering->consumed.wh = get_le32(bytes + SAVED_CONSUMED);
	metering->consumed.rest = get_le32(bytes + SAVED_CONSUMED + 4);
	metering->produced.wh = get_le32(bytes + SAVED_PRODUCED);
	metering->produced.rest = get_le32(bytes + SAVED_PRODUCED + 4);
	metering->test_consumed.mwh = get_le64(bytes + SAVED_TEST_CONSUMED);
	metering->test_consumed.rest =
	    get_le32(bytes + SAVED_TEST_CONSUMED + 8);
	metering->test_produced.mwh = get_le64(bytes + SAVED_TEST_PRODUCED);
	metering->test_produced.rest =
	    get_le32(bytes + SAVED_TEST_PRODUCED + 8);
}

static void
registers_save(
    struct metering *metering, const struct metering_io *io, bool valid)
{
	uint8_t bytes[SAVED_LEN];
	struct store_item item = { STORE_METERING, SAVED_LEN, bytes };

	saved_write(metering, valid, bytes);
	metering->save_failed = !store_commit(io->store, io->board, &item, 1);
}

static void
energy_at_least(struct energy *energy, uint32_t wh)
{
	if (energy->wh < wh)
		*energy = (struct energy){ .wh = wh };
}

/*
 * What was saved as power failed is whole.  Otherwise what flowed since the
 * last record is lost; what was saved at some earlier time is a lower bound.
 */
static void
registers_restore(struct metering *metering, const struct metering_io *io)
{
	uint8_t bytes[SAVED_LEN];
	struct interval record;
	bool valid = false;

	if (store_get(io->store, io->board, STORE_METERING, bytes,
		sizeof(bytes)) == SAVED_LEN) {
		saved_read(metering, bytes);
		valid = bytes[SAVED_VALID] == 1;
	}
	if (datalog_newest(io->log, io->board, &record)) {
		energy_at_least(&metering->consumed, record.energy_consumed_wh);
		energy_at_least(&metering->produced, record.energy_produced_wh);
		metering->flags |= INTERVAL_RESTART;
	}
	if (valid)
		registers_save(metering, io, false);
	else if (metering->flags != 0)
		metering->flags |= INTERVAL_ENERGY_LOST;
}

void
metering_start(struct metering *metering, const struct metering_io *io,
    const struct metering_now *now)
{
	memset(metering, 0, sizeof(*metering));
	metering->sample_minutes = now->sample_minutes;
	metering->trusted = now->trusted;
	metering->last_ms = now->now_ms;
	metering->clock_ms = clock_now(now);
	metering->start_ms = metering->clock_ms;
	registers_restore(metering, io);
}

/* Saves on the way down and at the end of test mode; what was saved as power
 * failed no longer holds once power is back. */
static void
save_due(struct metering *metering, const struct metering_io *io,
    const struct board_inputs *in, const struct metering_now *now)
{
	bool due = in->power_fail != metering->power_failing ||
	    (metering->test_mode && !now->test_mode);

	metering->power_failing = in->power_fail;
	metering->test_mode = now->test_mode;
	if (due)
		registers_save(metering, io, in->power_fail);
}

bool
metering_tick(struct metering *metering, const struct metering_io *io,
    const struct board_inputs *in, const struct metering_now *now)
{
	time_pass(metering, io, in, now);
	clock_follow(metering, io, now);
	if (now->sample_minutes != metering->sample_minutes) {
		interval_cut(metering, io, now, 0, BLOCK_INTERVAL);
		metering->sample_minutes = now->sample_minutes;
	}
	save_due(metering, io, in, now);
	return !metering->log_failed && !metering->save_failed;
}

uint32_t
metering_due_ms(const struct metering *metering)
{
	return (uint32_t)(interval_end(metering) - metering->clock_ms);
}
