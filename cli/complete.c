/* SPDX-License-Identifier: BSD-2-Clause */

#include "complete.h"

#include <stdio.h>
#include <string.h>

#include "../devices/virtual/virtual.h"
#include "../proto/record.h"
#include "../proto/status.h"
#include "options.h"

enum { CANDIDATE_LEN = 300 };

/* A search: only what begins with part gets through, behind prefix. */
struct search {
	const struct config *config;
	const char *part, *prefix;
	complete_each *each;
	void *ctx;
};

/* Where a line stands: what its last word belongs to. */
struct place {
	const struct command *command;
	const struct verb *verb;
	const struct opt *opt; /* whose value comes next */
	bool ended;            /* by -- */
};

static void
offer(const struct search *search, const char *word)
{
	char candidate[CANDIDATE_LEN];

	if (strncmp(word, search->part, strlen(search->part)) != 0)
		return;
	snprintf(candidate, sizeof(candidate), "%s%s", search->prefix, word);
	search->each(candidate, search->ctx);
}

static int
offer_found(const char *word, void *search)
{
	offer(search, word);
	return E_OK;
}

struct ports {
	complete_each *each;
	void *ctx;
};

static int
each_sim(const char *name, void *ctx)
{
	const struct ports *ports = ctx;
	char port[VIRTUAL_NAME_MAX + 8];

	snprintf(port, sizeof(port), "sim:%s", name);
	return ports->each(port, ports->ctx);
}

static int
each_serial(const struct serial_port *port, void *ctx)
{
	const struct ports *ports = ctx;

	return ports->each(port->port, ports->ctx);
}

int
complete_ports(const struct config *config, complete_each *each, void *ctx)
{
	struct ports ports = { each, ctx };
	int err = E_OK;

	for (size_t i = 0; i < config->count && err == E_OK; i++)
		err = each(config->ports[i].name, ctx);
	if (err == E_OK)
		err = virtual_list(each_sim, &ports);

	return err != E_OK ? err : serial_ports(each_serial, &ports);
}

int
complete_sims(complete_each *each, void *ctx)
{
	return virtual_list(each, ctx);
}

static void
offer_words(const struct search *search, const char *const *words)
{
	for (; words != NULL && *words != NULL; words++)
		offer(search, *words);
}

static void
offer_fields(const struct search *search, bool settable)
{
	for (size_t i = 0; i < msg_record.count; i++) {
		const struct field *field = &msg_record.fields[i];
		char word[80];

		if (settable && field->writer == ROLE_NOBODY)
			continue;
		snprintf(word, sizeof(word), "%s%s", field->name,
		    settable ? "=" : "");
		offer(search, word);
	}
	for (size_t i = 0; !settable && i < msg_unit_state.count; i++)
		offer(search, msg_unit_state.fields[i].name);
}

/* der_type=so: behind the equals sign the names of that field. */
static void
offer_assignment(const struct search *search)
{
	size_t len = strcspn(search->part, "=");
	struct search inner = *search;
	const struct field *field;
	char name[80];

	if (search->part[len] == '\0') {
		offer_fields(search, true);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)len, search->part);
	field = message_find(&msg_record, name);
	if (field == NULL || field->names == NULL)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)len + 1, search->part);
	inner.part = search->part + len + 1;
	inner.prefix = name;
	offer_words(&inner, field->names);
}

static void
offer_ports(struct search *search)
{
	static const char *const schemes[] = { "sim",
		"sim:", "serial:", "optical:", "usb",
		"usb:", "unix:", "tcp:", NULL };

	offer_words(search, schemes);
	complete_ports(search->config, offer_found, search);
}

/* Returns true if a file name fits. */
static bool
offer_taken(struct search *search, enum takes takes, const char *const *words)
{
	switch (takes) {
	case TAKES_WORD:
		offer_words(search, words);
		return false;
	case TAKES_FIELD:
		offer_fields(search, false);
		return false;
	case TAKES_FIELD_SET:
		offer_assignment(search);
		return false;
	case TAKES_PORT:
		offer_ports(search);
		return false;
	case TAKES_SIM:
		complete_sims(offer_found, search);
		return false;
	default:
		return takes == TAKES_FILE;
	}
}

static void
offer_commands(const struct search *search)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (commands[i]->group != NULL)
			offer(search, commands[i]->name);
	}
}

static void
offer_options(const struct search *search, const struct place *place)
{
	const struct opt *tables[OPTION_TABLES_MAX];
	size_t count = option_tables(place->command, place->verb, tables);

	for (size_t i = 0; i < count; i++) {
		const struct opt *opt = tables[i];

		for (; opt->name != NULL; opt++) {
			char word[80];

			snprintf(word, sizeof(word), "--%s%s", opt->name,
			    opt->value != NULL ? "=" : "");
			offer(search, word);
		}
	}
}

/* --name=part */
static bool
offer_value(struct search *search, const struct place *place)
{
	size_t len = strcspn(search->part, "=");
	struct search inner = *search;
	char name[80];

	snprintf(name, sizeof(name), "%.*s", (int)len - 2, search->part + 2);
	const struct opt *opt =
	    option_find(place->command, place->verb, name, 0);
	if (opt == NULL || opt->value == NULL)
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)len + 1, search->part);
	inner.part = search->part + len + 1;
	inner.prefix = name;
	return offer_taken(&inner, opt->takes, opt->words);
}

static bool
offer_argument(struct search *search, const struct place *place)
{
	const struct command *command = place->command;
	const struct verb *verb = command->verbs;

	if (place->verb != NULL)
		return offer_taken(search, place->verb->takes, NULL);
	if (strcmp(command->name, "help") == 0)
		offer_commands(search);
	for (; verb != NULL && verb->name != NULL; verb++)
		offer(search, verb->name);
	return command->verbs == NULL &&
	    offer_taken(search, command->takes, NULL);
}

/* A word that begins with a dash: the option whose value comes next. */
static const struct opt *
pending_option(const struct place *place, const char *word)
{
	const struct opt *opt = NULL;

	if (word[1] == '-' && strchr(word, '=') == NULL)
		opt = option_find(place->command, place->verb, word + 2, 0);
	else if (word[1] != '-' && word[1] != '\0' && word[2] == '\0')
		opt = option_find(place->command, place->verb, NULL, word[1]);
	if (opt == NULL && word[1] == '-')
		opt = option_find_any(word + 2, 0);
	return opt != NULL && opt->value != NULL ? opt : NULL;
}

static void
advance(struct place *place, const char *word)
{
	if (place->opt != NULL)
		place->opt = NULL;
	else if (!place->ended && strcmp(word, "--") == 0)
		place->ended = true;
	else if (!place->ended && word[0] == '-')
		place->opt = pending_option(place, word);
	else if (place->command == NULL)
		place->command = command_find(word);
	else if (place->verb == NULL)
		place->verb = verb_find(place->command, word);
}

bool
complete_line(const struct config *config, int count, const char *const words[],
    const char *part, complete_each *each, void *ctx)
{
	struct search search = { config, part, "", each, ctx };
	struct place place = { 0 };

	for (int i = 0; i < count; i++)
		advance(&place, words[i]);
	if (place.opt != NULL)
		return offer_taken(&search, place.opt->takes, place.opt->words);
	if (!place.ended && part[0] == '-' && strchr(part, '=') != NULL)
		return offer_value(&search, &place);
	if (!place.ended && part[0] == '-') {
		offer_options(&search, &place);
		return false;
	}
	if (place.command == NULL) {
		offer_commands(&search);
		return false;
	}
	return offer_argument(&search, &place);
}
