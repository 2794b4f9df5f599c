/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A configuration file: what is read of it is of its form, what is not is told
 * with its line.
 */

#include <string.h>

#include "../../cli/config.h"
#include "../../cli/link/link.h"
#include "../../cli/parse.h"
#include "support/feed.h"

static void
judge_ports(const struct config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct config_port *port = &config->ports[i];

		must(port->name[0] != '\0' &&
		    link_transport(port->name) == NULL);
		must(strlen(port->name) <= CONFIG_NAME_MAX);
		must(link_transport(port->port) != NULL);
		/* the first of that name: there is no second */
		must(config_port(config, port->name) == port->port);
	}
}

static void
judge_values(const struct config *config)
{
	const char *port = config->value[CONFIG_PORT];
	const char *timeout = config->value[CONFIG_TIMEOUT];
	struct failure failure = { .err = E_OK };
	int ms;

	for (enum config_key key = 0; key < CONFIG_KEYS; key++) {
		must((config->value[key] != NULL) == (config->line[key] > 0));
		must(config->value[key] == NULL || config->value[key][0] != 0);
	}
	must(port == NULL || link_transport(port) != NULL ||
	    config_port(config, port) != NULL);
	must(timeout == NULL ||
	    parse_timeout(timeout, "timeout", &ms, &failure) == E_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct config config = { .loaded = false };
	struct failure failure = { .err = E_OK };
	int err =
	    config_parse(&config, (const char *)data, len, "FILE", &failure);

	if (err == E_OK) {
		judge_ports(&config);
		judge_values(&config);
	} else {
		must(err == E_BAD_CONFIG && failure.err == err);
		must(strncmp(failure.what, "FILE, line ", 11) == 0);
		must(failure.hint[0] != '\0' && config.text == NULL);
	}
	config_free(&config);

	return 0;
}
