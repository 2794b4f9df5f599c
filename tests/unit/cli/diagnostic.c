/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "../../../cli/cmd/diagnostic.h"
#include "../../../proto/cbor.h"

struct row {
	const char *item; /* bytes, of len */
	size_t len;
	const char *text;
};

#define ROW(item, text) \
	{ \
		(item), sizeof(item) - 1, (text) \
	}

static void
check(const struct row *row)
{
	const uint8_t *item = (const uint8_t *)row->item;
	char *text;

	assert_true(cbor_valid(item, row->len));
	text = diagnostic_text(item, row->len);
	assert_non_null(text);
	assert_string_equal(text, row->text);
	free(text);
}

/* Examples of RFC 8949, appendix A, that lie within the profile. */
static void
values_read_as_in_the_standard(void **state)
{
	static const struct row rows[] = {
		ROW("\x00", "0"),
		ROW("\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
		    "18446744073709551615"),
		ROW("\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
		    "-18446744073709551616"),
		ROW("\x39\x03\xe7", "-1000"),
		ROW("\xf4", "false"),
		ROW("\xf5", "true"),
		ROW("\xf6", "null"),
		ROW("\x40", "h''"),
		ROW("\x44\x01\x02\x03\x04", "h'01020304'"),
		ROW("\x64IETF", "\"IETF\""),
		ROW("\x62\"\\", "\"\\\"\\\\\""),
		ROW("\x62\xc3\xbc", "\"ü\""),
		ROW("\x80", "[]"),
		ROW("\x83\x01\x82\x02\x03\x82\x04\x05", "[1, [2, 3], [4, 5]]"),
		ROW("\xa0", "{}"),
		ROW("\xa2\x61\x61\x01\x61\x62\x82\x02\x03",
		    "{\"a\": 1, \"b\": [2, 3]}"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
}

/* C1, two bytes in UTF-8, went through to the terminal: U+009B is CSI. */
static void
control_characters_never_reach_the_terminal(void **state)
{
	static const struct row rows[] = {
		ROW("\x63\x1b[m", "\"\\u001b[m\""),
		ROW("\x61\x7f", "\"\\u007f\""),
		ROW("\x63\xc2\x9bm", "\"\\u009bm\""),
		ROW("\x62\xc2\xa0", "\"\xc2\xa0\""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_read_as_in_the_standard),
		cmocka_unit_test(control_characters_never_reach_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
