/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Names of ports, and with them the settings of virtual collars, as a person
 * may type them, and strings as a USB device may give them.  Nothing is opened:
 * what would be is said not to be there.
 */

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include <libserialport.h>
#include <libusb.h>

#include "../../cli/link/link.h"
#include "../../cli/link/usb_bus.h"
#include "../../devices/virtual/settings.h"
#include "../../devices/virtual/virtual.h"
#include "../../proto/errors.h"
#include "support/feed.h"

int __wrap_open(const char *path, int flags, ...);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **found);
enum sp_return __wrap_sp_get_port_by_name(
    const char *name, struct sp_port **port);
int __wrap_libusb_init(libusb_context **bus);
int __wrap_virtual_open(struct virtual_collar **collar, const char *name,
    const char *keys, bool make, char *why);

enum { TEXT_LEN_MAX = 600, STRING_CAP = 20 };

int
__wrap_open(const char *path, int flags, ...)
{
	(void)flags;
	must(path[0] != '\0');
	errno = ENOENT;

	return -1;
}

int
__wrap_socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)type;
	(void)protocol;
	errno = ECONNREFUSED;

	return -1;
}

int
__wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **found)
{
	(void)hints;
	(void)found;
	must(host[0] != '\0' && service[0] != '\0');

	return EAI_NONAME;
}

enum sp_return
__wrap_sp_get_port_by_name(const char *name, struct sp_port **port)
{
	(void)port;
	must(name[0] != '\0');

	return SP_ERR_ARG;
}

int
__wrap_libusb_init(libusb_context **bus)
{
	(void)bus;

	return LIBUSB_ERROR_OTHER;
}

/* Settings read must be what they are written as. */
static void
judge_settings(const struct settings *settings)
{
	char text[SETTINGS_TEXT_MAX], why[VIRTUAL_WHY_MAX];
	struct settings again;

	settings_init(&again, "b");
	must(settings_text(settings, text) < sizeof(text));
	must(settings_parse(&again, text, '\n', why) == E_OK);
	must(memcmp(&again, settings, sizeof(again)) == 0);
}

static int
read_settings(const char *name, const char *keys, char separator, char *why)
{
	struct settings settings;
	int err;

	settings_init(&settings, name);
	err = settings_parse(&settings, keys, separator, why);
	must(err == E_OK || err == E_USAGE);
	judge_settings(&settings);

	return err;
}

int
__wrap_virtual_open(struct virtual_collar **collar, const char *name,
    const char *keys, bool make, char *why)
{
	(void)collar;
	must(make);
	if (read_settings(name, keys, ',', why) != E_OK)
		return E_USAGE;
	strcpy(why, "not here");

	return E_NO_COLLAR;
}

/* The same bytes as a string of a USB device's: nothing of it reaches a
 * terminal as more than text. */
static void
judge_string(const uint8_t *data, size_t len)
{
	char text[STRING_CAP];
	bool is_one = usb_text(data, len, text, sizeof(text));

	must(strnlen(text, sizeof(text)) < sizeof(text));
	must(is_one || text[0] == '\0');
	for (const char *at = text; *at != '\0'; at++)
		must(*at >= ' ' && *at < 127);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char text[TEXT_LEN_MAX + 1], why[LINK_WHY_MAX] = "";
	struct link *link = NULL;
	int err;

	if (len > TEXT_LEN_MAX)
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	err = link_open(&link, text, why);
	must(err < 0 && link == NULL && why[0] != '\0');
	must(err == E_USAGE || err == E_NO_COLLAR);
	read_settings("a", text, '\n', why);
	read_settings("a", text, ',', why);
	judge_string(data, len);

	return 0;
}
