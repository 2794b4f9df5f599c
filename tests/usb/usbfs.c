/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE

#include "usbfs.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <linux/usbdevice_fs.h>
#include <umockdev.h>

enum {
	BUS = 1,
	ADDRESS_FIRST = 2,
	PATH_LEN = 256,
	TEXT_LEN = 4096,
	DATA_MAX = 1 << 16,
	URBS_MAX = 64,
	ENDPOINT_DIR = 0x80,
};

static const char preload[] = "libumockdev-preload.so.0";
static const char device_path[] = "/sys/devices/usb1/1-1";
static const char interface_path[] = "/sys/devices/usb1/1-1/1-1:1.0";

/* A transfer of the program's. */
struct urb {
	UMockdevIoctlData *data, *buffer; /* NULL: this place is free */
	uint64_t order;
	unsigned address; /* of the device, which may be gone by now */
	uint8_t type, end;
	int len, actual, status;
	bool done, zero; /* zero: a full last packet is not the last */
	bool held;       /* taken back, and not yet told of */
};

struct usbfs {
	struct usbfs_device device;
	UMockdevTestbed *bed;
	UMockdevIoctlBase *handler;
	GMutex lock;
	struct urb urbs[URBS_MAX];
	uint64_t order;
	struct usbfs_counts counts;
	char root[PATH_LEN], node[PATH_LEN];
	unsigned address;
	int master, slave; /* of the terminal that stands for the node */
	bool plugged, severed, occupied, plain, unpaced, telling, holding;
	bool ready; /* poll(2) tells the program that there is one to reap */
};

void
must(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "usb: %s: %s\n", what, strerror(errno));
	exit(70);
}

void
usbfs_reexec(char *const argv[])
{
	const char *loaded = getenv("LD_PRELOAD");

	if (loaded != NULL && strstr(loaded, preload) != NULL)
		return;
	must(setenv("LD_PRELOAD", preload, 1) == 0, "LD_PRELOAD");
	execv("/proc/self/exe", argv);
	must(0, "running anew");
}

/*
 * The node is a terminal: it tells poll(2) "there is something to reap" and
 * "gone" as usbfs does, by its output going on and by its other end being
 * closed.  umockdev answers for what is opened below /dev; this is ours, so
 * that libc is passed by.
 */
static int
raw_open(const char *path)
{
	return (int)syscall(
	    SYS_openat, AT_FDCWD, path, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static long
raw_ioctl(int fd, unsigned long request, void *arg)
{
	return syscall(SYS_ioctl, fd, request, arg);
}

static void
ready_tell(struct usbfs *usbfs, bool ready)
{
	if (usbfs->slave < 0 || usbfs->ready == ready)
		return;
	raw_ioctl(
	    usbfs->slave, TCXONC, (void *)(uintptr_t)(ready ? TCOON : TCOOFF));
	usbfs->ready = ready;
}

static void
node_open(struct usbfs *usbfs)
{
	char slave[32], folder[PATH_LEN + 24];
	int unlocked = 0;
	unsigned number = 0;

	usbfs->master = raw_open("/dev/ptmx");
	must(usbfs->master >= 0 &&
		raw_ioctl(usbfs->master, TIOCSPTLCK, &unlocked) == 0 &&
		raw_ioctl(usbfs->master, TIOCGPTN, &number) == 0,
	    "/dev/ptmx");
	snprintf(slave, sizeof(slave), "/dev/pts/%u", number);
	usbfs->slave = raw_open(slave);
	must(usbfs->slave >= 0, slave);
	snprintf(
	    folder, sizeof(folder), "%s/dev/bus/usb/%03d", usbfs->root, BUS);
	must(g_mkdir_with_parents(folder, 0755) == 0, folder);
	snprintf(usbfs->node, sizeof(usbfs->node), "%.200s/%03u", folder,
	    usbfs->address);
	unlink(usbfs->node);
	if (usbfs->plain)
		must(close(creat(usbfs->node, 0666)) == 0, usbfs->node);
	else
		must(symlink(slave, usbfs->node) == 0, usbfs->node);
	usbfs->ready = true;
	ready_tell(usbfs, false);
}

static void
node_close(struct usbfs *usbfs)
{
	if (usbfs->master >= 0)
		close(usbfs->master);
	if (usbfs->slave >= 0)
		close(usbfs->slave);
	usbfs->master = usbfs->slave = -1;
	unlink(usbfs->node);
}

/* Of those of the device with that address: the first for an end point, or
 * (done) that is to be reaped. */
static struct urb *
urb_find(struct usbfs *usbfs, unsigned address, uint8_t end, bool done)
{
	struct urb *first = NULL;

	for (struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX; urb++)
		if (urb->data != NULL && urb->address == address &&
		    urb->done == done && (done || urb->end == end) &&
		    (first == NULL || urb->order < first->order))
			first = urb;

	return first;
}

static void
urb_free(struct usbfs *usbfs, struct urb *urb)
{
	g_object_unref(urb->data);
	g_object_unref(urb->buffer);
	*urb = (struct urb){ .data = NULL };
	usbfs->counts.under_way--;
}

/* In the order in which they end. */
static void
urb_end(struct usbfs *usbfs, struct urb *urb, int status)
{
	urb->status = status;
	urb->done = true;
	urb->order = usbfs->order++;
	ready_tell(usbfs, true);
}

static int
status_of(int result)
{
	return result == USB_STALL ? -EPIPE : result;
}

static void
control_run(struct usbfs *usbfs, struct urb *urb)
{
	uint8_t *bytes = urb->buffer->data;
	int n = usbfs->device.control(usbfs->device.self, bytes,
	    bytes + USB_SETUP_LEN, (size_t)urb->len - USB_SETUP_LEN);

	if (n >= 0)
		urb->actual = n;
	urb_end(usbfs, urb, n >= 0 ? 0 : status_of(n));
}

/* One packet of a bulk transfer; false if none moved. */
static bool
out_step(struct usbfs *usbfs, struct urb *urb)
{
	int left = urb->len - urb->actual;
	int len = left < USB_PACKET_LEN ? left : USB_PACKET_LEN;
	int n = usbfs->device.out(
	    usbfs->device.self, urb->buffer->data + urb->actual, (size_t)len);

	if (n == USB_NAK || usbfs->severed)
		return false;
	if (n == 0) {
		urb->actual += len;
		usbfs->counts.out_empty += len == 0;
		usbfs->counts.out_open = len == USB_PACKET_LEN;
	}
	if (n != 0 ||
	    (urb->actual == urb->len && !(urb->zero && len == USB_PACKET_LEN)))
		urb_end(usbfs, urb, status_of(n));

	return true;
}

static bool
in_step(struct usbfs *usbfs, struct urb *urb)
{
	uint8_t packet[USB_PACKET_LEN];
	int n = usbfs->device.in(usbfs->device.self, packet);

	if (n == USB_NAK || usbfs->severed)
		return false;
	if (n > 0) {
		memcpy(urb->buffer->data + urb->actual, packet, (size_t)n);
		urb->actual += n;
	}
	if (n < 0)
		urb_end(usbfs, urb, status_of(n));
	else if (n < USB_PACKET_LEN || urb->actual == urb->len)
		urb_end(usbfs, urb, 0);

	return true;
}

static bool
step(struct usbfs *usbfs)
{
	struct urb *out =
	    urb_find(usbfs, usbfs->address, USB_ENDPOINT_OUT, false);
	struct urb *in =
	    urb_find(usbfs, usbfs->address, USB_ENDPOINT_IN, false);

	if (usbfs->severed || !usbfs->plugged)
		return false;

	return (out != NULL && out_step(usbfs, out)) ||
	    (in != NULL && !usbfs->severed && in_step(usbfs, in));
}

static unsigned
pump(struct usbfs *usbfs, unsigned packets)
{
	unsigned moved = 0;

	while (moved < packets && step(usbfs))
		moved++;

	return moved;
}

unsigned
usbfs_pump(struct usbfs *usbfs, unsigned packets)
{
	unsigned moved;

	g_mutex_lock(&usbfs->lock);
	moved = pump(usbfs, packets);
	g_mutex_unlock(&usbfs->lock);

	return moved;
}

/* The calls of a program. */

static void
note_wanted(struct usbfs *usbfs)
{
	unsigned wanted = 0;

	for (const struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX;
	     urb++)
		wanted += urb->data != NULL && urb->end == USB_ENDPOINT_IN;
	if (wanted > usbfs->counts.in_wanted_most)
		usbfs->counts.in_wanted_most = wanted;
}

static int
submit(struct usbfs *usbfs, UMockdevIoctlData *arg)
{
	UMockdevIoctlData *data = umockdev_ioctl_data_resolve(
	    arg, 0, sizeof(struct usbdevfs_urb), NULL);
	const struct usbdevfs_urb *asked;
	struct urb *urb = usbfs->urbs;

	must(data != NULL, "a transfer");
	asked = (const struct usbdevfs_urb *)(const void *)data->data;
	while (urb->data != NULL)
		must(++urb < usbfs->urbs + URBS_MAX, "too many transfers");
	*urb = (struct urb){ .data = data,
		.buffer = umockdev_ioctl_data_resolve(data,
		    offsetof(struct usbdevfs_urb, buffer),
		    (gsize)asked->buffer_length, NULL),
		.order = usbfs->order++,
		.address = usbfs->address,
		.type = asked->type,
		.end = asked->endpoint,
		.len = asked->buffer_length,
		.zero = (asked->flags & USBDEVFS_URB_ZERO_PACKET) != 0 };
	must(urb->buffer != NULL, "the buffer of a transfer");
	usbfs->counts.submitted++;
	usbfs->counts.under_way++;
	if (urb->type == USBDEVFS_URB_TYPE_CONTROL)
		control_run(usbfs, urb);
	else
		note_wanted(usbfs);
	if (usbfs->unpaced)
		pump(usbfs, UINT32_MAX);

	return 0;
}

static int
reap_one(
    struct usbfs *usbfs, unsigned address, bool gone, UMockdevIoctlData *arg)
{
	struct urb *urb = urb_find(usbfs, address, 0, true);
	UMockdevIoctlData *pointer;
	struct usbdevfs_urb *told;

	if (urb == NULL)
		return gone ? ENODEV : EAGAIN;
	pointer = umockdev_ioctl_data_resolve(arg, 0, sizeof(void *), NULL);
	must(pointer != NULL, "where to tell of a transfer");
	told = (struct usbdevfs_urb *)(void *)urb->data->data;
	told->status = urb->status;
	told->actual_length = urb->actual;
	umockdev_ioctl_data_set_ptr(pointer, 0, urb->data);
	g_object_unref(pointer);
	urb_free(usbfs, urb);
	usbfs->counts.reaped++;
	if (!gone)
		ready_tell(usbfs, urb_find(usbfs, address, 0, true) != NULL);

	return 0;
}

static int
discard(struct usbfs *usbfs, UMockdevIoctlData *arg)
{
	UMockdevIoctlData *data = umockdev_ioctl_data_resolve(
	    arg, 0, sizeof(struct usbdevfs_urb), NULL);
	int errnum = EINVAL;

	for (struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX; urb++)
		if (urb->data != NULL && !urb->done &&
		    urb->data->client_addr == data->client_addr) {
			urb->held = usbfs->holding;
			if (!urb->held)
				urb_end(usbfs, urb, -ENOENT);
			usbfs->counts.discarded++;
			errnum = 0;
		}
	g_object_unref(data);

	return errnum;
}

static int
claim(struct usbfs *usbfs)
{
	if (usbfs->occupied)
		return EBUSY;
	usbfs->counts.claimed = 1;
	usbfs->counts.claims++;

	return 0;
}

static int
clear_halt(struct usbfs *usbfs, UMockdevIoctlData *arg)
{
	UMockdevIoctlData *data =
	    umockdev_ioctl_data_resolve(arg, 0, sizeof(unsigned), NULL);
	uint8_t setup[USB_SETUP_LEN] = { 0x02, 1 }, none[1];

	setup[4] = data->data[0];
	g_object_unref(data);

	return usbfs->device.control(usbfs->device.self, setup, none, 0) == 0
	    ? 0
	    : EPIPE;
}

static int
capabilities(UMockdevIoctlData *arg)
{
	static const uint32_t caps = USBDEVFS_CAP_ZERO_PACKET |
	    USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
	    USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
	UMockdevIoctlData *data =
	    umockdev_ioctl_data_resolve(arg, 0, sizeof(caps), NULL);

	memcpy(data->data, &caps, sizeof(caps));
	g_object_unref(data);

	return 0;
}

/* An errno, or 0. */
static int
call(struct usbfs *usbfs, unsigned address, gulong request,
    UMockdevIoctlData *arg)
{
	bool gone =
	    usbfs->severed || !usbfs->plugged || address != usbfs->address;

	switch (request) {
	case USBDEVFS_REAPURB:
	case USBDEVFS_REAPURBNDELAY:
		return reap_one(usbfs, address, gone, arg);
	case USBDEVFS_DISCARDURB:
		return discard(usbfs, arg);
	case USBDEVFS_GET_CAPABILITIES:
		return gone ? ENODEV : capabilities(arg);
	case USBDEVFS_RELEASEINTERFACE:
		if (gone)
			return ENODEV;
		usbfs->counts.claimed = 0;
		return 0;
	case USBDEVFS_CLAIMINTERFACE:
		return gone ? ENODEV : claim(usbfs);
	case USBDEVFS_GETDRIVER:
		return gone ? ENODEV : ENODATA;
	case USBDEVFS_CLEAR_HALT:
		return gone ? ENODEV : clear_halt(usbfs, arg);
	case USBDEVFS_SUBMITURB:
		return gone ? ENODEV : submit(usbfs, arg);
	default:
		return ENOTTY;
	}
}

static gboolean
on_ioctl(
    UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer user_data)
{
	struct usbfs *usbfs = user_data;
	UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
	const char *node = umockdev_ioctl_client_get_devnode(client);
	unsigned address = (unsigned)strtoul(strrchr(node, '/') + 1, NULL, 10);
	int errnum;

	(void)handler;
	g_mutex_lock(&usbfs->lock);
	errnum = call(
	    usbfs, address, umockdev_ioctl_client_get_request(client), arg);
	umockdev_ioctl_client_complete(client, errnum == 0 ? 0 : -1, errnum);
	g_mutex_unlock(&usbfs->lock);

	return TRUE;
}

/* The bus. */

static void
add(struct usbfs *usbfs, const char *text)
{
	GError *error = NULL;

	if (!umockdev_testbed_add_from_string(usbfs->bed, text, &error)) {
		fprintf(stderr, "usb: %s\n", error->message);
		exit(70);
	}
}

/* A root hub: libusb asks for the parent of what it finds. */
static void
add_hub(struct usbfs *usbfs)
{
	add(usbfs,
	    "P: /devices/usb1\n"
	    "E: DEVNAME=/dev/bus/usb/001/001\n"
	    "E: DEVTYPE=usb_device\n"
	    "E: SUBSYSTEM=usb\n"
	    "E: BUSNUM=001\n"
	    "E: DEVNUM=001\n"
	    "A: busnum=1\\n\n"
	    "A: devnum=1\\n\n"
	    "A: speed=12\\n\n"
	    "A: bConfigurationValue=1\\n\n"
	    "H: descriptors="
	    "12010002090000406B1D020005050302010109021900010100E0000904000001"
	    "090000000705810304000C\n");
}

static void
hex_descriptor(struct usbfs *usbfs, uint8_t type, char *text)
{
	const uint8_t setup[USB_SETUP_LEN] = { 0x80, 6, 0, type, 0, 0, 0xff };
	uint8_t in[USB_CONTROL_MAX];
	int len =
	    usbfs->device.control(usbfs->device.self, setup, in, sizeof(in));

	must(len > 0, "a descriptor");
	for (int i = 0; i < len; i++)
		sprintf(text + strlen(text), "%02X", in[i]);
}

static void
add_device(struct usbfs *usbfs)
{
	static const uint8_t configure[USB_SETUP_LEN] = { 0, 9, 1 };
	char text[TEXT_LEN], hex[600] = "";
	uint8_t none[1];

	hex_descriptor(usbfs, 1, hex);
	hex_descriptor(usbfs, 2, hex);
	must(usbfs->device.control(usbfs->device.self, configure, none, 0) == 0,
	    "configuring");
	snprintf(text, sizeof(text),
	    "P: /devices/usb1/1-1\n"
	    "E: DEVNAME=/dev/bus/usb/%03d/%03u\n"
	    "E: DEVTYPE=usb_device\n"
	    "E: SUBSYSTEM=usb\n"
	    "E: BUSNUM=%03d\n"
	    "E: DEVNUM=%03u\n"
	    "A: busnum=%d\\n\n"
	    "A: devnum=%u\\n\n"
	    "A: speed=12\\n\n"
	    "A: bConfigurationValue=1\\n\n"
	    "H: descriptors=%s\n"
	    "\n"
	    "P: /devices/usb1/1-1/1-1:1.0\n"
	    "E: DEVTYPE=usb_interface\n"
	    "E: SUBSYSTEM=usb\n",
	    BUS, usbfs->address, BUS, usbfs->address, BUS, usbfs->address, hex);
	add(usbfs, text);
}

static void
node_name(const struct usbfs *usbfs, char name[32])
{
	snprintf(name, 32, "/dev/bus/usb/%03d/%03u", BUS, usbfs->address);
}

static void
tell(struct usbfs *usbfs, const char *path, const char *action)
{
	if (usbfs->telling)
		umockdev_testbed_uevent(usbfs->bed, path, action);
}

/* umockdev dies of news to a program that has ended. */
static void
forget_listeners(const struct usbfs *usbfs)
{
	char pattern[PATH_LEN + 16];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/event[0-9]*", usbfs->root);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		unlink(found.gl_pathv[i]);
	globfree(&found);
}

void
usbfs_plug(struct usbfs *usbfs)
{
	GError *error = NULL;
	char name[32];

	must(!usbfs->plugged, "plugged in twice");
	g_mutex_lock(&usbfs->lock);
	usbfs->address++;
	usbfs->severed = false;
	usbfs->plugged = true;
	node_open(usbfs);
	g_mutex_unlock(&usbfs->lock);
	/* it tells of what is added by itself, too */
	if (!usbfs->telling)
		forget_listeners(usbfs);
	node_name(usbfs, name);
	must(umockdev_testbed_attach_ioctl(
		 usbfs->bed, name, usbfs->handler, &error),
	    name);
	add_device(usbfs);
	tell(usbfs, device_path, "add");
	tell(usbfs, interface_path, "add");
}

static void
sever(struct usbfs *usbfs)
{
	usbfs->severed = true;
	usbfs->counts.claimed = 0;
	for (struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX; urb++)
		if (urb->data != NULL && !urb->done)
			urb_end(usbfs, urb, -ESHUTDOWN);
	if (usbfs->master >= 0)
		close(usbfs->master);
	usbfs->master = -1;
}

void
usbfs_sever(struct usbfs *usbfs)
{
	sever(usbfs);
}

void
usbfs_unplug(struct usbfs *usbfs)
{
	GError *error = NULL;
	char name[32];

	if (!usbfs->plugged)
		return;
	node_name(usbfs, name);
	g_mutex_lock(&usbfs->lock);
	sever(usbfs);
	usbfs->plugged = false;
	node_close(usbfs);
	g_mutex_unlock(&usbfs->lock);
	tell(usbfs, interface_path, "remove");
	tell(usbfs, device_path, "remove");
	umockdev_testbed_remove_device(usbfs->bed, interface_path);
	umockdev_testbed_remove_device(usbfs->bed, device_path);
	must(umockdev_testbed_detach_ioctl(usbfs->bed, name, &error), name);
}

bool
usbfs_is_plugged(const struct usbfs *usbfs)
{
	return usbfs->plugged;
}

void
usbfs_plain(struct usbfs *usbfs)
{
	usbfs->plain = true;
}

/* umockdev's library, in the program, ends it if it may not ask there. */
void
usbfs_deny(struct usbfs *usbfs)
{
	char socket[PATH_LEN + 64];

	snprintf(socket, sizeof(socket), "%s/ioctl/dev/bus/usb/%03d/%03u",
	    usbfs->root, BUS, usbfs->address);
	must(chmod(socket, 0666) == 0, socket);
	must(chmod(usbfs->node, 0) == 0, usbfs->node);
}

void
usbfs_occupy(struct usbfs *usbfs, bool occupied)
{
	usbfs->occupied = occupied;
}

void
usbfs_hold(struct usbfs *usbfs, bool hold)
{
	g_mutex_lock(&usbfs->lock);
	usbfs->holding = hold;
	for (struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX; urb++)
		if (!hold && urb->data != NULL && urb->held && !urb->done)
			urb_end(usbfs, urb, -ENOENT);
	g_mutex_unlock(&usbfs->lock);
}

void
usbfs_tell(struct usbfs *usbfs, bool telling)
{
	usbfs->telling = telling;
}

void
usbfs_unpaced(struct usbfs *usbfs, bool unpaced)
{
	usbfs->unpaced = unpaced;
}

void
usbfs_forget(struct usbfs *usbfs)
{
	forget_listeners(usbfs);
	g_mutex_lock(&usbfs->lock);
	for (struct urb *urb = usbfs->urbs; urb < usbfs->urbs + URBS_MAX; urb++)
		if (urb->data != NULL)
			urb_free(usbfs, urb);
	usbfs->counts = (struct usbfs_counts){ .submitted = 0 };
	ready_tell(usbfs, false);
	g_mutex_unlock(&usbfs->lock);
}

struct usbfs_counts
usbfs_counts(const struct usbfs *usbfs)
{
	return usbfs->counts;
}

void
usbfs_lock(struct usbfs *usbfs)
{
	g_mutex_lock(&usbfs->lock);
}

void
usbfs_unlock(struct usbfs *usbfs)
{
	g_mutex_unlock(&usbfs->lock);
}

void
usbfs_environment(const struct usbfs *usbfs, char *const env[2], size_t cap)
{
	snprintf(env[0], cap, "LD_PRELOAD=%s", preload);
	snprintf(env[1], cap, "UMOCKDEV_DIR=%s", usbfs->root);
}

/* It minds that a program was killed: that is meant so. */
static void
on_message(const gchar *domain, GLogLevelFlags level, const gchar *message,
    gpointer user_data)
{
	if (strstr(message, "Destroying IoctlClient with open stream") == NULL)
		g_log_default_handler(domain, level, message, user_data);
}

struct usbfs *
usbfs_new(const struct usbfs_device *device)
{
	struct usbfs *usbfs = calloc(1, sizeof(*usbfs));
	char *root;

	must(usbfs != NULL, "memory");
	g_log_set_default_handler(on_message, NULL);
	usbfs->device = *device;
	usbfs->address = ADDRESS_FIRST - 1;
	usbfs->master = usbfs->slave = -1;
	usbfs->unpaced = true;
	g_mutex_init(&usbfs->lock);
	usbfs->bed = umockdev_testbed_new();
	must(umockdev_in_mock_environment(), "not under umockdev's library");
	root = umockdev_testbed_get_root_dir(usbfs->bed);
	snprintf(usbfs->root, sizeof(usbfs->root), "%s", root);
	g_free(root);
	/* sockets of whoever listens for news are made there */
	must(chmod(usbfs->root, 0777) == 0, usbfs->root);
	usbfs->handler = umockdev_ioctl_base_new();
	g_signal_connect(
	    usbfs->handler, "handle-ioctl", G_CALLBACK(on_ioctl), usbfs);
	add_hub(usbfs);

	return usbfs;
}

void
usbfs_free(struct usbfs **usbfs)
{
	if (*usbfs == NULL)
		return;
	usbfs_unplug(*usbfs);
	usbfs_forget(*usbfs);
	g_object_unref((*usbfs)->handler);
	g_object_unref((*usbfs)->bed);
	free(*usbfs);
	*usbfs = NULL;
}
