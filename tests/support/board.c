/* SPDX-License-Identifier: BSD-2-Clause */

#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/md.h>

#include "../../proto/frame.h"

static void
breach(const char *what, uint32_t at)
{
	fprintf(stderr, "flash: %s at %u\n", what, (unsigned)at);
	abort();
}

/* Counts an operation; true if the power goes in its middle. */
static bool
cut_now(struct ram_board *board)
{
	board->flash_ops++;
	if (board->flash_ops == board->cut_at)
		board->dead = true;
	return board->dead;
}

static bool
ram_flash_read(void *self, uint32_t at, void *buf, size_t len)
{
	struct ram_board *board = self;

	if (at > RAM_FLASH_LEN || len > RAM_FLASH_LEN - at)
		breach("read beyond the end", at);
	memcpy(buf, board->flash + at, len);
	return true;
}

static bool
ram_flash_program(void *self, uint32_t at, const void *buf, size_t len)
{
	struct ram_board *board = self;
	const uint8_t *bytes = buf;
	size_t unit = board->board.flash.write_unit;

	if (at > RAM_FLASH_LEN || len > RAM_FLASH_LEN - at)
		breach("program beyond the end", at);
	if (at % unit != 0 || len % unit != 0)
		breach("program off its unit", at);
	if (board->dead || board->flash_broken)
		return false;
	if (cut_now(board))
		len = (len + 1) / 2;
	for (size_t i = 0; i < len; i++) {
		if (board->programmed[at + i])
			breach("programmed twice", at + (uint32_t)i);
		board->programmed[at + i] = true;
		board->flash[at + i] &= bytes[i];
	}
	return !board->dead;
}

static bool
ram_flash_erase(void *self, uint32_t sector)
{
	struct ram_board *board = self;
	size_t len = RAM_SECTOR_LEN;
	uint32_t at = sector * RAM_SECTOR_LEN;

	if (at >= RAM_FLASH_LEN)
		breach("erase beyond the end", at);
	if (board->dead || board->flash_broken)
		return false;
	if (cut_now(board))
		len /= 2;
	memset(board->flash + at, 0xff, len);
	memset(board->programmed + at, 0, len);
	return !board->dead;
}

static void
ram_inputs(void *self, struct board_inputs *in)
{
	struct ram_board *board = self;

	if (!board->relay_stuck && board->now_ms >= board->follow_at_ms)
		board->in.relay_shut = board->relay_wants;
	*in = board->in;
}

static void
ram_relay_drive(void *self, bool shut)
{
	struct ram_board *board = self;

	if (board->dead)
		return;
	board->drives++;
	board->relay_wants = shut;
	board->follow_at_ms = board->now_ms + RAM_RELAY_MS;
}

static void
ram_glass(void *self, const struct glass *glass)
{
	struct ram_board *board = self;

	board->glass = *glass;
}

static void
ram_uplink_start(void *self, enum uplink_job job)
{
	struct ram_board *board = self;

	board->job = job;
	board->jobs++;
	board->job_ends_ms = board->now_ms + board->uplink_ms;
}

static enum uplink_result
ram_uplink_poll(void *self)
{
	struct ram_board *board = self;

	if (board->job == UPLINK_NONE)
		return UPLINK_IDLE;
	if (board->now_ms < board->job_ends_ms)
		return UPLINK_BUSY;
	if (board->uplink_fails || !board->in.modem_registered)
		return UPLINK_FAILED;
	return UPLINK_DONE;
}

static void
ram_modem_identity(void *self, struct modem_identity *id)
{
	(void)self;
	*id = (struct modem_identity){
		.imei = "490154203237518",
		.sim = "89014103211118510720",
		.ip = "10.20.30.40",
	};
}

static bool
ram_wall_get(void *self, uint64_t *utc_ms)
{
	struct ram_board *board = self;

	if (board->wall_lost)
		return false;
	*utc_ms = board->utc_ms;
	return true;
}

static void
ram_wall_set(void *self, uint64_t utc_ms)
{
	struct ram_board *board = self;

	board->utc_ms = utc_ms;
	board->wall_lost = false;
}

static size_t
ram_hardware_id(void *self, uint8_t id[HARDWARE_ID_MAX])
{
	static const uint8_t chip[] = { 0xc0, 1, 2, 3, 4, 5, 6, 7 };

	(void)self;
	memcpy(id, chip, sizeof(chip));
	return sizeof(chip);
}

static void
ram_random(void *self, uint8_t *buf, size_t len)
{
	struct ram_board *board = self;

	for (size_t i = 0; i < len; i++) {
		board->random = board->random * 1664525U + 1013904223U;
		buf[i] = (uint8_t)(board->random >> 24);
	}
}

static void
ram_hmac(void *self, const uint8_t key[SECRET_LEN], const uint8_t *msg,
    size_t len, uint8_t mac[SECRET_LEN])
{
	const mbedtls_md_info_t *sha256 =
	    mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);

	(void)self;
	if (mbedtls_md_hmac(sha256, key, SECRET_LEN, msg, len, mac) != 0)
		abort();
}

static void
ram_baud_set(void *self, uint32_t baud)
{
	struct ram_board *board = self;

	board->baud = baud;
	board->baud_sets++;
}

static const struct board_ops ram_ops = {
	.flash_read = ram_flash_read,
	.flash_program = ram_flash_program,
	.flash_erase = ram_flash_erase,
	.inputs = ram_inputs,
	.relay_drive = ram_relay_drive,
	.glass = ram_glass,
	.uplink_start = ram_uplink_start,
	.uplink_poll = ram_uplink_poll,
	.modem_identity = ram_modem_identity,
	.wall_get = ram_wall_get,
	.wall_set = ram_wall_set,
	.hardware_id = ram_hardware_id,
	.random = ram_random,
	.hmac = ram_hmac,
	.baud_set = ram_baud_set,
};

void
ram_board_wire(struct ram_board *board)
{
	static const uint32_t bauds[] = { 9600, 19200, 57600, 115200, 0 };

	board->board.bauds = bauds;
	board->board.baud = bauds[0];
}

struct ram_board *
ram_board_new(uint32_t write_unit)
{
	struct ram_board *board = calloc(1, sizeof(*board));

	if (board == NULL)
		abort();
	board->board = (struct board){
		.ops = &ram_ops,
		.self = board,
		.flash = { RAM_SECTOR_LEN, write_unit, RAM_STORE_SECTORS,
		    RAM_EVENT_SECTORS, RAM_DATA_SECTORS },
		.capabilities = 7,
	};
	board->in = (struct board_inputs){
		.utility = true,
		.breaker_shut = true,
		.metering_ok = true,
		.grid_dv = 2400,
		.frequency_chz = 6000,
		.temperature_df = 700,
		.modem_active = true,
		.modem_registered = true,
	};
	board->utc_ms = 1795273200000; /* 2026-11-21T15:00:00Z */
	board->uplink_ms = 3000;
	board->random = 1;
	memset(board->flash, 0xff, sizeof(board->flash));
	board->collar = malloc(collar_size());
	if (board->collar == NULL)
		abort();
	return board;
}

void
ram_board_free(struct ram_board **board)
{
	if (*board == NULL)
		return;
	free((*board)->collar);
	free(*board);
	*board = NULL;
}

void
ram_board_start(struct ram_board *board)
{
	void *ram = board->collar;

	memset(ram, 0xa5, collar_size());
	board->dead = false;
	board->cut_at = 0;
	board->now_ms = 1;
	board->follow_at_ms = 0;
	board->job = UPLINK_NONE;
	collar_start(board->collar, &board->board, board->now_ms);
}

void
ram_board_pass(struct ram_board *board, uint64_t ms)
{
	while (ms > 0) {
		uint64_t step = collar_next_due_ms(board->collar);

		if (step > ms)
			step = ms;
		ms -= step;
		board->now_ms += step;
		board->utc_ms += step;
		collar_tick(board->collar, board->now_ms);
	}
}

void
ram_board_send(struct ram_board *board, const uint8_t *payload, size_t len)
{
	uint8_t line[FRAME_LINE_LEN(PAYLOAD_TO_COLLAR_MAX)];
	size_t count = frame_encode(line, sizeof(line), payload, len);

	for (size_t i = 0; i < count; i++)
		if (collar_receive(board->collar, line + i, 1) != 1)
			break; /* as on a line: what is not taken is lost */
}

size_t
ram_board_fetch(struct ram_board *board, uint8_t *payload, size_t cap)
{
	struct frame_rx rx = { 0 };
	uint8_t byte, buf[PAYLOAD_TO_HOST_MAX + FRAME_CRC_LEN + 1];
	size_t len = 0;

	while (len == 0 && collar_transmit(board->collar, &byte, 1) == 1)
		len = frame_rx_byte(&rx, buf, sizeof(buf), byte);
	if (len > cap)
		abort();
	memcpy(payload, buf, len);
	return len;
}
