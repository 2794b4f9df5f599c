/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USB_BUS_H
#define USB_BUS_H

/*
 * A USB bus, emulated by umockdev: a program that is run with the environment
 * of bus_environment finds what is plugged in through libudev and libusb, both
 * unchanged.
 */

#include <stdbool.h>
#include <stddef.h>

#include <umockdev.h>

enum { BUS_PATH_LEN = 256, BUS_PORTS = 2 };

struct bus;

/*
 * Runs the caller anew under umockdev's library, which a process must be that
 * sends news of plugging; returns once it is.
 */
void bus_reexec(char *const argv[]);

/* One with a root hub of BUS_PORTS ports, and nothing in them. */
struct bus *bus_new(void);
void bus_free(struct bus **bus);

/* "LD_PRELOAD=…" and "UMOCKDEV_DIR=…", for the program under test. */
void bus_environment(const struct bus *bus, char *const env[2], size_t cap);

/*
 * Tells of plugging as udev does.  Not so to begin with: umockdev dies of news
 * to a program that ends at that moment; one that is unplugged learns of it by
 * its node alone.
 */
void bus_tell(struct bus *bus, bool telling);

/* The next address, and the path of the node that belongs to it, in a folder
 * that is there. */
unsigned bus_address(struct bus *bus, char path[BUS_PATH_LEN]);

/*
 * Plugs a device with that address into a port, from 1: its device and
 * configuration descriptors in hex, and what answers the calls of its node,
 * which is there already.
 */
void bus_plug(struct bus *bus, unsigned port, unsigned address,
    const char *descriptors, UMockdevIoctlBase *handler);
void bus_unplug(struct bus *bus, unsigned port, unsigned address);

/* Lets everybody ask who answers for the node: umockdev's library, in the
 * program, ends it if it may not. */
void bus_open_to_all(const struct bus *bus, unsigned address);

/* Forgets who listened for news: umockdev dies of news to a program that has
 * ended. */
void bus_forget_listeners(const struct bus *bus);

#endif
