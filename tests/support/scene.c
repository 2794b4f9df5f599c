/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "scene.h"
#include "../../proto/errors.h"
#include "../../proto/status.h"

enum { FOLLOW_MS = 30 };

static void
settle(struct scene *scene)
{
	struct board_inputs *in = &scene->in;

	if (scene->follow_at_ms != 0 && !scene->stuck &&
	    scene->unit.now_ms >= scene->follow_at_ms) {
		in->relay_shut = scene->wants;
		scene->follow_at_ms = 0;
	}
	in->der_dv = 0;
	if (scene->der_live || (in->relay_shut && in->breaker_shut))
		in->der_dv = in->grid_dv;
}

void
scene_make(struct scene *scene)
{
	static const struct board_inputs sound = { .utility = true,
		.breaker_shut = true,
		.metering_ok = true,
		.grid_dv = 2478,
		.frequency_chz = 6000,
		.modem_active = true,
		.modem_registered = true };
	static const struct relay_kept blank;

	memset(scene, 0, sizeof(*scene));
	scene->in = sound;
	scene->unit = (struct unit_now){ .in = &scene->in,
		.now_ms = 1000,
		.utc_ms = SCENE_UTC_S * (uint64_t)1000,
		.clock_trusted = true,
		.sealed = true,
		.stage = UNIT_OPERATIONAL,
		.breaker_a = 60 };
	scene->asker = (struct relay_asker){ .role = ROLE_ADMIN,
		.holder = "ann",
		.id = { .len = 8, .at = { 1 } } };
	relay_start(&scene->relay, &blank, &scene->unit);
	scene_pass(scene, 60000);
}

static void
log_notes(struct scene *scene, const struct relay_effects *out)
{
	unsigned i;

	for (i = 0; i < out->notes_len; i++) {
		if (scene->nevents < SCENE_EVENTS)
			relay_event(out, i, &scene->events[scene->nevents++]);
	}
}

static void
drive(struct scene *scene, const struct relay_effects *out)
{
	scene->drives++;
	scene->saved_first =
	    scene->saved.moving && scene->saved.driven == out->position;
	scene->wants = out->position == RELAY_SHUT;
	scene->follow_at_ms = scene->unit.now_ms + FOLLOW_MS;
}

static void
carry_out(struct scene *scene, const struct relay_effects *out)
{
	if (out->commit && !scene->unwritable) {
		scene->saved = scene->relay.kept;
		scene->commits++;
	}
	if (out->drive)
		drive(scene, out);
	log_notes(scene, out);
	if (!out->finished)
		return;
	scene->finished = true;
	scene->id = out->id;
	scene->status = out->status;
	scene->detail = out->detail;
	scene->moved = out->moved;
}

static void
step(struct scene *scene)
{
	struct relay_effects out;
	unsigned rounds = 0;

	settle(scene);
	while (relay_step(&scene->relay, &scene->unit, &out) && rounds++ < 9) {
		if (out.commit && scene->unwritable)
			relay_uncommitted(&scene->relay, &scene->unit, &out);
		carry_out(scene, &out);
	}
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void
scene_pass(struct scene *scene, uint64_t ms)
{
	step(scene);
	while (ms > 0) {
		uint64_t due =
		    least(ms, relay_next_due_ms(&scene->relay, &scene->unit));

		if (scene->follow_at_ms > scene->unit.now_ms)
			due = least(
			    due, scene->follow_at_ms - scene->unit.now_ms);
		scene->unit.now_ms += due;
		scene->unit.utc_ms += due;
		ms -= due;
		step(scene);
	}
}

bool
scene_driven(const struct scene *scene, uint8_t position)
{
	return scene->drives == 1 && scene->saved_first &&
	    scene->in.relay_shut == (position == RELAY_SHUT);
}

void
scene_restart(struct scene *scene)
{
	scene->unit.now_ms = 0;
	scene->follow_at_ms = 0;
	relay_start(&scene->relay, &scene->saved, &scene->unit);
	step(scene);
}

static enum status
answered(
    struct scene *scene, enum status status, const struct relay_effects *out)
{
	scene->finished = false;
	scene->detail = out->detail;
	scene->moved = out->moved;
	if (status == ST_OK || status == ST_ACCEPTED)
		carry_out(scene, out);
	return status;
}

enum status
scene_move(struct scene *scene, const struct relay_move *move)
{
	struct relay_effects out;

	return answered(scene,
	    relay_move(&scene->relay, &scene->unit, &scene->asker, move, &out),
	    &out);
}

enum status
scene_open(struct scene *scene)
{
	static const struct relay_move move = { .position = RELAY_OPEN };

	return scene_move(scene, &move);
}

enum status
scene_shut(struct scene *scene)
{
	static const struct relay_move move = { .position = RELAY_SHUT };

	return scene_move(scene, &move);
}

enum status
scene_hold(struct scene *scene, uint8_t position, uint32_t hold_s)
{
	struct relay_move move = { .position = position, .hold_s = hold_s };

	HAVE(&move, RELAY_MOVE_HOLD);
	return scene_move(scene, &move);
}

enum status
scene_at(struct scene *scene, uint8_t position, uint32_t at)
{
	struct relay_move move = {
		.position = position, .when = WHEN_AT, .at = at
	};

	HAVE(&move, RELAY_MOVE_AT);
	return scene_move(scene, &move);
}

enum status
scene_cancel(struct scene *scene)
{
	struct relay_effects out;

	return answered(scene,
	    relay_cancel(&scene->relay, &scene->unit, &scene->asker, &out),
	    &out);
}

enum status
scene_confirm(struct scene *scene, uint8_t id)
{
	struct octets move = { .len = 8, .at = { id } };
	struct relay_effects out;

	return answered(scene,
	    relay_confirm(
		&scene->relay, &scene->unit, &scene->asker, &move, &out),
	    &out);
}

enum status
scene_exercise(struct scene *scene)
{
	struct relay_effects out;

	return answered(scene,
	    relay_exercise(&scene->relay, &scene->unit, &scene->asker, &out),
	    &out);
}

enum status
scene_tag(struct scene *scene, const char *text)
{
	struct relay_effects out;

	return answered(scene,
	    relay_tag(&scene->relay, &scene->unit, &scene->asker, text, &out),
	    &out);
}

enum status
scene_untag(struct scene *scene)
{
	struct relay_effects out;

	return answered(scene,
	    relay_untag(&scene->relay, &scene->unit, &scene->asker, &out),
	    &out);
}

unsigned
scene_count(const struct scene *scene, enum event_kind kind)
{
	unsigned i, count = 0;

	for (i = 0; i < scene->nevents; i++)
		count += scene->events[i].kind == (uint8_t)kind;
	return count;
}

const struct event *
scene_event(const struct scene *scene, enum event_kind kind)
{
	static const struct event none;
	unsigned i = scene->nevents;

	while (i-- > 0) {
		if (scene->events[i].kind == (uint8_t)kind)
			return &scene->events[i];
	}
	return &none;
}

void
scene_begin_shut(struct scene *scene)
{
	scene_shut(scene);
	scene_pass(scene, 60000);
	scene->nevents = 0;
	scene->drives = 0;
}

static void
flip(struct scene *scene)
{
	scene->in.flipped = true;
}

static void
unprovision(struct scene *scene)
{
	scene->unit.stage = UNIT_UNPROVISIONED;
}

static void
await_provisioning(struct scene *scene)
{
	scene->unit.stage = UNIT_PROVISIONING_ERROR;
}

static void
fault_relay(struct scene *scene)
{
	scene->relay.kept.fault = true;
}

static void
fault_metering(struct scene *scene)
{
	scene->in.metering_ok = false;
}

static void
fault_memory(struct scene *scene)
{
	scene->unit.memory_fault = true;
}

static void
tag_out(struct scene *scene)
{
	scene_tag(scene, "hands inside");
}

void
scene_cut_utility(struct scene *scene)
{
	scene->in.utility = false;
	scene->in.grid_dv = 0;
}

void
scene_sag(struct scene *scene)
{
	scene->in.grid_dv = 2111;
}

static void
swell(struct scene *scene)
{
	scene->in.grid_dv = 2641;
}

static void
sag_12s(struct scene *scene)
{
	scene->unit.meter_form = FORM_12S;
	scene->in.grid_dv = 1830;
}

static void
swell_12s(struct scene *scene)
{
	scene->unit.meter_form = FORM_12S;
	scene->in.grid_dv = 2289;
}

static void
slow_down(struct scene *scene)
{
	scene->in.frequency_chz = 5699;
}

static void
speed_up(struct scene *scene)
{
	scene->in.frequency_chz = 6301;
}

static void
liven_der_side(struct scene *scene)
{
	scene->der_live = true;
	scene_pass(scene, 1);
}

const struct obstacle scene_obstacles[SCENE_OBSTACLES] = {
	{ flip, ST_FLIPPED, COND_FLIPPED },
	{ unprovision, ST_INTERLOCK, COND_UNPROVISIONED },
	{ await_provisioning, ST_INTERLOCK, COND_UNPROVISIONED },
	{ fault_relay, ST_INTERLOCK, COND_RELAY_FAULT },
	{ fault_metering, ST_INTERLOCK, COND_METERING_FAULT },
	{ fault_memory, ST_INTERLOCK, COND_MEMORY_FAULT },
	{ tag_out, ST_TAGGED_OUT, COND_TAGGED_OUT },
	{ scene_cut_utility, ST_NO_UTILITY, COND_NO_UTILITY },
	{ scene_sag, ST_INTERLOCK, COND_VOLTAGE_LIMIT },
	{ swell, ST_INTERLOCK, COND_VOLTAGE_LIMIT },
	{ sag_12s, ST_INTERLOCK, COND_VOLTAGE_LIMIT },
	{ swell_12s, ST_INTERLOCK, COND_VOLTAGE_LIMIT },
	{ slow_down, ST_INTERLOCK, COND_FREQUENCY_LIMIT },
	{ speed_up, ST_INTERLOCK, COND_FREQUENCY_LIMIT },
	{ liven_der_side, ST_INTERLOCK, COND_VOLTAGE_LIMIT },
};
