/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

/*
 * The configuration file, see collarctl.5: defaults of options, and names of
 * ports.
 */

#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

/* The options to which the file may give a default; their values are of the
 * form that the option takes. */
enum config_key {
	CONFIG_PORT,
	CONFIG_FORMAT,
	CONFIG_TIMEOUT,
	CONFIG_KEY,
	CONFIG_COLOR,
	CONFIG_KEYS,
};

extern const char *const config_keys[CONFIG_KEYS]; /* long names of options */

enum {
	CONFIG_FILE_MAX = 65536, /* bytes of the file */
	CONFIG_LINE_MAX = 512,   /* bytes of a line of it */
	CONFIG_NAME_MAX = 32,    /* bytes of the name of a port */
};

/* `port NAME = PORT` */
struct config_port {
	const char *name, *port;
	unsigned line;
};

/* All zeros is the configuration without a file. */
struct config {
	char *text;                     /* all strings below lie in it; owned */
	const char *value[CONFIG_KEYS]; /* NULL: not given */
	unsigned line[CONFIG_KEYS];     /* where; 0: not given */
	struct config_port *ports;      /* in the order of the file; owned */
	size_t count;                   /* of them */
	bool loaded;                    /* also if there was no file */
};

/*
 * Reads $XDG_CONFIG_HOME/collarctl/config, or that below ~/.config.  Without
 * such a file it is as if that were empty.  E_OK, or E_BAD_CONFIG with file,
 * line and what to do; *config then holds nothing.
 */
int config_load(struct config *config, struct failure *failure);

/*
 * The same from len bytes, which it copies; path is what errors call them.
 * *config must hold nothing.
 */
int config_parse(struct config *config, const char *bytes, size_t len,
    const char *path, struct failure *failure);

/* Frees what it holds; it is then all zeros. */
void config_free(struct config *config);

/* The port of that name, borrowed from the configuration; NULL: there is no
 * such name. */
const char *config_port(const struct config *config, const char *name);

#endif
