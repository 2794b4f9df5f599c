/* SPDX-License-Identifier: BSD-2-Clause */

#include "data.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../out/interval.h"
#include "cmd.h"

/* What is dumped, how, and what has been seen on the way. */
struct dumping {
	struct ctx *ctx;
	struct interval_style style;
	char unit[UNIT_NAME_LEN];  /* what style.serial is */
	uint64_t since_s, until_s; /* since < Sampled At <= until */
	struct dump dump;
	json_t *records, *gaps; /* with FORMAT_JSON */
	uint8_t sample_minutes;

	struct dump_span before; /* the last block that held records */
	bool have_before;
	struct interval last; /* the record before, if it joins this one */
	bool have_last;
	int64_t sum_cws; /* 10 mW seconds over joined records */
	int64_t register_wh;
	uint32_t untimed; /* records without a time */
};

const char *const data_dump_formats[] = { "csv", "json", "ndjson", NULL };
static const char *const time_formats[] = { "iso", "us", NULL };

const struct opt data_dump_opts[] = {
	{ 0, "since", "TIME", TAKES_TIME, NULL,
	    "after this time; also a date, a duration ago, or install" },
	{ 0, "until", "TIME", TAKES_TIME, NULL,
	    "up to and with this time; also a date or a duration ago" },
	{ 0, "time-format", "FORMAT", TAKES_WORD, time_formats,
	    "iso (default), or us: 12/4/2016 17:30" },
	{ 0, "whole-kwh", NULL, TAKES_NOTHING, NULL,
	    "registers in whole kWh, truncated" },
	{ 0 },
};

static bool
gap_in_range(const struct dumping *d, const struct gap *gap)
{
	if (gap->untrusted)
		return true;

	return gap->to >= d->since_s && gap->from <= d->until_s;
}

static void
report_gap(struct dumping *d, const struct dump_span *after)
{
	struct gap gap;

	if (!d->have_before || !gap_between(&d->before, after, &gap))
		return;
	d->have_last = false;
	if (!gap_in_range(d, &gap))
		return;
	if (d->gaps)
		json_array_append_new(d->gaps, gap_json(&gap));
	if (d->ctx->out.format != FORMAT_JSON)
		gap_print(stderr, "collarctl: ", &gap);
}

static void
sum_up(struct dumping *d, const struct interval *record)
{
	if (d->have_last && record->at > d->last.at) {
		d->sum_cws += (int64_t)record->active_power_cw *
		    (record->at - d->last.at);
		d->register_wh += ((int64_t)record->energy_produced_wh -
				      d->last.energy_produced_wh) -
		    ((int64_t)record->energy_consumed_wh -
			d->last.energy_consumed_wh);
	}
	d->last = *record;
	d->have_last = true;
}

static void
dump_record(struct dumping *d, const struct block_header *header,
    const struct interval *record)
{
	struct out *out = &d->ctx->out;
	char *line;

	d->untimed += header->untrusted;
	sum_up(d, record);
	if (d->ctx->out.format == FORMAT_CSV) {
		interval_csv_row(out, &d->style, header, record);
	} else if (d->ctx->out.format == FORMAT_JSON) {
		json_array_append_new(
		    d->records, interval_json(header, record));
	} else {
		json_t *object = interval_json(header, record);

		line =
		    json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
		out_print(out, "%s\n", line ? line : "");
		free(line);
		json_decref(object);
	}
}

static int
dump_block(struct dumping *d, const struct dump_block *block)
{
	struct interval records[BLOCK_RECORDS_MAX];
	struct block_header header;
	struct dump_span span;
	int count = block_decode(&header, records, block->bytes, block->len);

	if (count < 0 || header.index != block->index)
		return fail(&d->ctx->failure, E_BAD_DATA,
		    "block %" PRIu32 " of the unit's interval data is damaged",
		    block->index);
	if (!span_of_block(&span, &header, records, (size_t)count))
		return E_OK;
	report_gap(d, &span);
	d->before = span;
	d->have_before = true;
	d->sample_minutes = header.sample_minutes;
	for (int i = 0; i < count; i++)
		if (header.untrusted ||
		    (records[i].at > d->since_s && records[i].at <= d->until_s))
			dump_record(d, &header, &records[i]);

	return E_OK;
}

/* kWh with the resolution of the registers, from 10 mW seconds. */
static json_t *
check_json(const struct dumping *d)
{
	const int64_t sum_mwh = d->sum_cws / 360;
	json_t *check = json_object();

	json_object_set_new(
	    check, "interval_sum_kwh", json_real((double)sum_mwh / 1e6));
	json_object_set_new(check, "register_difference_kwh",
	    json_real((double)d->register_wh / 1e3));

	return check;
}

static int
dump_print(struct dumping *d)
{
	struct client *client = d->ctx->client;
	int err = E_OK;

	if (d->ctx->out.format == FORMAT_CSV)
		interval_csv_head(&d->ctx->out);
	if (d->ctx->out.format == FORMAT_JSON) {
		d->records = json_array();
		d->gaps = json_array();
	}
	for (size_t i = 0; err == E_OK && i < d->dump.count; i++)
		err = dump_block(d, &d->dump.blocks[i]);
	if (err == E_OK && d->ctx->out.format == FORMAT_JSON) {
		json_t *object = json_unit(client);

		json_object_set_new(object, "sample_minutes",
		    json_integer(d->sample_minutes
			    ? d->sample_minutes
			    : d->dump.info.sample_minutes));
		json_object_set(object, "records", d->records);
		json_object_set(object, "gaps", d->gaps);
		json_object_set_new(object, "check", check_json(d));
		out_json(&d->ctx->out, object);
	}
	json_decref(d->records);
	json_decref(d->gaps);
	tell_lost("blocks", &d->dump.lost);
	if (err == E_OK && d->untimed > 0)
		fprintf(stderr,
		    "collarctl: %" PRIu32
		    " records carry no time: the unit's clock was not set\n",
		    d->untimed);

	return err;
}

/* Since the unit was provisioned. */
static int
read_install(struct dumping *d)
{
	struct ctx *ctx = d->ctx;
	struct unit_record record;
	int err = read_record(ctx, &record);

	if (err < 0)
		return err;
	if (!HAS(&record, RECORD_INSTALLED_AT))
		return fail(&ctx->failure, E_BAD_VALUE,
		    "--since install: the unit is not provisioned");
	d->since_s = record.installed_at;

	return E_OK;
}

static int
read_range(struct dumping *d, const struct args *args)
{
	const char *since = args_get(args, "since");
	int err;

	d->since_s = 0;
	d->until_s = UINT32_MAX;
	err = since && strcmp(since, "install") == 0
	    ? read_install(d)
	    : read_bound(d->ctx, args, "since", &d->since_s);
	if (err == E_OK)
		err = read_bound(d->ctx, args, "until", &d->until_s);
	if (err == E_OK)
		err = check_range(d->ctx, d->since_s, d->until_s);

	return err;
}

/* Is it known of the block that all it holds lies before the range, or after
 * it? The times of an untrusted one may be any. */
static bool
is_before(const struct dumping *d, const struct dump_span *span)
{
	return span->records == 0 ||
	    (!span->untrusted && span->last_at <= d->since_s);
}

static bool
is_after(const struct dumping *d, const struct dump_span *span)
{
	return span->records == 0 ||
	    (!span->untrusted && span->first_at > d->until_s);
}

/*
 * The blocks that may hold anything of the range: all of the unit's but those
 * before it and after it.  One whose header cannot be read is asked
 * for, so that the unit says what is lost.  Returns whether there are any.
 */
static int
choose_blocks(struct dumping *d, bool all, uint32_t *first, uint32_t *last)
{
	const struct log_info *info = &d->dump.info;
	struct dump_span *spans = NULL;
	uint64_t end = (uint64_t)info->newest + 1;
	size_t at = 0, count = 0;
	int err = E_OK;

	*first = info->oldest;
	*last = info->newest;
	if (!all)
		err = dump_spans(
		    d->ctx->client, &d->dump, &spans, &count, &d->ctx->failure);
	if (err < 0 || !HAS(info, LOG_INFO_NEWEST))
		return err;
	for (; at < count && is_before(d, &spans[at]); at++)
		*first = spans[at].index + 1;
	for (; count > at && is_after(d, &spans[count - 1]); count--)
		end = spans[count - 1].index;
	free(spans);
	*last = (uint32_t)(end - 1);

	return *first < end;
}

static void
show_progress(void *ctx, uint64_t done, uint64_t total)
{
	out_progress(ctx, "interval data", done, done < total ? total : 0);
}

static int
dump_style(struct dumping *d, const struct args *args)
{
	const char *time_format = args_get(args, "time-format");

	if (time_format && strcmp(time_format, "us") != 0 &&
	    strcmp(time_format, "iso") != 0)
		return fail(&d->ctx->failure, E_BAD_VALUE,
		    "--time-format %s: it is iso or us", time_format);
	d->style.us_time = time_format && time_format[0] == 'u';
	d->style.whole_kwh = args_has(args, "whole-kwh");
	d->style.serial = unit_name(d->unit, client_unit(d->ctx->client));

	return E_OK;
}

/* Where the blocks are kept while they come: beside FILE, if that is one.  The
 * caller frees it. */
static char *
part_path(const struct out *out)
{
	size_t len;
	char *path;

	if (out->part == NULL)
		return NULL;
	len = strlen(out->path) + sizeof(".part");
	path = malloc(len);
	if (path)
		snprintf(path, len, "%s.part", out->path);

	return path;
}

static int
dump_fetch_range(struct dumping *d, const struct args *args, char *part)
{
	bool all = !args_has(args, "since") && !args_has(args, "until");
	uint32_t first, last;
	int some;

	if ((some = choose_blocks(d, all, &first, &last)) <= 0)
		return some;

	return dump_fetch(d->ctx->client, &d->dump, first, last, part,
	    show_progress, &d->ctx->out, &d->ctx->failure);
}

int
data_dump(struct ctx *ctx, const struct args *args)
{
	struct dumping d = { .ctx = ctx };
	char *part = part_path(&ctx->out);
	int err = ctx_client(ctx, args) ? E_OK : ctx->failure.err;

	if (err == E_OK)
		err = dump_style(&d, args);
	if (err == E_OK)
		err = read_range(&d, args);
	if (err == E_OK)
		err = dump_ask(ctx->client, &d.dump, &ctx->failure);
	if (err == E_OK)
		err = dump_fetch_range(&d, args, part);
	if (err == E_OK)
		err = dump_print(&d);
	if (err == E_OK)
		err = out_finish(&ctx->out, &ctx->failure);
	if (err == E_OK && part)
		unlink(part);
	dump_free(&d.dump);
	free(part);

	return err;
}
