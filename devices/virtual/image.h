/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VIRTUAL_IMAGE_H
#define VIRTUAL_IMAGE_H

/*
 * The directory that holds a virtual collar:
 *
 *	settings  KEY=VALUE, one a line
 *	flash     the flash, mapped
 *	fixture   what else outlives a power cut, mapped
 *	ram       while closed in good order: the processor's memory
 *	lock      locked by whoever has it open, holding its process id
 *
 * It is born as NAME.new and renamed when whole.  why has VIRTUAL_WHY_MAX
 * bytes everywhere.
 */

#include "board.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IMAGE_PATH_MAX = 1024 };

struct image {
	char path[IMAGE_PATH_MAX];
	int lock; /* descriptor, -1: none */
	struct fixture_file *file;
	struct fixture *fixture; /* in file */
	uint8_t *flash;
};

/* Locks and maps the collar of that name.  E_NO_COLLAR, E_PORT_BUSY,
 * E_BAD_DATA, E_IO. */
int image_open(struct image *image, const char *name, char *why);

/* Makes a new one, blank, as NAME.new.  E_PORT_BUSY, E_IO. */
int image_make(struct image *image, const char *name, char *why);

/* Gives the new one its name; E_PORT_BUSY if that is taken meanwhile. */
int image_publish(struct image *image, const char *name, char *why);

/* Lets go of it; one that is not open is accepted. */
void image_close(struct image *image);

int image_read_settings(
    const struct image *image, struct settings *settings, char *why);
int image_write_settings(
    const struct image *image, const struct settings *settings, char *why);

/* The settings of one that may be open elsewhere. */
int image_peek(const char *name, struct settings *settings, char *why);

/* Process that has it open, 0 if closed; E_NO_COLLAR, E_IO. */
int image_holder(const char *name, char *why);

/*
 * Reads the memory kept at the last close and removes it; false, with ram of no
 * meaning, if there is none that fits this program.
 */
bool image_take_ram(const struct image *image, void *ram, size_t len);
int image_keep_ram(const struct image *image, const void *ram, size_t len);

int image_remove(const char *name, char *why);

/* Directory of all of them; false if its name is too long. */
bool image_home(char path[IMAGE_PATH_MAX]);

#endif
