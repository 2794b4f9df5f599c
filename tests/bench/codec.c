/* SPDX-License-Identifier: BSD-2-Clause */

#include "../../proto/cbor.h"
#include "load.h"

static uint64_t
unit_encode(void)
{
	return unit_write(encoded, sizeof(encoded), &unit);
}

static uint64_t
unit_decode(void)
{
	return unit_read(&decoded, unit_in.bytes, unit_in.len);
}

static uint64_t
unit_check_decode(void)
{
	return cbor_valid(unit_in.bytes, unit_in.len) && unit_decode();
}

static uint64_t
ext_decode(void)
{
	return unit_read(&decoded, ext_in.bytes, ext_in.len);
}

static uint64_t
rev_decode(void)
{
	return unit_read(&decoded, rev_in.bytes, rev_in.len);
}

static uint64_t
find(const struct input *input, int32_t key)
{
	struct cbor_in in = cbor_reader(input->bytes, input->len);

	for (size_t n = cbor_get_map(&in); n > 0; n--) {
		if (cbor_get_int(&in, INT16_MIN, INT16_MAX) == key)
			return cbor_get_uint(&in, UINT32_MAX);
		cbor_skip(&in);
	}

	return 0;
}

static uint64_t
ext_find(void)
{
	return find(&ext_in, FIND_EXT);
}

static uint64_t
rev_find(void)
{
	return find(&rev_in, FIND_REV);
}

static uint64_t
grid_encode(void)
{
	struct cbor_out out = cbor_writer(encoded, sizeof(encoded));

	cbor_put_array(&out, ROWS);
	for (int row = 0; row < ROWS; row++) {
		cbor_put_array(&out, COLUMNS);
		for (int column = 0; column < COLUMNS; column++)
			cbor_put_int(&out, grid[row][column]);
	}

	return cbor_len(&out, encoded);
}

static uint64_t
grid_decode(void)
{
	struct cbor_in in = cbor_reader(grid_in.bytes, grid_in.len);
	int64_t sum = 0;

	for (size_t rows = cbor_get_array(&in); rows > 0; rows--)
		for (size_t n = cbor_get_array(&in); n > 0; n--)
			sum += cbor_get_int(&in, INT32_MIN, INT32_MAX);

	return cbor_done(&in) ? (uint64_t)sum : 0;
}

bool
codec_accepts(const uint8_t *bytes, size_t len)
{
	return cbor_valid(bytes, len);
}

const struct load loads[] = {
	{ "unit-encode", unit_encode },
	{ "unit-decode", unit_decode },
	{ "unit-check-decode", unit_check_decode },
	{ "ext-decode", ext_decode },
	{ "ext-find", ext_find },
	{ "rev-decode", rev_decode },
	{ "rev-find", rev_find },
	{ "grid-encode", grid_encode },
	{ "grid-decode", grid_decode },
	{ 0 },
};
