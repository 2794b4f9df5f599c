/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USB_STAGE_STATE_H
#define USB_STAGE_STATE_H

/* A stage, for those who make it: stage.c and packets.c. */

#include <sys/types.h>
#include <time.h>

#include "../faults/files.h"
#include "../faults/sent.h"
#include "stage.h"

enum { PATH_LEN = 200, SPEED = 30 /* of the world between frames */ };

struct stage {
	struct stage_unit unit;
	struct bus *bus;
	struct usbfs *usbfs;
	struct usb_device usb;
	struct manners manners;
	bool denied;

	char folder[PATH_LEN], program[PATH_LEN], preload[PATH_LEN];
	struct files files;
	pid_t pid; /* of the run */
	struct run *run;
	struct fault fault;
	uint64_t begin_ms, world_ms; /* real time: of the run, of the world */
	uint64_t mute_until_ms, replug_at_ms; /* 0: not */
	bool unplugging;
	bool within; /* a frame of the program is under way */
	struct sent sent;
	uint8_t held[USB_PACKET_LEN]; /* of the unit's, not yet moved */
	int held_len;                 /* USB_NAK: none */
	unsigned untidy, mark;
	struct usbfs_counts counts;

	char out[OUTPUT_MAX], err[OUTPUT_MAX];
};

/* Real time in ms. */
uint64_t real_ms(clockid_t clock);

/* Real time passes for the unit, too. */
void world_follow(struct stage *stage);

/* The device, for usbfs.h: `self` is the stage. */
int stage_control(
    void *self, const uint8_t setup[USB_SETUP_LEN], uint8_t *in, size_t cap);
int stage_packet_out(void *self, const uint8_t *packet, size_t len);
int stage_packet_in(void *self, uint8_t packet[USB_PACKET_LEN]);

#endif
