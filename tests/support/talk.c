/* SPDX-License-Identifier: BSD-2-Clause */

#include "talk.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../proto/frame.h"

enum { HEX_MAX = 2 * PAYLOAD_TO_HOST_MAX + 1 };

/* hex without its blanks. */
static size_t
squeeze(const char *hex, char *text)
{
	size_t len = 0;

	for (; *hex != '\0'; hex++)
		if (!isspace((unsigned char)*hex))
			text[len++] = *hex;
	text[len] = '\0';
	assert_true(len % 2 == 0);
	return len;
}

static size_t
bytes_of(const char *hex, uint8_t *bytes)
{
	char text[HEX_MAX];
	size_t len = squeeze(hex, text);

	for (size_t i = 0; i < len; i += 2) {
		unsigned byte;

		assert_int_equal(sscanf(text + i, "%2x", &byte), 1);
		bytes[i / 2] = (uint8_t)byte;
	}
	return len / 2;
}

static void
hex_of(const uint8_t *bytes, size_t len, char *text)
{
	for (size_t i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	text[2 * len] = '\0';
}

void
tell(struct ram_board *board, const char *hex)
{
	uint8_t payload[PAYLOAD_TO_HOST_MAX];

	ram_board_send(board, payload, bytes_of(hex, payload));
}

void
expect(struct ram_board *board, const char *hex)
{
	uint8_t payload[PAYLOAD_TO_HOST_MAX];
	char wanted[HEX_MAX], got[HEX_MAX];
	size_t len = squeeze(hex, wanted);

	hex_of(payload, ram_board_fetch(board, payload, sizeof(payload)), got);
	for (size_t i = 0; i < len && got[i] != '\0'; i++)
		if (wanted[i] == '.')
			wanted[i] = got[i];
	assert_string_equal(got, wanted);
}

void
ask(struct ram_board *board, const char *hex, const char *answer)
{
	tell(board, hex);
	expect(board, answer);
}

void
greet(struct ram_board *board)
{
	uint8_t payload[PAYLOAD_TO_HOST_MAX];

	/* {nonce, versions 1 to 1, takes 1056 bytes} */
	tell(board,
	    "84 00 00 00 a4 01 50 000102030405060708090a0b0c0d0e0f"
	    "02 01 03 01 04 190420");
	assert_true(ram_board_fetch(board, payload, sizeof(payload)) > 0);
}

int
unit_greeted(void **state)
{
	struct ram_board *board = ram_board_new(8);

	ram_board_start(board);
	greet(board);
	*state = board;
	return 0;
}

int
unit_rested(void **state)
{
	unit_greeted(state);
	ram_board_pass(*state, 20000); /* the grid has been there for a while */
	return 0;
}

int
unit_shut(void **state)
{
	struct ram_board *board;

	unit_rested(state);
	board = *state;
	tell(board, MOVE("01", "01", "0001"));
	ram_board_pass(board, 100);
	expect(board, MOVED("01", "f5", "01"));
	board->in.der_dv = 2400;
	ram_board_pass(board, 10000);
	return 0;
}

int
unit_down(void **state)
{
	struct ram_board *board = *state;

	ram_board_free(&board);
	return 0;
}
