/* SPDX-License-Identifier: BSD-2-Clause */

#include "data.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cmd.h"

static json_t *
gaps_json(const struct dump_span *spans, size_t count)
{
	const struct dump_span *before = NULL;
	json_t *list = json_array();
	struct gap gap;
	size_t at = 0;

	while (gap_next(spans, count, &at, &before, &gap))
		json_array_append_new(list, gap_json(&gap));

	return list;
}

static json_t *
info_json(struct client *client, const struct log_info *info,
    const struct dump_span *spans, size_t count)
{
	json_t *object = json_unit(client);

	json_object_set_new(object, "records", json_integer(info->records));
	json_object_set_new(object, "first_at",
	    time_json(info->first_at, HAS(info, LOG_INFO_FIRST_AT)));
	json_object_set_new(object, "last_at",
	    time_json(info->last_at, HAS(info, LOG_INFO_LAST_AT)));
	json_object_set_new(
	    object, "sample_minutes", json_integer(info->sample_minutes));
	json_object_set_new(object, "bytes", json_integer(info->bytes));
	json_object_set_new(object, "gaps", gaps_json(spans, count));

	return object;
}

static void
info_text(struct out *out, const struct log_info *info,
    const struct dump_span *spans, size_t count)
{
	const struct dump_span *before = NULL;
	char at[UTC_TEXT_LEN];
	struct gap gap;
	size_t next = 0;

	out_line(out, "Records", "%" PRIu32, info->records);
	if (HAS(info, LOG_INFO_FIRST_AT))
		out_line(out, "First", "%s", utc_text(at, info->first_at));
	if (HAS(info, LOG_INFO_LAST_AT))
		out_line(out, "Last", "%s", utc_text(at, info->last_at));
	out_line(out, "Interval", "%u min", info->sample_minutes);
	out_line(out, "To fetch", "%" PRIu32 " bytes", info->bytes);
	while (gap_next(spans, count, &next, &before, &gap))
		gap_print(out->file, "", &gap);
}

static int
run_info(struct ctx *ctx, const struct args *args)
{
	struct client *client = ctx_client(ctx, args);
	struct dump dump = { 0 };
	struct dump_span *spans = NULL;
	size_t count;
	int err;

	if (!client)
		return ctx->failure.err;
	if ((err = dump_ask(client, &dump, &ctx->failure)) < 0 ||
	    (err = dump_spans(client, &dump, &spans, &count, &ctx->failure)) <
		0)
		return err;
	if (ctx->out.format == FORMAT_JSON)
		out_json(
		    &ctx->out, info_json(client, &dump.info, spans, count));
	else
		info_text(&ctx->out, &dump.info, spans, count);
	free(spans);

	return E_OK;
}

static const struct verb data_verbs[] = {
	{ .name = "info",
	    .args = "",
	    .help = "what interval data the unit holds, and where it has gaps",
	    .run = run_info },
	{ .name = "dump",
	    .args = "",
	    .help =
		"the interval data: one record a sample interval, oldest first",
	    .opts = data_dump_opts,
	    .flags = COMMAND_KEEPS_PART,
	    .formats = data_dump_formats,
	    .run = data_dump },
	{ 0 },
};

const struct command cmd_data = {
	.name = "data",
	.group = "Read",
	.args = "",
	.flags = COMMAND_DEVICE,
	.help = "interval data of the unit",
	.text =
	    "Times are UTC.  A range means SINCE < Sampled At <= UNTIL.  Gaps, "
	    "clock steps and restarts are reported, never joined: in CSV on "
	    "standard error, in JSON as gaps.  With --output an interrupted "
	    "dump keeps what it has in FILE.part and goes on from there.",
	.examples = "collarctl -p sim data info\n"
		    "collarctl -p sim data dump --since 7d -o week.csv\n"
		    "collarctl -p sim data dump --since install -f json",
	.verbs = data_verbs,
};
