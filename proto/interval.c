/* SPDX-License-Identifier: BSD-2-Clause */
#include "interval.h"

#include "errors.h"
#include "frame.h"

enum {
	HEADER_CRC_AT = BLOCK_HEADER_LEN - 4,
	RECORD_CRC_AT = RECORD_LEN - 3,
	HEADER_UNTRUSTED = 1,
	SAMPLE_MINUTES_MAX = 60,
};

const char *const interval_flag_names[] = {
	"before_install",
	"test_mode",
	"power_outage",
	"restart",
	"clock_step",
	"clock_untrusted",
	"partial",
	"metering_fault",
	"energy_lost",
	NULL,
};

const char *const block_cause_names[] = {
	"first",
	"full",
	"restart",
	"clock",
	"interval",
	"memory",
	NULL,
};

static void
put(uint8_t *bytes, uint32_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t
get(const uint8_t *bytes, size_t len)
{
	uint32_t value = 0;

	for (size_t i = 0; i < len; i++)
		value |= (uint32_t)bytes[i] << (8 * i);

	return value;
}

static int32_t
get_signed(const uint8_t *bytes, size_t len)
{
	uint32_t sign = (uint32_t)1 << (8 * len - 1);
	uint32_t value = get(bytes, len);

	return (int32_t)(value & (sign - 1)) - (int32_t)(value & sign);
}

static int32_t
held(int32_t value, int32_t max)
{
	if (value > max)
		return max;

	return value < -max ? -max : value;
}

static bool
within(int32_t value, int32_t max)
{
	return value >= -max && value <= max;
}

void
block_header_encode(const struct block_header *header, uint8_t *bytes)
{
	put(bytes, header->format, 1);
	put(bytes + 1, header->cause, 1);
	put(bytes + 2, header->sample_minutes, 1);
	put(bytes + 3, header->untrusted ? HEADER_UNTRUSTED : 0, 1);
	put(bytes + 4, header->index, 4);
	put(bytes + 8, header->boot, 4);
	for (size_t i = 12; i < HEADER_CRC_AT; i++)
		bytes[i] = 0;
	put(bytes + 27, header->count, 1);
	put(bytes + HEADER_CRC_AT, crc32c(0, bytes, HEADER_CRC_AT), 4);
}

bool
block_header_decode(struct block_header *header, const uint8_t *bytes)
{
	struct block_header got = {
		.format = bytes[0],
		.cause = bytes[1],
		.sample_minutes = bytes[2],
		.untrusted = (bytes[3] & HEADER_UNTRUSTED) != 0,
		.index = get(bytes + 4, 4),
		.boot = get(bytes + 8, 4),
		.count = bytes[27],
	};

	if (get(bytes + HEADER_CRC_AT, 4) != crc32c(0, bytes, HEADER_CRC_AT))
		return false;
	if (got.format != BLOCK_FORMAT_PLAIN || got.count > BLOCK_RECORDS_MAX)
		return false;
	if (got.sample_minutes < 1 || got.sample_minutes > SAMPLE_MINUTES_MAX)
		return false;
	*header = got;

	return true;
}

void
interval_encode(const struct interval *record, uint8_t *bytes)
{
	uint16_t frequency = record->frequency_chz;

	if (frequency > FREQUENCY_MAX_CHZ)
		frequency = FREQUENCY_MAX_CHZ;
	put(bytes, record->at, 4);
	put(bytes + 4, record->flags, 2);
	put(bytes + 6,
	    (uint32_t)held(record->power_factor_c, POWER_FACTOR_MAX_C), 1);
	put(bytes + 7, frequency, 2);
	put(bytes + 9,
	    (uint32_t)held(record->active_power_cw, INTERVAL_POWER_MAX), 3);
	put(bytes + 12,
	    (uint32_t)held(record->reactive_power_cvar, INTERVAL_POWER_MAX), 3);
	put(bytes + 15, (uint32_t)record->temperature_df, 2);
	put(bytes + 17, record->energy_consumed_wh, 4);
	put(bytes + 21, record->energy_produced_wh, 4);
	put(bytes + 25, record->voltage_dv, 2);
	put(bytes + 27, record->current_ca, 2);
	put(bytes + RECORD_CRC_AT, crc32c(0, bytes, RECORD_CRC_AT), 3);
}

bool
interval_decode(struct interval *record, const uint8_t *bytes)
{
	struct interval got = {
		.at = get(bytes, 4),
		.flags = (uint16_t)get(bytes + 4, 2),
		.power_factor_c = (int8_t)get_signed(bytes + 6, 1),
		.frequency_chz = (uint16_t)get(bytes + 7, 2),
		.active_power_cw = get_signed(bytes + 9, 3),
		.reactive_power_cvar = get_signed(bytes + 12, 3),
		.temperature_df = (int16_t)get_signed(bytes + 15, 2),
		.energy_consumed_wh = get(bytes + 17, 4),
		.energy_produced_wh = get(bytes + 21, 4),
		.voltage_dv = (uint16_t)get(bytes + 25, 2),
		.current_ca = (uint16_t)get(bytes + 27, 2),
	};
	uint32_t crc = crc32c(0, bytes, RECORD_CRC_AT) & 0xffffff;

	if (get(bytes + RECORD_CRC_AT, 3) != crc)
		return false;
	if (!within(got.power_factor_c, POWER_FACTOR_MAX_C) ||
	    got.frequency_chz > FREQUENCY_MAX_CHZ ||
	    !within(got.active_power_cw, INTERVAL_POWER_MAX) ||
	    !within(got.reactive_power_cvar, INTERVAL_POWER_MAX))
		return false;
	*record = got;

	return true;
}

int
block_decode(struct block_header *header, struct interval *records,
    const uint8_t *bytes, size_t len)
{
	const uint8_t *at = bytes + BLOCK_HEADER_LEN;

	if (len < BLOCK_HEADER_LEN || !block_header_decode(header, bytes) ||
	    len != BLOCK_HEADER_LEN + (size_t)header->count * RECORD_LEN)
		return E_BAD_DATA;
	for (size_t i = 0; i < header->count; i++, at += RECORD_LEN)
		if (!interval_decode(&records[i], at) ||
		    (i > 0 && records[i].at <= records[i - 1].at))
			return E_BAD_DATA;

	return header->count;
}
