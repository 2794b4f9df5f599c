/* SPDX-License-Identifier: BSD-2-Clause */

#include "words.h"

#include <string.h>

struct splitter {
	const char *from; /* the next character to read */
	char *to;         /* where the next one of a word goes, never ahead */
	char quote;       /* that is open, or 0 */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A backslash that means the character behind it. */
static bool
is_escape(const struct splitter *s)
{
	if (s->from[0] != '\\' || s->from[1] == '\0' || s->quote == '\'')
		return false;
	return s->quote == 0 || s->from[1] == '"' || s->from[1] == '\\';
}

static void
take_word(struct splitter *s)
{
	while (*s->from != '\0' && (s->quote != 0 || !is_blank(*s->from))) {
		char c = *s->from;

		if (is_escape(s)) {
			*s->to++ = s->from[1];
			s->from += 2;
			continue;
		}
		s->from++;
		if (s->quote == 0 && (c == '\'' || c == '"'))
			s->quote = c;
		else if (c == s->quote)
			s->quote = 0;
		else
			*s->to++ = c;
	}
}

int
words_split(struct words *words, char *line, struct failure *failure)
{
	struct splitter s = { .from = line, .to = line };

	words->count = 0;
	for (;;) {
		while (is_blank(*s.from))
			s.from++;
		if (*s.from == '\0' || (words->count == 0 && *s.from == '#'))
			break;
		if (words->count == WORDS_MAX)
			return fail(failure, E_USAGE,
			    "more than %d words in a line", (int)WORDS_MAX);
		words->at[words->count++] = s.to;
		take_word(&s);
		if (s.quote != 0)
			return fail(
			    failure, E_USAGE, "a %c is not closed", s.quote);
		if (*s.from != '\0')
			s.from++;
		*s.to++ = '\0';
	}
	words->at[words->count] = NULL;
	return E_OK;
}
