/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../cli/usbip/wire.h"

#include <cmocka.h>
#include <string.h>

/* The struct becomes these bytes; with whatever in the padding, they become
 * the struct again, and nothing behind it. */
static void
passes(const struct usbip_layout *layout, const void *message, size_t size,
    const char *wanted, const char *padding)
{
	uint8_t bytes[USBIP_DEVICE_LEN], again[sizeof(struct usbip_device) + 1];
	size_t len = usbip_len(layout);

	assert_int_equal(usbip_encode(layout, message, bytes), len);
	assert_memory_equal(bytes, wanted, len);
	for (size_t i = 0; i < len; i++)
		bytes[i] |= (uint8_t)padding[i];
	memset(again, 0x5a, sizeof(again));
	usbip_decode(layout, again, bytes);
	assert_memory_equal(again, message, size);
	assert_int_equal(again[size], 0x5a);
}

static void
an_op_is_eight_bytes(void **state)
{
	static const struct usbip_op op = { 0x0111, 0x8003, 0x01020304 };

	(void)state;
	passes(&usbip_op, &op, sizeof(op), "\x01\x11\x80\x03\x01\x02\x03\x04",
	    "\0\0\0\0\0\0\0\0");
}

static void
a_list_counts_behind_its_op(void **state)
{
	static const struct usbip_list list = { 0x0111, 5, 0, 250 };

	(void)state;
	passes(&usbip_list, &list, sizeof(list),
	    "\x01\x11\x00\x05\0\0\0\0\0\0\0\xfa", "\0\0\0\0\0\0\0\0\0\0\0\0");
}

static void
a_device_is_two_texts_and_twelve_numbers(void **state)
{
	static const struct usbip_device device = {
		.path = "/a/b",
		.busid = "1-1",
		.busnum = 1,
		.devnum = 0x00020304,
		.speed = 2,
		.vendor = 0x1209,
		.product = 1,
		.release = 0x0100,
		.class_ = 0xff,
		.subclass = 0x4d,
		.protocol = 3,
		.configuration = 4,
		.configurations = 5,
		.interfaces = 6,
	};
	static const char none[USBIP_DEVICE_LEN];
	char wanted[USBIP_DEVICE_LEN] = "/a/b";

	(void)state;
	memcpy(wanted + 256, "1-1", 3);
	memcpy(wanted + 288,
	    "\0\0\0\x01\0\x02\x03\x04\0\0\0\x02\x12\x09\0\x01\x01\0"
	    "\xff\x4d\x03\x04\x05\x06",
	    24);
	passes(&usbip_device, &device, sizeof(device), wanted, none);
}

static void
an_interface_ends_in_padding(void **state)
{
	static const struct usbip_interface interface = { 0xff, 0x4d, 1 };

	(void)state;
	passes(&usbip_interface, &interface, sizeof(interface),
	    "\xff\x4d\x01\0", "\0\0\0\xee");
}

static void
a_submit_carries_a_setup(void **state)
{
	static const struct usbip_submit submit = {
		.basic = { 1, 0x0d05, 0x1000f, 1, 15 },
		.flags = 0x200,
		.len = 0x40,
		.start_frame = UINT32_MAX,
		.packets = 7,
		.interval = 4,
		.setup = { 0x80, 6, 0, 1, 0, 0, 0x40, 0 },
	};
	static const char none[USBIP_HEADER_LEN];

	(void)state;
	passes(&usbip_submit, &submit, sizeof(submit),
	    "\0\0\0\x01\0\0\x0d\x05\0\x01\0\x0f\0\0\0\x01\0\0\0\x0f"
	    "\0\0\x02\0\0\0\0\x40\xff\xff\xff\xff\0\0\0\x07\0\0\0\x04"
	    "\x80\x06\0\x01\0\0\x40\0",
	    none);
	assert_int_equal(usbip_len(&usbip_basic), 20);
}

static void
an_unlink_names_another_submit(void **state)
{
	static const struct usbip_unlink unlink = {
		.basic = { 2, 9, 0x10002, 0, 0 },
		.unlinked = 0xfffffffe,
	};
	char padding[USBIP_HEADER_LEN] = { 0 };

	(void)state;
	memset(padding + 24, 0x33, 24);
	passes(&usbip_unlink, &unlink, sizeof(unlink),
	    "\0\0\0\x02\0\0\0\x09\0\x01\0\x02\0\0\0\0\0\0\0\0\xff\xff\xff\xfe"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
	    padding);
}

static void
answers_carry_a_negative_errno(void **state)
{
	static const struct usbip_submitted submitted = {
		.basic = { .command = 3, .seqnum = 8 },
		.status = -32,
		.len = 5,
		.packets = UINT32_MAX,
		.errors = 1,
	};
	static const struct usbip_unlinked unlinked = {
		.basic = { .command = 4, .seqnum = 9 },
		.status = -104,
	};
	char padding[USBIP_HEADER_LEN] = { 0 };

	(void)state;
	memset(padding + 40, 0x33, 8);
	passes(&usbip_submitted, &submitted, sizeof(submitted),
	    "\0\0\0\x03\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xe0"
	    "\0\0\0\x05\0\0\0\0\xff\xff\xff\xff\0\0\0\x01\0\0\0\0\0\0\0\0",
	    padding);
	memset(padding + 24, 0x33, 24);
	passes(&usbip_unlinked, &unlinked, sizeof(unlinked),
	    "\0\0\0\x04\0\0\0\x09\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\x98"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
	    padding);
}

static void
faults_of_an_op_are_named(void **state)
{
	static const struct {
		struct usbip_op op;
		const char *fault; /* a part of it; NULL: it is good */
	} rows[] = {
		{ { 0x0111, 0x8005, 0 }, NULL },
		{ { 0x0111, 0x8003, 0 }, NULL },
		{ { 0x0106, 0x8003, 0 }, "version" },
		{ { 0, 0, 1 }, "version" },
		{ { 0x0111, 0x0003, 0 }, "code" },
		{ { 0x0111, 0x8002, 1 }, "code" },
		{ { 0x0111, 0x8003, 0x80000000 }, "status" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *fault = usbip_op_fault(&rows[i].op);

		if (rows[i].fault == NULL)
			assert_null(fault);
		else
			assert_non_null(strstr(fault, rows[i].fault));
	}
}

#define BULK(direction, ep) \
	{ \
		1, 1, 0, direction, ep \
	}

static void
faults_of_a_submit_are_named(void **state)
{
	static const struct {
		struct usbip_submit submit;
		const char *fault;
	} rows[] = {
		{ { .basic = BULK(0, 1), .len = INT32_MAX }, NULL },
		{ { .basic = BULK(1, 15), .packets = UINT32_MAX }, NULL },
		{ { .basic = BULK(1, 1), .setup = { 1, 2, 3 } }, NULL },
		{ { .basic = BULK(2, 1) }, "direction" },
		{ { .basic = BULK(UINT32_MAX, 16) }, "direction" },
		{ { .basic = BULK(0, 16) }, "end point" },
		{ { .basic = BULK(0, 0x81) }, "end point" },
		{ { .basic = BULK(0, 1), .len = 0x80000000 }, "length" },
		{ { .basic = BULK(0, 1), .len = UINT32_MAX }, "length" },
		{ { .basic = BULK(0, 1), .packets = 1 }, "isochronous" },
		{ { .basic = BULK(1, 1), .packets = 0xfffffffe },
		    "isochronous" },
		{ { .basic = BULK(1, 0),
		      .len = 0x1234,
		      .setup = { [0] = 0x80, [6] = 0x34, [7] = 0x12 } },
		    NULL },
		{ { .basic = BULK(0, 0),
		      .len = 1,
		      .setup = { [0] = 0x40, [6] = 1 } },
		    NULL },
		{ { .basic = BULK(0, 0), .setup = { 0x80 } }, NULL },
		{ { .basic = BULK(1, 0), .setup = { 0x00 } }, NULL },
		{ { .basic = BULK(1, 0),
		      .len = 0x1234,
		      .setup = { [0] = 0x80, [6] = 0x12, [7] = 0x34 } },
		    "wLength" },
		{ { .basic = BULK(0, 0),
		      .len = 0x10000,
		      .setup = { [0] = 0x40 } },
		    "wLength" },
		{ { .basic = BULK(0, 0),
		      .len = 1,
		      .setup = { [0] = 0x80, [6] = 1 } },
		    "other way" },
		{ { .basic = BULK(1, 0),
		      .len = 1,
		      .setup = { [0] = 0x7f, [6] = 1 } },
		    "other way" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *fault = usbip_submit_fault(&rows[i].submit);

		if (rows[i].fault == NULL)
			assert_null(fault);
		else
			assert_non_null(strstr(fault, rows[i].fault));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_op_is_eight_bytes),
		cmocka_unit_test(a_list_counts_behind_its_op),
		cmocka_unit_test(a_device_is_two_texts_and_twelve_numbers),
		cmocka_unit_test(an_interface_ends_in_padding),
		cmocka_unit_test(a_submit_carries_a_setup),
		cmocka_unit_test(an_unlink_names_another_submit),
		cmocka_unit_test(answers_carry_a_negative_errno),
		cmocka_unit_test(faults_of_an_op_are_named),
		cmocka_unit_test(faults_of_a_submit_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
