/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE

/*
 * usage: usb PROGRAM FOLDER ROUNDS
 *
 * A year's dump by the program over an emulated bus, unit and all of it in the
 * folder.  First at full speed's pace: 19 packets of 64 bytes in each frame of
 * 1 ms (USB 2.0 table 5-9).  Prints "paced SLOTS USED BYTES": of the bus' slots
 * between the first and the last full packet to the host, those used.  Then
 * without a pace, in turn with a program that does nothing but read the same
 * number of bytes with libusb, in packets alike: prints "cpu OURS BARE BYTES",
 * in microseconds, each round.  A frame lasts longer when this program is late
 * for it, not when the other is.
 */

#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../devices/virtual/virtual.h"
#include "../../proto/errors.h"
#include "../faults/must.h"
#include "../usb/usbfs.h"

enum {
	FRAME_PACKETS = 19,
	PARTS = 4, /* of a frame, in which packets move at once */
	PART_NS = 250000,
	TICK_US = 200,
	ENV_LEN = 300,
	BARE_COUNT = 4,
	BARE_LEN = 4096,
	BARE_MS = 20000,
};

struct rig {
	struct bus *bus;
	struct usbfs *usbfs;
	struct virtual_collar *collar;
	struct usb_device usb;
	char env[3][ENV_LEN];
	size_t bytes;  /* to the host */
	size_t canned; /* bytes to send in place of the unit's */
	bool bare;
	/* of the bus: so far, and at the first and last full packet */
	unsigned long slots, moved, first_slot, first_moved, last_slot,
	    last_moved;
};

static int
on_control(
    void *self, const uint8_t setup[USB_SETUP_LEN], uint8_t *in, size_t cap)
{
	struct rig *rig = self;

	return virtual_usb_control(rig->collar, &rig->usb, setup, in, cap);
}

static int
on_out(void *self, const uint8_t *packet, size_t len)
{
	struct rig *rig = self;

	return virtual_usb_out(rig->collar, &rig->usb, packet, len);
}

static int
canned_in(struct rig *rig, uint8_t packet[USB_PACKET_LEN])
{
	size_t len =
	    rig->canned < USB_PACKET_LEN ? rig->canned : USB_PACKET_LEN;

	if (len == 0)
		return USB_NAK;
	memset(packet, 0xa5, len);
	rig->canned -= len;

	return (int)len;
}

static int
on_in(void *self, uint8_t packet[USB_PACKET_LEN])
{
	struct rig *rig = self;
	int len = rig->bare ? canned_in(rig, packet)
			    : virtual_usb_in(rig->collar, &rig->usb, packet);

	if (len > 0)
		rig->bytes += (size_t)len;
	if (len == USB_PACKET_LEN) {
		rig->last_slot = rig->slots;
		rig->last_moved = rig->moved;
		if (rig->first_slot == 0) {
			rig->first_slot = rig->slots;
			rig->first_moved = rig->moved;
		}
	}

	return len;
}

/* A part of a frame; one that comes late is not made up for. */
static void
part_pass(struct rig *rig, struct timespec *next, unsigned part)
{
	unsigned slots =
	    FRAME_PACKETS * (part + 1) / PARTS - FRAME_PACKETS * part / PARTS;
	struct timespec now;

	for (unsigned i = 0; i < slots; i++) {
		rig->slots++;
		rig->moved += usbfs_pump(rig->usbfs, 1);
	}
	next->tv_nsec += PART_NS;
	if (next->tv_nsec >= 1000000000) {
		next->tv_nsec -= 1000000000;
		next->tv_sec++;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > next->tv_sec ||
	    (now.tv_sec == next->tv_sec && now.tv_nsec > next->tv_nsec))
		*next = now;
	else
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

static pid_t
start(const struct rig *rig, const char *const argv[])
{
	const char *const env[] = { rig->env[0], rig->env[1], rig->env[2],
		NULL };
	pid_t pid = fork();

	must(pid >= 0, "fork");
	if (pid == 0) {
		execve(argv[0], (char *const *)(uintptr_t)argv,
		    (char *const *)(uintptr_t)env);
		_exit(127);
	}

	return pid;
}

static long
microseconds(const struct rusage *used)
{
	return (used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000L +
	    used->ru_utime.tv_usec + used->ru_stime.tv_usec;
}

/* Runs it to its end; the CPU time it took, in microseconds. */
static long
run(struct rig *rig, const char *const argv[], bool paced)
{
	static const uint8_t configure[USB_SETUP_LEN] = { 0, 9, 1 };
	struct timespec next;
	struct rusage used;
	unsigned part = 0;
	uint8_t none[1];
	int status;
	pid_t pid;

	virtual_usb_reset(rig->collar, &rig->usb);
	on_control(rig, configure, none, 0);
	rig->bytes = 0;
	usbfs_unpaced(rig->usbfs, !paced);
	clock_gettime(CLOCK_MONOTONIC, &next);
	pid = start(rig, argv);
	while (wait4(pid, &status, WNOHANG, &used) == 0) {
		usbfs_lock(rig->usbfs);
		virtual_follow_clock(rig->collar);
		usbfs_unlock(rig->usbfs);
		if (paced) {
			part_pass(rig, &next, part);
			part = (part + 1) % PARTS;
		} else {
			usbfs_pump(rig->usbfs, UINT32_MAX);
			usleep(TICK_US);
		}
	}
	must(WIFEXITED(status) && WEXITSTATUS(status) == 0, argv[0]);
	usbfs_forget(rig->usbfs);

	return microseconds(&used);
}

/* The bare reader, a program of its own. */

static size_t bare_left;

static void LIBUSB_CALL
bare_landed(struct libusb_transfer *transfer)
{
	size_t len = (size_t)transfer->actual_length;

	must(transfer->status == LIBUSB_TRANSFER_COMPLETED, "reading");
	bare_left -= len < bare_left ? len : bare_left;
	if (bare_left > 0)
		must(libusb_submit_transfer(transfer) == 0, "reading on");
}

static int
bare(size_t bytes)
{
	static uint8_t buffers[BARE_COUNT][BARE_LEN];
	libusb_device_handle *handle;

	must(libusb_init(NULL) == 0, "libusb");
	handle = libusb_open_device_with_vid_pid(NULL, USB_VID, USB_PID);
	must(handle != NULL && libusb_claim_interface(handle, 0) == 0,
	    "the device");
	bare_left = bytes;
	for (unsigned i = 0; i < BARE_COUNT; i++) {
		struct libusb_transfer *transfer = libusb_alloc_transfer(0);

		libusb_fill_bulk_transfer(transfer, handle, USB_ENDPOINT_IN,
		    buffers[i], BARE_LEN, bare_landed, NULL, BARE_MS);
		must(libusb_submit_transfer(transfer) == 0, "reading");
	}
	while (bare_left > 0)
		must(libusb_handle_events(NULL) == 0, "waiting");
	_exit(0); /* the last transfers have nothing to wait for */
}

static struct rig *
rig_new(const char *folder)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	const struct usbfs_device device = {
		.self = rig, .control = on_control, .out = on_out, .in = on_in
	};
	char *const env[2] = { rig->env[0], rig->env[1] };
	char why[VIRTUAL_WHY_MAX];

	must(rig != NULL && setenv("COLLARCTL_SIM_DIR", folder, 1) == 0 &&
		setenv("TMPDIR", folder, 1) == 0,
	    "setting up");
	must(virtual_open(&rig->collar, "year", "history=365d", true, why) ==
		E_OK,
	    "the unit");
	rig->bus = bus_new();
	rig->usbfs = usbfs_new(rig->bus, 1, &device);
	usbfs_plug(rig->usbfs);
	bus_environment(rig->bus, env, ENV_LEN);
	snprintf(rig->env[2], ENV_LEN, "HOME=%s", folder);

	return rig;
}

static void
measure(struct rig *rig, const char *program, const char *folder, int rounds)
{
	char file[ENV_LEN], text[24];
	const char *const dump[] = { program, "-p", "usb", "data", "dump", "-o",
		file, NULL };
	const char *const reader[] = { "/proc/self/exe", "--bare", text, NULL };

	snprintf(file, sizeof(file), "%s/year.csv", folder);
	run(rig, dump, true);
	printf("paced %lu %lu %zu\n", rig->last_slot - rig->first_slot,
	    rig->last_moved - rig->first_moved, rig->bytes);
	for (int i = 0; i < rounds; i++) {
		long ours, bare_us;
		size_t bytes;

		unlink(file);
		ours = run(rig, dump, false);
		bytes = rig->canned = rig->bytes;
		snprintf(text, sizeof(text), "%zu", bytes);
		rig->bare = true;
		bare_us = run(rig, reader, false);
		rig->bare = false;
		printf("cpu %ld %ld %zu\n", ours, bare_us, bytes);
	}
	unlink(file);
}

int
main(int argc, char *argv[])
{
	struct rig *rig;

	if (argc == 3 && strcmp(argv[1], "--bare") == 0)
		return bare(strtoul(argv[2], NULL, 10));
	must(argc == 4, "usage: usb PROGRAM FOLDER ROUNDS");
	bus_reexec(argv);
	rig = rig_new(argv[2]);
	measure(rig, argv[1], argv[2], atoi(argv[3]));
	usbfs_free(&rig->usbfs);
	bus_free(&rig->bus);
	virtual_close(&rig->collar);
	free(rig);

	return 0;
}
