/* SPDX-License-Identifier: BSD-2-Clause */
#include "flash.h"

#include <string.h>

static bool
is_inside(uint32_t at, size_t len)
{
	return at <= FLASH_LEN && len <= FLASH_LEN - at;
}

static bool
is_erased(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0xff)
			return false;

	return true;
}

bool
flash_get(const uint8_t *flash, uint32_t at, void *buf, size_t len)
{
	if (!is_inside(at, len))
		return false;
	memcpy(buf, flash + at, len);

	return true;
}

bool
flash_put(uint8_t *flash, uint32_t at, const void *buf, size_t len)
{
	if (!is_inside(at, len) || at % FLASH_WRITE_UNIT != 0 ||
	    len % FLASH_WRITE_UNIT != 0 || !is_erased(flash + at, len))
		return false;
	memcpy(flash + at, buf, len);

	return true;
}

bool
flash_wipe(uint8_t *flash, uint32_t sector)
{
	if (sector >= FLASH_SECTORS)
		return false;
	memset(
	    flash + (size_t)sector * FLASH_SECTOR_LEN, 0xff, FLASH_SECTOR_LEN);

	return true;
}
