/* SPDX-License-Identifier: BSD-2-Clause */

/* The packets of a stage, and what happens to them. */

#include "stage_state.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "../../devices/collar/usb_descriptors.h"
#include "strings.h"

enum { REPLUG_MS = 15 };

uint64_t
real_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);

	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void
world_follow(struct stage *stage)
{
	uint64_t now_ms = real_ms(CLOCK_MONOTONIC);
	uint64_t ms = now_ms - stage->world_ms;

	stage->world_ms = now_ms;
	stage_pass(stage, stage->within ? ms : ms * SPEED);
}

static bool
is_struck(const struct stage *stage, enum way way)
{
	return stage->run != NULL && !stage->run->struck &&
	    stage->fault.way == way && stage->fault.kind != FAULT_NONE &&
	    stage->run->packets[way] == stage->fault.at;
}

static void
break_cable(struct stage *stage)
{
	stage->run->struck = stage->unplugging = true;
	if (stage->fault.kind == FAULT_REPLUG)
		stage->replug_at_ms = real_ms(CLOCK_MONOTONIC) + REPLUG_MS;
	usbfs_sever(stage->usbfs);
}

/* What becomes of a packet in place of moving; 1: it moves. */
static int
strike_before(struct stage *stage, enum way way)
{
	if (!is_struck(stage, way))
		return 1;
	switch (stage->fault.kind) {
	case FAULT_STALL:
		stage->run->struck = true;
		stage->usb.halted |=
		    way == TO_HOST ? USB_PIPE_IN : USB_PIPE_OUT;
		return USB_STALL;
	case FAULT_GARBLE:
		stage->run->struck = true;
		return -EPROTO;
	case FAULT_BABBLE:
		stage->run->struck = true;
		return -EOVERFLOW;
	case FAULT_MUTE:
		stage->run->struck = true;
		stage->mute_until_ms = real_ms(CLOCK_MONOTONIC) + MUTE_MS;
		return USB_NAK;
	case FAULT_UNPLUG:
	case FAULT_REPLUG:
		if (stage->fault.with != 0)
			return 1;
		break_cable(stage);
		return USB_NAK;
	default:
		return 1;
	}
}

static void
strike_after(struct stage *stage, enum way way)
{
	bool struck = is_struck(stage, way);

	stage->run->packets[way]++;
	if (!struck)
		return;
	switch (stage->fault.kind) {
	case FAULT_UNPLUG:
	case FAULT_REPLUG:
		break_cable(stage);
		break;
	case FAULT_INTERRUPT:
		stage->run->struck = true;
		kill(stage->pid, SIGINT);
		break;
	case FAULT_KILL:
		stage->run->struck = true;
		kill(stage->pid, SIGKILL);
		break;
	default:
		break;
	}
}

static bool
is_mute(struct stage *stage)
{
	if (stage->manners.deaf || stage->run == NULL ||
	    stage->mute_until_ms > real_ms(CLOCK_MONOTONIC))
		return true;
	stage->mute_until_ms = 0;

	return false;
}

static void
note_sent(struct stage *stage, const uint8_t *packet, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sent_byte(&stage->sent, packet[i], &stage->run->id);
	if (len > 0)
		stage->within = packet[len - 1] != 0;
}

/* Is the packet of length zero to be lost? */
static bool
strike_empty(struct stage *stage)
{
	if (stage->run == NULL || stage->run->struck ||
	    stage->fault.kind != FAULT_NO_ZLP)
		return false;
	stage->run->struck = true;

	return true;
}

int
stage_packet_out(void *self, const uint8_t *packet, size_t len)
{
	struct stage *stage = self;
	int n;

	if (is_mute(stage))
		return USB_NAK;
	if (stage->manners.halting)
		return USB_STALL;
	world_follow(stage);
	n = strike_before(stage, TO_COLLAR);
	if (n != 1)
		return n;
	n = usb_out(&stage->usb, stage->unit.board->collar, packet, len);
	if (n == 0) {
		note_sent(stage, packet, len);
		strike_after(stage, TO_COLLAR);
	}

	return n;
}

/* The unit's next packet: one that was held up comes first. */
static int
next_in(struct stage *stage, uint8_t packet[USB_PACKET_LEN])
{
	int len = stage->held_len;

	if (len == USB_NAK || (stage->usb.halted & USB_PIPE_IN) != 0)
		return usb_in(&stage->usb, stage->unit.board->collar, packet);
	memcpy(packet, stage->held, (size_t)len);
	stage->held_len = USB_NAK;

	return len;
}

/* Nothing is lost but what the fault says. */
static void
hold(struct stage *stage, const uint8_t *packet, int len)
{
	memcpy(stage->held, packet, (size_t)len);
	stage->held_len = len;
}

int
stage_packet_in(void *self, uint8_t packet[USB_PACKET_LEN])
{
	struct stage *stage = self;
	int n, instead;

	if (is_mute(stage))
		return USB_NAK;
	if (stage->manners.halting)
		return USB_STALL;
	world_follow(stage);
	if (stage->manners.chatters)
		return 0;
	n = next_in(stage, packet);
	if (n < 0)
		return n;
	if (n == 0 && strike_empty(stage))
		return USB_NAK;
	instead = strike_before(stage, TO_HOST);
	if ((instead == USB_NAK || instead == USB_STALL) && !stage->unplugging)
		hold(stage, packet, n);
	if (instead != 1)
		return instead;
	stage->run->empty += n == 0;
	strike_after(stage, TO_HOST);

	return n;
}

int
stage_control(
    void *self, const uint8_t setup[USB_SETUP_LEN], uint8_t *in, size_t cap)
{
	struct stage *stage = self;
	int len = 0;

	if (stage->manners.nameless && setup[1] == 6 &&
	    setup[3] == USB_TYPE_STRING)
		return USB_STALL;
	if (stage->manners.maker != NULL)
		len = string_instead(
		    setup, USB_STRING_MAKER, stage->manners.maker, in);
	if (len == 0 && stage->manners.serial != NULL)
		len = string_instead(
		    setup, USB_STRING_SERIAL, stage->manners.serial, in);

	return len > 0 ? len
		       : usb_control(&stage->usb, stage->unit.board->collar,
			     setup, in, cap);
}
