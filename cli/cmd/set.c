/* SPDX-License-Identifier: BSD-2-Clause */

#include <string.h>

#include "record_change.h"

static int
parse_assignment(
    struct record_change *wanted, const char *word, struct failure *failure)
{
	const char *equals = strchr(word, '=');
	const struct field *field;
	int err;

	if (!equals) {
		fail(failure, E_USAGE, "\"%s\": expected FIELD=VALUE", word);
		return fail_hint(failure, "write, for instance, city=Geneva");
	}
	err = find_settable(word, (size_t)(equals - word), &field, failure);
	if (err < 0)
		return err;
	if (HAS(&wanted->record, field->key))
		return fail(failure, E_USAGE, "%s is given twice", field->name);

	return parse_field(
	    &msg_record_change, field, wanted, equals + 1, failure);
}

static int
run_set(struct ctx *ctx, const struct args *args)
{
	struct record_change wanted = { 0 };
	struct record_changes changes;
	struct record_changed result = { 0 };
	struct unit_record before;
	bool check = args_has(args, "check");
	uint64_t begun_ms;
	int err;

	for (int i = 0; i < args->npos; i++)
		if ((err = parse_assignment(
			 &wanted, args->pos[i], &ctx->failure)) < 0)
			return err;
	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	begun_ms = link_now_ms(client_link(ctx->client));
	if ((err = read_record(ctx, &before)) < 0)
		return err;
	changes_find(&changes, &before, &wanted.record);
	if (ctx->dry_run || check)
		return changes_preview(ctx, &changes, check, NULL);
	if (changes.count > 0 &&
	    (err = client_change(
		 ctx->client, OP_SET, &wanted, &result, &ctx->failure)) < 0)
		return err;

	return changes_answer(ctx, &changes, result.changed, begun_ms);
}

const struct command cmd_set = {
	.name = "set",
	.group = "Change",
	.args = "FIELD=VALUE...",
	.takes = TAKES_FIELD_SET,
	.min = 1,
	.max = -1,
	.flags = COMMAND_DEVICE | COMMAND_CHANGES | COMMAND_CHECK,
	.help = "change fields of the unit record",
	.text =
	    "All fields of one command are set together or not at all.  With "
	    "--check nothing is set, and the exit status is 1 if something "
	    "would change.  An empty value clears location_notes, description "
	    "and tags; tags are separated by commas.",
	.examples = "collarctl -p sim set premises_id=0042-7715\n"
		    "collarctl -p sim set 'address=12 Elm Street' zip=62701\n"
		    "collarctl -p sim set --check der_type=solar",
	.run = run_set,
};
