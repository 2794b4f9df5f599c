/* SPDX-License-Identifier: BSD-2-Clause */

#include "gaps.h"

bool
gap_between(const struct dump_span *before, const struct dump_span *after,
    struct gap *gap)
{
	uint32_t sample_s = after->sample_minutes * 60U;

	*gap = (struct gap){ .from = before->last_at,
		.to = after->first_at - sample_s,
		.untrusted = before->untrusted || after->untrusted };
	if (after->index != before->index + 1)
		gap->why = "unreadable";
	else if (after->cause != BLOCK_FULL)
		gap->why = block_cause_names[after->cause];
	else if (gap->from != gap->to && !gap->untrusted)
		gap->why = "missing";
	else
		return false;
	if (gap->to < gap->from && after->first_at > gap->from)
		gap->to = gap->from;

	return true;
}

bool
span_of_block(struct dump_span *span, const struct block_header *header,
    const struct interval *records, size_t count)
{
	if (count == 0)
		return false;
	*span = (struct dump_span){ .index = header->index,
		.first_at = records[0].at,
		.last_at = records[count - 1].at,
		.sample_minutes = header->sample_minutes,
		.cause = header->cause,
		.records = (uint16_t)count,
		.untrusted = header->untrusted };

	return true;
}
