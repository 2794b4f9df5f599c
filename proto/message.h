/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

/*
 * Messages as tables.  A message's arguments or result are a CBOR map with
 * small unsigned keys; here they are a C struct whose first member is
 *
 *	uint64_t has;		bit k set: the field with key k is present
 *
 * and one const row per field says where it lies, its key, type, range, how a
 * person sees it and who may write it.  Encoder, decoder, JSON, `get` and
 * `set`, help, PROTOCOL.md and collar.cddl are all driven by or checked against
 * these rows; nobody writes a key or a range a second time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cbor.h"
#include "errors.h"

/*
 * What the tables say to people only: units of measure, help, sentences.  A
 * unit never shows them, so firmware is built with COLLAR_FIRMWARE defined, and
 * then neither the text nor the struct members for it exist.
 */
#ifdef COLLAR_FIRMWARE
#define FOR_PEOPLE(...)
#else
#define FOR_PEOPLE(...) __VA_ARGS__
#endif

/* Who may do what, lowest first; NOBODY: not over the wire. */
enum role {
	ROLE_NONE,
	ROLE_READ_ONLY,
	ROLE_INSTALLER,
	ROLE_ADMIN,
	ROLE_FACTORY,
	ROLE_NOBODY,
};

enum field_type {
	FIELD_BOOL,    /* bool */
	FIELD_UINT,    /* uint8_t to uint64_t */
	FIELD_INT,     /* int8_t to int64_t */
	FIELD_TEXT,    /* char [n], NUL-terminated; min and max are lengths */
	FIELD_TEXTS,   /* struct texts; min and max are lengths of each */
	FIELD_OCTETS,  /* struct octets; min and max are lengths */
	FIELD_BLOB,    /* struct blob; min and max are lengths */
	FIELD_RANGES,  /* struct ranges: array of pairs, first <= last */
	FIELD_PADDING, /* struct padding; min and max are lengths */
};

enum {
	OCTETS_MAX = 16,
	BLOB_MAX = 64,
	TEXTS_MAX = 8,
	TEXTS_LEN_MAX = 16,
	RANGES_MAX = 8,
};

struct octets {
	uint8_t len;
	uint8_t at[OCTETS_MAX];
};

struct blob {
	uint8_t len;
	uint8_t at[BLOB_MAX];
};

struct texts {
	uint8_t count;
	char at[TEXTS_MAX][TEXTS_LEN_MAX + 1];
};

/* Bytes that make a message long and say nothing: only their number is kept. */
struct padding {
	uint16_t len;
};

struct range {
	uint32_t first, last;
};

struct ranges {
	uint8_t count;
	struct range at[RANGES_MAX];
};

enum presence { OPTIONAL, REQUIRED };

/* What a text may hold beyond its length; UTF-8 is the gate's business. */
enum text_rule {
	RULE_NONE,      /* not a text, or written by the collar only */
	RULE_PRINTABLE, /* no control characters */
	RULE_SERIAL,    /* [A-Za-z0-9_-] */
	RULE_STATE,     /* a USPS code, as in usps_states[] */
	RULE_ZIP,       /* NNNNN or NNNNN-NNNN */
	RULE_MODEL,     /* a model number that model.h can parse */
};

/* How a person sees a number or the like. */
enum show {
	SHOW_PLAIN, /* number, text or true/false as it is */
	SHOW_DEC1,  /* integer with that many decimals behind the point */
	SHOW_DEC2,
	SHOW_DEC3,
	SHOW_DEC5,
	SHOW_DEC6,
	SHOW_NAME,   /* an index into the field's names */
	SHOW_UTC,    /* seconds since 1970-01-01T00:00:00Z */
	SHOW_UTC_MS, /* milliseconds since then */
	SHOW_HEX32,  /* 0x and eight digits */
};

/*
 * One field.  name is its JSON key; dots make it a member of a nested object:
 * "relay.hold.at".  names, if not NULL, ends in NULL.
 */
struct field {
	const char *name;
	uint16_t at;   /* offset in the struct */
	uint16_t size; /* of the member */
	uint8_t key;
	uint8_t type;     /* enum field_type */
	uint8_t presence; /* enum presence */
	uint8_t rule;     /* enum text_rule */
	uint8_t writer;   /* enum role, the lowest that may write it */
	uint8_t show;     /* enum show */
	int64_t min, max;
	const char *const *names;
#ifndef COLLAR_FIRMWARE
	const char *unit; /* on the wire: "s", "0.1 V"; "" if none */
	const char *help;
#endif
};

/* A map of fields in ascending order of their keys. */
struct message {
#ifndef COLLAR_FIRMWARE
	const char *name;
	const char *help;
#endif
	const struct field *fields;
	uint8_t count;
	uint16_t size; /* of the struct */
};

#define nitems(array) (sizeof(array) / sizeof((array)[0]))

#define FIELD_TYPE(s, member) \
	_Generic(((s *)0)->member, bool: FIELD_BOOL, uint8_t: FIELD_UINT,      \
	    uint16_t: FIELD_UINT, uint32_t: FIELD_UINT, uint64_t: FIELD_UINT,  \
	    int8_t: FIELD_INT, int16_t: FIELD_INT, int32_t: FIELD_INT,         \
	    int64_t: FIELD_INT, char *: FIELD_TEXT,                            \
	    struct texts: FIELD_TEXTS, struct octets: FIELD_OCTETS,            \
	    struct blob: FIELD_BLOB, struct ranges: FIELD_RANGES,              \
	    struct padding: FIELD_PADDING)

/* A row: offset, size and type come from the member itself. */
#define FIELD_ROW(s, member, name_, key_, presence_, min_, max_, rule_, \
    writer_, show_, names_, unit_, help_) \
	{ \
		.name = (name_), .at = (uint16_t)offsetof(s, member), \
		.size = (uint16_t)sizeof(((s *)0)->member), .key = (key_), \
		.type = FIELD_TYPE(s, member), .presence = (presence_), \
		.rule = (rule_), .writer = (writer_), .show = (show_), \
		.min = (min_), .max = (max_), .names = (names_), \
		FOR_PEOPLE(.unit = (unit_), .help = (help_)) \
	}

/* A row that is not a text with a rule, and that `set` does not write: shown
 * as it is, or in its own way. */
#define FIELD_PLAIN(s, member, name, key, presence, min, max, unit, help) \
	FIELD_ROW(s, member, name, key, presence, min, max, RULE_NONE, \
	    ROLE_NOBODY, SHOW_PLAIN, NULL, unit, help)
#define FIELD_SHOWN( \
    s, member, name, key, presence, min, max, show, names, unit, help) \
	FIELD_ROW(s, member, name, key, presence, min, max, RULE_NONE, \
	    ROLE_NOBODY, show, names, unit, help)

#define MESSAGE(var, name_, struct_, fields_, help_) \
	const struct message var = { .fields = (fields_), \
		.count = nitems(fields_), \
		.size = sizeof(struct_), \
		FOR_PEOPLE(.name = (name_), .help = (help_)) }

/* Is the field with this key present in *msg? */
#define HAS(msg, key_) ((((msg)->has) >> (key_)) & 1U)
#define HAVE(msg, key_) ((msg)->has |= (uint64_t)1 << (key_))
#define LACK(msg, key_) ((msg)->has &= ~((uint64_t)1 << (key_)))

/* Keys from this on may be skipped by a collar that does not know them. */
enum { KEY_ELECTIVE = 128 };

/*
 * Writes the fields present in *body as one map.  Errors stick to out.
 */
void message_encode(
    const struct message *msg, const void *body, struct cbor_out *out);

/* What was wrong with a message, where it could be told. */
struct message_fault {
	uint32_t key;              /* of the field */
	const struct field *field; /* NULL if the key is not known */
	size_t offset;             /* in the input, of the offending byte */
};

/*
 * Reads one map into *body, which is zeroed first.  strict: as a collar reads a
 * request, unknown keys below KEY_ELECTIVE are refused; otherwise unknown keys
 * are skipped.  Names out of range in an answer are kept as numbers.
 * Returns E_OK, E_MALFORMED (not a map of this shape, a required field
 * missing), E_UNSUPPORTED_FIELD or E_BAD_VALUE; on failure *fault is set.
 */
int message_decode(const struct message *msg, struct cbor_in *in, void *body,
    bool strict, struct message_fault *fault);

/* The row with that key or name; NULL if there is none. */
const struct field *message_field(const struct message *msg, uint32_t key);
const struct field *message_find(const struct message *msg, const char *name);

/* The member of *body that a row describes. */
void *field_in(const struct field *field, void *body);
const void *field_of(const struct field *field, const void *body);

/* Is the field there?  `has` is the first member of every message. */
static inline bool
field_present(const struct field *field, const void *body)
{
	return *(const uint64_t *)body >> field->key & 1U;
}

/* An integer field's value (BOOL, UINT, INT), whatever its size. */
int64_t field_number(const struct field *field, const void *body);
void field_set_number(const struct field *field, void *body, int64_t value);

/* Is the field present in both or neither, and equal? */
bool field_equal(const struct field *field, const void *a, const void *b);

/* Copies the field, presence included, between structs of the same table. */
void field_copy(const struct field *field, void *to, const void *from);

/*
 * Checks the value in *body against the row's range and text rule.  Returns
 * E_OK or E_BAD_VALUE.
 */
int field_check(const struct field *field, const void *body);

/* Digits behind the point of the number a person sees; 0 for all else. */
unsigned field_decimals(const struct field *field);

/*
 * Writes the field as a person sees it, NUL-terminated and cut to cap; an
 * absent one gives "".  Returns the length written.
 */
size_t field_text(
    const struct field *field, const void *body, char *text, size_t cap);

/*
 * The envelope of every message: [direction, seq, op or status or index,
 * body, ?tag].  See PROTOCOL.md.
 */
enum direction { DIR_REQUEST, DIR_RESPONSE, DIR_PART, DIR_CREDIT };

enum { TAG_LEN = 8, ENVELOPE_MAX = 32 };

struct envelope {
	uint8_t direction; /* enum direction */
	uint32_t seq;
	uint32_t what;       /* op, status, part index or credit number */
	const uint8_t *body; /* the encoded map; a part's bytes */
	size_t body_len;
	const uint8_t *tag; /* TAG_LEN bytes, or NULL */
};

/*
 * Opens a received payload; pointers lead into it.  What lies in its body is
 * the business of cbor_valid, before or after.  Returns E_OK or E_MALFORMED;
 * *answerable is set if env->direction and env->seq are valid all the same, as
 * they always are with E_OK.
 */
int envelope_open(
    struct envelope *env, const uint8_t *payload, size_t len, bool *answerable);

/*
 * Begins a message: writes the array head (which counts the tag, if one will
 * follow) and the three numbers.  The caller then writes body and tag.
 */
void envelope_begin(struct cbor_out *out, enum direction direction,
    uint32_t seq, uint32_t what, bool tagged);

#endif
