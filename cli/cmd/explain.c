/* SPDX-License-Identifier: BSD-2-Clause */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd.h"
#include "terms.h"

struct search {
	json_t *matches;
};

/* "a;b;c" as a list. */
static json_t *
list_json(const char *text)
{
	json_t *list = json_array();

	while (text && *text) {
		size_t len = strcspn(text, ";");

		json_array_append_new(list, json_stringn(text, len));
		text += len;
		text += strspn(text, "; ");
	}

	return list;
}

static void
add(struct search *search, const char *kind, const char *term,
    const char *meaning, const char *why, const char *actions)
{
	json_t *match = json_object();

	json_object_set_new(match, "kind", json_string(kind));
	json_object_set_new(match, "term", json_string(term));
	json_object_set_new(match, "meaning", json_string(meaning));
	json_object_set_new(match, "causes", list_json(why));
	json_object_set_new(match, "actions", list_json(actions));
	json_array_append_new(search->matches, match);
}

/* Words alike, whatever their case, and whether joined by space, _ or -. */
static bool
alike(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		bool join_a = strchr(" _-", *a), join_b = strchr(" _-", *b);

		if (join_a != join_b || (!join_a && (*a | 0x20) != (*b | 0x20)))
			return false;
	}

	return *a == *b;
}

static const char *
causes_of(const char *kind, const char *term)
{
	for (size_t i = 0; causes[i].term; i++)
		if (strcmp(causes[i].kind, kind) == 0 &&
		    strcmp(causes[i].term, term) == 0)
			return causes[i].causes;

	return NULL;
}

static void
find_exit(struct search *search, const char *number)
{
	for (size_t i = 0; exits[i].meaning; i++)
		if (strcmp(exits[i].number, number) == 0)
			add(search, "exit", number, exits[i].meaning,
			    exits[i].causes, exits[i].actions);
}

static void
find_error(struct search *search, const char *code)
{
	for (size_t i = 0; error_rows[i].code; i++)
		if (alike(error_rows[i].code, code))
			add(search, "error", error_rows[i].code,
			    error_rows[i].sentence,
			    causes_of("error", error_rows[i].code),
			    error_rows[i].hint);
}

static void
find_led(struct search *search, const char *name)
{
	for (size_t i = 0; leds[i].term; i++)
		if (alike(leds[i].term, name))
			add(search, "led", leds[i].term, leds[i].meaning,
			    leds[i].causes, leds[i].actions);
}

static void
find_condition(struct search *search, const char *term)
{
	for (size_t i = 0; conditions[i].name; i++)
		if (alike(conditions[i].name, term))
			add(search, "condition", conditions[i].name,
			    conditions[i].meaning,
			    causes_of("condition", conditions[i].name),
			    conditions[i].action);
}

static void
find_glass(struct search *search, const char *term)
{
	for (size_t i = 0; glass_rows[i].text; i++)
		if (alike(glass_rows[i].text, term) ||
		    (glass_rows[i].alias && alike(glass_rows[i].alias, term)))
			add(search, "lcd", glass_rows[i].text,
			    glass_rows[i].meaning, glass_rows[i].causes,
			    glass_rows[i].action);
}

static void
find_word(struct search *search, const char *term)
{
	for (size_t i = 0; words[i].term; i++)
		if (alike(words[i].term, term) ||
		    (words[i].alias && alike(words[i].alias, term)))
			add(search, words[i].kind, words[i].term,
			    words[i].meaning, words[i].causes,
			    words[i].actions);
}

static void
find(struct search *search, const char *term)
{
	if (strncmp(term, "exit:", 5) == 0) {
		find_exit(search, term + 5);
	} else if (strncmp(term, "error:", 6) == 0) {
		find_error(search, term + 6);
	} else if (strncmp(term, "led:", 4) == 0) {
		find_led(search, term + 4);
	} else {
		find_glass(search, term);
		find_word(search, term);
		find_condition(search, term);
		find_error(search, term);
		find_led(search, term);
	}
}

static void
print_list(struct out *out, const char *title, json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	    out_line(out, i == 0 ? title : "", "%s", json_string_value(item));
}

static void
print_matches(struct out *out, json_t *matches)
{
	json_t *match;
	size_t i;

	json_array_foreach(matches, i, match)
	{
		out_print(out, "%s%s (%s)\n", i > 0 ? "\n" : "",
		    json_string_value(json_object_get(match, "term")),
		    json_string_value(json_object_get(match, "kind")));
		out_line(out, "Meaning", "%s",
		    json_string_value(json_object_get(match, "meaning")));
		print_list(out, "Causes", json_object_get(match, "causes"));
		print_list(out, "To do", json_object_get(match, "actions"));
	}
}

/* The arguments joined: `explain b4 EnA` needs no quotes. */
static char *
join(const struct args *args)
{
	char *term = NULL;
	size_t len;
	FILE *out = open_memstream(&term, &len);

	if (!out)
		return NULL;
	for (int i = 0; i < args->npos; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", args->pos[i]);
	if (fclose(out) != 0) {
		free(term);
		return NULL;
	}

	return term;
}

static int
run_explain(struct ctx *ctx, const struct args *args)
{
	struct search search = { .matches = json_array() };
	char *term = join(args);
	int err = E_OK;

	if (!term) {
		json_decref(search.matches);
		return fail(&ctx->failure, E_INTERNAL, "out of memory");
	}
	find(&search, term);
	if (json_array_size(search.matches) == 0) {
		err = fail(
		    &ctx->failure, E_USAGE, "nothing is known of \"%s\"", term);
		fail_hint(&ctx->failure,
		    "give what the LCD shows, a status, a condition, exit:N, "
		    "error:CODE or led:NAME");
	} else if (ctx->out.format == FORMAT_JSON) {
		json_t *object = json_object();

		json_object_set(object, "matches", search.matches);
		out_json(&ctx->out, object);
	} else {
		print_matches(&ctx->out, search.matches);
	}
	json_decref(search.matches);
	free(term);

	return err;
}

const struct command cmd_explain = {
	.name = "explain",
	.group = "Look up",
	.args = "TERM | exit:N | error:CODE | led:NAME",
	.takes = TAKES_TEXT,
	.min = 1,
	.max = -1,
	.help = "what a status, an LCD text or an error means, and what to do",
	.examples = "collarctl explain no CEL\n"
		    "collarctl explain reporting_error\n"
		    "collarctl explain exit:81\n"
		    "collarctl explain error:too_soon",
	.run = run_explain,
};
