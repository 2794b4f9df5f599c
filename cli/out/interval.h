/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OUT_INTERVAL_H
#define OUT_INTERVAL_H

/*
 * Interval data as people and scripts see it: the eleven columns of the
 * export, and JSON, from one table of columns.
 */

#include "../../proto/interval.h"
#include "out.h"

struct interval_style {
	const char *serial; /* of the unit, or its hardware id */
	bool us_time;       /* 12/4/2016 17:30 */
	bool whole_kwh;     /* registers truncated to whole kWh */
};

/* The CSV's head line. */
void interval_csv_head(struct out *out);

/* One line; a time that the unit could not trust is left empty. */
void interval_csv_row(struct out *out, const struct interval_style *style,
    const struct block_header *header, const struct interval *record);

/* One record as JSON; new reference. */
json_t *interval_json(
    const struct block_header *header, const struct interval *record);

#endif
