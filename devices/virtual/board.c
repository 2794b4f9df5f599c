/* SPDX-License-Identifier: BSD-2-Clause */
#include "board.h"

#include "flash.h"
#include "world.h"

#include "../../proto/hello.h"

#include <math.h>
#include <mbedtls/md.h>
#include <stdio.h>
#include <string.h>

enum {
	CONTACT_MS = 30,      /* from the pulse to its feedback */
	ATTACH_MS = 10000,    /* modem: until it is registered */
	INVERTER_MS = 300000, /* IEEE 1547: wait for a steady grid */
	REGISTER_MS = 20000,
	REPORT_MS = 3000,
	UPDATE_MS = 5000,
	JOB_FAILS_MS = 10000,
	SERVICE_SOUND_MIN = 88,
	SERVICE_SOUND_MAX = 110, /* % of nominal */
};

enum { RISE_V_PER_KW_MILLI = 450 }; /* what a kW lifts the voltage by */

/* Channels of world_hash that are not noise. */
enum { CHANNEL_HARDWARE = 1000, CHANNEL_MODEM, CHANNEL_RANDOM };

static uint64_t
seed_of(const struct virtual_board *board)
{
	return (uint64_t)board->settings.at[SETTING_SEED];
}

static void
look(const struct virtual_board *board, struct world *world)
{
	world_at(
	    world, &board->settings, board->service_v, board->fixture->utc_ms);
}

/* A line that an inverter would work on. */
static bool
is_sound(const struct virtual_board *board, const struct world *world)
{
	double percent = 100 * world->grid_v / board->service_v;

	return world->utility && percent >= SERVICE_SOUND_MIN &&
	    percent <= SERVICE_SOUND_MAX;
}

static bool
is_connected(const struct virtual_board *board, const struct world *world)
{
	const struct fixture *fixture = board->fixture;

	return (fixture->contact_shut || fixture->bench) && world->utility &&
	    settings_sound(&board->settings, SETTING_BREAKER);
}

static void
contact_settle(struct virtual_board *board)
{
	struct fixture *fixture = board->fixture;

	if (fixture->contact_due_ms == 0 ||
	    fixture->utc_ms < fixture->contact_due_ms)
		return;
	fixture->contact_shut = fixture->contact_target;
	fixture->contact_due_ms = 0;
}

static void
inverter_settle(struct virtual_board *board, const struct world *world)
{
	struct fixture *fixture = board->fixture;

	if (!is_connected(board, world) || !is_sound(board, world))
		fixture->inverter_ms = 0;
	else if (fixture->inverter_ms == 0)
		fixture->inverter_ms = fixture->utc_ms + INVERTER_MS;
}

static void
modem_settle(struct virtual_board *board, const struct world *world)
{
	struct fixture *fixture = board->fixture;
	const struct settings *settings = &board->settings;

	if (!world->utility || !settings_sound(settings, SETTING_COVERAGE) ||
	    !settings_sound(settings, SETTING_MODEM))
		fixture->attach_ms = 0;
	else if (fixture->attach_ms == 0)
		fixture->attach_ms = fixture->utc_ms + ATTACH_MS;
}

void
board_settle(struct virtual_board *board)
{
	struct world world;

	look(board, &world);
	contact_settle(board);
	inverter_settle(board, &world);
	modem_settle(board, &world);
}

static bool
is_registered(const struct fixture *fixture)
{
	return fixture->attach_ms != 0 && fixture->utc_ms >= fixture->attach_ms;
}

static void
due_by(uint64_t now_ms, uint64_t at_ms, uint64_t *due_ms)
{
	if (at_ms > now_ms && at_ms - now_ms < *due_ms)
		*due_ms = at_ms - now_ms;
}

uint32_t
board_next_due_ms(const struct virtual_board *board, uint32_t max_ms)
{
	const struct fixture *fixture = board->fixture;
	uint64_t due_ms = max_ms, now_ms = fixture->utc_ms;

	due_by(now_ms, fixture->contact_due_ms, &due_ms);
	due_by(now_ms, fixture->inverter_ms, &due_ms);
	due_by(now_ms, fixture->attach_ms, &due_ms);
	due_by(now_ms, fixture->job_end_ms, &due_ms);

	return (uint32_t)due_ms;
}

void
board_power_up(struct virtual_board *board)
{
	struct fixture *fixture = board->fixture;

	fixture->power_up_ms = fixture->utc_ms;
	if (fixture->contact_due_ms != 0) /* its pulse was given */
		fixture->contact_shut = fixture->contact_target;
	fixture->contact_due_ms = 0;
	fixture->attach_ms = 0;
	fixture->job = UPLINK_NONE;
	fixture->job_end_ms = 0;
	board_settle(board);
}

static bool
ops_flash_read(void *self, uint32_t at, void *buf, size_t len)
{
	const struct virtual_board *board = self;

	return flash_get(board->flash, at, buf, len);
}

static bool
ops_flash_program(void *self, uint32_t at, const void *buf, size_t len)
{
	struct virtual_board *board = self;

	return flash_put(board->flash, at, buf, len);
}

static bool
ops_flash_erase(void *self, uint32_t sector)
{
	struct virtual_board *board = self;

	return flash_wipe(board->flash, sector);
}

/* What flows through the DER circuit, and what that does to the voltage. */
static void
flow(const struct virtual_board *board, const struct world *world,
    struct board_inputs *in)
{
	const struct fixture *fixture = board->fixture;
	bool awake = board->settings.at[SETTING_POWER] != POWER_AUTO ||
	    fixture->utc_ms >= fixture->inverter_ms;
	double w = 0, var = 0, v = world->grid_v, va;

	if (is_connected(board, world) && is_sound(board, world) && awake) {
		w = world->der_w;
		var = world->der_var;
		v += w / 1000 * RISE_V_PER_KW_MILLI / 1000;
	}
	in->grid_dv = (uint16_t)lround(v * 10);
	in->active_power_cw = (int32_t)lround(w * 100);
	in->reactive_power_cvar = (int32_t)lround(var * 100);
	va = sqrt(w * w + var * var);
	in->current_ca = v > 0 ? (uint32_t)lround(va / v * 100) : 0;
}

static void
ops_inputs(void *self, struct board_inputs *in)
{
	const struct virtual_board *board = self;
	const struct settings *settings = &board->settings;
	struct world world;

	look(board, &world);
	memset(in, 0, sizeof(*in));
	in->utility = world.utility;
	in->breaker_shut = settings_sound(settings, SETTING_BREAKER);
	in->flipped = !settings_sound(settings, SETTING_ORIENTATION);
	in->relay_shut = board->fixture->contact_shut;
	in->modem_active = settings_sound(settings, SETTING_MODEM);
	in->modem_registered = is_registered(board->fixture);
	in->temperature_df = (int16_t)lround(world.temperature_f * 10);
	in->metering_ok = settings_sound(settings, SETTING_METERING);
	if (!in->metering_ok)
		return;
	in->frequency_chz = (uint16_t)lround(world.frequency_hz * 100);
	flow(board, &world, in);
	if (in->relay_shut && in->breaker_shut)
		in->der_dv = in->grid_dv;
}

static void
ops_relay_drive(void *self, bool shut)
{
	struct virtual_board *board = self;
	struct fixture *fixture = board->fixture;

	if (!settings_sound(&board->settings, SETTING_RELAY))
		return;
	fixture->contact_target = shut;
	fixture->contact_due_ms = fixture->utc_ms + CONTACT_MS;
}

/* Nobody stands before a virtual glass; the handler tells what it shows. */
static void
ops_glass(void *self, const struct glass *glass)
{
	(void)self;
	(void)glass;
}

static bool
job_succeeds(const struct virtual_board *board, enum uplink_job job)
{
	if (!is_registered(board->fixture))
		return false;
	if (job == UPLINK_REPORT)
		return settings_sound(&board->settings, SETTING_REPORTS);
	if (job == UPLINK_UPDATE)
		return settings_sound(&board->settings, SETTING_UPDATES);

	return true;
}

static void
ops_uplink_start(void *self, enum uplink_job job)
{
	static const uint32_t lasts_ms[] = {
		[UPLINK_NONE] = 0,
		[UPLINK_REGISTER] = REGISTER_MS,
		[UPLINK_REPORT] = REPORT_MS,
		[UPLINK_UPDATE] = UPDATE_MS,
	};
	struct virtual_board *board = self;
	struct fixture *fixture = board->fixture;

	fixture->job = (uint8_t)job;
	fixture->job_end_ms = fixture->utc_ms +
	    (job_succeeds(board, job) ? lasts_ms[job] : JOB_FAILS_MS);
}

static enum uplink_result
ops_uplink_poll(void *self)
{
	const struct virtual_board *board = self;
	const struct fixture *fixture = board->fixture;

	if (fixture->job == UPLINK_NONE)
		return UPLINK_IDLE;
	if (fixture->utc_ms < fixture->job_end_ms)
		return UPLINK_BUSY;

	return job_succeeds(board, fixture->job) ? UPLINK_DONE : UPLINK_FAILED;
}

/* Appends the check digit of ISO/IEC 7812 (Luhn) that IMEI and SIM end in. */
static void
check_digit(char *digits)
{
	size_t len = strlen(digits);
	unsigned sum = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned digit = (unsigned)(digits[len - 1 - i] - '0');

		if (i % 2 == 0)
			digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	digits[len] = (char)('0' + (10 - sum % 10) % 10);
	digits[len + 1] = '\0';
}

static void
ops_modem_identity(void *self, struct modem_identity *id)
{
	const struct virtual_board *board = self;
	uint64_t number = world_hash(seed_of(board), CHANNEL_MODEM, 0);
	unsigned serial = (unsigned)(number % 1000000);
	unsigned card = (unsigned)((number >> 20) % 1000000000);

	snprintf(id->imei, sizeof(id->imei), "35209900%06u", serial);
	check_digit(id->imei);
	snprintf(id->sim, sizeof(id->sim), "890141032%09u", card);
	check_digit(id->sim);
	snprintf(id->ip, sizeof(id->ip), "10.%u.%u.%u",
	    (unsigned)(number >> 50 & 0xff), (unsigned)(number >> 42 & 0xff),
	    1 + (unsigned)(number >> 34 & 0x7f));
}

static bool
ops_wall_get(void *self, uint64_t *utc_ms)
{
	const struct virtual_board *board = self;

	*utc_ms =
	    board->fixture->utc_ms + (uint64_t)board->fixture->clock_ahead_ms;

	return true;
}

static void
ops_wall_set(void *self, uint64_t utc_ms)
{
	struct virtual_board *board = self;

	board->fixture->clock_ahead_ms =
	    (int64_t)(utc_ms - board->fixture->utc_ms);
}

static void
fill(uint8_t *buf, size_t len, uint64_t seed, uint32_t channel, uint64_t from)
{
	uint64_t word = 0;

	for (size_t i = 0; i < len; i++) {
		if (i % 8 == 0)
			word = world_hash(seed, channel, from + i / 8);
		buf[i] = (uint8_t)(word >> i % 8 * 8);
	}
}

static size_t
ops_hardware_id(void *self, uint8_t id[HARDWARE_ID_MAX])
{
	enum { ID_LEN = 12 };

	fill(id, ID_LEN, seed_of(self), CHANNEL_HARDWARE, 0);

	return ID_LEN;
}

/* Reproducible on purpose: it practises a protocol, it guards nothing. */
static void
ops_random(void *self, uint8_t *buf, size_t len)
{
	struct virtual_board *board = self;

	fill(buf, len, seed_of(board), CHANNEL_RANDOM,
	    board->fixture->random_count);
	board->fixture->random_count += (len + 7) / 8;
}

static void
ops_hmac(void *self, const uint8_t key[SECRET_LEN], const uint8_t *msg,
    size_t len, uint8_t mac[SECRET_LEN])
{
	(void)self;
	mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), key,
	    SECRET_LEN, msg, len, mac);
}

static void
ops_baud_set(void *self, uint32_t baud)
{
	struct virtual_board *board = self;

	board->baud = baud;
}

static const struct board_ops board_ops = {
	.flash_read = ops_flash_read,
	.flash_program = ops_flash_program,
	.flash_erase = ops_flash_erase,
	.inputs = ops_inputs,
	.relay_drive = ops_relay_drive,
	.glass = ops_glass,
	.uplink_start = ops_uplink_start,
	.uplink_poll = ops_uplink_poll,
	.modem_identity = ops_modem_identity,
	.wall_get = ops_wall_get,
	.wall_set = ops_wall_set,
	.hardware_id = ops_hardware_id,
	.random = ops_random,
	.hmac = ops_hmac,
	.baud_set = ops_baud_set,
};

void
board_init(struct board *board, struct virtual_board *self)
{
	*board = (struct board){
		.ops = &board_ops,
		.self = self,
		.flash = { FLASH_SECTOR_LEN, FLASH_WRITE_UNIT,
		    FLASH_STORE_SECTORS, FLASH_EVENT_SECTORS,
		    FLASH_DATA_SECTORS },
		.capabilities =
		    CAN_DER_RELAY | CAN_LCD | CAN_REPORT | IS_VIRTUAL,
	};
}
