/* SPDX-License-Identifier: BSD-2-Clause */

#include "out.h"

#include <inttypes.h>
#include <string.h>

/* By the digits behind a number's point. */
static const double scales[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6 };

json_t *
json_text(const char *raw)
{
	char text[4 * FAILURE_LEN];
	json_t *value = json_string(raw);

	return value != NULL ? value
			     : json_string(escape(text, sizeof(text), raw));
}

static json_t *
json_hex(const uint8_t *bytes, size_t len)
{
	char text[2 * BLOB_MAX + 1] = "";

	for (size_t i = 0; i < len && i < BLOB_MAX; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_string(text);
}

static json_t *
json_utc(uint64_t seconds)
{
	char text[UTC_TEXT_LEN];

	return json_string(utc_text(text, seconds));
}

static json_t *
json_utc_ms(uint64_t ms)
{
	char text[UTC_TEXT_LEN], whole[UTC_TEXT_LEN + 8];

	utc_text(text, ms / 1000);
	snprintf(whole, sizeof(whole), "%.*s.%03uZ", (int)strcspn(text, "Z"),
	    text, (unsigned)(ms % 1000));
	return json_string(whole);
}

static json_t *
json_name(const struct field *field, int64_t number)
{
	for (int64_t i = 0; field->names[i] != NULL; i++) {
		if (i == number)
			return json_string(field->names[i]);
	}
	return json_integer(number);
}

static json_t *
json_number(const struct field *field, int64_t number)
{
	char hex[16];

	if (field_decimals(field) > 0)
		return json_real(
		    (double)number / scales[field_decimals(field)]);
	switch (field->show) {
	case SHOW_NAME:
		return json_name(field, number);
	case SHOW_UTC:
		return json_utc((uint64_t)number);
	case SHOW_UTC_MS:
		return json_utc_ms((uint64_t)number);
	case SHOW_HEX32:
		snprintf(hex, sizeof(hex), "0x%08" PRIx32, (uint32_t)number);
		return json_string(hex);
	default:
		return json_integer(number);
	}
}

static json_t *
json_texts(const struct texts *texts)
{
	json_t *list = json_array();

	for (int i = 0; i < texts->count && i < TEXTS_MAX; i++)
		json_array_append_new(list, json_text(texts->at[i]));
	return list;
}

static json_t *
json_ranges(const struct ranges *ranges)
{
	json_t *list = json_array();

	for (int i = 0; i < ranges->count && i < RANGES_MAX; i++)
		json_array_append_new(list,
		    json_pack("{sIsI}", "first",
			(json_int_t)ranges->at[i].first, "last",
			(json_int_t)ranges->at[i].last));
	return list;
}

json_t *
json_of_field(const struct field *field, const void *body)
{
	const void *member = field_of(field, body);
	const struct octets *octets = member;
	const struct blob *blob = member;

	if (!field_present(field, body))
		return field->type == FIELD_TEXTS ? json_array() : json_null();
	switch (field->type) {
	case FIELD_BOOL:
		return json_boolean(*(const bool *)member);
	case FIELD_TEXT:
		return json_text(member);
	case FIELD_TEXTS:
		return json_texts(member);
	case FIELD_OCTETS:
		return json_hex(octets->at, octets->len);
	case FIELD_BLOB:
		return json_hex(blob->at, blob->len);
	case FIELD_RANGES:
		return json_ranges(member);
	default:
		return json_number(field, field_number(field, body));
	}
}

void
json_put(json_t *object, const char *path, json_t *value)
{
	const char *dot;

	while ((dot = strchr(path, '.')) != NULL) {
		char name[64];
		json_t *inner;

		snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
		inner = json_object_get(object, name);
		if (!json_is_object(inner)) {
			inner = json_object();
			json_object_set_new(object, name, inner);
		}
		object = inner;
		path = dot + 1;
	}
	json_object_set_new(object, path, value);
}

/* Does the name lie in the group: "relay.hold.at" in "relay.hold"? */
static bool
is_in_group(const char *name, const char *group)
{
	size_t len = strlen(group);

	return strncmp(name, group, len) == 0 && name[len] == '.';
}

static bool
is_group_absent(const struct message *msg, const void *body, const char *group)
{
	for (size_t i = 0; i < msg->count; i++) {
		const struct field *field = &msg->fields[i];

		if (is_in_group(field->name, group) &&
		    field_present(field, body))
			return false;
	}
	return true;
}

/* The group of an absent field that is null as a whole; NULL: none. */
static const char *
collapsed_group(const struct message *msg, const void *body,
    const struct field *field, const char *const *collapse)
{
	for (; collapse != NULL && *collapse != NULL; collapse++) {
		if (is_in_group(field->name, *collapse) &&
		    is_group_absent(msg, body, *collapse))
			return *collapse;
	}
	return NULL;
}

json_t *
json_of(
    const struct message *msg, const void *body, const char *const *collapse)
{
	json_t *object = json_object();

	for (size_t i = 0; i < msg->count; i++) {
		const struct field *field = &msg->fields[i];
		const char *group = collapsed_group(msg, body, field, collapse);

		if (group != NULL)
			json_put(object, group, json_null());
		else
			json_put(
			    object, field->name, json_of_field(field, body));
	}
	return object;
}
