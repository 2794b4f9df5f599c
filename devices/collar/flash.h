/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_FLASH_H
#define COLLAR_FLASH_H

/*
 * The board's flash, as the logs of the unit use it: an area of whole sectors,
 * units that are programmed once, blank meaning all ones.
 */

#include "../board.h"

enum {
	FLASH_UNIT_MAX = 32,   /* largest write unit */
	FLASH_CHUNK_LEN = 128, /* read or programmed at a time; whole units */
};

/* Consecutive sectors given to one user. */
struct flash_area {
	uint32_t first; /* sector number */
	uint16_t sectors;
};

enum flash_user { FLASH_STORE, FLASH_EVENTS, FLASH_DATA };

/* The area that the board's geometry gives to a user. */
struct flash_area flash_area(const struct board *board, enum flash_user user);

/* Address of the sector'th sector of an area. */
uint32_t flash_at(
    const struct board *board, const struct flash_area *area, uint32_t sector);

/* Does the geometry hold to its own rules? */
bool flash_geometry_ok(const struct board *board);

/* len rounded up to whole write units. */
uint32_t flash_whole_units(const struct board *board, uint32_t len);

bool flash_read(const struct board *board, uint32_t at, void *buf, size_t len);
bool flash_program(
    const struct board *board, uint32_t at, const void *buf, size_t len);

/* Are all bytes in [at, end) as an erase leaves them? */
bool flash_blank(const struct board *board, uint32_t at, uint32_t end);

/* Makes the sector at this address blank, erasing it only if it is not. */
bool flash_make_blank(const struct board *board, uint32_t at);

/*
 * A writer that gathers bytes into whole write units and keeps their CRC-32C.
 * Errors stick in `failed`.
 */
struct flash_sink {
	uint32_t at; /* where the gathered bytes will go */
	uint32_t crc;
	uint8_t fill;
	bool failed;
	uint8_t buf[FLASH_CHUNK_LEN];
};

/*
 * An entry of a log: magic and length, that many bytes, a CRC-32C of all, ones
 * up to a whole write unit.  It is there once its last byte is programmed.
 */
enum { ENTRY_HEAD_LEN = 4, ENTRY_CRC_LEN = 4 };

/* Bytes of flash that an entry with len bytes takes. */
uint32_t entry_whole_len(const struct board *board, uint32_t len);

/* Begins an entry at `at`; its len bytes follow by sink_put. */
void sink_begin(struct flash_sink *sink, const struct board *board, uint32_t at,
    uint16_t magic, uint16_t len);
void sink_put(struct flash_sink *sink, const struct board *board,
    const void *bytes, size_t len);

/* Ends it; true if nothing failed. */
bool sink_end(struct flash_sink *sink, const struct board *board);

/* Length of the bytes of the entry at `at`; false if none can be there. */
bool entry_len(const struct board *board, uint32_t at, uint32_t end,
    uint16_t magic, uint16_t *len);

/* The same, and all of it is there. */
bool entry_check(const struct board *board, uint32_t at, uint32_t end,
    uint16_t magic, uint16_t *len);

/* Little-endian numbers in flash. */
void put_le16(uint8_t *bytes, uint16_t value);
void put_le32(uint8_t *bytes, uint32_t value);
void put_le64(uint8_t *bytes, uint64_t value);
uint16_t get_le16(const uint8_t *bytes);
uint32_t get_le32(const uint8_t *bytes);
uint64_t get_le64(const uint8_t *bytes);

#endif
