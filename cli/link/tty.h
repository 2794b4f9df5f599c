/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_TTY_H
#define LINK_TTY_H

/*
 * Terminals through termios alone: pseudo-terminals, and ports that
 * libserialport 0.1.1 will not open because the system's list of ports lacks
 * them or they have no modem lines (ENOTTY on TIOCMGET).
 */

#include <stdint.h>
#include <termios.h>

/*
 * Opens path without waiting for a carrier, locks it against every other
 * program that locks, and keeps its settings.  Errors as for link_open.
 */
int tty_take(int *fd, struct termios *kept, const char *path, char *why);

/* Raw, 8N1, no flow control, at baud.  E_USAGE: no such rate; E_IO. */
int tty_raw(int fd, uint32_t baud, char *why);

/* The rate that a terminal is set to; 0: one that has no name, or no terminal.
 */
uint32_t tty_baud(int fd);

/* Puts the settings back, drops what was not read, closes. */
void tty_give_back(int fd, const struct termios *kept);

#endif
