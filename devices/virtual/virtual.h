/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VIRTUAL_VIRTUAL_H
#define VIRTUAL_VIRTUAL_H

/*
 * Virtual collars: the real handler of devices/collar on a board in software,
 * in a deterministic world made from a seed.  Each has a name and a directory
 * holding its settings, its flash as a file with the rules of NOR flash, the
 * state of its world, and, while it is closed in good order, an image of its
 * RAM.  The image is removed at open, so that a host killed without closing is
 * a power cut.  One process at a time has a virtual collar open.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../collar/usb.h"

enum { VIRTUAL_NAME_MAX = 32 };

struct virtual_collar;

/* What a setting (key) may be; the table drives parsing, help, completion. */
struct virtual_key {
	const char *name;
	const char *const *values; /* NULL-terminated; NULL: a number or text */
	const char *form;          /* "up|flipped", "N", "DURATION" */
	const char *help;
	bool birth_only; /* history, kind, seed: fixed for life */
};

extern const struct virtual_key virtual_keys[]; /* name NULL ends */

/* Where an error message may be left; sizes for one line. */
enum { VIRTUAL_WHY_MAX = 200 };

/*
 * Opens (or, when there is none and `make` is set, makes) the virtual collar
 * `name` ([A-Za-z0-9_-], at most VIRTUAL_NAME_MAX).  keys is "KEY=VALUE,…" or
 * "".  On an old unit a key that differs from its setting is E_USAGE.  The time
 * since it was closed is caught up.  Errors: E_USAGE (name, key or value),
 * E_PORT_BUSY (open elsewhere, `why` names the process), E_NO_COLLAR (not
 * there), E_IO, E_BAD_DATA (its files are not understood).  why has
 * VIRTUAL_WHY_MAX bytes.
 */
int virtual_open(struct virtual_collar **collar, const char *name,
    const char *keys, bool make, char *why);

/* Closes it in good order and sets *collar to NULL; NULL is accepted. */
void virtual_close(struct virtual_collar **collar);

/* The last time of a world: the protocol's times end there. */
extern const uint64_t virtual_utc_max_ms;

/* Lets ms of virtual time pass. */
void virtual_advance(struct virtual_collar *collar, uint64_t ms);

/* Advances the collar to the computer's clock as far as it lags behind since
 * the last call: what a served collar does with every poll. */
void virtual_follow_clock(struct virtual_collar *collar);

/* The bytes of its link: in, and out (0 when there is nothing to send). */
size_t virtual_receive(
    struct virtual_collar *collar, const uint8_t *bytes, size_t len);
size_t virtual_transmit(
    struct virtual_collar *collar, uint8_t *bytes, size_t cap);

/*
 * The same link as a USB device: as usb_reset, usb_control, usb_out and usb_in,
 * the state of the cable being the caller's.  Reset it when it is plugged in or
 * out, and after virtual_power_cut.
 */
void virtual_usb_reset(struct virtual_collar *collar, struct usb_device *usb);
int virtual_usb_control(struct virtual_collar *collar, struct usb_device *usb,
    const uint8_t setup[USB_SETUP_LEN], uint8_t *in, size_t cap);
int virtual_usb_out(struct virtual_collar *collar, struct usb_device *usb,
    const uint8_t *packet, size_t len);
int virtual_usb_in(struct virtual_collar *collar, struct usb_device *usb,
    uint8_t packet[USB_PACKET_LEN]);

/*
 * Puts its link on a line with these rates (ascending, 0 ends; they must
 * outlive it), at baud to begin with; without it the link has no rate.
 */
void virtual_wire(
    struct virtual_collar *collar, const uint32_t *bauds, uint32_t baud);

/* The rate that the collar has set its line to, for what it transmits next and
 * for what it receives; 0 without a line. */
uint32_t virtual_baud(const struct virtual_collar *collar);

/* ms until the collar would do something by itself. */
uint32_t virtual_next_due_ms(const struct virtual_collar *collar);

/* True time of its world, ms since 1970 UTC (its own clock may differ). */
uint64_t virtual_now_utc_ms(const struct virtual_collar *collar);

/* Cuts its power and restarts it: RAM lost, flash as it stood. */
void virtual_power_cut(struct virtual_collar *collar);

/* Changes one setting of the world; E_OK or E_USAGE with why. */
int virtual_set(struct virtual_collar *collar, const char *key,
    const char *value, char *why);

/* Would virtual_set take it?  E_OK or E_USAGE with why. */
int virtual_check(const struct virtual_collar *collar, const char *key,
    const char *value, char *why);

/* A setting as text, in cap bytes; E_OK or E_USAGE. */
int virtual_get(const struct virtual_collar *collar, const char *key,
    char *value, size_t cap);

/* The same of one that may be open elsewhere; E_OK, E_USAGE, E_NO_COLLAR, E_IO,
 * E_BAD_DATA. */
int virtual_peek(
    const char *name, const char *key, char *value, size_t cap, char *why);

/* Presses Reset n times (transfer collars; E_WRONG_KIND on a DER collar). */
int virtual_press(struct virtual_collar *collar, unsigned times);

/* The process that has it open, 0 if closed; E_NO_COLLAR, E_IO. */
int virtual_holder(const char *name, char *why);

const char *virtual_name(const struct virtual_collar *collar);

/* Lists names in alphabetical order: calls each(name, ctx) for every one. */
int virtual_list(int (*each)(const char *name, void *ctx), void *ctx);

/* Removes it for good; E_NO_COLLAR, E_PORT_BUSY, E_IO. */
int virtual_remove(const char *name, char *why);

#endif
