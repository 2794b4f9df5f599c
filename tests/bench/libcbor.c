/* SPDX-License-Identifier: BSD-2-Clause */
/* The reference: the same loads by libcbor, which builds and reads trees. */

#include <cbor.h>

#include "load.h"

static void
add(cbor_item_t *map, uint8_t key, cbor_item_t *value)
{
	(void)cbor_map_add(map,
	    (struct cbor_pair){ .key = cbor_move(cbor_build_uint8(key)),
		.value = cbor_move(value) });
}

static cbor_item_t *
build_int(int64_t value)
{
	uint64_t bits = value < 0 ? (uint64_t)(-1 - value) : (uint64_t)value;
	cbor_item_t *item = bits <= UINT8_MAX ? cbor_build_uint8((uint8_t)bits)
	    : bits <= UINT16_MAX ? cbor_build_uint16((uint16_t)bits)
	    : bits <= UINT32_MAX ? cbor_build_uint32((uint32_t)bits)
				 : cbor_build_uint64(bits);

	if (value < 0)
		cbor_mark_negint(item);

	return item;
}

static uint64_t
unit_encode(void)
{
	cbor_item_t *map = cbor_new_definite_map(15);
	uint8_t buf[ENCODED_MAX];
	size_t len;

	add(map, 1, cbor_build_stringn(unit.serial, unit.serial_len));
	add(map, 2, cbor_build_stringn(unit.place, unit.place_len));
	add(map, 3, build_int(unit.model));
	add(map, 4, build_int(unit.firmware));
	add(map, 5, build_int(unit.made_at));
	add(map, 6, cbor_build_bytestring(unit.id, unit.id_len));
	add(map, 7, build_int(unit.offset));
	add(map, 8, build_int(unit.timeout_s));
	add(map, 9, build_int(unit.ports));
	add(map, 10, cbor_build_bool(unit.live));
	add(map, 11, cbor_new_null());
	add(map, 12, build_int(unit.total));
	add(map, 13, build_int(unit.balance));
	add(map, 14, build_int((int64_t)unit.energy));
	add(map, 15, cbor_build_stringn(unit.note, unit.note_len));
	len = cbor_serialize(map, buf, sizeof(buf));
	cbor_decref(&map);

	return len;
}

static uint64_t
look_at(const cbor_item_t *item)
{
	if (cbor_isa_uint(item) || cbor_isa_negint(item))
		return cbor_get_int(item);
	if (cbor_isa_string(item))
		return cbor_string_length(item);
	if (cbor_isa_bytestring(item))
		return cbor_bytestring_length(item);

	return 1;
}

static uint64_t
map_decode(const uint8_t *bytes, size_t len)
{
	struct cbor_load_result result;
	cbor_item_t *map = cbor_load(bytes, len, &result);
	struct cbor_pair *pairs = cbor_map_handle(map);
	uint64_t sum = 0;

	for (size_t i = 0; i < cbor_map_size(map); i++)
		sum += look_at(pairs[i].key) + look_at(pairs[i].value);
	cbor_decref(&map);

	return sum;
}

static uint64_t
unit_decode(void)
{
	return map_decode(unit_bytes, unit_len);
}

static uint64_t
strangers_decode(void)
{
	return map_decode(strangers_bytes, strangers_len);
}

static uint64_t
grid_encode(void)
{
	cbor_item_t *rows = cbor_new_definite_array(ROWS);
	uint8_t buf[ENCODED_MAX];
	size_t len;

	for (int row = 0; row < ROWS; row++) {
		cbor_item_t *one = cbor_new_definite_array(COLUMNS);

		for (int column = 0; column < COLUMNS; column++)
			(void)cbor_array_push(
			    one, cbor_move(build_int(grid[row][column])));
		(void)cbor_array_push(rows, cbor_move(one));
	}
	len = cbor_serialize(rows, buf, sizeof(buf));
	cbor_decref(&rows);

	return len;
}

static uint64_t
grid_decode(void)
{
	struct cbor_load_result result;
	cbor_item_t *rows = cbor_load(grid_bytes, grid_len, &result);
	uint64_t sum = 0;

	for (size_t i = 0; i < cbor_array_size(rows); i++) {
		cbor_item_t **cells =
		    cbor_array_handle(cbor_array_handle(rows)[i]);

		for (size_t j = 0; j < COLUMNS; j++)
			sum += look_at(cells[j]);
	}
	cbor_decref(&rows);

	return sum;
}

const struct load loads[] = {
	{ "unit-encode", unit_encode },
	{ "unit-decode", unit_decode },
	{ "unit-gate-decode", unit_decode },
	{ "strangers-decode", strangers_decode },
	{ "grid-encode", grid_encode },
	{ "grid-decode", grid_decode },
	{ 0 },
};
