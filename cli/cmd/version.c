/* SPDX-License-Identifier: BSD-2-Clause */

#include "../version.h"

#include <string.h>

#include <mbedtls/version.h>

#include "../command.h"

enum { LIBRARIES = 5 };

/* What this binary runs with; version NULL: left out of it. */
struct library {
	const char *name, *version;
};

static void
print_text(struct out *out, const struct library libraries[LIBRARIES])
{
	out_print(out, "collarctl %s\n", COLLARCTL_VERSION);
	out_line(out, "protocol", "%d to %d", PROTOCOL_VERSION_MIN,
	    PROTOCOL_VERSION_MAX);
	for (int i = 0; i < LIBRARIES; i++)
		out_line(out, libraries[i].name, "%s",
		    libraries[i].version != NULL ? libraries[i].version
						 : "left out");
}

static void
print_json(struct out *out, const struct library libraries[LIBRARIES])
{
	json_t *object = json_object(), *inner = json_object();

	json_put(object, "version", json_string(COLLARCTL_VERSION));
	json_put(object, "protocol.min", json_integer(PROTOCOL_VERSION_MIN));
	json_put(object, "protocol.max", json_integer(PROTOCOL_VERSION_MAX));
	for (int i = 0; i < LIBRARIES; i++)
		json_object_set_new(inner, libraries[i].name,
		    libraries[i].version != NULL
			? json_string(libraries[i].version)
			: json_null());
	json_object_set_new(object, "libraries", inner);
	out_json(out, object);
}

static int
run_version(struct ctx *ctx, const struct args *args)
{
	char mbedtls[16] = "", libusb[24] = "";
	const struct library libraries[LIBRARIES] = {
		{ "libserialport", link_library_version() },
		{ "libusb", libusb },
		{ "jansson", jansson_version_str() },
		{ "mbedtls", mbedtls },
		{ "readline", shell_readline_version() },
	};

	(void)args;
	mbedtls_version_get_string(mbedtls);
	link_usb_version(libusb, sizeof(libusb));
	if (ctx->out.format == FORMAT_JSON)
		print_json(&ctx->out, libraries);
	else
		print_text(&ctx->out, libraries);
	return E_OK;
}

const struct command cmd_version = {
	.name = "version",
	.group = "Help",
	.args = "",
	.help = "this program, the protocol it speaks, its libraries",
	.examples = "collarctl --version\n"
		    "collarctl version --json",
	.run = run_version,
};
