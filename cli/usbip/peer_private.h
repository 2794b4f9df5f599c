/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USBIP_PEER_PRIVATE_H
#define USBIP_PEER_PRIVATE_H

/*
 * What a peer does with a message that is whole; for peer.c alone.
 */

#include "peer.h"

/* E_BAD_DATA and E_INTERNAL, with why. */
int usbip_malformed(struct usbip_peer *peer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int usbip_no_memory(struct usbip_peer *peer);

/* May further replies wait for the client to fetch them? */
bool usbip_has_room(const struct usbip_peer *peer);

/* The head of a request, of an import and of a command is in peer->head, all
 * data of a submit is there: E_OK, E_BAD_DATA or E_INTERNAL. */
int usbip_on_op(struct usbip_peer *peer);
int usbip_on_import(struct usbip_peer *peer);
int usbip_on_command(struct usbip_peer *peer);
int usbip_on_submit(struct usbip_peer *peer);

#endif
