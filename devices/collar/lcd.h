/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_LCD_H
#define COLLAR_LCD_H

/*
 * What the glass shows, as a function of the unit.
 */

#include "../../proto/message.h"
#include "relay.h"
#include "testmode.h"
#include "unit.h"

enum { LCD_PAGES = 4, LCD_PAGE_MS = 3000, LCD_COUNTDOWN_S = 60 };

/* The glass now; hex_status as conditions_now gives it. */
void lcd_glass(const struct unit_now *unit, const struct relay *relay,
    const struct testmode *test, uint32_t hex_status, struct glass *glass);

/* All that scrolls, in order, whether or not it does just now. */
void lcd_pages(const struct unit_now *unit, struct texts *pages);

/* Milliseconds, at least 1, until the glass may change by itself. */
uint32_t lcd_next_due_ms(const struct unit_now *unit, const struct relay *relay,
    const struct testmode *test);

#endif
