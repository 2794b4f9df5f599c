/* SPDX-License-Identifier: BSD-2-Clause */

#include "completion.h"

#include <stdlib.h>

#include "../../proto/record.h"

static json_t *
text_json(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static json_t *
words_json(const char *const *words)
{
	json_t *list = json_array();

	for (; words != NULL && *words != NULL; words++)
		json_array_append_new(list, json_string(*words));
	return list;
}

static json_t *
option_json(const struct opt *opt)
{
	const char letter[2] = { opt->letter, '\0' };
	json_t *object = json_object();

	json_put(object, "name", json_string(opt->name));
	json_put(object, "letter", text_json(letter[0] ? letter : NULL));
	json_put(object, "value", text_json(opt->value));
	json_put(object, "words", words_json(opt->words));
	json_put(object, "help", json_string(opt->help));
	return object;
}

static json_t *
own_json(const struct command *command, const struct verb *verb)
{
	const struct opt *rows[ROWS_MAX];
	size_t count = completion_own(command, verb, rows);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, option_json(rows[i]));
	return list;
}

static json_t *
globals_json(void)
{
	json_t *list = json_array();

	for (const struct opt *opt = global_opts; opt->name != NULL; opt++)
		json_array_append_new(list, option_json(opt));
	return list;
}

/* What it does to a unit, if it needs one. */
static void
flags_put(json_t *object, unsigned flags)
{
	json_put(object, "device", json_boolean(flags & COMMAND_DEVICE));
	json_put(object, "changes", json_boolean(flags & COMMAND_CHANGES));
}

static json_t *
verbs_json(const struct command *command)
{
	const struct verb *verb = command->verbs;
	json_t *list = json_array();

	for (; verb != NULL && verb->name != NULL; verb++) {
		json_t *object = json_object();

		json_put(object, "name", json_string(verb->name));
		json_put(object, "args", json_string(verb->args));
		json_put(object, "help", json_string(verb->help));
		json_put(object, "formats", words_json(verb->formats));
		flags_put(object, command->flags | verb->flags);
		json_put(object, "options", own_json(command, verb));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *
commands_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct command *command = commands[i];
		json_t *object = json_object();

		json_put(object, "name", json_string(command->name));
		json_put(object, "group", text_json(command->group));
		json_put(object, "args", json_string(command->args));
		json_put(object, "help", json_string(command->help));
		json_put(object, "examples", text_json(command->examples));
		json_put(object, "formats", words_json(command->formats));
		flags_put(object, command->flags);
		json_put(object, "options", own_json(command, NULL));
		json_put(object, "verbs", verbs_json(command));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *
errors_json(void)
{
	json_t *list = json_array();

	for (const struct error_row *row = error_rows; row->code; row++) {
		json_t *object = json_object();

		json_put(object, "code", json_string(row->code));
		json_put(object, "exit_status", json_integer(row->exit_status));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *
fields_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < msg_record.count; i++) {
		const struct field *field = &msg_record.fields[i];
		json_t *object = json_object();

		json_put(object, "name", json_string(field->name));
		json_put(object, "settable",
		    json_boolean(field->writer != ROLE_NOBODY));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *
keys_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < CONFIG_KEYS; i++)
		json_array_append_new(list, json_string(config_keys[i]));
	return list;
}

void
completion_model(struct out *out)
{
	json_t *model = json_object();
	char *text;

	json_put(model, "options", globals_json());
	json_put(model, "commands", commands_json());
	json_put(model, "errors", errors_json());
	json_put(model, "fields", fields_json());
	json_put(model, "config_keys", keys_json());
	if ((text = json_dumps(model, JSON_INDENT(2))) != NULL)
		out_print(out, "%s\n", text);
	free(text);
	json_decref(model);
}
