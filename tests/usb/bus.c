/* SPDX-License-Identifier: BSD-2-Clause */

#include "bus.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../faults/must.h"

enum { BUS = 1, ADDRESS_FIRST = 2, NAME_LEN = 64, TEXT_LEN = 4096 };

static const char preload[] = "libumockdev-preload.so.0";

struct bus {
	UMockdevTestbed *bed;
	char root[BUS_PATH_LEN];
	unsigned address; /* the last that was taken */
	bool telling;
};

void
bus_reexec(char *const argv[])
{
	const char *loaded = getenv("LD_PRELOAD");

	if (loaded != NULL && strstr(loaded, preload) != NULL)
		return;
	must(setenv("LD_PRELOAD", preload, 1) == 0, "LD_PRELOAD");
	execv("/proc/self/exe", argv);
	must(0, "running anew");
}

void
bus_environment(const struct bus *bus, char *const env[2], size_t cap)
{
	snprintf(env[0], cap, "LD_PRELOAD=%s", preload);
	snprintf(env[1], cap, "UMOCKDEV_DIR=%s", bus->root);
}

static void
add(struct bus *bus, const char *text)
{
	GError *error = NULL;

	if (!umockdev_testbed_add_from_string(bus->bed, text, &error)) {
		fprintf(stderr, "usb: %s\n", error->message);
		exit(70);
	}
}

/* A root hub: libusb asks for the parent of what it finds. */
static void
add_hub(struct bus *bus)
{
	add(bus,
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

/* It minds that a program was killed: that is meant so. */
static void
on_message(const gchar *domain, GLogLevelFlags level, const gchar *message,
    gpointer user_data)
{
	if (strstr(message, "Destroying IoctlClient with open stream") == NULL)
		g_log_default_handler(domain, level, message, user_data);
}

struct bus *
bus_new(void)
{
	struct bus *bus = calloc(1, sizeof(*bus));
	char *root;

	must(bus != NULL, "memory");
	g_log_set_default_handler(on_message, NULL);
	bus->address = ADDRESS_FIRST - 1;
	bus->bed = umockdev_testbed_new();
	must(umockdev_in_mock_environment(), "not under umockdev's library");
	root = umockdev_testbed_get_root_dir(bus->bed);
	snprintf(bus->root, sizeof(bus->root), "%s", root);
	g_free(root);
	/* sockets of whoever listens for news are made there */
	must(chmod(bus->root, 0777) == 0, bus->root);
	add_hub(bus);

	return bus;
}

void
bus_free(struct bus **bus)
{
	if (*bus == NULL)
		return;
	bus_forget_listeners(*bus);
	g_object_unref((*bus)->bed);
	free(*bus);
	*bus = NULL;
}

void
bus_tell(struct bus *bus, bool telling)
{
	bus->telling = telling;
}

void
bus_forget_listeners(const struct bus *bus)
{
	char pattern[BUS_PATH_LEN + 16];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/event[0-9]*", bus->root);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		unlink(found.gl_pathv[i]);
	globfree(&found);
}

unsigned
bus_address(struct bus *bus, char path[BUS_PATH_LEN])
{
	char folder[BUS_PATH_LEN + 24];

	snprintf(folder, sizeof(folder), "%s/dev/bus/usb/%03d", bus->root, BUS);
	must(g_mkdir_with_parents(folder, 0755) == 0, folder);
	snprintf(path, BUS_PATH_LEN, "%.200s/%03u", folder, ++bus->address);

	return bus->address;
}

static void
node_name(unsigned address, char name[NAME_LEN])
{
	snprintf(name, NAME_LEN, "/dev/bus/usb/%03d/%03u", BUS, address);
}

/* A device in a port, and its interface. */
struct paths {
	char device[NAME_LEN], interface[NAME_LEN];
};

static struct paths
paths_of(unsigned port)
{
	struct paths paths;

	snprintf(
	    paths.device, NAME_LEN, "/sys/devices/usb%d/%d-%u", BUS, BUS, port);
	snprintf(paths.interface, NAME_LEN,
	    "/sys/devices/usb%d/%d-%u/%d-%u:1.0", BUS, BUS, port, BUS, port);

	return paths;
}

static void
news(struct bus *bus, const char *path, const char *action)
{
	if (bus->telling)
		umockdev_testbed_uevent(bus->bed, path, action);
}

void
bus_plug(struct bus *bus, unsigned port, unsigned address,
    const char *descriptors, UMockdevIoctlBase *handler)
{
	struct paths paths = paths_of(port);
	char text[TEXT_LEN], name[NAME_LEN];
	GError *error = NULL;

	/* it tells of what is added by itself, too */
	if (!bus->telling)
		bus_forget_listeners(bus);
	node_name(address, name);
	must(umockdev_testbed_attach_ioctl(bus->bed, name, handler, &error),
	    name);
	snprintf(text, sizeof(text),
	    "P: %s\n"
	    "E: DEVNAME=%s\n"
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
	    "P: %s\n"
	    "E: DEVTYPE=usb_interface\n"
	    "E: SUBSYSTEM=usb\n",
	    paths.device + strlen("/sys"), name, BUS, address, BUS, address,
	    descriptors, paths.interface + strlen("/sys"));
	add(bus, text);
	news(bus, paths.device, "add");
	news(bus, paths.interface, "add");
}

void
bus_unplug(struct bus *bus, unsigned port, unsigned address)
{
	struct paths paths = paths_of(port);
	char name[NAME_LEN];
	GError *error = NULL;

	news(bus, paths.interface, "remove");
	news(bus, paths.device, "remove");
	umockdev_testbed_remove_device(bus->bed, paths.interface);
	umockdev_testbed_remove_device(bus->bed, paths.device);
	node_name(address, name);
	must(umockdev_testbed_detach_ioctl(bus->bed, name, &error), name);
}

void
bus_open_to_all(const struct bus *bus, unsigned address)
{
	char socket[BUS_PATH_LEN + 2 * NAME_LEN], name[NAME_LEN];

	node_name(address, name);
	snprintf(socket, sizeof(socket), "%s/ioctl%s", bus->root, name);
	must(chmod(socket, 0666) == 0, socket);
}
