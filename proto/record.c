/* SPDX-License-Identifier: BSD-2-Clause */
#include "record.h"

const char *const meter_form_names[] = { "2S", "12S", NULL };

const char *const der_type_names[] = { "solar", "storage", "ev", "generator",
	"wind", "other", NULL };

const char *const comms_type_names[] = { "ethernet-cellular", "cellular",
	NULL };

const char *const unit_status_names[] = { "unprovisioned", "provisioning",
	"provisioning_error", "flipped", "operational", "reporting_error",
	"update_error", NULL };

/* The states, the District of Columbia, and the territories. */
const char *const usps_states[] = { "AL", "AK", "AZ", "AR", "CA", "CO", "CT",
	"DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME",
	"MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM",
	"NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX",
	"UT", "VT", "VA", "WA", "WV", "WI", "WY", "DC", "AS", "GU", "MP", "PR",
	"VI", NULL };

const uint64_t record_required = (uint64_t)1 << RECORD_ADDRESS |
    (uint64_t)1 << RECORD_CITY | (uint64_t)1 << RECORD_STATE |
    (uint64_t)1 << RECORD_ZIP;

const uint64_t record_site = (uint64_t)1 << RECORD_PREMISES_ID |
    (uint64_t)1 << RECORD_ADDRESS | (uint64_t)1 << RECORD_CITY |
    (uint64_t)1 << RECORD_STATE | (uint64_t)1 << RECORD_ZIP |
    (uint64_t)1 << RECORD_LATITUDE | (uint64_t)1 << RECORD_LONGITUDE |
    (uint64_t)1 << RECORD_LOCATION_NOTES | (uint64_t)1 << RECORD_DER_TYPE |
    (uint64_t)1 << RECORD_INSTALLER | (uint64_t)1 << RECORD_INSTALLED_AT;

static const struct field record_fields[] = {
#define RECORD(key, NAME, type, member, dimension, name, min, max, rule, \
    writer, show, names, unit, help) \
	FIELD_ROW(struct unit_record, member, name, key, OPTIONAL, min, max, \
	    rule, writer, show, names, unit, help),
#include "record.def"
#undef RECORD
};

static const struct field record_change_fields[] = {
#define RECORD(key, NAME, type, member, dimension, name, min, max, rule, \
    writer, show, names, unit, help) \
	FIELD_ROW(struct record_change, record.member, name, key, OPTIONAL, \
	    min, max, rule, writer, show, names, unit, help),
#include "record.def"
#undef RECORD
	CHANGE_ROWS(struct record_change),
};

static const struct field record_changed_fields[] = {
	FIELD_PLAIN(struct record_changed, changed, "changed",
	    RECORD_CHANGED_CHANGED, REQUIRED, 0, 1, "",
	    "whether anything was not so before"),
	FIELD_SHOWN(struct record_changed, status, "status",
	    RECORD_CHANGED_STATUS, REQUIRED, UNIT_UNPROVISIONED,
	    UNIT_UPDATE_ERROR, SHOW_NAME, unit_status_names, "",
	    "status of the unit after it"),
};

MESSAGE(
    msg_record, "record", struct unit_record, record_fields, "the unit record");
MESSAGE(msg_record_change, "record-change", struct record_change,
    record_change_fields, "fields of the unit record to be written");
MESSAGE(msg_record_changed, "record-changed", struct record_changed,
    record_changed_fields, "what became of a change of the record");
