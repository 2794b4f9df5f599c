/* SPDX-License-Identifier: BSD-2-Clause */

#include "prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../complete.h"
#include "../version.h"
#include "../words.h"

#ifdef HAVE_READLINE

#include <readline/history.h>
#include <readline/readline.h>

enum { HISTORY_LINES = 1000, PATH_LEN = 1024 };

/* Candidates on their way into readline's array. */
struct matches {
	char **at;
	size_t count, room;
};

/* Makes every folder above the file; those that are there are as good. */
static void
make_folders(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		mkdir(path, 0700);
		*at = '/';
	}
}

/* $XDG_STATE_HOME/collarctl/history, or below ~/.local/state; "" if none. */
static void
history_path(char path[PATH_LEN])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	path[0] = '\0';
	if (state != NULL && state[0] == '/')
		snprintf(path, PATH_LEN, "%s/collarctl/history", state);
	else if (home != NULL && home[0] == '/')
		snprintf(
		    path, PATH_LEN, "%s/.local/state/collarctl/history", home);
}

/* Of what is completed. */
static const struct config *known;

static int
add_match(const char *candidate, void *ctx)
{
	struct matches *matches = ctx;

	if (matches->count + 1 >= matches->room) {
		size_t room = matches->room * 2 + 16;
		char **grown =
		    realloc(matches->at, room * sizeof(*matches->at));

		if (grown == NULL)
			return E_INTERNAL;
		matches->at = grown;
		matches->room = room;
	}
	matches->at[matches->count++] = strdup(candidate);
	matches->at[matches->count] = NULL;
	return E_OK;
}

/* The n-th candidate, copied: readline frees it. */
static char *
next_match(const char *text, int state)
{
	static struct matches matches;
	static size_t next;
	struct failure ignored = { 0 };
	struct words words;
	char *line;

	if (state == 0) {
		free(matches.at);
		matches = (struct matches){ 0 };
		next = 0;
		line = strndup(rl_line_buffer, (size_t)rl_point - strlen(text));
		if (line == NULL || words_split(&words, line, &ignored) < 0)
			words.count = 0;
		if (!complete_line(known, words.count,
			(const char *const *)words.at, text, add_match,
			&matches))
			rl_attempted_completion_over = 1;
		free(line);
	}
	return next < matches.count ? matches.at[next++] : NULL;
}

/* A word that ends in = or : or / waits for more. */
static char **
complete_word(const char *text, int start, int end)
{
	char **found = rl_completion_matches(text, next_match);
	size_t len = found != NULL ? strlen(found[0]) : 0;

	(void)start;
	(void)end;
	if (len > 0 && strchr("=:/", found[0][len - 1]) != NULL)
		rl_completion_suppress_append = 1;
	return found;
}

/* ^C at the prompt drops the line. */
static int
drop_line(void)
{
	if (link_interrupted) {
		link_interrupted = 0;
		rl_replace_line("", 0);
		rl_crlf();
		rl_on_new_line();
		rl_redisplay();
	}
	return 0;
}

/* Called now and then while nobody types. */
static void (*idle_call)(void *ctx);
static void *idle_ctx;

static int
idle(void)
{
	idle_call(idle_ctx);

	return drop_line();
}

void
prompt_open(
    const struct config *config, void (*idle_does)(void *ctx), void *ctx)
{
	char path[PATH_LEN];

	known = config;
	idle_call = idle_does;
	idle_ctx = ctx;
	rl_event_hook = idle;
	rl_readline_name = "collarctl";
	rl_attempted_completion_function = complete_word;
	rl_basic_word_break_characters = " \t\n";
	rl_completer_word_break_characters = " \t\n";
	rl_completer_quote_characters = "'\"";
	rl_signal_event_hook = drop_line;
	using_history();
	stifle_history(HISTORY_LINES);
	history_path(path);
	if (path[0] != '\0')
		read_history(path);
}

void
prompt_close(void)
{
	char path[PATH_LEN];

	history_path(path);
	if (path[0] == '\0')
		return;
	make_folders(path);
	write_history(path);
	chmod(path, 0600);
}

char *
prompt_read(const char *prompt)
{
	char *line = readline(prompt);

	if (line != NULL && line[0] != '\0')
		add_history(line);
	return line;
}

const char *
shell_readline_version(void)
{
	return rl_library_version;
}

#else

void
prompt_open(
    const struct config *config, void (*idle_does)(void *ctx), void *ctx)
{
	(void)config;
	(void)idle_does;
	(void)ctx;
}

void
prompt_close(void)
{
}

char *
prompt_read(const char *prompt)
{
	char *line = NULL;
	size_t room = 0;

	fputs(prompt, stdout);
	fflush(stdout);
	if (getline(&line, &room, stdin) >= 0)
		return line;
	free(line);
	return NULL;
}

const char *
shell_readline_version(void)
{
	return NULL;
}

#endif
