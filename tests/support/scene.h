/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_SCENE_H
#define SUPPORT_SCENE_H

/*
 * A relay and its surroundings as plain data, without handler and flash: tests
 * set what they like, ask, let time pass and look at what was carried out.
 */

#include "../../devices/collar/relay.h"
#include "../../devices/collar/testmode.h"

enum { SCENE_EVENTS = 32, SCENE_UTC_S = 1795273200 /* 2026-11-21 15:00 */ };

struct scene {
	struct relay relay;
	struct testmode test;
	struct unit_now unit;
	struct board_inputs in;
	struct relay_kept saved; /* by the last commit */

	bool stuck;      /* the contact does not follow */
	bool der_live;   /* the DER side is live by itself */
	bool unwritable; /* every commit fails */
	uint64_t follow_at_ms;
	bool wants;

	unsigned commits, drives;
	bool saved_first; /* at the last drive: its intent was committed */
	struct event events[SCENE_EVENTS];
	unsigned nevents;

	struct error_detail detail; /* of the last refusal */
	struct relay_moved moved;   /* the last answer */
	bool finished;              /* a move ended since the last request */
	struct octets id;
	uint8_t status;
	struct relay_asker asker; /* role, holder and id of the next request */
};

/* Operational, relay OPEN, sound grid for a minute, its admin is "ann". */
void scene_make(struct scene *scene);

/* Stands SHUT and rested, with nothing counted or logged yet. */
void scene_begin_shut(struct scene *scene);

/* What stands in the way of a SHUT, and how the refusal names it. */
struct obstacle {
	void (*arrange)(struct scene *scene);
	uint8_t status, condition;
};

/* The standing ones first, the live DER side last. */
enum { SCENE_STANDING = 7, SCENE_OBSTACLES = 15 };

extern const struct obstacle scene_obstacles[SCENE_OBSTACLES];

void scene_sag(struct scene *scene);
void scene_cut_utility(struct scene *scene);

/* Lets ms pass, stepping as often as the relay asks. */
void scene_pass(struct scene *scene, uint64_t ms);

/* Was the relay driven there, once, with the intent saved before? */
bool scene_driven(const struct scene *scene, uint8_t position);

/* A power cut: RAM lost, started again from what was saved. */
void scene_restart(struct scene *scene);

/* Requests, carried out. */
enum status scene_move(struct scene *scene, const struct relay_move *move);
enum status scene_open(struct scene *scene);
enum status scene_shut(struct scene *scene);
enum status scene_hold(struct scene *scene, uint8_t position, uint32_t hold_s);
enum status scene_at(struct scene *scene, uint8_t position, uint32_t at);
enum status scene_cancel(struct scene *scene);
enum status scene_confirm(struct scene *scene, uint8_t id);
enum status scene_exercise(struct scene *scene);
enum status scene_tag(struct scene *scene, const char *text);
enum status scene_untag(struct scene *scene);

/* How often an event of that kind was logged; the last one of them. */
unsigned scene_count(const struct scene *scene, enum event_kind kind);
const struct event *scene_event(
    const struct scene *scene, enum event_kind kind);

#endif
