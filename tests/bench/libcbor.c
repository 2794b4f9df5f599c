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
	len = cbor_serialize(map, encoded, sizeof(encoded));
	cbor_decref(&map);

	return len;
}

static int64_t
int_of(const cbor_item_t *item)
{
	int64_t value = (int64_t)cbor_get_int(item);

	return cbor_isa_negint(item) ? -1 - value : value;
}

static const char *
text_of(const cbor_item_t *item, size_t *len)
{
	*len = cbor_string_length(item);

	return (const char *)cbor_string_handle(item);
}

static void
take(struct unit *u, int64_t key, const cbor_item_t *item)
{
	switch (key) {
	case 1:
		u->serial = text_of(item, &u->serial_len);
		break;
	case 2:
		u->place = text_of(item, &u->place_len);
		break;
	case 3:
		u->model = (uint8_t)cbor_get_int(item);
		break;
	case 4:
		u->firmware = (uint16_t)cbor_get_int(item);
		break;
	case 5:
		u->made_at = (uint32_t)cbor_get_int(item);
		break;
	case 6:
		u->id = cbor_bytestring_handle(item);
		u->id_len = cbor_bytestring_length(item);
		break;
	case 7:
		u->offset = (int32_t)int_of(item);
		break;
	case 8:
		u->timeout_s = (uint32_t)cbor_get_int(item);
		break;
	case 9:
		u->ports = (uint8_t)cbor_get_int(item);
		break;
	case 10:
		u->live = cbor_get_bool(item);
		break;
	case 11:
		u->none = cbor_is_null(item);
		break;
	case 12:
		u->total = (uint32_t)cbor_get_int(item);
		break;
	case 13:
		u->balance = (int32_t)int_of(item);
		break;
	case 14:
		u->energy = cbor_get_int(item);
		break;
	case 15:
		u->note = text_of(item, &u->note_len);
		break;
	}
}

/* The tree of a unit's texts: kept until the next is read. */
static cbor_item_t *tree;

static uint64_t
unit_of(const struct input *input)
{
	struct cbor_load_result result;
	struct cbor_pair *pairs;

	if (tree != NULL)
		cbor_decref(&tree);
	tree = cbor_load(input->bytes, input->len, &result);
	pairs = cbor_map_handle(tree);
	for (size_t i = 0; i < cbor_map_size(tree); i++)
		take(&decoded, int_of(pairs[i].key), pairs[i].value);

	return 1;
}

static uint64_t
unit_decode(void)
{
	return unit_of(&unit_in);
}

static uint64_t
ext_decode(void)
{
	return unit_of(&ext_in);
}

static uint64_t
rev_decode(void)
{
	return unit_of(&rev_in);
}

static uint64_t
find(const struct input *input, int64_t key)
{
	struct cbor_load_result result;
	cbor_item_t *map = cbor_load(input->bytes, input->len, &result);
	struct cbor_pair *pairs = cbor_map_handle(map);
	uint64_t found = 0;

	for (size_t i = 0; found == 0 && i < cbor_map_size(map); i++)
		if (int_of(pairs[i].key) == key)
			found = cbor_get_int(pairs[i].value);
	cbor_decref(&map);

	return found;
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
	cbor_item_t *rows = cbor_new_definite_array(ROWS);
	size_t len;

	for (int row = 0; row < ROWS; row++) {
		cbor_item_t *one = cbor_new_definite_array(COLUMNS);

		for (int column = 0; column < COLUMNS; column++)
			(void)cbor_array_push(
			    one, cbor_move(build_int(grid[row][column])));
		(void)cbor_array_push(rows, cbor_move(one));
	}
	len = cbor_serialize(rows, encoded, sizeof(encoded));
	cbor_decref(&rows);

	return len;
}

static uint64_t
grid_decode(void)
{
	struct cbor_load_result result;
	cbor_item_t *rows = cbor_load(grid_in.bytes, grid_in.len, &result);
	int64_t sum = 0;

	for (size_t i = 0; i < cbor_array_size(rows); i++) {
		cbor_item_t **cells =
		    cbor_array_handle(cbor_array_handle(rows)[i]);

		for (size_t j = 0; j < COLUMNS; j++)
			sum += int_of(cells[j]);
	}
	cbor_decref(&rows);

	return (uint64_t)sum;
}

bool
codec_accepts(const uint8_t *bytes, size_t len)
{
	struct cbor_load_result result;
	cbor_item_t *item = cbor_load(bytes, len, &result);

	if (item == NULL)
		return false;
	cbor_decref(&item);

	return result.read == len;
}

/* It checks no more than it must to build its tree, and no less. */
const struct load loads[] = {
	{ "unit-encode", unit_encode },
	{ "unit-decode", unit_decode },
	{ "unit-check-decode", unit_decode },
	{ "ext-decode", ext_decode },
	{ "ext-find", ext_find },
	{ "rev-decode", rev_decode },
	{ "rev-find", rev_find },
	{ "grid-encode", grid_encode },
	{ "grid-decode", grid_decode },
	{ 0 },
};
