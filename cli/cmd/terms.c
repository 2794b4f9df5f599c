/* SPDX-License-Identifier: BSD-2-Clause */

#include "terms.h"

#include <stddef.h>

#define UPLINK_CAUSES \
	"no utility power at the unit;the unit's breaker is open;the modem " \
	"is " \
	"not activated;no coverage of its carrier here"
#define UPLINK_ACTIONS \
	"verify utility power;verify that the breaker is shut;verify that " \
	"the " \
	"modem is activated and the carrier has coverage"

const struct term_row words[] = {
	{ "status", "unprovisioned", NULL,
	    "the unit has not been put in service",
	    "it is new;it was unprovisioned",
	    "provision it: collarctl provision" },
	{ "status", "provisioning", NULL,
	    "the unit is registering with its head-end; this can take up to "
	    "five "
	    "minutes",
	    NULL, "wait for the thumbs-up on the LCD" },
	{ "status", "provisioning_error", NULL,
	    "provisioning was tried and failed after five minutes; the unit "
	    "tries again by itself when coverage returns",
	    UPLINK_CAUSES, UPLINK_ACTIONS },
	{ "status", "flipped", NULL, "the unit is upside down",
	    "it was seated upside down in the socket",
	    "re-seat the unit: field terminals at the top, breaker at the "
	    "bottom" },
	{ "status", "operational", NULL,
	    "the unit is provisioned and reports to its head-end", NULL,
	    "none" },
	{ "status", "reporting_error", "report error",
	    "the unit failed to report after three attempts", UPLINK_CAUSES,
	    UPLINK_ACTIONS },
	{ "status", "update_error", NULL,
	    "the unit did not receive update data from its head-end",
	    UPLINK_CAUSES, UPLINK_ACTIONS },
	{ "word", "OPEN", NULL,
	    "relay OPEN: the DER circuit is disconnected from the grid; this "
	    "is "
	    "no isolation",
	    NULL, "lock out the breaker, prove dead with a meter" },
	{ "word", "SHUT", NULL,
	    "relay SHUT: the DER circuit is connected to the grid", NULL,
	    "none" },
	{ "word", "hold", NULL,
	    "a relay move that goes back by itself unless it is confirmed in "
	    "time",
	    NULL, "to keep the move: collarctl relay confirm" },
	{ "word", "tag-out", "tag",
	    "a tag kept in the unit that refuses every SHUT until its holder "
	    "or "
	    "an admin takes it off",
	    NULL, "to take it off: collarctl relay untag" },
	{ "word", "Premises ID", NULL,
	    "the key that links the unit to the utility's customer or "
	    "meter-data "
	    "system",
	    NULL, "to set it: collarctl set premises_id=ID" },
	{ "word", "hex status", NULL,
	    "the unit's health as bits, reported by its firmware", NULL,
	    "to read one: collarctl decode hex-status HEX" },
	{ 0 },
};

const struct term_row leds[] = {
	{ "led", "utility_available", NULL,
	    "transfer collar, Utility Power Available: the utility line is "
	    "live",
	    "off: the utility's power is out", "none" },
	{ "led", "utility_on", NULL,
	    "transfer collar, Utility Power On: the home is on the utility",
	    "off: the home is on the generator, or without power", "none" },
	{ "led", "generator_on", "amber",
	    "transfer collar, Generator Power On (amber): the home is on the "
	    "generator",
	    "an outage with the generator running;test mode", "none" },
	{ 0 },
};

const struct exit_row exits[] = {
	{ "0", "done", NULL, "none" },
	{ "1", "--check: something would change", NULL,
	    "run the command without --check to change it" },
	{ "64", "usage, or a bad value in an argument",
	    "an unknown option or command;a value out of its range;a move that "
	    "needs --yes and a named unit",
	    "see the message and `collarctl help COMMAND`" },
	{ "65", "bad data in a file or a unit",
	    "the file is not of its format;"
	    "the unit sent what nobody understands",
	    "correct what the message names" },
	{ "66", "an input file is missing", "its name;its permissions",
	    "check both" },
	{ "69", "no collar, the port is not there, or another unit is on it",
	    "the cable is out;the port's name is wrong;it is another unit",
	    "see `collarctl list`" },
	{ "70", "internal error", NULL, "report it, with the command" },
	{ "73", "the output can't be made",
	    "the folder is missing;no permission",
	    "choose another file with --output" },
	{ "74", "input or output failed",
	    "the disk is full;the reader went away", "check the disk" },
	{ "75", "no answer, and nothing was done",
	    "the unit has no power;the wrong port or speed;the port is in use",
	    "try again" },
	{ "76", "what answers does not speak this protocol",
	    "something else is on the port;versions without overlap",
	    "check the port; update collarctl or the firmware" },
	{ "77", "not permitted",
	    "the role at hand may not do it;expired "
	    "credentials;no permission for the port",
	    "see the message for the role or the group needed" },
	{ "78", "a bad configuration or key file", NULL, "correct the file" },
	{ "79", "refused by the collar's state",
	    "an interlock;a tag-out;too soon after another move",
	    "see `collarctl status` and the message's code" },
	{ "80", "some units of a batch failed", NULL,
	    "see the lines of those units" },
	{ "81", "it is not known whether the change was made",
	    "the link was cut after the request and before its answer",
	    "ask before doing anything else: collarctl outcome ID" },
	{ "130", "interrupted", NULL, "none" },
	{ 0 },
};

const struct cause_row causes[] = {
	{ "condition", "no_utility",
	    "the utility's power is out;the meter or the unit is not seated" },
	{ "condition", "not_registered",
	    "no coverage of the modem's carrier here;the modem is not "
	    "activated" },
	{ "condition", "provisioning_error", UPLINK_CAUSES },
	{ "condition", "reporting_error", UPLINK_CAUSES },
	{ "condition", "update_error", UPLINK_CAUSES },
	{ "condition", "relay_fault",
	    "the relay is stuck;its contact is welded;its coil is open" },
	{ "condition", "clock_untrusted",
	    "the clock's battery was empty during an outage" },
	{ "error", "no_answer",
	    "no line power at the unit;the cable is out;wrong port or speed" },
	{ "error", "too_soon",
	    "less than 5 s since the last move;less than 10 s since the grid "
	    "returned;six test starts within 24 h" },
	{ "error", "interlock",
	    "the unit is not provisioned;a fault of relay, meter or memory;"
	    "voltage or frequency out of limits;the DER side is live;the clock "
	    "is not trusted" },
	{ "error", "provisioning_failed", UPLINK_CAUSES },
	{ "error", "port_permission",
	    "the user is not in the group that owns the port" },
	{ "error", "unknown",
	    "the link was cut after the request and before its answer" },
	{ 0 },
};
