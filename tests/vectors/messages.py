# SPDX-License-Identifier: BSD-2-Clause
"""Messages of every kind, at and beyond every limit, made from the text of
PROTOCOL.md with python3-cbor2 and held against collar.cddl.

A vector is a line of tab-separated columns: what it is, how it differs from
others of its kind, the payload in hexadecimal, its diagnostic notation, and
what becomes of it:

    nothing      it is read, and written again as it stands
    least        it is read, and what is known of it is the vector `least`
    [1, ...]     a collar answers it so
"""

import itertools
import pathlib
import re
import sys

import cbor2

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "interop"))

import wire  # noqa: E402
from values import (bounds, least, names, outside, smallest,  # noqa: E402
                    span_of, strangers, widest)

UINT32_MAX = 2 ** 32 - 1
ELECTIVE = wire.CONSTANTS["KEY_ELECTIVE"]
TAG = bytes(range(0xA1, 0xA1 + wire.CONSTANTS["TAG_LEN"]))

# Of the right length, but not as the rule of a text has it.
BREAKS = {
    "printable": ["x\0", "x\n", "\x1fx", "\x7f", "\x80", "x\x9fx"],
    "serial": ["A B", "A.1", "\u00fc", "A\0"],
    "state": ["ca", "ZZ", "C1", "\u00fc"],
    "zip": ["9561a", "956161", "95616_1234", "95616-123a", "-5616"],
    "model": ["X", "S-B-5-02-IH-10-60", "s-b-5-02-ih-10-60a",
              "S-C-5-02-IH-10-60A", "S-B-4-02-IH-10-60A",
              "S-B-5-03-IH-10-60A", "S-B-5-02-II-10-60A",
              "S-B-5-02-IH-11-60A", "S-B-5-02-IH-10-55A", "BPTM-732"],
}

# Values under keys that nobody knows.
STRANGE = [1, "two", b"\3", [True, None, {4: {5: -6}}]]
AGAINST_RULE = "against its rule"


def ordered(value):
    """The same with the keys of maps in the order of their encoded bytes,
    which cbor2's canonical mode does not give for keys of several types."""
    if isinstance(value, list):
        return [ordered(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: ordered(value[key]) for key in sorted(value, key=cbor2.dumps)}


def quoted(text):
    return '"' + "".join(
        f"\\{c}" if c in '"\\' else
        f"\\u{ord(c):04x}" if c < " " or "\x7f" <= c <= "\x9f" else c
        for c in text) + '"'


def notation(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, list):
        return "[" + ", ".join(map(notation, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{notation(key)}: {notation(item)}"
                               for key, item in value.items()) + "}"
    return str(value)


class Lines:
    """The vectors of one file; what it has already it does not take again."""

    def __init__(self):
        self.lines, self.seen = [], set()

    def put(self, kind, form, value, verdict=""):
        value = ordered(value)
        body = notation(value[2:] if isinstance(value, list) else value)
        if (kind, body) in self.seen:
            return False
        self.seen.add((kind, body))
        self.lines.append("\t".join((kind, form, cbor2.dumps(value).hex(),
                                     notation(value), verdict)).rstrip("\t"))
        return True


def at_limits(name):
    """(form, map) at the limits of every field of a map that the text names."""
    yield "least", least(name)
    yield "every field, smallest", smallest(name)
    yield "every field, widest", widest(name)
    for key, field, kind, span, *_ in wire.map_fields(name):
        for which, value in zip(("low", "high"), bounds(kind, span)):
            yield f"{field} {which}", {**least(name), key: value}


def beyond_names(name):
    """A field that names things may bear a number that has no name yet."""
    for key, field, kind, span, _, _, meaning in wire.map_fields(name):
        if kind == "uint" and names(meaning):
            yield f"{field} without a name", \
                {**least(name), key: span_of(span)[1] + 1}


def with_unknown(name, first):
    """Unknown keys from first on, which are skipped."""
    known = {row[0] for row in wire.map_fields(name)}
    free = [key for key in range(first, first + 128) if key not in known]
    for number, value in enumerate(STRANGE):
        yield f"unknown key {free[number]}", \
            {**least(name), free[number]: value}
    yield "unknown keys", {**least(name), free[0]: 0, free[-1]: "",
                           UINT32_MAX: STRANGE}


def status(name, **detail):
    """Status and result of a refusal."""
    keys = wire.KEYS["error-detail"]
    return [wire.STATUS[name],
            {keys[field]: value for field, value in detail.items()}]


def far_outside(word):
    return {"uint": [-1, 2 ** 63, 2 ** 64 - 1],
            "int": [2 ** 31, 2 ** 63, -2 ** 63 - 1, -2 ** 64]}.get(word, [])


def wrong_values(name):
    """(form, map, status and detail) of maps with a value that may not be."""
    for key, field, kind, span, *_ in wire.map_fields(name):
        for value in sorted(strangers(kind), key=cbor2.dumps):
            yield f"{field} of another type", {**least(name), key: value}, \
                status("malformed", field=key)
        word, _, rule = kind.partition(" ")
        if word == "bool":
            continue
        low, high = span_of(span)
        refusal = status("bad_value", field=key, min=low, max=high)
        bad = outside(kind, span) + far_outside(word)
        for value in sorted(bad, key=cbor2.dumps):
            yield f"{field} beyond its limits", {**least(name), key: value}, \
                refusal
        for text in BREAKS.get(rule, []):
            value = ["ok", text] if word == "texts" else text
            yield f"{field} {AGAINST_RULE}", {**least(name), key: value}, \
                refusal
        if word == "texts":
            yield f"{field} of numbers", {**least(name), key: [1]}, \
                status("malformed", field=key)


def wrong_maps(name):
    """Maps that lack a field or have a key that may not be."""
    fields = wire.map_fields(name)
    known = {row[0] for row in fields}
    required = [row for row in fields if row[5] == "required"]
    for key, field, *_ in required:
        short = least(name)
        del short[key]
        yield f"without {field}", short, status("malformed", field=key)
    if len(required) > 1:
        yield "empty", {}, status("malformed", field=required[0][0])
    for key in {0, ELECTIVE - 1, min(set(range(1, 128)) - known)} - known:
        yield f"unknown key {key}", {**least(name), key: 0}, \
            status("unsupported_field", field=key)
    for key in (-1, UINT32_MAX + 1, "a", b"a", None):
        yield "a key that is no number of 32 bits", {**least(name), key: 0}, \
            status("malformed")
    numbers = [row for row in fields if row[2].split()[0] != "bool"]
    if len(numbers) > 1:
        first, last = numbers[0], numbers[-1]
        low, high = span_of(first[3])
        both = {**least(name), first[0]: outside(first[2], first[3])[0],
                last[0]: outside(last[2], last[3])[0]}
        yield "two faults", both, \
            status("bad_value", field=first[0], min=low, max=high)


def put_requests(lines, op):
    name, code, seq = wire.ARGS[op], wire.OPS[op], itertools.count(20)

    def put(form, args, refusal=None, verdict=""):
        message = [wire.REQUEST, next(seq), code, args]
        if refusal:
            verdict = notation([wire.RESPONSE, message[1], *refusal])
        conforms = not refusal or form.endswith(AGAINST_RULE) or \
            name == "nothing" and wire.SCHEMA.accepts("nothing", args)
        assert wire.SCHEMA.accepts(f"{op}-request", message) == conforms, \
            f"collar.cddl on {op}, {form}: {message}"
        lines.put("request", form, message, verdict)

    for form, args in at_limits(name):
        put(form, args)
    for form, args in with_unknown(name, ELECTIVE):
        put(form, args, verdict="least")
    for form, args, refusal in itertools.chain(wrong_values(name),
                                               wrong_maps(name)):
        put(form, args, refusal)
    lines.put("request", "tagged",
              [wire.REQUEST, next(seq), code, least(name), TAG])


SEQS = (0, 1, 23, 24, 255, 256, 65535, 65536, UINT32_MAX)


def put_answers(lines, kind, rule, envelope, name):
    """What is read leniently: envelope(seq, map) makes the message."""
    seqs = itertools.cycle(SEQS)

    def put(form, body, verdict=""):
        message = envelope(next(seqs), body)
        assert wire.SCHEMA.accepts(rule, message), (rule, message)
        lines.put(kind, form, message, verdict)

    for form, body in at_limits(name):
        put(form, body)
    for form, body in with_unknown(name, ELECTIVE if kind == "credit" else 1):
        put(form, body, "least")
    for form, body in beyond_names(name):
        lines.put(kind, form, envelope(next(seqs), body))


def op_lines(op):
    lines = Lines()
    put_requests(lines, op)
    put_answers(lines, "response", f"{op}-response",
                lambda seq, body: [wire.RESPONSE, seq, 0, body],
                wire.RESULT[op])
    lines.put("response", "tagged",
              [wire.RESPONSE, 1, 0, least(wire.RESULT[op]), TAG])
    return lines.lines


def refusal_lines():
    """Every status, with the detail that its row of the table names."""
    lines, fields = Lines(), wire.map_fields("error-detail")
    put_answers(lines, "refusal", "refusal",
                lambda seq, body: [wire.RESPONSE, seq, 5, body],
                "error-detail")
    rows = [row for row in wire.tables("status", "name") if len(row) == 4]
    for number, name, _, detail in rows[1:]:
        lines.put("refusal", name, [wire.RESPONSE, 7, int(number), {}])
        full = {row[0]: bounds(row[2], row[3])[1] for row in fields
                if re.search(rf"\b{row[1]}\b", detail)}
        exact = re.search(r"condition` (\d+)", detail)
        if exact:
            full[wire.KEYS["error-detail"]["condition"]] = int(exact[1])
        lines.put("refusal", name, [wire.RESPONSE, 7, int(number), full])
    lines.put("refusal", "a status not known", [wire.RESPONSE, 7, 99, {}])
    return lines.lines


def stream_lines():
    """Parts and credits."""
    lines, record = Lines(), wire.make_record
    blocks = [wire.make_block(index, [record(1795273200 + 900 * at)
                                      for at in range(count)])
              for index, count in ((0, 0), (24, 1), (UINT32_MAX, 31))]
    for block, seq in zip(blocks, SEQS):
        index = int.from_bytes(block[4:8], "little")
        lines.put("part", f"block of {len(block)} bytes",
                  [wire.PART, seq, index, block])
    lines.put("part", "one byte", [wire.PART, 1, 256, b"\0"])
    lines.put("part", "tagged", [wire.PART, 1, 1, b"\0", TAG])
    for name in ("least", "every field, widest"):
        body = dict(at_limits("event"))[name]
        lines.put("part", f"event, {name}",
                  [wire.PART, 5, 41, cbor2.dumps(ordered(body))])
    put_answers(lines, "credit", "credit-message",
                lambda seq, body: [wire.CREDIT, seq, 1, body], "credit")
    for number in SEQS:
        lines.put("credit", f"number {number}",
                  [wire.CREDIT, 4120, number, least("credit")])
    lines.put("credit", "tagged", [wire.CREDIT, 1, 1, least("credit"), TAG])
    return lines.lines


def event_lines():
    lines = Lines()
    put_answers(lines, "event", "event", lambda seq, body: body, "event")
    for name, kind in wire.EVENTS.items():
        lines.put("event", name, {**least("event"),
                                  wire.KEYS["event"]["kind"]: kind})
    return lines.lines


def files():
    begin = ["# SPDX-License-Identifier: BSD-2-Clause",
             "# Made by make.py from messages.py, which says what the columns "
             "are."]
    for op in wire.OPS:
        yield f"messages/{op}.txt", begin + op_lines(op)
    yield "messages/refusal.txt", begin + refusal_lines()
    yield "messages/stream.txt", begin + stream_lines()
    yield "messages/event.txt", begin + event_lines()
