/* SPDX-License-Identifier: BSD-2-Clause */
/* What calls the codec for a unit, as a program for the wire has it. */

#include "../../proto/cbor.h"
#include "unit.h"

size_t
unit_write(uint8_t *buf, size_t cap, const struct unit *u)
{
	struct cbor_out out = cbor_writer(buf, cap);

	cbor_put_map(&out, 15);
	cbor_put_uint(&out, 1);
	cbor_put_text(&out, u->serial, u->serial_len);
	cbor_put_uint(&out, 2);
	cbor_put_text(&out, u->place, u->place_len);
	cbor_put_uint(&out, 3);
	cbor_put_uint(&out, u->model);
	cbor_put_uint(&out, 4);
	cbor_put_uint(&out, u->firmware);
	cbor_put_uint(&out, 5);
	cbor_put_uint(&out, u->made_at);
	cbor_put_uint(&out, 6);
	cbor_put_bytes(&out, u->id, u->id_len);
	cbor_put_uint(&out, 7);
	cbor_put_int(&out, u->offset);
	cbor_put_uint(&out, 8);
	cbor_put_uint(&out, u->timeout_s);
	cbor_put_uint(&out, 9);
	cbor_put_uint(&out, u->ports);
	cbor_put_uint(&out, 10);
	cbor_put_bool(&out, u->live);
	cbor_put_uint(&out, 11);
	cbor_put_null(&out);
	cbor_put_uint(&out, 12);
	cbor_put_uint(&out, u->total);
	cbor_put_uint(&out, 13);
	cbor_put_int(&out, u->balance);
	cbor_put_uint(&out, 14);
	cbor_put_uint(&out, u->energy);
	cbor_put_uint(&out, 15);
	cbor_put_text(&out, u->note, u->note_len);

	return cbor_len(&out, buf);
}

bool
unit_read(struct unit *u, const uint8_t *buf, size_t len)
{
	struct cbor_in in = cbor_reader(buf, len);

	for (size_t n = cbor_get_map(&in); n > 0; n--)
		switch (cbor_get_int(&in, INT16_MIN, INT16_MAX)) {
		case 1:
			u->serial = cbor_get_text(&in, &u->serial_len);
			break;
		case 2:
			u->place = cbor_get_text(&in, &u->place_len);
			break;
		case 3:
			u->model = (uint8_t)cbor_get_uint(&in, UINT8_MAX);
			break;
		case 4:
			u->firmware = (uint16_t)cbor_get_uint(&in, UINT16_MAX);
			break;
		case 5:
			u->made_at = cbor_get_uint(&in, UINT32_MAX);
			break;
		case 6:
			u->id = cbor_get_bytes(&in, &u->id_len);
			break;
		case 7:
			u->offset = cbor_get_int(&in, INT8_MIN, INT8_MAX);
			break;
		case 8:
			u->timeout_s = cbor_get_uint(&in, UINT32_MAX);
			break;
		case 9:
			u->ports = (uint8_t)cbor_get_uint(&in, UINT8_MAX);
			break;
		case 10:
			u->live = cbor_get_bool(&in);
			break;
		case 11:
			u->none = cbor_get_null(&in);
			break;
		case 12:
			u->total = cbor_get_uint(&in, UINT32_MAX);
			break;
		case 13:
			u->balance = cbor_get_int(&in, INT32_MIN, INT32_MAX);
			break;
		case 14:
			u->energy = cbor_get_uint64(&in, UINT64_MAX);
			break;
		case 15:
			u->note = cbor_get_text(&in, &u->note_len);
			break;
		default:
			cbor_skip(&in);
		}

	return cbor_done(&in);
}
