/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VIRTUAL_FLASH_H
#define VIRTUAL_FLASH_H

/*
 * Flash with the rules of NOR: programming clears bits, no write unit is
 * programmed twice between erases, an erase sets a sector to 0xff.  What breaks
 * a rule fails and changes nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FLASH_SECTOR_LEN = 4096,
	FLASH_WRITE_UNIT = 8,
	FLASH_STORE_SECTORS = 8,
	FLASH_EVENT_SECTORS = 32,
	FLASH_DATA_SECTORS = 384, /* more than a year of quarter hours */
	FLASH_SECTORS =
	    FLASH_STORE_SECTORS + FLASH_EVENT_SECTORS + FLASH_DATA_SECTORS,
	FLASH_LEN = FLASH_SECTORS * FLASH_SECTOR_LEN,
};

/* All on the FLASH_LEN bytes at flash. */
bool flash_get(const uint8_t *flash, uint32_t at, void *buf, size_t len);
bool flash_put(uint8_t *flash, uint32_t at, const void *buf, size_t len);
bool flash_wipe(uint8_t *flash, uint32_t sector);

#endif
