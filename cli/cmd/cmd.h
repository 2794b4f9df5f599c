/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_CMD_H
#define CMD_CMD_H

/* What several commands share. */

#include "../command.h"
#include "../confirm.h"
#include "../parse.h"

/* The unit's record and its state of now.  E_OK or the call's failure. */
int read_record(struct ctx *ctx, struct unit_record *record);
int read_state(struct ctx *ctx, struct unit_state *state);

/* The time that the option (--since, --until) of the line names, in s since
 * 1970; *utc_s stays where it is not given.  E_OK, E_USAGE or E_BAD_VALUE. */
int read_bound(struct ctx *ctx, const struct args *args, const char *option,
    uint64_t *utc_s);

/* Does the range since < at <= until hold any time?  E_OK or E_BAD_VALUE. */
int check_range(struct ctx *ctx, uint64_t since_s, uint64_t until_s);

/* Says on stderr which entries ("blocks", "events") of a log are gone. */
void tell_lost(const char *entries, const struct ranges *lost);

/* The groups of a unit's state that are null in JSON when nothing is there. */
extern const char *const state_collapse[];

/* What every answer to --dry-run says: dry_run, changed, moves_power. */
void json_preview(json_t *object, bool changed, bool moves_power);

/* A field's name as a person reads it: "premises_id" is "Premises ID".  Cut to
 * cap; returns text. */
char *label_text(char *text, size_t cap, const char *name);

/* Every field of *body that is present, one aligned line each, escaped. */
void print_fields(struct out *out, const struct message *msg, const void *body);

/* What `status --json` shows; a new reference. */
json_t *status_json(struct client *client, const struct unit_state *state);

/* The glass as JSON: text, icons, pages, what it means, what to do. */
json_t *lcd_json(const struct unit_state *state);

/* The sentence for people about the glass; both borrowed. */
struct lcd_advice {
	const char *meaning, *action;
};
struct lcd_advice lcd_advise(const struct unit_state *state);

/* "SHUTS BY ITSELF at HH:MM:SS", first, while a hold or schedule will. */
void print_shuts_by_itself(struct out *out, const struct unit_state *state);

/* Position, contact, what is pending, hold and tag-out, one line each. */
void print_relay(struct out *out, const struct unit_state *state);

/* Draws the glass on seven segments, icons above. */
void draw_glass(struct out *out, const struct unit_state *state);

/*
 * Waits between two looks at a unit: its time passes and the user's too, even
 * with a virtual collar, whose time would not keep anybody waiting.  E_OK or
 * E_INTERRUPTED.
 */
int watch_pause(struct ctx *ctx, uint32_t ms);

#endif
