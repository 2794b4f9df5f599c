/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_GLASS_H
#define CMD_GLASS_H

/* What the LCD can show, once: for `lcd`, `status` and `explain`. */

struct glass_row {
	const char *text;  /* on the glass, or the name of an icon */
	const char *alias; /* another way to write it, or NULL */
	const char *meaning;
	const char *causes; /* in order, separated by ';', or NULL */
	const char *action;
};

enum glass_index {
	GLASS_BLANK,
	GLASS_FLIPPED,
	GLASS_NO_CELL,
	GLASS_BEFORE_ENABLE,
	GLASS_SKULL,
	GLASS_COUNTDOWN,
	GLASS_THUMBS_UP,
	GLASS_ARROW,
	GLASS_PAGES,
	GLASS_ALL,
};

extern const struct glass_row glass_rows[]; /* text NULL ends */

#endif
