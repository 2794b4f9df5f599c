/* SPDX-License-Identifier: BSD-2-Clause */

#include "feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a byte becomes a number: below, these many from the least and the
 * greatest value; above, the rest of the range. */
enum { NEAR = 64, OUTSIDE_BELOW = 254, OUTSIDE_ABOVE = 255 };

/* And letters: from here on, see fill_letters. */
enum { LETTERS_SAME = 230, LETTERS_CONTROL = 240, LETTERS_C1 = 252 };

void
must(bool good)
{
	if (!good)
		abort();
}

void
show_message(char sign, const uint8_t *payload, size_t len)
{
	if (getenv("FUZZ_TRACE") == NULL)
		return;
	fprintf(stderr, "%c ", sign);
	for (size_t i = 0; i < len; i++)
		fprintf(stderr, "%02x", payload[i]);
	fputc('\n', stderr);
}

struct feed
feed_of(const uint8_t *data, size_t len)
{
	return (struct feed){ .at = data, .end = data + len };
}

bool
feed_is_empty(const struct feed *feed)
{
	return feed->at == feed->end;
}

uint8_t
feed_byte(struct feed *feed)
{
	return feed_is_empty(feed) ? 0 : *feed->at++;
}

unsigned
feed_below(struct feed *feed, unsigned count)
{
	return feed_byte(feed) % count;
}

const uint8_t *
feed_bytes(struct feed *feed, size_t max, size_t *len)
{
	const uint8_t *at;
	size_t left;

	*len = feed_byte(feed);
	left = (size_t)(feed->end - feed->at);
	if (*len > max)
		*len = max;
	if (*len > left)
		*len = left;
	at = feed->at;
	feed->at += *len;

	return at;
}

static uint32_t
feed_word(struct feed *feed)
{
	uint32_t word = feed_byte(feed);

	word = word << 8 | feed_byte(feed);
	word = word << 8 | feed_byte(feed);

	return word << 8 | feed_byte(feed);
}

/* Seconds around now: holds, hours, the ends of what may be scheduled. */
static int64_t
feed_span_s(struct feed *feed)
{
	static const int64_t spans[] = { 1, 2, 5, 10, 60, 240, 899, 901, 3599,
		3600, 7200, 86400, 604799, 604800, 604801, 0, -1, -5, -900,
		-86400 };

	return spans[feed_below(feed, nitems(spans))];
}

static int64_t
feed_number(struct feed *feed, int64_t min, int64_t max)
{
	uint64_t span = (uint64_t)max - (uint64_t)min;
	uint8_t how = feed_byte(feed);
	uint64_t up = how % NEAR;

	if (how == OUTSIDE_ABOVE && max < INT64_MAX)
		return max + 1;
	if (how == OUTSIDE_BELOW && min > INT64_MIN)
		return min - 1;
	if (how >= 2 * NEAR)
		up = feed_word(feed);
	if (span < UINT64_MAX)
		up %= span + 1;
	if (how >= NEAR && how < 2 * NEAR)
		return (int64_t)((uint64_t)max - up);

	return (int64_t)((uint64_t)min + up);
}

static int64_t
feed_value(struct feed *feed, const struct field *field, uint64_t utc_ms)
{
	int64_t now_s = (int64_t)(utc_ms / 1000);

	if (field->show == SHOW_UTC)
		return now_s + feed_span_s(feed);
	if (field->show == SHOW_UTC_MS)
		return (int64_t)utc_ms + feed_span_s(feed) * 1000;

	return feed_number(feed, field->min, field->max);
}

/* A text that the rule allows, or does not. */
static const char *
sample(struct feed *feed, uint8_t rule)
{
	static const char *const zips[] = { "62701", "62701-1234", "6270" };
	static const char *const models[] = { "S-B-5-02-IH-10-60A",
		"S-T-5-12-JC-22-15A", "C-B-5-22-40", "S-B-5-02" };

	switch (rule) {
	case RULE_STATE:
		return usps_states[feed_below(feed, 50)];
	case RULE_ZIP:
		return zips[feed_below(feed, nitems(zips))];
	case RULE_MODEL:
		return models[feed_below(feed, nitems(models))];
	default:
		return NULL;
	}
}

/*
 * What a length of letters is made of: mostly of one letter, as in a serial
 * number, or of all from one on; at last of what no terminal may be sent.
 */
static void
fill_letters(char *text, size_t len, uint8_t first)
{
	static const char controls[] = "\a\b\t\n\r\x1b\x1f\x7f";

	for (size_t i = 0; i < len; i++)
		text[i] = (char)(' ' + (first + i) % ('~' - ' ' + 1));
	if (first < 26 || first >= LETTERS_SAME)
		memset(text, 'A' + first % 26, len);
	if (first >= LETTERS_CONTROL)
		memset(text, controls[first % (sizeof(controls) - 1)], len);
	for (size_t i = 0; first >= LETTERS_C1 && i + 1 < len; i += 2)
		memcpy(text + i, "\xc2\x9b", 2);
}

/* Cut to cap; a length above 127 is as long as may be. */
static void
feed_letters(struct feed *feed, char *text, size_t cap, int64_t max)
{
	size_t len = feed_byte(feed);
	uint8_t first = feed_byte(feed);

	if (len > 127)
		len = (size_t)max + (len == 255);
	if (len >= cap)
		len = cap - 1;
	if (first >= LETTERS_C1)
		len -= len % 2;
	fill_letters(text, len, first);
	text[len] = '\0';
}

static void
feed_text(struct feed *feed, const struct field *field, char *text)
{
	const char *given = sample(feed, field->rule);

	if (given == NULL)
		feed_letters(feed, text, field->size, field->max);
	else if (strlen(given) < field->size)
		memcpy(text, given, strlen(given) + 1);
}

static void
feed_texts(struct feed *feed, const struct field *field, struct texts *texts)
{
	texts->count = (uint8_t)feed_below(feed, TEXTS_MAX + 1);
	for (size_t i = 0; i < texts->count; i++)
		feed_letters(
		    feed, texts->at[i], sizeof(texts->at[i]), field->max);
}

static void
feed_ranges(struct feed *feed, struct ranges *ranges)
{
	ranges->count = (uint8_t)feed_below(feed, RANGES_MAX + 1);
	for (size_t i = 0; i < ranges->count; i++) {
		uint32_t first = feed_byte(feed);

		ranges->at[i].first = first;
		ranges->at[i].last = first + feed_byte(feed) % 16;
	}
}

/* To at[0] the length, behind it the bytes; of a fixed length, mostly it. */
static void
feed_octets(struct feed *feed, const struct field *field, uint8_t *at)
{
	int64_t len = feed_number(feed, field->min, field->max);

	if (len < 0 || len >= field->size)
		len = field->min;
	at[0] = (uint8_t)len;
	memset(at + 1, feed_byte(feed), (size_t)len);
}

static void
feed_field(
    struct feed *feed, const struct field *field, void *body, uint64_t utc_ms)
{
	void *at = field_in(field, body);

	switch (field->type) {
	case FIELD_BOOL:
		field_set_number(field, body, feed_byte(feed) & 1);
		break;
	case FIELD_UINT:
	case FIELD_INT:
		field_set_number(field, body, feed_value(feed, field, utc_ms));
		break;
	case FIELD_TEXT:
		feed_text(feed, field, at);
		break;
	case FIELD_TEXTS:
		feed_texts(feed, field, at);
		break;
	case FIELD_RANGES:
		feed_ranges(feed, at);
		break;
	default:
		feed_octets(feed, field, at);
	}
}

void
feed_message(
    struct feed *feed, const struct message *msg, void *body, uint64_t utc_ms)
{
	uint64_t *has = body;
	uint32_t wanted = 0;

	memset(body, 0, msg->size);
	for (size_t i = 0; i < msg->count; i++) {
		const struct field *field = &msg->fields[i];

		if (i % 8 == 0)
			wanted = feed_byte(feed);
		if (field->presence == OPTIONAL && (wanted >> i % 8 & 1) == 0)
			continue;
		feed_field(feed, field, body, utc_ms);
		*has |= (uint64_t)1 << field->key;
	}
}

bool
ranges_hold(const struct ranges *ranges, uint32_t index)
{
	for (size_t i = 0; i < ranges->count; i++)
		if (ranges->at[i].first <= index && index <= ranges->at[i].last)
			return true;

	return false;
}
