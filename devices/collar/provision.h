/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COLLAR_PROVISION_H
#define COLLAR_PROVISION_H

/*
 * Where provisioning stands, and what the modem is doing about it: registering
 * with the head-end, then reporting to it and asking it for updates.
 */

#include <stdbool.h>
#include <stdint.h>

#include "../board.h"
#include "store.h"

enum {
	PROVISION_TIME_MS = 5 * 60 * 1000, /* then it has failed */
	PROVISION_RETRY_MS = 10 * 1000,    /* between tries within that time */
	REPORT_RETRY_MS = 60 * 1000,       /* until REPORT_TRIES have failed */
	REPORT_TRIES = 3,
	UPLINK_POLL_MS = 500,
};

struct provision {
	uint8_t stage; /* enum unit_status, the four that flash keeps */
	uint8_t job;   /* enum uplink_job that runs */
	bool ready;    /* the modem could, when last looked at */
	bool update_failed;
	bool reported;     /* last_report_at holds */
	uint16_t failures; /* reports in a row */
	uint32_t last_report_at;
	uint64_t failed_ms; /* when provisioning will have failed */
	uint64_t next_ms;   /* when the modem is wanted again */
};

struct collar;

/* Its two parts as items to commit, in KEPT_SMALL_MAX bytes. */
struct store_item stage_item(const struct provision *provision, uint8_t *bytes);
struct store_item uplink_item(
    const struct provision *provision, uint8_t *bytes);

/* Gives the modem a job in place of the one it has; UPLINK_NONE: none. */
void uplink_start(struct collar *collar, enum uplink_job job);

/* Power-up; what is kept in flash has been loaded. */
void provision_start(struct collar *collar);

/* Lets time pass. */
void provision_step(struct collar *collar);

/* Milliseconds, at least 1, until a step is wanted. */
uint32_t provision_next_due_ms(const struct collar *collar);

/* The unit's status, enum unit_status, as if it hung upright. */
uint8_t provision_stage(const struct provision *provision);

#endif
