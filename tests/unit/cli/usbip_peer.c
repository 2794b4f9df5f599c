/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../cli/usbip/peer.h"
#include "../../../proto/errors.h"

#include <cmocka.h>
#include <errno.h>
#include <string.h>

enum { DEVID = 0x10002 };

/* A device that does as it is told, and remembers what it was given. */
struct device {
	int out, in; /* what the pipes answer: 0, USBIP_NAK, USBIP_STALL */
	size_t has;  /* bytes left to give, in full packets and then a short */
	size_t took; /* bytes */
	unsigned packets, resets;
	bool closes; /* a short packet is still to come */
};

static void
device_reset(void *ctx)
{
	struct device *device = ctx;

	device->resets++;
}

static int
device_control(void *ctx, const uint8_t *setup, uint8_t *in, size_t cap)
{
	(void)ctx;
	if (setup[1] != 8)
		return USBIP_STALL;
	if (cap > 0)
		in[0] = 1;

	return cap > 0;
}

static int
device_out(void *ctx, const uint8_t *packet, size_t len)
{
	struct device *device = ctx;

	assert_non_null(packet);
	assert_in_range(len, 0, 64);
	if (device->out == 0) {
		device->took += len;
		device->packets++;
	}

	return device->out;
}

static int
device_in(void *ctx, uint8_t *packet)
{
	struct device *device = ctx;
	size_t len = device->has < 64 ? device->has : 64;

	if (device->in < 0)
		return device->in;
	if (len == 0 && !device->closes)
		return USBIP_NAK;
	memset(packet, 'x', len);
	device->has -= len;
	device->closes = len == 64;

	return (int)len;
}

static const struct usbip_ops ops = {
	.reset = device_reset,
	.control = device_control,
	.out = device_out,
	.in = device_in,
};

struct scene {
	struct device device;
	struct usbip_export export;
	struct usbip_bus bus;
	struct usbip_peer peer;
};

static int
scene_new(void **state)
{
	static struct scene scene;

	memset(&scene, 0, sizeof(scene));
	scene.export = (struct usbip_export){
		.ops = &ops,
		.device = &scene.device,
		.told = { .busid = "1-1", .busnum = 1, .devnum = 2 },
	};
	scene.bus = (struct usbip_bus){ &scene.export, 1 };
	usbip_peer_init(&scene.peer, &scene.bus, 0);
	*state = &scene;

	return 0;
}

static int
scene_end(void **state)
{
	struct scene *scene = *state;

	usbip_peer_end(&scene->peer);

	return 0;
}

static void
tell(struct scene *scene, const void *bytes, size_t len)
{
	assert_int_equal(usbip_peer_receive(&scene->peer, bytes, len, 0), E_OK);
}

/* All that there is to send, which must be len bytes. */
static void
fetch(struct scene *scene, uint8_t *bytes, size_t len)
{
	const uint8_t *next;
	size_t part, at = 0;

	while ((next = usbip_peer_next(&scene->peer, &part)) != NULL) {
		part = part > 7 ? 7 : part; /* in pieces */
		assert_true(at + part <= len);
		memcpy(bytes + at, next, part);
		usbip_peer_sent(&scene->peer, part);
		at += part;
	}
	assert_int_equal(at, len);
}

static int
scene_imported(void **state)
{
	static const uint8_t request[USBIP_OP_LEN + USBIP_BUSID_LEN] = { 0x01,
		0x11, 0x80, 0x03, 0, 0, 0, 0, '1', '-', '1' };
	uint8_t reply[USBIP_OP_LEN + USBIP_DEVICE_LEN];
	struct scene *scene;

	scene_new(state);
	scene = *state;
	tell(scene, request, sizeof(request));
	fetch(scene, reply, sizeof(reply));
	assert_ptr_equal(scene->export.importer, &scene->peer);
	assert_int_equal(scene->device.resets, 1);

	return 0;
}

static void
submit(struct scene *scene, uint32_t seqnum, enum usbip_direction direction,
    uint32_t len)
{
	const struct usbip_submit message = {
		.basic = { USBIP_CMD_SUBMIT, seqnum, DEVID, direction, 1 },
		.len = len,
		.packets = UINT32_MAX,
	};
	static const uint8_t data[USBIP_TRANSFER_MAX];
	uint8_t bytes[USBIP_HEADER_LEN];

	tell(scene, bytes, usbip_encode(&usbip_submit, &message, bytes));
	if (direction == USBIP_OUT)
		tell(scene, data, len);
}

static void
expect(struct scene *scene, uint32_t seqnum, int32_t status, uint32_t len,
    size_t data_len)
{
	static uint8_t bytes[USBIP_HEADER_LEN + USBIP_TRANSFER_MAX];
	struct usbip_submitted answer;

	fetch(scene, bytes, USBIP_HEADER_LEN + data_len);
	usbip_decode(&usbip_submitted, &answer, bytes);
	assert_int_equal(answer.basic.command, USBIP_RET_SUBMIT);
	assert_int_equal(answer.basic.seqnum, seqnum);
	assert_int_equal(answer.status, status);
	assert_int_equal(answer.len, len);
}

static void
nothing(struct scene *scene)
{
	size_t len;

	assert_null(usbip_peer_next(&scene->peer, &len));
}

static void
move(struct scene *scene)
{
	while (usbip_peer_move(&scene->peer) > 0)
		continue;
}

static void
a_transfer_waits_while_the_device_says_nak(void **state)
{
	struct scene *scene = *state;

	scene->device.out = USBIP_NAK;
	submit(scene, 1, USBIP_OUT, 100);
	submit(scene, 2, USBIP_IN, 100);
	nothing(scene);
	scene->device.has = 70;
	move(scene);
	expect(scene, 2, 0, 70, 70);
	scene->device.out = 0;
	move(scene);
	expect(scene, 1, 0, 100, 0);
	assert_int_equal(scene->device.took, 100);
	assert_int_equal(scene->device.packets, 2);
}

static void
a_full_packet_ends_a_transfer_that_it_fills(void **state)
{
	struct scene *scene = *state;

	scene->device.has = 128;
	submit(scene, 1, USBIP_IN, 128);
	expect(scene, 1, 0, 128, 128);
	/* the burst's end is a transfer of its own */
	submit(scene, 2, USBIP_IN, 128);
	expect(scene, 2, 0, 0, 0);
}

static void
a_stall_ends_it_with_what_has_moved(void **state)
{
	struct scene *scene = *state;

	scene->device.has = 64;
	submit(scene, 1, USBIP_IN, 200);
	expect(scene, 1, 0, 64, 64);
	submit(scene, 2, USBIP_IN, 200);
	nothing(scene);
	scene->device.in = USBIP_STALL;
	move(scene);
	expect(scene, 2, -EPIPE, 0, 0);
}

static void
a_long_transfer_leaves_others_their_turn(void **state)
{
	struct scene *scene = *state;

	scene->device.has = USBIP_TRANSFER_MAX;
	submit(scene, 1, USBIP_IN, USBIP_TRANSFER_MAX);
	nothing(scene);
	assert_int_equal(usbip_peer_move(&scene->peer), 1);
	nothing(scene);
	move(scene);
	expect(scene, 1, 0, USBIP_TRANSFER_MAX, USBIP_TRANSFER_MAX);
}

static void
nothing_is_read_while_replies_are_not_fetched(void **state)
{
	static uint8_t bytes[3 * (USBIP_HEADER_LEN + USBIP_TRANSFER_MAX / 2)];
	struct scene *scene = *state;

	for (uint32_t i = 1; i <= 3; i++) {
		scene->device.has += USBIP_TRANSFER_MAX / 2;
		submit(scene, i, USBIP_IN, USBIP_TRANSFER_MAX / 2);
	}
	tell(scene, "\0\0", 2); /* the fourth has begun */
	move(scene);
	assert_false(usbip_peer_reads(&scene->peer));
	assert_int_equal(usbip_peer_check_time(&scene->peer, 50000), E_OK);
	/* the third one stays with the device until there is room */
	assert_int_equal(scene->device.has, USBIP_TRANSFER_MAX / 2);
	fetch(scene, bytes, sizeof(bytes) / 3 * 2);
	assert_true(usbip_peer_reads(&scene->peer));
	assert_int_equal(usbip_peer_check_time(&scene->peer, 59999), E_OK);
	move(scene);
	expect(scene, 3, 0, USBIP_TRANSFER_MAX / 2, USBIP_TRANSFER_MAX / 2);
}

static void
a_host_that_stops_within_a_message_is_given_up(void **state)
{
	struct scene *scene = *state;

	submit(scene, 1, USBIP_IN, 64);
	assert_int_equal(usbip_peer_check_time(&scene->peer, UINT32_MAX), E_OK);
	tell(scene, "\0\0\0", 3);
	assert_int_equal(
	    usbip_peer_check_time(&scene->peer, USBIP_PATIENCE_MS - 1), E_OK);
	assert_int_equal(
	    usbip_peer_check_time(&scene->peer, USBIP_PATIENCE_MS), E_BAD_DATA);
	assert_string_equal(
	    scene->peer.why, "command: 3 of 48 bytes came, no more for 10 s");
}

static void
a_host_that_stops_within_data_is_given_up(void **state)
{
	const struct usbip_submit message = {
		.basic = { USBIP_CMD_SUBMIT, 4, DEVID, USBIP_OUT, 1 },
		.len = 100,
	};
	struct scene *scene = *state;
	uint8_t bytes[USBIP_HEADER_LEN];

	tell(scene, bytes, usbip_encode(&usbip_submit, &message, bytes));
	tell(scene, bytes, 10);
	assert_int_equal(
	    usbip_peer_check_time(&scene->peer, USBIP_PATIENCE_MS), E_BAD_DATA);
	assert_string_equal(scene->peer.why,
	    "CMD_SUBMIT 4: 10 of 100 bytes came, no more for 10 s");
}

static void
a_host_that_says_nothing_at_all_is_given_up(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(
	    usbip_peer_check_time(&scene->peer, USBIP_PATIENCE_MS - 1), E_OK);
	assert_int_equal(
	    usbip_peer_check_time(&scene->peer, USBIP_PATIENCE_MS), E_BAD_DATA);
	assert_string_equal(
	    scene->peer.why, "OP request: 0 of 8 bytes came, no more for 10 s");
}

static void
a_list_that_is_not_fetched_is_given_up(void **state)
{
	struct scene *scene = *state;

	tell(scene, "\x01\x11\x80\x05\0\0\0\0 and more", 17);
	assert_false(usbip_peer_reads(&scene->peer));
	assert_false(usbip_peer_is_over(&scene->peer));
	assert_int_equal(
	    usbip_peer_check_time(&scene->peer, USBIP_PATIENCE_MS), E_BAD_DATA);
	assert_string_equal(
	    scene->peer.why, "reply: it is not fetched for 10 s");
}

static void
the_end_of_a_host_frees_its_device(void **state)
{
	struct scene *scene = *state;

	scene->device.out = USBIP_NAK;
	submit(scene, 1, USBIP_OUT, 1000);
	submit(scene, 2, USBIP_IN, 1000);
	usbip_peer_end(&scene->peer);
	assert_null(scene->export.importer);
	assert_int_equal(scene->device.resets, 2);
	nothing(scene);
}

static void
a_cable_is_pulled_before_too_much_moves(void **state)
{
	struct scene *scene = *state;

	scene->export.cut_after = 150;
	submit(scene, 1, USBIP_OUT, 100);
	expect(scene, 1, 0, 100, 0);
	scene->device.has = 60;
	submit(scene, 2, USBIP_IN, 60);
	expect(scene, 2, -ESHUTDOWN, 0, 0);
	assert_true(scene->export.gone);
	assert_true(usbip_peer_is_over(&scene->peer));
	submit(scene, 3, USBIP_IN, 60);
	nothing(scene);
}

static void
a_serial_number_is_printable(void **state)
{
	struct usbip_export export = { .ops = &ops };
	char serial[USBIP_SERIAL_MAX];

	(void)state;
	/* this device has no descriptors */
	assert_string_equal(usbip_serial(&export, serial), "");
	assert_false(usbip_describe(&export, "unit", 1));
}

int
main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, scene_new, scene_end)
#define IMPORTED(test) \
	cmocka_unit_test_setup_teardown(test, scene_imported, scene_end)
	const struct CMUnitTest tests[] = {
		IMPORTED(a_transfer_waits_while_the_device_says_nak),
		IMPORTED(a_full_packet_ends_a_transfer_that_it_fills),
		IMPORTED(a_stall_ends_it_with_what_has_moved),
		IMPORTED(a_long_transfer_leaves_others_their_turn),
		IMPORTED(nothing_is_read_while_replies_are_not_fetched),
		IMPORTED(a_host_that_stops_within_a_message_is_given_up),
		IMPORTED(a_host_that_stops_within_data_is_given_up),
		FRESH(a_host_that_says_nothing_at_all_is_given_up),
		FRESH(a_list_that_is_not_fetched_is_given_up),
		IMPORTED(the_end_of_a_host_frees_its_device),
		IMPORTED(a_cable_is_pulled_before_too_much_moves),
		cmocka_unit_test(a_serial_number_is_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
