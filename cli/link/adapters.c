/* SPDX-License-Identifier: BSD-2-Clause */

/* The serial ports that the system lists, and what they are made of. */

#include "link.h"

#include "../../proto/errors.h"

#include <dirent.h>
#include <libserialport.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char tty_folder[] = "/sys/class/tty";
static const char by_path_folder[] = "/dev/serial/by-path";

/*
 * Adapters that are optical probes and nothing else, as the public list of USB
 * IDs (usb.ids) has them.  Most probes are made with a bare converter's
 * numbers, which say nothing of what is behind it: those are named in the
 * configuration.
 */
static const struct {
	uint16_t vid, pid;
	const char *name;
} probes[] = {
	{ 0x0403, 0xe700, "Elster Unicom III" },
	{ 0x0403, 0xf458, "Abacus Electrics optical probe" },
};

const char *
serial_probe(const struct serial_port *port)
{
	for (size_t i = 0; i < sizeof(probes) / sizeof(*probes); i++)
		if (port->usb && port->vid == probes[i].vid &&
		    port->pid == probes[i].pid)
			return probes[i].name;

	return NULL;
}

static void
copy_text(char *to, size_t cap, const char *text)
{
	snprintf(to, cap, "%s", text == NULL ? "" : text);
}

/* Does the entry of the folder lead to the device?  Its path into path. */
static bool
leads_to(const char *entry, const char *device, char path[LINK_WHY_MAX])
{
	int len =
	    snprintf(path, LINK_WHY_MAX, "%s/%.200s", by_path_folder, entry);

	return len < LINK_WHY_MAX && link_same_file(path, device);
}

/* A socket may have several names, of which the first is as good as any. */
static void
find_by_path(const char *device, char by_path[LINK_WHY_MAX])
{
	DIR *folder = opendir(by_path_folder);
	const struct dirent *entry;
	char path[LINK_WHY_MAX];

	while (folder != NULL && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.' &&
		    leads_to(entry->d_name, device, path) &&
		    (by_path[0] == '\0' || strcmp(path, by_path) < 0))
			memcpy(by_path, path, sizeof(path));
	if (folder != NULL)
		closedir(folder);
}

static void
port_describe(struct sp_port *port, struct serial_port *about)
{
	const char *device = sp_get_port_name(port);
	int vid, pid;

	*about = (struct serial_port){ .usb = false };
	snprintf(about->port, sizeof(about->port), "serial:%s", device);
	find_by_path(device, about->by_path);
	if (sp_get_port_transport(port) != SP_TRANSPORT_USB)
		return;
	about->usb = true;
	if (sp_get_port_usb_vid_pid(port, &vid, &pid) == SP_OK) {
		about->vid = (uint16_t)vid;
		about->pid = (uint16_t)pid;
	}
	copy_text(
	    about->serial, sizeof(about->serial), sp_get_port_usb_serial(port));
	copy_text(about->product, sizeof(about->product),
	    sp_get_port_usb_product(port));
}

/*
 * Is there a port behind this entry of tty_folder?  One that is no device is a
 * console or the like; one of type 0 (PORT_UNKNOWN of linux/serial_core.h) is a
 * place that a driver keeps for a port, and nothing is there.
 */
static bool
is_there(const char *name)
{
	char path[LINK_WHY_MAX], type[8] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/%.100s/device", tty_folder, name);
	if (name[0] == '.' || access(path, F_OK) != 0)
		return false;
	snprintf(path, sizeof(path), "%s/%.100s/type", tty_folder, name);
	file = fopen(path, "re");
	if (file == NULL)
		return true; /* not every driver tells */
	if (fgets(type, sizeof(type), file) == NULL)
		type[0] = '\0';
	fclose(file);

	return strcmp(type, "0\n") != 0;
}

/* libserialport reads of a port that is named in /sys alone. */
static int
port_tell(const char *name, int (*each)(const struct serial_port *, void *),
    void *ctx)
{
	char device[LINK_WHY_MAX];
	struct serial_port about;
	struct sp_port *port;

	snprintf(device, sizeof(device), "/dev/%.100s", name);
	switch (sp_get_port_by_name(device, &port)) {
	case SP_OK:
		port_describe(port, &about);
		sp_free_port(port);
		return each(&about, ctx);
	case SP_ERR_MEM:
		return E_INTERNAL;
	default:
		return E_OK; /* unplugged just now */
	}
}

/*
 * Not by sp_list_ports: it opens each port of the board, which raises DTR and
 * RTS at whatever is connected there, and nobody has named that port.
 */
int
serial_ports(int (*each)(const struct serial_port *, void *), void *ctx)
{
	DIR *folder = opendir(tty_folder);
	const struct dirent *entry;
	int err = E_OK;

	/* a container without /sys has no list, and no ports to put on it */
	if (folder == NULL)
		return E_OK;
	while (err == E_OK && (entry = readdir(folder)) != NULL)
		if (is_there(entry->d_name))
			err = port_tell(entry->d_name, each, ctx);
	closedir(folder);

	return err;
}
