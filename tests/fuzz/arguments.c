/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever a person may type where a duration, a time, a number, a model number
 * or a field of the record is expected.
 */

#include <string.h>

#include "../../cli/parse.h"
#include "../../proto/model.h"
#include "../../proto/record.h"
#include "support/feed.h"

enum { TEXT_MAX = 512 };

static void
try_fields(const char *text)
{
	struct record_change body;

	for (size_t i = 0; i < msg_record_change.count; i++) {
		const struct field *field = &msg_record_change.fields[i];
		struct failure failure = { 0 };

		memset(&body, 0, sizeof(body));
		if (parse_field(&msg_record_change, field, &body, text,
			&failure) == E_OK)
			must(field_check(field, &body) == E_OK);
		else
			must(failure.what[0] != '\0');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint64_t now_ms = 1795273200000;
	struct failure failure = { 0 };
	char text[TEXT_MAX];
	struct model model;
	uint32_t seconds;
	uint64_t utc_ms;
	int64_t number;

	if (len >= sizeof(text))
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	parse_duration(text, "--hold", &seconds, &failure);
	failure = (struct failure){ 0 };
	parse_time(text, "--at", now_ms, &utc_ms, &failure);
	failure = (struct failure){ 0 };
	parse_bound(text, "--since", now_ms, &utc_ms, &failure);
	failure = (struct failure){ 0 };
	if (parse_number(text, "--minutes", -5, 10, &number, &failure) == E_OK)
		must(number >= -5 && number <= 10);
	model_parse(text, &model, NULL);
	try_fields(text);

	return 0;
}
