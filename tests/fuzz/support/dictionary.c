/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * usage: dictionary messages|words
 *
 * A fuzzer's dictionary made from the tables: keys with the ends of their
 * ranges as CBOR, or commands, options, fields and their words as typed.
 */

#include <stdio.h>
#include <string.h>

#include "../../../cli/options.h"
#include "../../../devices/virtual/settings.h"
#include "../../../devices/virtual/virtual.h"
#include "../../../proto/ops.h"

enum { ENTRY_MAX = 60, ENDS = 2 };

static void
print_bytes(const uint8_t *bytes, size_t len)
{
	if (len == 0)
		return;
	putchar('"');
	for (size_t i = 0; i < len; i++)
		printf("\\x%02x", bytes[i]);
	puts("\"");
}

/* The least or the greatest value of a field, as short as it may be. */
static void
put_end(struct cbor_out *out, const struct field *field, int end)
{
	static const char text[] = "62701-1234 62701";
	static const uint8_t octets[8] = { 7, 7, 7, 7, 7, 7, 7, 7 };

	switch (field->type) {
	case FIELD_BOOL:
		cbor_put_bool(out, end != 0);
		break;
	case FIELD_UINT:
	case FIELD_INT:
		cbor_put_int(out, end != 0 ? field->max : field->min);
		break;
	case FIELD_TEXT:
		cbor_put_text(out, text, end != 0 ? 10 : 2);
		break;
	case FIELD_OCTETS:
	case FIELD_BLOB:
	case FIELD_PADDING:
		cbor_put_bytes(out, octets, sizeof(octets));
		break;
	default:
		cbor_put_array(out, end != 0 ? 2 : 0);
		cbor_put_uint(out, 1);
		cbor_put_uint(out, 2);
	}
}

static void
print_message(const struct message *msg)
{
	for (size_t i = 0; i < msg->count; i++)
		for (int end = 0; end < ENDS; end++) {
			uint8_t bytes[ENTRY_MAX];
			struct cbor_out out = cbor_writer(bytes, sizeof(bytes));

			cbor_put_uint(&out, msg->fields[i].key);
			put_end(&out, &msg->fields[i], end);
			print_bytes(bytes, cbor_len(&out, bytes));
		}
}

static void
print_messages(void)
{
	for (size_t i = 0; ops[i].name != NULL; i++) {
		uint8_t head[] = { 0x84, 0, 1, ops[i].code };

		print_bytes(head, ops[i].code < 24 ? sizeof(head) : 3);
		print_message(ops[i].args);
		print_message(ops[i].result);
	}
	print_message(&msg_event);
	print_message(&msg_credit);
	print_message(&msg_error_detail);
}

static void
print_word(const char *before, const char *word, const char *behind)
{
	printf("\"%s%s%s\"\n", before, word, behind);
}

static void
print_words(const char *const *words)
{
	for (; words != NULL && *words != NULL; words++)
		print_word("", *words, "");
}

static void
print_options(const struct opt *opt)
{
	for (; opt != NULL && opt->name != NULL; opt++) {
		print_word("--", opt->name, opt->value != NULL ? "=" : " ");
		print_words(opt->words);
	}
}

static void
print_command(const struct command *command)
{
	print_word("", command->name, " ");
	print_options(command->opts);
	for (const struct verb *verb = command->verbs;
	     verb != NULL && verb->name != NULL; verb++) {
		print_word("", verb->name, " ");
		print_options(verb->opts);
	}
}

static void
print_typed(void)
{
	print_options(global_opts);
	for (size_t i = 0; commands[i] != NULL; i++)
		print_command(commands[i]);
	for (size_t i = 0; i < msg_record_change.count; i++) {
		print_word("", msg_record_change.fields[i].name, "=");
		print_words(msg_record_change.fields[i].names);
	}
	for (size_t i = 0; virtual_keys[i].name != NULL; i++) {
		print_word("", virtual_keys[i].name, "=");
		print_words(virtual_keys[i].values);
	}
}

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "messages") == 0)
		print_messages();
	else if (argc == 2 && strcmp(argv[1], "words") == 0)
		print_typed();
	else
		return 64;

	return 0;
}
