/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_RECORD_H
#define PROTO_RECORD_H

/*
 * The unit record and what changes it.
 */

#include "change.h"
#include "message.h"

enum record_key {
#define RECORD(key, NAME, ...) RECORD_##NAME = (key),
#include "record.def"
#undef RECORD
};

enum meter_form { FORM_2S, FORM_12S };
enum comms_type { COMMS_ETHERNET_CELLULAR, COMMS_CELLULAR };

extern const char *const meter_form_names[];
extern const char *const der_type_names[];
extern const char *const comms_type_names[];
extern const char *const usps_states[]; /* ends in NULL */

struct unit_record {
	uint64_t has;
#define RECORD(key, NAME, type, member, dimension, ...) type member dimension;
#include "record.def"
#undef RECORD
};

/* Arguments of set and of provision: record fields and the change's header. */
struct record_change {
	struct unit_record record; /* record.has serves the whole struct */
	struct change change;
};

enum unit_status {
	UNIT_UNPROVISIONED,
	UNIT_PROVISIONING,
	UNIT_PROVISIONING_ERROR,
	UNIT_FLIPPED,
	UNIT_OPERATIONAL,
	UNIT_REPORTING_ERROR,
	UNIT_UPDATE_ERROR,
};

extern const char *const unit_status_names[]; /* as in JSON */

enum record_changed_key {
	RECORD_CHANGED_CHANGED = 1,
	RECORD_CHANGED_STATUS = 2,
};

/* Answer to set, provision and unprovision. */
struct record_changed {
	uint64_t has;
	bool changed;
	uint8_t status; /* enum unit_status */
};

extern const struct message msg_record;         /* struct unit_record */
extern const struct message msg_record_change;  /* struct record_change */
extern const struct message msg_record_changed; /* struct record_changed */

/* The fields that provisioning requires, as a mask over record keys. */
extern const uint64_t record_required;

/* Those that belong to the site, and go when the unit is unprovisioned. */
extern const uint64_t record_site;

#endif
