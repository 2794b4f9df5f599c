/* SPDX-License-Identifier: BSD-2-Clause */

#include "lcd.h"

#include <string.h>

#include "../../proto/status.h"

/* Text in the making, cut at GLASS_LEN. */
struct line {
	char *at;
	size_t len;
};

static void
line_put(struct line *line, const char *text)
{
	for (; *text != '\0' && line->len < GLASS_LEN; text++)
		line->at[line->len++] = *text;
	line->at[line->len] = '\0';
}

static void
line_number(struct line *line, uint32_t number)
{
	char digits[11];
	size_t i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	line_put(line, digits + i);
}

/* One decimal, or dashes while the meter chip gives no value. */
static void
page_measured(char *at, bool measured, uint32_t tenths, const char *unit)
{
	struct line line = { .at = at };

	if (measured) {
		line_number(&line, tenths / 10);
		line_put(&line, ".");
		line_number(&line, tenths % 10);
	} else {
		line_put(&line, "---.-");
	}
	line_put(&line, unit);
}

static void
page_energy(char *at, const char *label, uint32_t wh)
{
	struct line line = { .at = at };

	line_put(&line, label);
	line_number(&line, wh / 1000);
	line_put(&line, " kWh");
}

void
lcd_pages(const struct unit_now *unit, struct texts *pages)
{
	const struct board_inputs *in = unit->in;

	memset(pages, 0, sizeof(*pages));
	pages->count = LCD_PAGES;
	page_measured(pages->at[0], in->metering_ok, in->grid_dv, " V");
	page_measured(
	    pages->at[1], in->metering_ok, (in->current_ca + 5) / 10, " A");
	page_energy(pages->at[2], "P ", unit->energy_produced_wh);
	page_energy(pages->at[3], "C ", unit->energy_consumed_wh);
}

static bool
lit(const struct unit_now *unit)
{
	return unit->in->utility && unit->in->breaker_shut;
}

static bool
counts_down(const struct relay *relay, const struct unit_now *unit)
{
	return relay_shuts_in_s(relay, unit) <= LCD_COUNTDOWN_S;
}

static void
show_countdown(struct line *line, uint32_t seconds)
{
	line_put(line, "SHUt ");
	line_number(line, seconds);
}

static void
show_page(struct line *line, const struct unit_now *unit)
{
	struct texts pages;

	lcd_pages(unit, &pages);
	line_put(line, pages.at[unit->now_ms / LCD_PAGE_MS % LCD_PAGES]);
}

static void
show_text(const struct unit_now *unit, const struct relay *relay, char *text)
{
	struct line line = { .at = text };

	if (unit->in->flipped)
		line_put(&line, "FLIPPED");
	else if (counts_down(relay, unit))
		show_countdown(&line, relay_shuts_in_s(relay, unit));
	else if (unit_operational(unit))
		show_page(&line, unit);
	else if (!unit->in->modem_registered)
		line_put(&line, "no CEL");
	else
		line_put(&line, "b4 EnA");
}

static void
show_all(struct glass *glass)
{
	memset(glass->text, '8', 8);
	glass->thumbs_up = true;
	glass->arrow = true;
	glass->skull = true;
	glass->all_segments = true;
}

void
lcd_glass(const struct unit_now *unit, const struct relay *relay,
    const struct testmode *test, uint32_t hex_status, struct glass *glass)
{
	memset(glass, 0, sizeof(*glass));
	glass->blank = !lit(unit);
	if (glass->blank)
		return;
	if (testmode_lights_all(test, unit->now_ms)) {
		show_all(glass);
		return;
	}
	show_text(unit, relay, glass->text);
	glass->thumbs_up = unit_operational(unit) && !unit->in->flipped;
	glass->arrow = unit->in->relay_shut;
	glass->skull = (hex_status & COND_BIT(COND_CRITICAL)) != 0;
}

uint32_t
lcd_next_due_ms(const struct unit_now *unit, const struct relay *relay,
    const struct testmode *test)
{
	uint32_t due = UINT32_MAX;

	if (!lit(unit) || testmode_lights_all(test, unit->now_ms))
		return due;
	if (unit_operational(unit))
		due = LCD_PAGE_MS - (uint32_t)(unit->now_ms % LCD_PAGE_MS);
	if (counts_down(relay, unit) && due > 1000)
		due = 1000;
	return due;
}
