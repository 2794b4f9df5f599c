/* SPDX-License-Identifier: BSD-2-Clause */

#include "meter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct flash_geometry geometry = { 2048, 8, 2, 2, 4 };

static const struct board_inputs sunny = {
	.utility = true,
	.breaker_shut = true,
	.metering_ok = true,
	.grid_dv = 2400,
	.der_dv = 2400,
	.frequency_chz = 6001,
	.current_ca = 1500,
	.active_power_cw = 360000,
	.temperature_df = 725,
};

struct nor nor;
struct metering metering;
struct board_inputs in;
struct metering_now now;
struct interval log_records[LOG_MAX];
uint8_t log_causes[LOG_MAX];
unsigned log_count;

static struct store store;
static struct datalog dlog;
static struct metering_io io = { &nor.board, &store, &dlog };

bool
meter_power_up(void)
{
	now.now_ms = 0;
	now.boot++;
	if (!store_mount(&store, &nor.board) ||
	    !datalog_mount(&dlog, &nor.board, &store))
		return false;
	metering_start(&metering, &io, &now);
	return !metering.save_failed;
}

void
meter_begin(uint64_t utc_ms)
{
	nor_make(&nor, &geometry);
	in = sunny;
	now = (struct metering_now){
		.utc_ms = utc_ms, .trusted = true, .sample_minutes = 15
	};
	assert_true(meter_power_up());
}

bool
meter_tick(void)
{
	return metering_tick(&metering, &io, &in, &now);
}

void
meter_pass(uint64_t ms)
{
	now.now_ms += ms;
	now.utc_ms += ms;
	assert_true(meter_tick());
}

void
log_load(void)
{
	struct block_header header;
	uint8_t buf[BLOCK_MAX];

	log_count = 0;
	for (uint32_t i = dlog.oldest; i < dlog.next; i++) {
		size_t len = datalog_read(&dlog, &nor.board, i, false, buf);
		int count;

		assert_true(log_count <= LOG_MAX - BLOCK_RECORDS_MAX);
		count =
		    block_decode(&header, log_records + log_count, buf, len);
		assert_true(count >= 0);
		memset(log_causes + log_count, header.cause, (size_t)count);
		log_count += (unsigned)count;
	}
}

const struct interval *
log_newest(void)
{
	log_load();
	assert_true(log_count > 0);
	return &log_records[log_count - 1];
}

struct interval
log_last(void)
{
	struct interval last = { 0 };

	datalog_newest(&dlog, &nor.board, &last);
	return last;
}
