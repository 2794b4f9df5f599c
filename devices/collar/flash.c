/* SPDX-License-Identifier: BSD-2-Clause */

#include "flash.h"

#include <string.h>

#include "../../proto/frame.h"

void
put_le16(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
}

void
put_le32(uint8_t *bytes, uint32_t value)
{
	put_le16(bytes, (uint16_t)value);
	put_le16(bytes + 2, (uint16_t)(value >> 16));
}

uint16_t
get_le16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

uint32_t
get_le32(const uint8_t *bytes)
{
	return get_le16(bytes) | (uint32_t)get_le16(bytes + 2) << 16;
}

void
put_le64(uint8_t *bytes, uint64_t value)
{
	put_le32(bytes, (uint32_t)value);
	put_le32(bytes + 4, (uint32_t)(value >> 32));
}

uint64_t
get_le64(const uint8_t *bytes)
{
	return get_le32(bytes) | (uint64_t)get_le32(bytes + 4) << 32;
}

struct flash_area
flash_area(const struct board *board, enum flash_user user)
{
	const struct flash_geometry *flash = &board->flash;
	struct flash_area area = { 0, flash->store_sectors };

	if (user == FLASH_STORE)
		return area;
	area.first += area.sectors;
	area.sectors = flash->event_sectors;
	if (user == FLASH_EVENTS)
		return area;
	area.first += area.sectors;
	area.sectors = flash->data_sectors;
	return area;
}

uint32_t
flash_at(
    const struct board *board, const struct flash_area *area, uint32_t sector)
{
	return (area->first + sector) * board->flash.sector_len;
}

bool
flash_geometry_ok(const struct board *board)
{
	const struct flash_geometry *flash = &board->flash;
	uint32_t unit = flash->write_unit;

	return unit >= 1 && unit <= FLASH_UNIT_MAX &&
	    (unit & (unit - 1)) == 0 && flash->sector_len >= 1024 &&
	    flash->sector_len % 1024 == 0 && flash->store_sectors >= 2 &&
	    flash->event_sectors >= 2 && flash->data_sectors >= 2;
}

uint32_t
flash_whole_units(const struct board *board, uint32_t len)
{
	uint32_t unit = board->flash.write_unit;

	return (len + unit - 1) / unit * unit;
}

bool
flash_read(const struct board *board, uint32_t at, void *buf, size_t len)
{
	return board->ops->flash_read(board->self, at, buf, len);
}

bool
flash_program(
    const struct board *board, uint32_t at, const void *buf, size_t len)
{
	return board->ops->flash_program(board->self, at, buf, len);
}

static bool
is_blank(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0xff)
			return false;
	return true;
}

bool
flash_blank(const struct board *board, uint32_t at, uint32_t end)
{
	uint8_t buf[FLASH_CHUNK_LEN];

	while (at < end) {
		uint32_t len = end - at < sizeof(buf) ? end - at : sizeof(buf);

		if (!flash_read(board, at, buf, len) || !is_blank(buf, len))
			return false;
		at += len;
	}
	return true;
}

bool
flash_make_blank(const struct board *board, uint32_t at)
{
	uint32_t len = board->flash.sector_len;

	if (flash_blank(board, at, at + len))
		return true;
	return board->ops->flash_erase(board->self, at / len) &&
	    flash_blank(board, at, at + len);
}

uint32_t
entry_whole_len(const struct board *board, uint32_t len)
{
	return flash_whole_units(board, ENTRY_HEAD_LEN + len + ENTRY_CRC_LEN);
}

static void
sink_flush(struct flash_sink *sink, const struct board *board)
{
	if (!sink->failed &&
	    !flash_program(board, sink->at, sink->buf, sink->fill))
		sink->failed = true;
	sink->at += sink->fill;
	sink->fill = 0;
}

static void
sink_gather(struct flash_sink *sink, const struct board *board,
    const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		size_t room = sizeof(sink->buf) - sink->fill;
		size_t now = len < room ? len : room;

		memcpy(sink->buf + sink->fill, bytes, now);
		sink->fill = (uint8_t)(sink->fill + now);
		bytes += now;
		len -= now;
		if (sink->fill == sizeof(sink->buf))
			sink_flush(sink, board);
	}
}

void
sink_begin(struct flash_sink *sink, const struct board *board, uint32_t at,
    uint16_t magic, uint16_t len)
{
	uint8_t head[ENTRY_HEAD_LEN];

	sink->at = at;
	sink->crc = 0;
	sink->fill = 0;
	sink->failed = false;
	put_le16(head, magic);
	put_le16(head + 2, len);
	sink_put(sink, board, head, sizeof(head));
}

void
sink_put(struct flash_sink *sink, const struct board *board, const void *bytes,
    size_t len)
{
	sink->crc = crc32c(sink->crc, bytes, len);
	sink_gather(sink, board, bytes, len);
}

bool
sink_end(struct flash_sink *sink, const struct board *board)
{
	uint8_t crc[ENTRY_CRC_LEN];
	uint32_t whole;

	put_le32(crc, sink->crc);
	sink_gather(sink, board, crc, sizeof(crc));
	if (sink->fill > 0) {
		whole = flash_whole_units(board, sink->fill);
		memset(sink->buf + sink->fill, 0xff, whole - sink->fill);
		sink->fill = (uint8_t)whole;
		sink_flush(sink, board);
	}
	return !sink->failed;
}

bool
entry_len(const struct board *board, uint32_t at, uint32_t end, uint16_t magic,
    uint16_t *len)
{
	uint8_t head[ENTRY_HEAD_LEN];

	if (at > end || end - at < ENTRY_HEAD_LEN + ENTRY_CRC_LEN ||
	    !flash_read(board, at, head, sizeof(head)) ||
	    get_le16(head) != magic)
		return false;
	*len = get_le16(head + 2);
	return *len <= end - at - ENTRY_HEAD_LEN - ENTRY_CRC_LEN;
}

bool
entry_check(const struct board *board, uint32_t at, uint32_t end,
    uint16_t magic, uint16_t *len)
{
	uint8_t buf[FLASH_CHUNK_LEN];
	uint32_t crc = 0, left;

	if (!entry_len(board, at, end, magic, len))
		return false;
	for (left = ENTRY_HEAD_LEN + (uint32_t)*len; left > 0;) {
		uint32_t now = left < sizeof(buf) ? left : sizeof(buf);

		if (!flash_read(board, at, buf, now))
			return false;
		crc = crc32c(crc, buf, now);
		at += now;
		left -= now;
	}
	return flash_read(board, at, buf, ENTRY_CRC_LEN) &&
	    get_le32(buf) == crc;
}
