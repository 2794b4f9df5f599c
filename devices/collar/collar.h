/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_COLLAR_H
#define COLLAR_COLLAR_H

/*
 * The device-side handler of a collar, as a board sees it: bytes in, bytes
 * out, a tick with the time.  It keeps all state in one struct collar given by
 * the board, and asks the world only through board.h.  struct collar holds no
 * pointer but `board`, so that a board may keep it as a RAM image.
 *
 * Time is monotonic milliseconds since power-up, as 64 bits, never running
 * back.  All calls are from one context; none blocks beyond a flash operation.
 */

#include "../board.h"

#define COLLAR_FIRMWARE_VERSION "1.0.0"

struct collar; /* collar/state.h */

/* Bytes that a board must provide for a struct collar. */
size_t collar_size(void);

/*
 * Power-up: mounts the flash (made anew when blank) and takes up what it finds.
 * Moves no contact, but for a hold or a late OPEN that came due meanwhile (see
 * PROTOCOL.md, "Due times").  now_ms is the first time.
 */
void collar_start(
    struct collar *collar, const struct board *board, uint64_t now_ms);

/* Takes up a struct collar that was kept as a RAM image: no restart, but its
 * line, which was made anew, is at the rate that it begins with. */
void collar_resume(struct collar *collar, const struct board *board);

/*
 * Lets time pass up to now_ms.  Call it at least as often as
 * collar_next_due_ms asks, and after every change of an input.
 */
void collar_tick(struct collar *collar, uint64_t now_ms);

/*
 * How long the handler can go without a tick, in ms from its last one, if no
 * input changes and no byte arrives.  At least 1.
 */
uint32_t collar_next_due_ms(const struct collar *collar);

/*
 * Bytes that arrived from the link, at the time of the last tick: call
 * collar_tick first when time has passed, so that a frame broken off long ago
 * is told from one that is being received.  Takes bytes while it can: returns
 * how many of them, fewer than len while an answer is still being fetched.
 */
size_t collar_receive(struct collar *collar, const uint8_t *bytes, size_t len);

/*
 * Fetches up to cap bytes for the link.  Returns their number, 0 when there is
 * nothing to send now.  A stream goes on as long as its credit lasts.
 */
size_t collar_transmit(struct collar *collar, uint8_t *bytes, size_t cap);

/*
 * The host on the link has gone, or begins anew: drops what was half received,
 * a request that waits, and whatever was still to be fetched, so that nothing
 * that one host left behind is carried out or heard by the next.  What is being
 * carried out goes on, and has its outcome (see PROTOCOL.md, "Exactly once").
 */
void collar_link_reset(struct collar *collar);

#endif
