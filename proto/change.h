/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_CHANGE_H
#define PROTO_CHANGE_H

/*
 * The header of every request that changes something: the unit it is meant for
 * (serial number, or hardware id while it has none), the random id under which
 * its outcome can be asked, and who asks.  Critical, all of them.
 */

#include "message.h"

enum {
	CHANGE_UNIT = 60,
	CHANGE_HARDWARE_ID = 61,
	CHANGE_ID = 62,
	CHANGE_HOLDER = 63,
	CHANGE_ID_LEN = 8,
	HOLDER_MAX = 32,
};

struct change {
	char unit[17];
	struct octets hardware_id;
	struct octets id;
	char holder[HOLDER_MAX + 1];
};

/* The four rows, last in the table of a struct s with a member `change`. */
#define CHANGE_ROWS(s) \
	FIELD_ROW(s, change.unit, "unit", CHANGE_UNIT, OPTIONAL, 1, 16, \
	    RULE_SERIAL, ROLE_NOBODY, SHOW_PLAIN, NULL, "", \
	    "serial number of the unit meant"), \
	    FIELD_ROW(s, change.hardware_id, "hardware_id", \
		CHANGE_HARDWARE_ID, OPTIONAL, 8, 16, RULE_NONE, ROLE_NOBODY, \
		SHOW_PLAIN, NULL, "", "unit meant, while it has no serial"), \
	    FIELD_ROW(s, change.id, "id", CHANGE_ID, REQUIRED, CHANGE_ID_LEN, \
		CHANGE_ID_LEN, RULE_NONE, ROLE_NOBODY, SHOW_PLAIN, NULL, "", \
		"random id of the change"), \
	    FIELD_ROW(s, change.holder, "holder", CHANGE_HOLDER, REQUIRED, 1, \
		HOLDER_MAX, RULE_PRINTABLE, ROLE_NOBODY, SHOW_PLAIN, NULL, "", \
		"who asks for the change")

/* A request that is nothing but its header: unprovision, relay cancel, … */
struct plain_change {
	uint64_t has;
	struct change change;
};

extern const struct message msg_plain_change; /* struct plain_change */

/* The change header inside any of the change requests. */
struct change *change_in(const struct message *msg, void *body);

#endif
