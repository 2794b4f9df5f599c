/* SPDX-License-Identifier: BSD-2-Clause */
#include "virtual.h"

#include "board.h"
#include "image.h"
#include "named.h"
#include "settings.h"
#include "world.h"

#include "../../proto/errors.h"
#include "../collar/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	STEP_MS = 5000, /* the sun is not faster */
	FLICKER_STEP_MS = 500,
	HISTORY_STEP_MS =
	    180000, /* a part of every sample interval of 15 min */
	LONG_STEP_MS = 60000,
};

/* Nothing can be scheduled further ahead: later, long steps will do. */
static const uint64_t near_ms = 8 * 86400000ULL;
static const uint64_t hour_ms = 3600000;
/* A world that is further behind is not caught up with: its files, or the
 * computer's clock, are wrong. */
static const uint64_t lag_max_ms = 10ULL * 366 * 86400000;

const uint64_t virtual_utc_max_ms = UINT32_MAX * 1000ULL;

struct virtual_collar {
	char name[VIRTUAL_NAME_MAX + 1];
	struct image image;
	struct virtual_board wired;
	struct board board;
	struct collar *collar;
};

static uint64_t
real_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);

	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t
uptime_ms(const struct virtual_collar *collar)
{
	const struct fixture *fixture = collar->image.fixture;

	return fixture->utc_ms - fixture->power_up_ms;
}

/* Whoever plugs in a collar chooses the socket by its form. */
static void
service_follow(struct virtual_collar *collar)
{
	const struct unit_record *record = &collar->collar->record;

	collar->wired.service_v =
	    HAS(record, RECORD_METER_FORM) && record->meter_form == FORM_12S
	    ? SERVICE_12S_V
	    : SERVICE_2S_V;
}

static void
step(struct virtual_collar *collar, uint64_t ms)
{
	collar->image.fixture->utc_ms += ms;
	board_settle(&collar->wired);
	collar_tick(collar->collar, uptime_ms(collar));
	service_follow(collar);
}

static void
anchor(struct virtual_collar *collar, uint64_t real_ms)
{
	struct fixture *fixture = collar->image.fixture;

	fixture->anchor_utc_ms = fixture->utc_ms;
	fixture->anchor_real_ms = real_ms;
}

/* How far the world is behind the computer's clock since the anchor. */
static uint64_t
lag_ms(const struct virtual_collar *collar, uint64_t real_ms)
{
	const struct fixture *fixture = collar->image.fixture;
	uint64_t target_ms = fixture->anchor_utc_ms;

	if (real_ms > fixture->anchor_real_ms)
		target_ms += real_ms - fixture->anchor_real_ms;

	return target_ms > fixture->utc_ms ? target_ms - fixture->utc_ms : 0;
}

static void
start(struct virtual_collar *collar)
{
	memset(collar->collar, 0, collar_size());
	collar_start(collar->collar, &collar->board, 0);
	service_follow(collar);
}

static void
power_up(struct virtual_collar *collar)
{
	board_power_up(&collar->wired);
	start(collar);
}

/*
 * Runs the handler through its history with all in order and the meter on a
 * source that behaves as its DER will; the relay stays OPEN, as it ships.
 */
static void
live_through(struct virtual_collar *collar, uint64_t now_ms)
{
	struct fixture *fixture = collar->image.fixture;
	struct settings settings = collar->wired.settings;
	uint64_t history_ms = (uint64_t)settings.at[SETTING_HISTORY] * 1000;

	settings_init(&collar->wired.settings, collar->name);
	collar->wired.settings.at[SETTING_SEED] = settings.at[SETTING_SEED];
	collar->wired.settings.at[SETTING_POWER] = settings.at[SETTING_POWER];
	fixture->utc_ms = now_ms - history_ms;
	fixture->utc_ms -= history_ms > 0 ? fixture->utc_ms % hour_ms : 0;
	fixture->bench = 1;
	board_power_up(&collar->wired);
	fixture->inverter_ms = fixture->attach_ms = fixture->utc_ms;
	start(collar);
	while (fixture->utc_ms < now_ms) {
		uint64_t ms =
		    HISTORY_STEP_MS - fixture->utc_ms % HISTORY_STEP_MS;

		if (ms > now_ms - fixture->utc_ms)
			ms = now_ms - fixture->utc_ms;
		step(collar, ms);
	}
	fixture->bench = 0;
	collar->wired.settings = settings;
	step(collar, 0);
}

static int
collar_new(struct virtual_collar **collar, const char *name)
{
	struct virtual_collar *made = calloc(1, sizeof(*made));

	if (made == NULL || (made->collar = calloc(1, collar_size())) == NULL) {
		free(made);
		return E_INTERNAL;
	}
	snprintf(made->name, sizeof(made->name), "%s", name);
	made->image.lock = -1;
	settings_init(&made->wired.settings, name);
	made->wired.service_v = SERVICE_2S_V;
	board_init(&made->board, &made->wired);
	*collar = made;

	return E_OK;
}

static void
collar_free(struct virtual_collar **collar)
{
	if (*collar == NULL)
		return;
	image_close(&(*collar)->image);
	free((*collar)->collar);
	free(*collar);
	*collar = NULL;
}

static void
wire(struct virtual_collar *collar)
{
	collar->wired.fixture = collar->image.fixture;
	collar->wired.flash = collar->image.flash;
}

static int
give_birth(struct virtual_collar *collar, const char *keys, char *why)
{
	uint64_t now_ms = real_now_ms();
	int err;

	if ((err = settings_parse(&collar->wired.settings, keys, ',', why)) <
		0 ||
	    (err = image_make(&collar->image, collar->name, why)) < 0 ||
	    (err = image_write_settings(
		 &collar->image, &collar->wired.settings, why)) < 0)
		return err;
	wire(collar);
	live_through(collar, now_ms);
	anchor(collar, now_ms);

	return image_publish(&collar->image, collar->name, why);
}

/* Keys given for an old unit must be what it has. */
static int
keys_agree(const struct virtual_collar *collar, const char *keys, char *why)
{
	const struct settings *has = &collar->wired.settings;
	struct settings wanted = *has;
	char is[SETTING_TEXT_MAX], not [SETTING_TEXT_MAX];
	int err = settings_parse(&wanted, keys, ',', why);

	for (int i = 0; err == E_OK && i < SETTINGS; i++) {
		if (wanted.at[i] == has->at[i])
			continue;
		snprintf(why, VIRTUAL_WHY_MAX, "sim:%s has %s=%s, not %s: %s",
		    collar->name, virtual_keys[i].name,
		    setting_text(has, i, is), setting_text(&wanted, i, not ),
		    virtual_keys[i].birth_only
			? "that is fixed when a unit is made"
			: "change it with sim set");
		err = E_USAGE;
	}

	return err;
}

/* Without an image of its RAM the unit has had no power until now. */
static int
revive(struct virtual_collar *collar, const char *keys, char *why)
{
	uint64_t real_ms = real_now_ms();
	int err;

	if ((err = image_read_settings(
		 &collar->image, &collar->wired.settings, why)) < 0 ||
	    (err = keys_agree(collar, keys, why)) < 0)
		return err;
	wire(collar);
	if (lag_ms(collar, real_ms) > lag_max_ms) {
		snprintf(why, VIRTUAL_WHY_MAX,
		    "sim:%s is more than ten years behind this computer's "
		    "clock: the clock is wrong, or the unit's files are "
		    "damaged",
		    collar->name);
		return E_BAD_DATA;
	}
	if (image_take_ram(&collar->image, collar->collar, collar_size())) {
		collar_resume(collar->collar, &collar->board);
		service_follow(collar);
		virtual_advance(collar, lag_ms(collar, real_ms));
	} else {
		collar->image.fixture->utc_ms += lag_ms(collar, real_ms);
		power_up(collar);
	}
	anchor(collar, real_ms);

	return E_OK;
}

int
virtual_open(struct virtual_collar **collar, const char *name, const char *keys,
    bool make, char *why)
{
	struct virtual_collar *opened = NULL;
	int err;

	snprintf(why, VIRTUAL_WHY_MAX, "out of memory");
	if (!named_ok(name, why))
		return E_USAGE;
	if ((err = collar_new(&opened, name)) < 0)
		return err;
	err = image_open(&opened->image, name, why);
	if (err == E_OK)
		err = revive(opened, keys, why);
	else if (err == E_NO_COLLAR && make)
		err = give_birth(opened, keys, why);
	if (err < 0)
		collar_free(&opened);
	else
		*collar = opened;

	return err;
}

void
virtual_close(struct virtual_collar **collar)
{
	if (*collar == NULL)
		return;
	virtual_follow_clock(*collar);
	/* if it cannot be kept, the close was a power cut */
	(void)image_keep_ram(
	    &(*collar)->image, (*collar)->collar, collar_size());
	collar_free(collar);
}

void
virtual_advance(struct virtual_collar *collar, uint64_t ms)
{
	const struct fixture *fixture = collar->image.fixture;
	uint64_t done = 0;

	while (done < ms) {
		uint64_t left = ms - done, now = virtual_next_due_ms(collar);

		if (done > near_ms && left > hour_ms)
			now = LONG_STEP_MS - fixture->utc_ms % LONG_STEP_MS;
		if (now > left)
			now = left;
		step(collar, now);
		done += now;
	}
}

void
virtual_follow_clock(struct virtual_collar *collar)
{
	uint64_t real_ms = real_now_ms();

	virtual_advance(collar, lag_ms(collar, real_ms));
	anchor(collar, real_ms);
}

size_t
virtual_receive(struct virtual_collar *collar, const uint8_t *bytes, size_t len)
{
	size_t taken = collar_receive(collar->collar, bytes, len);

	service_follow(collar);

	return taken;
}

size_t
virtual_transmit(struct virtual_collar *collar, uint8_t *bytes, size_t cap)
{
	return collar_transmit(collar->collar, bytes, cap);
}

void
virtual_usb_reset(struct virtual_collar *collar, struct usb_device *usb)
{
	usb_reset(usb, collar->collar);
}

int
virtual_usb_control(struct virtual_collar *collar, struct usb_device *usb,
    const uint8_t setup[USB_SETUP_LEN], uint8_t *in, size_t cap)
{
	return usb_control(usb, collar->collar, setup, in, cap);
}

int
virtual_usb_out(struct virtual_collar *collar, struct usb_device *usb,
    const uint8_t *packet, size_t len)
{
	int result = usb_out(usb, collar->collar, packet, len);

	service_follow(collar);

	return result;
}

int
virtual_usb_in(struct virtual_collar *collar, struct usb_device *usb,
    uint8_t packet[USB_PACKET_LEN])
{
	int len = usb_in(usb, collar->collar, packet);

	service_follow(collar);

	return len;
}

void
virtual_wire(
    struct virtual_collar *collar, const uint32_t *bauds, uint32_t baud)
{
	collar->board.bauds = bauds;
	collar->board.baud = baud;
	collar_resume(collar->collar, &collar->board);
}

uint32_t
virtual_baud(const struct virtual_collar *collar)
{
	return collar->wired.baud;
}

uint32_t
virtual_next_due_ms(const struct virtual_collar *collar)
{
	const struct settings *settings = &collar->wired.settings;
	uint32_t max_ms = settings->at[SETTING_UTILITY] == UTILITY_FLICKER
	    ? FLICKER_STEP_MS
	    : STEP_MS;
	uint32_t due_ms = collar_next_due_ms(collar->collar);

	return board_next_due_ms(
	    &collar->wired, due_ms < max_ms ? due_ms : max_ms);
}

uint64_t
virtual_now_utc_ms(const struct virtual_collar *collar)
{
	return collar->image.fixture->utc_ms;
}

void
virtual_power_cut(struct virtual_collar *collar)
{
	power_up(collar);
}

static int
settings_change(const struct virtual_collar *collar, const char *key,
    const char *value, struct settings *settings, char *why)
{
	int err, setting = setting_find(key);

	*settings = collar->wired.settings;
	if ((err = settings_set(settings, key, value, why)) < 0)
		return err;
	if (!virtual_keys[setting].birth_only ||
	    settings->at[setting] == collar->wired.settings.at[setting])
		return E_OK;
	snprintf(
	    why, VIRTUAL_WHY_MAX, "%s: that is fixed when a unit is made", key);

	return E_USAGE;
}

int
virtual_check(const struct virtual_collar *collar, const char *key,
    const char *value, char *why)
{
	struct settings settings;

	return settings_change(collar, key, value, &settings, why);
}

int
virtual_set(struct virtual_collar *collar, const char *key, const char *value,
    char *why)
{
	struct settings settings;
	int err = settings_change(collar, key, value, &settings, why);

	if (err < 0 ||
	    (err = image_write_settings(&collar->image, &settings, why)) < 0)
		return err;
	collar->wired.settings = settings;
	step(collar, 0);

	return E_OK;
}

int
virtual_get(const struct virtual_collar *collar, const char *key, char *value,
    size_t cap)
{
	return settings_get(&collar->wired.settings, key, value, cap);
}

int
virtual_press(struct virtual_collar *collar, unsigned times)
{
	(void)collar;
	(void)times;

	return E_WRONG_KIND; /* a DER collar has no Reset */
}

const char *
virtual_name(const struct virtual_collar *collar)
{
	return collar->name;
}
