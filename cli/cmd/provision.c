/* SPDX-License-Identifier: BSD-2-Clause */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "record_change.h"

enum { WAIT_DEFAULT_S = 360, POLL_MS = 1000, ANSWER_LEN = 256 };

static const struct opt provision_opts[] = {
	{ 0, "new-serial", "SERIAL", TAKES_TEXT, NULL,
	    "serial number to give the unit" },
	{ 0, "model", "MODEL", TAKES_TEXT, NULL, "its model number" },
	{ 0, "premises-id", "ID", TAKES_TEXT, NULL,
	    "key of the premises in the utility's system" },
	{ 0, "address", "TEXT", TAKES_TEXT, NULL, "street address" },
	{ 0, "city", "TEXT", TAKES_TEXT, NULL, "city" },
	{ 0, "state", "CODE", TAKES_WORD, usps_states, "state, two letters" },
	{ 0, "zip", "ZIP", TAKES_TEXT, NULL, "ZIP code, 5 digits or 5-4" },
	{ 0, "location-notes", "TEXT", TAKES_TEXT, NULL,
	    "how to find the unit" },
	{ 0, "der-type", "TYPE", TAKES_WORD, der_type_names,
	    "solar, storage, ev, generator, wind or other" },
	{ 0, "from", "FILE", TAKES_FILE, NULL,
	    "take the fields from a JSON object; options come before it" },
	{ 0, "wait", "DURATION", TAKES_DURATION, NULL,
	    "how long to wait for the head-end (6m)" },
	{ 0, "no-wait", NULL, TAKES_NOTHING, NULL,
	    "do not wait for the head-end" },
	{ 0 },
};

static const struct {
	const char *option;
	uint8_t key;
} option_fields[] = {
	{ "new-serial", RECORD_SERIAL },
	{ "model", RECORD_MODEL },
	{ "premises-id", RECORD_PREMISES_ID },
	{ "address", RECORD_ADDRESS },
	{ "city", RECORD_CITY },
	{ "state", RECORD_STATE },
	{ "zip", RECORD_ZIP },
	{ "location-notes", RECORD_LOCATION_NOTES },
	{ "der-type", RECORD_DER_TYPE },
};

/* A JSON value as a person would type it. */
static int
json_to_text(json_t *value, char *text, size_t cap)
{
	json_t *one;
	size_t i, len = 0;

	text[0] = '\0';
	if (json_is_string(value))
		snprintf(text, cap, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(text, cap, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
	else if (json_is_real(value))
		snprintf(text, cap, "%.6f", json_real_value(value));
	else if (!json_is_array(value))
		return E_BAD_DATA;
	json_array_foreach(value, i, one)
	{
		if (!json_is_string(one) || len >= cap)
			return E_BAD_DATA;
		len += (size_t)snprintf(text + len, cap - len, "%s%s",
		    i > 0 ? "," : "", json_string_value(one));
	}

	return E_OK;
}

static int
take_member(struct record_change *wanted, const char *path, const char *name,
    json_t *value, struct failure *failure)
{
	const struct field *field;
	char text[512];
	int err;

	if (json_is_null(value))
		return E_OK;
	if (json_to_text(value, text, sizeof(text)) < 0)
		return fail(failure, E_BAD_DATA,
		    "%s: field \"%s\": expected a text or a number", path,
		    name);
	err = find_settable(name, strlen(name), &field, failure);
	if (err == E_OK && !HAS(&wanted->record, field->key))
		err = parse_field(
		    &msg_record_change, field, wanted, text, failure);
	if (err < 0) {
		char what[FAILURE_LEN];

		/* the value came from a file: its data is bad, not the usage */
		snprintf(
		    what, sizeof(what), "%.80s: %.300s", path, failure->what);
		memcpy(failure->what, what, sizeof(what));
		failure->err = E_BAD_DATA;
		return E_BAD_DATA;
	}

	return E_OK;
}

static int
take_file(
    struct record_change *wanted, const char *path, struct failure *failure)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	const char *name;
	json_error_t error;
	json_t *object, *value;
	int err = E_OK;

	if (!file)
		return fail(
		    failure, E_NO_INPUT, "%s: %s", path, strerror(errno));
	object = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
	if (file != stdin)
		fclose(file);
	if (!object)
		return fail(failure, E_BAD_DATA, "%s: line %d, column %d: %s",
		    path, error.line, error.column, error.text);
	if (!json_is_object(object))
		err = fail(failure, E_BAD_DATA,
		    "%s: expected one JSON object of record fields", path);
	else
		json_object_foreach(object, name, value) if (err == E_OK) err =
		    take_member(wanted, path, name, value, failure);
	json_decref(object);

	return err;
}

static int
take_options(struct record_change *wanted, const struct args *args,
    struct failure *failure)
{
	int err = E_OK;

	for (size_t i = 0; err == E_OK && i < nitems(option_fields); i++) {
		const char *text = args_get(args, option_fields[i].option);

		if (text)
			err = parse_field(&msg_record_change,
			    message_field(
				&msg_record_change, option_fields[i].key),
			    wanted, text, failure);
	}
	if (err == E_OK && args_has(args, "from"))
		err = take_file(wanted, args_get(args, "from"), failure);

	return err;
}

/* Asks on the terminal until the answer is good or empty; E_OK or a failure. */
static int
ask_field(struct record_change *wanted, const struct field *field, FILE *tty,
    struct failure *failure)
{
	struct failure wrong = { 0 };
	char line[ANSWER_LEN], label[64];

	for (;;) {
		fprintf(tty,
		    "%s (%s): ", label_text(label, sizeof(label), field->name),
		    field->help);
		if (!tty_wait(tty) || !fgets(line, sizeof(line), tty))
			return fail(
			    failure, E_INTERRUPTED, "nothing was changed");
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0')
			return fail(failure, E_USAGE,
			    "%s is required to provision", field->name);
		if (parse_field(&msg_record_change, field, wanted, line,
			&wrong) == E_OK)
			return E_OK;
		fprintf(tty, "%s\n", wrong.what);
		wrong = (struct failure){ 0 };
	}
}

static uint64_t
missing_fields(
    const struct unit_record *before, const struct unit_record *wanted)
{
	return record_required & ~(before->has | wanted->has);
}

/* On a terminal asks for what is missing; elsewhere says what that is. */
static int
complete(struct ctx *ctx, const struct unit_record *before,
    struct record_change *wanted)
{
	uint64_t missing = missing_fields(before, &wanted->record);
	FILE *tty = NULL;
	char names[128] = "";
	int err = E_OK;

	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !ctx->dry_run)
		tty = fopen("/dev/tty", "r+");
	for (size_t i = 0; err == E_OK && i < msg_record.count; i++) {
		const struct field *field = &msg_record.fields[i];

		if (!(missing >> field->key & 1))
			continue;
		if (tty)
			err = ask_field(wanted, field, tty, &ctx->failure);
		else
			snprintf(names + strlen(names),
			    sizeof(names) - strlen(names), "%s%s",
			    names[0] ? ", " : "", field->name);
	}
	if (tty)
		fclose(tty);
	if (names[0]) {
		fail(&ctx->failure, E_USAGE, "to provision, %s is missing",
		    names);
		return fail_hint(&ctx->failure,
		    "give all of --address, --city, --state and --zip");
	}

	return err;
}

/* The shop's case: an identity, and no place yet. */
static bool
is_identity_alone(
    const struct unit_record *before, const struct unit_record *wanted)
{
	return wanted->has != 0 &&
	    ((before->has | wanted->has) & record_required) == 0;
}

static int
provisioning_failed(struct ctx *ctx, const struct unit_state *state)
{
	struct lcd_advice advice = lcd_advise(state);

	return fail(&ctx->failure, E_PROVISIONING_FAILED,
	    "the unit could not register with its head-end (LCD: %s)",
	    state->lcd_blank ? "blank" : advice.meaning);
}

/* Waits until the head-end knows the unit, in the time of the link. */
static int
wait_for_head_end(struct ctx *ctx, uint32_t wait_s)
{
	struct link *link = client_link(ctx->client);
	uint64_t end_ms = link_now_ms(link) + (uint64_t)wait_s * 1000;
	uint64_t begun_ms = link_now_ms(link);
	struct unit_state state;
	int err;

	for (;;) {
		if ((err = read_state(ctx, &state)) < 0)
			return err;
		if (state.status == UNIT_PROVISIONING_ERROR)
			return provisioning_failed(ctx, &state);
		if (state.status != UNIT_PROVISIONING)
			return E_OK;
		if (link_now_ms(link) >= end_ms)
			break;
		out_progress(&ctx->out, "registering with the head-end",
		    link_now_ms(link) - begun_ms, end_ms - begun_ms);
		if ((err = link_wait(link, POLL_MS)) < 0) {
			fail(&ctx->failure, err, "interrupted while waiting");
			return fail_hint(&ctx->failure,
			    "the unit goes on by itself: see collarctl status");
		}
	}
	fail(&ctx->failure, E_PROVISIONING_FAILED,
	    "the unit is still registering with its head-end after %" PRIu32
	    " s",
	    wait_s);

	return fail_hint(&ctx->failure,
	    "it goes on by itself: see `collarctl status` in a few minutes");
}

static bool
is_in_service(const struct unit_state *state)
{
	return state->status == UNIT_OPERATIONAL ||
	    state->status == UNIT_REPORTING_ERROR ||
	    state->status == UNIT_UPDATE_ERROR;
}

static int
preview(struct ctx *ctx, const struct record_changes *changes, bool identity)
{
	struct unit_state state;
	int err = read_state(ctx, &state);

	if (err < 0)
		return err;
	if (!identity && is_in_service(&state) && changes->count > 0)
		return fail(&ctx->failure, E_ALREADY_PROVISIONED,
		    "the unit is operational with other values: %s",
		    changes->fields[0]->name);
	if (!identity && state.hex_status & COND_BIT(COND_FLIPPED))
		return fail(
		    &ctx->failure, E_FLIPPED, "the unit is upside down");

	return changes_preview(ctx, changes, false,
	    identity || is_in_service(&state)
		? NULL
		: "register the unit with its head-end");
}

static int
provision(struct ctx *ctx, const struct args *args,
    struct record_change *wanted, uint32_t wait_s)
{
	struct record_changed result = { 0 };
	struct record_changes changes;
	struct unit_record before;
	uint64_t begun_ms = link_now_ms(client_link(ctx->client));
	bool identity;
	int err;

	if ((err = read_record(ctx, &before)) < 0)
		return err;
	identity = is_identity_alone(&before, &wanted->record);
	if (!identity && (err = complete(ctx, &before, wanted)) < 0)
		return err;
	changes_find(&changes, &before, &wanted->record);
	if (ctx->dry_run)
		return preview(ctx, &changes, identity);
	if ((err = client_change(ctx->client, OP_PROVISION, wanted, &result,
		 &ctx->failure)) < 0)
		return err;
	if (!identity && !args_has(args, "no-wait") &&
	    (err = wait_for_head_end(ctx, wait_s)) < 0)
		return err;

	return changes_answer(ctx, &changes, result.changed, begun_ms);
}

static int
run_provision(struct ctx *ctx, const struct args *args)
{
	struct record_change wanted = { 0 };
	const char *wait = args_get(args, "wait");
	uint32_t wait_s = WAIT_DEFAULT_S;
	int err;

	if (wait && args_has(args, "no-wait"))
		return fail(&ctx->failure, E_USAGE,
		    "--wait and --no-wait exclude each other");
	if (wait &&
	    (err = parse_duration(wait, "--wait", &wait_s, &ctx->failure)) < 0)
		return err;
	if ((err = take_options(&wanted, args, &ctx->failure)) < 0)
		return err;
	if (!ctx_client(ctx, args))
		return ctx->failure.err;

	return provision(ctx, args, &wanted, wait_s);
}

const struct command cmd_provision = {
	.name = "provision",
	.group = "Change",
	.args = "",
	.flags = COMMAND_DEVICE | COMMAND_CHANGES,
	.help =
	    "give the unit its identity and its place, and put it in service",
	.text =
	    "Required are address, city, state and zip; on a terminal they are "
	    "asked for.  The unit then registers with its head-end, which can "
	    "take up to five minutes; thumbs-up on the LCD says that it is "
	    "done.  With an identity alone (--new-serial, --model) the unit "
	    "stays unprovisioned.  The same again changes nothing.  The relay "
	    "is never moved.",
	.examples = "collarctl -p sim provision --new-serial SIM0001 "
		    "--model S-B-5-02-IH-10-60A\n"
		    "collarctl -p sim provision --premises-id 0042-7715 "
		    "--address '12 Elm Street' --city Springfield --state IL "
		    "--zip 62701\n"
		    "collarctl -p sim provision --from unit.json --no-wait",
	.opts = provision_opts,
	.run = run_provision,
};
