/* SPDX-License-Identifier: BSD-2-Clause */

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cmd.h"

const char *const state_collapse[] = { "relay.pending", "relay.hold",
	"relay.tag", NULL };

static const char *const capitals[] = { "id", "ip", "imei", "sim", "der", "zip",
	"lcd", "utc", NULL };

int
read_record(struct ctx *ctx, struct unit_record *record)
{
	struct nothing nothing = { 0 };

	return client_call(
	    ctx->client, OP_INFO, &nothing, record, &ctx->failure);
}

int
read_state(struct ctx *ctx, struct unit_state *state)
{
	struct nothing nothing = { 0 };

	return client_call(
	    ctx->client, OP_STATUS, &nothing, state, &ctx->failure);
}

int
read_bound(struct ctx *ctx, const struct args *args, const char *option,
    uint64_t *utc_s)
{
	uint64_t now_ms = link_now_utc_ms(client_link(ctx->client)), utc_ms;
	const char *text = args_get(args, option);
	char what[32];
	int err;

	if (!text)
		return E_OK;
	snprintf(what, sizeof(what), "--%s", option);
	err = parse_bound(text, what, now_ms, &utc_ms, &ctx->failure);
	if (err == E_OK)
		*utc_s = utc_ms / 1000;

	return err;
}

int
check_range(struct ctx *ctx, uint64_t since_s, uint64_t until_s)
{
	if (since_s < until_s)
		return E_OK;

	return fail(
	    &ctx->failure, E_BAD_VALUE, "--since must be before --until");
}

void
tell_lost(const char *entries, const struct ranges *lost)
{
	for (unsigned i = 0; i < lost->count; i++)
		fprintf(stderr,
		    "collarctl: %s %" PRIu32 " to %" PRIu32
		    " were overwritten, or cannot be read, on the unit\n",
		    entries, lost->at[i].first, lost->at[i].last);
}

void
json_preview(json_t *object, bool changed, bool moves_power)
{
	json_object_set_new(object, "dry_run", json_true());
	json_object_set_new(object, "changed", json_boolean(changed));
	json_object_set_new(object, "moves_power", json_boolean(moves_power));
}

static bool
is_capital(const char *word, size_t len)
{
	for (int i = 0; capitals[i]; i++)
		if (strlen(capitals[i]) == len &&
		    memcmp(capitals[i], word, len) == 0)
			return true;

	return false;
}

char *
label_text(char *text, size_t cap, const char *name)
{
	size_t len = 0;

	while (*name && len + 1 < cap) {
		size_t word = strcspn(name, "_.");
		bool upper = is_capital(name, word);

		for (size_t i = 0; i < word && len + 1 < cap; i++, len++)
			text[len] = upper || len == 0
			    ? (char)toupper((unsigned char)name[i])
			    : name[i];
		name += word;
		if (*name && len + 1 < cap) {
			text[len++] = ' ';
			name++;
		}
	}
	text[len] = '\0';

	return text;
}

void
print_fields(struct out *out, const struct message *msg, const void *body)
{
	char label[64], raw[256], text[4 * sizeof(raw)];

	for (size_t i = 0; i < msg->count; i++) {
		const struct field *field = &msg->fields[i];

		if (field_text(field, body, raw, sizeof(raw)) == 0)
			continue;
		out_line(out, label_text(label, sizeof(label), field->name),
		    "%s", escape(text, sizeof(text), raw));
	}
}

void
print_shuts_by_itself(struct out *out, const struct unit_state *state)
{
	char at[UTC_TEXT_LEN];
	bool held = HAS(state, STATUS_HOLD_RETURNS_TO) &&
	    state->hold_returns_to == RELAY_SHUT;
	bool due = HAS(state, STATUS_PENDING_ACTION) &&
	    state->pending_action == RELAY_SHUT;
	uint32_t when = held ? state->hold_at : state->pending_at;

	if (!held && !due)
		return;
	if (held && due && state->pending_at < when)
		when = state->pending_at; /* the first of both is the danger */
	utc_text(at, when);
	out_style(out, STYLE_WARN);
	out_print(out, "SHUTS BY ITSELF at %.8s UTC (%s)", at + 11, at);
	out_style(out, STYLE_PLAIN);
	out_print(out, "\n");
}

int
watch_pause(struct ctx *ctx, uint32_t ms)
{
	struct link *link = client_link(ctx->client);
	struct timespec rest = { .tv_sec = ms / 1000,
		.tv_nsec = (long)(ms % 1000) * 1000000 };
	int err;

	if (strcmp(link->ops->transport, "sim") == 0)
		nanosleep(&rest, NULL); /* cut short by ^C, seen below */
	err = link_wait(link, ms);
	if (err < 0)
		fail(&ctx->failure, err, "interrupted");

	return err;
}
