/* SPDX-License-Identifier: BSD-2-Clause */
#include "named.h"

#include "image.h"
#include "settings.h"
#include "virtual.h"

#include "../../proto/errors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
named_ok(const char *name, char *why)
{
	size_t len = strspn(name,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_-");

	if (len > 0 && name[len] == '\0' && len <= VIRTUAL_NAME_MAX)
		return true;
	snprintf(why, VIRTUAL_WHY_MAX,
	    "'%.60s' names no virtual collar: 1 to %d of A-Z a-z 0-9 _ - are "
	    "wanted",
	    name, VIRTUAL_NAME_MAX);

	return false;
}

int
virtual_peek(
    const char *name, const char *key, char *value, size_t cap, char *why)
{
	struct settings settings;
	int err;

	if (!named_ok(name, why))
		return E_USAGE;
	settings_init(&settings, name);
	if ((err = image_peek(name, &settings, why)) < 0)
		return err;

	return settings_get(&settings, key, value, cap);
}

int
virtual_holder(const char *name, char *why)
{
	return named_ok(name, why) ? image_holder(name, why) : E_USAGE;
}

static int
is_name(const struct dirent *entry)
{
	char why[VIRTUAL_WHY_MAX];

	return named_ok(entry->d_name, why);
}

int
virtual_list(int (*each)(const char *name, void *ctx), void *ctx)
{
	char home[IMAGE_PATH_MAX];
	struct dirent **entries;
	int count, err = E_OK;

	if (!image_home(home))
		return E_IO;
	count = scandir(home, &entries, is_name, alphasort);
	for (int i = 0; i < count; i++) {
		if (err == E_OK)
			err = each(entries[i]->d_name, ctx);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);

	return err;
}

int
virtual_remove(const char *name, char *why)
{
	return named_ok(name, why) ? image_remove(name, why) : E_USAGE;
}
