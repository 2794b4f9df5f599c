/* SPDX-License-Identifier: BSD-2-Clause */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "link/link.h"
#include "options.h"
#include "parse.h"

enum { PATH_LEN = 4096 };

static const char name_letters[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-";

const char *const config_keys[CONFIG_KEYS] = {
	[CONFIG_PORT] = "port",
	[CONFIG_FORMAT] = "format",
	[CONFIG_TIMEOUT] = "timeout",
	[CONFIG_KEY] = "key",
	[CONFIG_COLOR] = "color",
};

/* A file on its way into a configuration. */
struct reading {
	struct config *config;
	const char *path;
	unsigned line;
	struct failure *failure;
};

/* Tells what is wrong in which line, and what to do. */
static int
refuse(const struct reading *r, const char *hint, const char *what,
    const char *which)
{
	fail(r->failure, E_BAD_CONFIG, "%.200s, line %u: %s%s%.80s%s", r->path,
	    r->line, what, which != NULL ? " '" : "",
	    which != NULL ? which : "", which != NULL ? "'" : "");

	return fail_hint(r->failure, "%s", hint);
}

static int
refuse_key(const struct reading *r, const char *key)
{
	char hint[FAILURE_LEN] = "it has port NAME";

	for (size_t i = 0; i < CONFIG_KEYS; i++)
		snprintf(hint + strlen(hint), sizeof(hint) - strlen(hint),
		    ", %s", config_keys[i]);

	return refuse(r, hint, "there is no key", key);
}

static int
refuse_twice(const struct reading *r, const char *what, unsigned line)
{
	char hint[64];

	snprintf(hint, sizeof(hint), "line %u has it already: keep one of them",
	    line);

	return refuse(r, hint, "a second", what);
}

/* The text without the blanks around it, cut off in place. */
static char *
trimmed(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len > 0 && strchr(" \t", text[len - 1]) != NULL)
		len--;
	text[len] = '\0';

	return text;
}

/* Cuts off what stands behind a # that begins the line or follows a blank. */
static void
cut_comment(char *text)
{
	for (char *at = text; *at != '\0'; at++)
		if (*at == '#' &&
		    (at == text || at[-1] == ' ' || at[-1] == '\t')) {
			*at = '\0';
			return;
		}
}

static bool
is_word(const char *const *words, const char *value)
{
	while (*words != NULL && strcmp(*words, value) != 0)
		words++;

	return *words != NULL;
}

static int
check_word(const struct reading *r, const char *const *words, const char *value)
{
	char hint[FAILURE_LEN] = "write";

	if (is_word(words, value))
		return E_OK;
	for (; *words != NULL; words++)
		snprintf(hint + strlen(hint), sizeof(hint) - strlen(hint),
		    " %s%s", *words,
		    words[1] == NULL       ? ""
			: words[2] == NULL ? " or"
					   : ",");

	return refuse(r, hint, "it cannot be", value);
}

static int
check_timeout(const struct reading *r, const char *value)
{
	struct failure failure = { .err = E_OK };
	int ms;

	if (parse_timeout(value, "timeout", &ms, &failure) == E_OK)
		return E_OK;

	return refuse(r, failure.hint, "no such timeout:", value);
}

/* A value of the form that its option takes; names of ports are looked up when
 * all of them are known. */
static int
check_value(const struct reading *r, enum config_key key, const char *value)
{
	const struct opt *opt = option_find_any(config_keys[key], 0);

	if (value[0] == '\0')
		return refuse(r, "write one, or take the line out",
		    "there is no value for", config_keys[key]);
	if (opt->words != NULL)
		return check_word(r, opt->words, value);
	if (opt->takes == TAKES_DURATION)
		return check_timeout(r, value);
	if (opt->takes == TAKES_FILE && value[0] != '/')
		return refuse(r, "write the whole path, from /",
		    "where is the file", value);

	return E_OK;
}

static int
take_value(const struct reading *r, const char *name, const char *value)
{
	struct config *config = r->config;
	enum config_key key = 0;
	int err;

	while (key < CONFIG_KEYS && strcmp(config_keys[key], name) != 0)
		key++;
	if (key == CONFIG_KEYS)
		return refuse_key(r, name);
	if (config->line[key] != 0)
		return refuse_twice(r, name, config->line[key]);
	if ((err = check_value(r, key, value)) != E_OK)
		return err;
	config->value[key] = value;
	config->line[key] = r->line;

	return E_OK;
}

static const struct config_port *
find_port(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->count; i++)
		if (strcmp(config->ports[i].name, name) == 0)
			return &config->ports[i];

	return NULL;
}

static int
check_name(const struct reading *r, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > CONFIG_NAME_MAX ||
	    strspn(name, name_letters) != len || name[0] == '-')
		return refuse(r,
		    "letters, digits, dots, dashes and underscores, at most 32",
		    "a port cannot be called", name);
	if (link_transport(name) != NULL)
		return refuse(
		    r, "choose another name", "a port is always called", name);

	return E_OK;
}

static int
add_port(const struct reading *r, const char *name, const char *port)
{
	struct config *config = r->config;
	struct config_port *grown =
	    realloc(config->ports, (config->count + 1) * sizeof(*grown));

	if (grown == NULL)
		return fail(r->failure, E_INTERNAL, "out of memory");
	config->ports = grown;
	grown[config->count++] = (struct config_port){ name, port, r->line };

	return E_OK;
}

/* port NAME = PORT */
static int
take_port(const struct reading *r, const char *name, const char *port)
{
	const struct config_port *known = find_port(r->config, name);
	int err = check_name(r, name);

	if (err != E_OK)
		return err;
	if (known != NULL)
		return refuse_twice(r, name, known->line);
	if (link_transport(port) == NULL || strlen(port) >= LINK_WHY_MAX)
		return refuse(r,
		    "write it as --port takes it, such as serial:/dev/ttyUSB0",
		    "not a port:", port);

	return add_port(r, name, port);
}

static int
check_bytes(const struct reading *r, const char *line, size_t len)
{
	if (len > CONFIG_LINE_MAX)
		return refuse(r, "write at most 512 bytes in a line",
		    "it is too long", NULL);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return refuse(r, "is it a text file?",
			    "a control character", NULL);
	}

	return E_OK;
}

/* One line, a string without its end. */
static int
take_line(const struct reading *r, char *line)
{
	char *equals, *key, *value;

	cut_comment(line);
	key = trimmed(line);
	if (key[0] == '\0')
		return E_OK;
	equals = strchr(key, '=');
	if (equals == NULL)
		return refuse(r, "write KEY = VALUE or port NAME = PORT",
		    "no equals sign in", key);
	*equals = '\0';
	key = trimmed(key);
	value = trimmed(equals + 1);
	if (strncmp(key, "port", 4) == 0 && (key[4] == ' ' || key[4] == '\t'))
		return take_port(r, trimmed(key + 4), value);

	return take_value(r, key, value);
}

static int
take_lines(struct reading *r, char *at, const char *end)
{
	int err = E_OK;

	while (err == E_OK && at < end) {
		char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop != NULL ? stop : end) - at);
		char *next = at + len + 1;

		if (len > 0 && at[len - 1] == '\r')
			len--; /* from an editor of another system */
		at[len] = '\0';
		r->line++;
		err = check_bytes(r, at, len);
		if (err == E_OK)
			err = take_line(r, at);
		at = next;
	}

	return err;
}

/* The default port may be one of the names, wherever that stands. */
static int
check_default(struct reading *r)
{
	const char *port = r->config->value[CONFIG_PORT];

	if (port == NULL || link_transport(port) != NULL ||
	    find_port(r->config, port) != NULL)
		return E_OK;
	r->line = r->config->line[CONFIG_PORT];

	return refuse(r, "name it in a line port NAME = PORT",
	    "neither a port nor the name of one:", port);
}

int
config_parse(struct config *config, const char *bytes, size_t len,
    const char *path, struct failure *failure)
{
	struct reading r = { config, path, 0, failure };
	int err;

	config->text = malloc(len + 1);
	if (config->text == NULL)
		return fail(failure, E_INTERNAL, "out of memory");
	memcpy(config->text, bytes, len);
	config->text[len] = '\0';
	err = take_lines(&r, config->text, config->text + len);
	if (err == E_OK)
		err = check_default(&r);
	if (err != E_OK)
		config_free(config);

	return err;
}

void
config_free(struct config *config)
{
	free(config->text);
	free(config->ports);
	*config = (struct config){ .loaded = false };
}

const char *
config_port(const struct config *config, const char *name)
{
	const struct config_port *port = find_port(config, name);

	return port != NULL ? port->port : NULL;
}

/* Where the file would be; "" without a home. */
static void
config_path(char path[PATH_LEN])
{
	const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int len = 0;

	if (folder != NULL && folder[0] == '/') /* others are to be ignored */
		len = snprintf(path, PATH_LEN, "%s/collarctl/config", folder);
	else if (home != NULL && home[0] != '\0')
		len = snprintf(
		    path, PATH_LEN, "%s/.config/collarctl/config", home);
	if (len <= 0 || len >= PATH_LEN)
		path[0] = '\0';
}

static int
refuse_file(struct failure *failure, const char *path, const char *what)
{
	fail(failure, E_BAD_CONFIG, "%.200s: %s", path, what);

	return fail_hint(failure, "put it right, or move it away");
}

/* The bytes of an open file into buf, at most cap; their number, or -1. */
static ssize_t
read_all(int fd, char *buf, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = read(fd, buf + len, cap - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}

	return (ssize_t)len;
}

static int
load_open(
    struct config *config, int fd, const char *path, struct failure *failure)
{
	char bytes[CONFIG_FILE_MAX + 1];
	struct stat about;
	ssize_t len;

	if (fstat(fd, &about) != 0)
		return refuse_file(failure, path, strerror(errno));
	if (!S_ISREG(about.st_mode))
		return refuse_file(failure, path,
		    S_ISDIR(about.st_mode) ? "it is a directory"
					   : "it is no file of text");
	len = read_all(fd, bytes, sizeof(bytes));
	if (len < 0)
		return refuse_file(failure, path, strerror(errno));
	if (len > CONFIG_FILE_MAX)
		return refuse_file(
		    failure, path, "it is longer than 65536 bytes");

	return config_parse(config, bytes, (size_t)len, path, failure);
}

int
config_load(struct config *config, struct failure *failure)
{
	char path[PATH_LEN] = "";
	int fd = -1, err = E_OK;

	config_path(path);
	if (path[0] != '\0')
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0) {
		err = load_open(config, fd, path, failure);
		close(fd);
	} else if (path[0] != '\0' && errno != ENOENT && errno != ENOTDIR) {
		err = refuse_file(failure, path, strerror(errno));
	}
	config->loaded = err == E_OK;

	return err;
}
