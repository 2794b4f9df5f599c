/* SPDX-License-Identifier: BSD-2-Clause */

#include "cmd.h"

static int
run_info(struct ctx *ctx, const struct args *args)
{
	struct unit_record record;
	int err;

	if (!ctx_client(ctx, args))
		return ctx->failure.err;
	if ((err = read_record(ctx, &record)) < 0)
		return err;
	if (ctx->out.format == FORMAT_JSON) {
		json_t *object = json_unit(ctx->client);
		json_t *fields = json_of(&msg_record, &record, NULL);

		json_object_update_missing(object, fields);
		json_decref(fields);
		out_json(&ctx->out, object);
	} else {
		char kind[16];

		field_text(message_field(&msg_hello_answer, HELLO_ANSWER_KIND),
		    client_unit(ctx->client), kind, sizeof(kind));
		out_line(&ctx->out, "Kind", "%s", kind);
		print_fields(&ctx->out, &msg_record, &record);
	}

	return E_OK;
}

const struct command cmd_info = {
	.name = "info",
	.group = "Read",
	.args = "",
	.flags = COMMAND_DEVICE,
	.help = "identity and the whole unit record",
	.examples = "collarctl -p sim info\n"
		    "collarctl -p serial:/dev/ttyUSB0 info --json",
	.run = run_info,
};
