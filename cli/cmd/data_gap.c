/* SPDX-License-Identifier: BSD-2-Clause */

#include "data.h"

json_t *
time_json(uint32_t at, bool known)
{
	char text[UTC_TEXT_LEN];

	return known ? json_string(utc_text(text, at)) : json_null();
}

json_t *
gap_json(const struct gap *gap)
{
	json_t *object = json_object();

	json_object_set_new(
	    object, "from", time_json(gap->from, !gap->untrusted));
	json_object_set_new(object, "to", time_json(gap->to, !gap->untrusted));
	json_object_set_new(object, "why", json_string(gap->why));

	return object;
}

void
gap_print(FILE *file, const char *lead, const struct gap *gap)
{
	char from[UTC_TEXT_LEN], to[UTC_TEXT_LEN];

	if (gap->untrusted)
		fprintf(
		    file, "%sbreak at a time not known: %s\n", lead, gap->why);
	else if (gap->to > gap->from)
		fprintf(file, "%sgap from %s to %s: %s\n", lead,
		    utc_text(from, gap->from), utc_text(to, gap->to), gap->why);
	else
		fprintf(file, "%sbreak at %s: %s\n", lead,
		    utc_text(from, gap->from), gap->why);
}

bool
gap_next(const struct dump_span *spans, size_t count, size_t *at,
    const struct dump_span **before, struct gap *gap)
{
	while (*at < count) {
		const struct dump_span *last = *before, *span = &spans[(*at)++];

		if (span->records == 0)
			continue;
		*before = span;
		if (last && gap_between(last, span, gap))
			return true;
	}

	return false;
}
