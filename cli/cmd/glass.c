/* SPDX-License-Identifier: BSD-2-Clause */

#include "glass.h"

#include <string.h>

#include "cmd.h"

const struct glass_row glass_rows[] = {
	[GLASS_BLANK] = { "blank", "(blank)",
	    "no utility power at the unit, or its breaker is open",
	    "utility power is out;the unit's breaker is open",
	    "verify utility power, verify that the breaker is shut" },
	[GLASS_FLIPPED] = { "FLIPPED", NULL,
	    "the unit is upside down: it refuses to be provisioned",
	    "the unit was seated upside down in the socket",
	    "re-seat the unit: field terminals at the top, breaker at the "
	    "bottom" },
	[GLASS_NO_CELL] = { "no CEL", NULL,
	    "the modem is not registered with the cellular network",
	    "the modem is not activated;no coverage of its carrier here",
	    "confirm that the modem is activated, confirm carrier coverage" },
	[GLASS_BEFORE_ENABLE] = { "b4 EnA", "b4 EnR",
	    "registered with the network, not provisioned yet",
	    "the unit was not provisioned;provisioning is still under way",
	    "provision the unit; if it stays so, confirm the unit's data with "
	    "the administrator" },
	[GLASS_SKULL] = { "skull", "skull-and-crossbones",
	    "critical failure: the smart functions are inoperable",
	    "the junction-box lid or the LCD's contacts are not seated;the "
	    "relay's contact does not follow;the meter chip or the memory is "
	    "faulty",
	    "check that the junction-box lid and the LCD contacts are seated; "
	    "contact the maker" },
	[GLASS_COUNTDOWN] = { "SHUt", NULL,
	    "the relay SHUTS by itself when the count ends",
	    "a hold on OPEN runs out;a scheduled SHUT comes due",
	    "keep clear of the DER circuit; to stop it: collarctl relay "
	    "cancel, "
	    "or collarctl relay confirm" },
	[GLASS_THUMBS_UP] = { "thumbs-up", "thumbs_up",
	    "the unit is provisioned", NULL, "none" },
	[GLASS_ARROW] = { "arrow", NULL,
	    "the relay is SHUT; without the arrow it is OPEN", NULL, "none" },
	[GLASS_PAGES] = { "pages", "scrolling values",
	    "voltage, current, energy produced (P) and consumed (C) of the DER "
	    "circuit",
	    NULL, "none" },
	[GLASS_ALL] = { "88888888", "all segments",
	    "test mode: every segment and icon is lit, so that a dead one "
	    "shows",
	    NULL, "look for segments or icons that stay dark" },
	{ 0 },
};

/* Upper bar, upper right, lower right, lower bar, lower left, upper left,
 * middle: bits 0 to 6. */
static const struct {
	char character;
	unsigned char segments;
} glyphs[] = {
	{ '0', 0x3f },
	{ '1', 0x06 },
	{ '2', 0x5b },
	{ '3', 0x4f },
	{ '4', 0x66 },
	{ '5', 0x6d },
	{ '6', 0x7d },
	{ '7', 0x07 },
	{ '8', 0x7f },
	{ '9', 0x6f },
	{ '-', 0x40 },
	{ '_', 0x08 },
	{ 'A', 0x77 },
	{ 'b', 0x7c },
	{ 'C', 0x39 },
	{ 'd', 0x5e },
	{ 'D', 0x5e },
	{ 'E', 0x79 },
	{ 'F', 0x71 },
	{ 'H', 0x76 },
	{ 'h', 0x74 },
	{ 'I', 0x06 },
	{ 'L', 0x38 },
	{ 'n', 0x54 },
	{ 'o', 0x5c },
	{ 'P', 0x73 },
	{ 'r', 0x50 },
	{ 'S', 0x6d },
	{ 't', 0x78 },
	{ 'U', 0x3e },
	{ 'V', 0x3e },
	{ 'y', 0x6e },
};

static unsigned
segments_of(char character)
{
	for (size_t i = 0; i < nitems(glyphs); i++)
		if (glyphs[i].character == character)
			return glyphs[i].segments;

	return 0;
}

struct lcd_advice
lcd_advise(const struct unit_state *state)
{
	enum glass_index row = GLASS_PAGES;

	if (state->lcd_blank)
		row = GLASS_BLANK;
	else if (strcmp(state->lcd_text, glass_rows[GLASS_ALL].text) == 0)
		row = GLASS_ALL;
	else if (state->lcd_skull)
		row = GLASS_SKULL;
	else
		for (int i = GLASS_FLIPPED; i <= GLASS_COUNTDOWN; i++)
			if (strncmp(state->lcd_text, glass_rows[i].text,
				strlen(glass_rows[i].text)) == 0)
				row = (enum glass_index)i;

	return (struct lcd_advice){ .meaning = glass_rows[row].meaning,
		.action = glass_rows[row].action };
}

json_t *
lcd_json(const struct unit_state *state)
{
	struct lcd_advice advice = lcd_advise(state);
	json_t *all = json_of(&msg_unit_state, state, state_collapse);
	json_t *lcd = json_incref(json_object_get(all, "lcd"));

	json_decref(all);
	json_object_set_new(lcd, "meaning", json_string(advice.meaning));
	json_object_set_new(lcd, "action", json_string(advice.action));

	return lcd;
}

/* The part of the text that stands in segments; units are printed beside. */
static size_t
digits_len(const char *text)
{
	static const char *const units[] = { " V", " A", " kWh", NULL };
	size_t len = strlen(text);

	for (int i = 0; units[i]; i++) {
		size_t unit = strlen(units[i]);

		if (len > unit && strcmp(text + len - unit, units[i]) == 0)
			return len - unit;
	}

	return len;
}

static void
draw_row(struct out *out, const char *text, size_t len, int row)
{
	static const char *const off = " ";

	for (size_t i = 0; i < len; i++) {
		unsigned lit = segments_of(text[i]);

		if (text[i] == '.') {
			out_print(out, "%s", row == 2 ? "." : " ");
			continue;
		}
		if (row == 0)
			out_print(out, " %s ", lit & 0x01 ? "_" : off);
		else if (row == 1)
			out_print(out, "%s%s%s", lit & 0x20 ? "|" : off,
			    lit & 0x40 ? "_" : off, lit & 0x02 ? "|" : off);
		else
			out_print(out, "%s%s%s", lit & 0x10 ? "|" : off,
			    lit & 0x08 ? "_" : off, lit & 0x04 ? "|" : off);
	}
	if (row == 2)
		out_print(out, "%s", text + len);
	out_print(out, "\n");
}

void
draw_glass(struct out *out, const struct unit_state *state)
{
	const char *text = state->lcd_text;

	if (state->lcd_blank) {
		out_print(out, "(the glass is blank)\n");
		return;
	}
	out_print(out, "%s%s%s\n", state->lcd_thumbs_up ? "[thumbs-up] " : "",
	    state->lcd_arrow ? "[arrow] " : "",
	    state->lcd_skull ? "[skull]" : "");
	for (int row = 0; row < 3; row++)
		draw_row(out, text, digits_len(text), row);
}
