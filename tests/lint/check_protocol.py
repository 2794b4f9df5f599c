#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""usage: check_protocol.py [BUILD]

Holds the tables of the C code, proto/PROTOCOL.md and proto/collar.cddl against
each other, in both directions, and every worked example against its diagnostic
notation and the CDDL.  Then breaks copies of all three in every way it should
notice, and expects to be told.
"""

import os
import re
import subprocess
import sys

import cbor
import cddl

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAMED_IN_TABLES = {("event", 2), ("event", 3)}


# ---------------------------------------------------------------- the C tables

def dump(build):
    """What dump_tables.c prints, made anew."""
    binary = os.path.join(build, "dump_tables")
    os.makedirs(build, exist_ok=True)
    proto = os.path.join(ROOT, "proto")
    sources = sorted(os.path.join(proto, name) for name in os.listdir(proto)
                     if name.endswith(".c"))
    sources.append(os.path.join(ROOT, "devices/collar/usb_descriptors.c"))
    subprocess.run([os.environ.get("CC", "gcc"), "-std=c11", "-O0", "-o", binary,
                    os.path.join(ROOT, "tests/lint/dump_tables.c"), *sources],
                   check=True)
    return subprocess.run([binary], check=True, capture_output=True,
                          text=True).stdout


def rule_name(message):
    return re.sub(r"[ _.]+", "-", message)


def facts_of_code(text):
    """{(kind, ...): value} for everything that the documents must say."""
    facts = {}
    for line in text.splitlines():
        kind, *row = line.split("\t")
        if kind == "op":
            facts["op", int(row[0], 16)] = tuple(row[1:])
        elif kind == "message":
            facts["message", rule_name(row[0])] = ""
        elif kind == "field":
            msg, key, name, type_, rule, low, high, need, writer, unit, _ = row
            key = int(key)
            facts["field", rule_name(msg), key] = (
                name, type_, rule, span(type_, int(low), int(high)), unit, need)
            if msg == "record":
                facts["writer", key] = (name, writer)
        elif kind == "names":
            facts["names", rule_name(row[0]), int(row[1])] = row[2]
        elif kind == "constant":
            facts["constant", row[0]] = row[1]
        elif kind == "descriptor":
            facts["descriptor", row[0]] = row[1]
        elif kind == "usb-request":
            facts["usb-request", row[0]] = (int(row[1], 0), int(row[2]))
        elif kind == "capability":
            facts["capability", int(row[0], 16).bit_length() - 1] = row[1]
        else:
            facts[kind, int(row[0], 0)] = row[1]
    return facts


def span(type_, low, high):
    if type_ in ("bool", "ranges"):
        return ""
    if (low, high) == (-2 ** 63, 2 ** 63 - 1):
        return "any"
    return f"{low}..{high}" if low != high else f"{low}"


# ------------------------------------------------------------------ the text

def tables(text):
    """(heading above, header cells, rows) of every table."""
    heading, header, rows = "", None, []
    for line in text.splitlines() + [""]:
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if header is None:
                header = cells
            elif not set("".join(cells)) <= set("-: "):
                rows.append(cells)
        elif header is not None:
            yield heading, header, rows
            header, rows = None, []


def plain(cell):
    return cell.strip("`")


SIMPLE = {
    ("status", "name", "when", "detail"): "status",
    ("bit", "capability", "meaning"): "capability",
    ("role", "name"): "role",
    ("bit", "flag", "meaning"): "flag",
    ("cause", "name", "meaning"): "cause",
    ("event", "name", "logged when", "field, old, new"): "event",
    ("bit", "condition", "meaning"): "condition",
}
CONTROL = ("request", "bmRequestType", "bRequest", "wValue", "wIndex", "answer")
DESCRIPTOR = ("offset", "field", "bytes", "meaning")
MAP = ("key", "name", "type", "range", "unit", "presence", "meaning")


def facts_of_text(text):
    facts, duplicates = {}, []

    def put(key, value):
        if key in facts:
            duplicates.append(f"{' '.join(map(str, key))} stands twice")
        facts[key] = value

    for heading, header, rows in tables(text):
        head = tuple(header)
        for row in rows:
            if head in SIMPLE:
                put((SIMPLE[head], int(row[0])), plain(row[1]))
            elif head[0] == "op":
                put(("op", int(row[0], 16)), tuple(map(plain, row[1:6])))
            elif head == ("constant", "value", "meaning"):
                put(("constant", plain(row[0])), row[1])
            elif head == ("key", "name", "writer"):
                put(("writer", int(row[0])), (plain(row[1]), row[2]))
            elif head == ("string", "text") and row[1].startswith("`"):
                put(("usb-string", int(row[0])), plain(row[1]))
            elif head == CONTROL:
                facts["usb-request", row[0]] = (int(row[1], 16), int(row[2]))
        if head == DESCRIPTOR:
            name = plain(heading.removeprefix("Descriptor "))
            put(("descriptor", name), bytes_of_rows(rows))
        if head == MAP:
            map_of_text(rule_name(plain(heading.removeprefix("Map "))), rows, put)
    for name in re.findall(r"^### Map `([^`]+)`", text, re.MULTILINE):
        put(("message", rule_name(name)), "")
    include(facts)
    return facts, duplicates


def bytes_of_rows(rows):
    """The bytes of a descriptor in hexadecimal, "text" being UTF-16; or which
    of its offsets is wrong."""
    bytes_ = b""
    for offset, field, cell, _ in rows:
        if int(offset) != len(bytes_):
            return f"{field} stands at {len(bytes_)}"
        for text, digits in re.findall(r'`"([^"]*)"`|([0-9a-f]{2})', cell):
            bytes_ += text.encode("utf-16-le") or bytes.fromhex(digits)
    return bytes_.hex()


def map_of_text(msg, rows, put):
    for row in rows:
        if ".." in row[0]:
            put(("include", msg, row[0]), plain(row[1]))
            continue
        kind, _, rule = row[2].partition(" ")
        put(("field", msg, int(row[0])),
            (plain(row[1]), kind, rule, row[3], row[4], row[5]))
        put(("meaning", msg, int(row[0])), row[6])


def include(facts):
    """Rows like `60..63` stand for the fields of another map."""
    for fact in [fact for fact in facts if fact[0] == "include"]:
        _, msg, keys = fact
        other = rule_name(facts.pop(fact))
        low, high = map(int, keys.split(".."))
        for key in range(low, high + 1):
            for what in ("field", "meaning"):
                if (what, other, key) in facts:
                    facts[what, msg, key] = facts[what, other, key]


# ------------------------------------------------------------------ the CDDL

FIELD = re.compile(r"^\s+(\? )?(\d+): (.+?),\s*; (\S+)$")
ASK = re.compile(r"^([a-z-]+)-request = \[0, seq, (0x[0-9a-f]{2}), ([a-z-]+), \? tag\]$")
REPLY = re.compile(r"^([a-z-]+)-response = \[1, seq, 0, ([a-z-]+), \? tag\]$")


def facts_of_cddl(text):
    facts, groups, includes, rule, replies = {}, {}, [], "", {}
    for line in text.splitlines():
        begin = re.match(r"^([a-z-]+) = ([{(])", line)
        if begin:
            rule = begin.group(1)
            if begin.group(2) == "{":
                facts["message", rule] = ""
            else:
                groups[rule] = {}
        field, ask, reply = FIELD.match(line), ASK.match(line), REPLY.match(line)
        used = re.match(r"^\s+([a-z-]+),$", line)
        if field:
            value = (field[4], re.sub(r"\s+", " ", field[3]),
                     "optional" if field[1] else "required")
            key = int(field[2])
            where = groups[rule] if rule in groups else None
            if where is None:
                facts["field", rule, key] = value
            else:
                where[key] = value
        elif used:
            includes.append((rule, used[1]))
        elif ask:
            facts["op", int(ask[2], 16)] = [ask[1], ask[3], None]
        elif reply:
            replies[reply[1]] = reply[2]
    for msg, group in includes:
        for key, value in groups.get(group, {}).items():
            facts["field", msg, key] = value
    for row in (value for key, value in facts.items() if key[0] == "op"):
        row[2] = replies.pop(row[0], None)
    for name in replies:
        facts["reply without request", name] = ""
    return {key: tuple(value) if isinstance(value, list) else value
            for key, value in facts.items()}


def cddl_type(type_, range_):
    number = "int" if range_ == "any" else range_
    size = f"({range_})" if ".." in range_ else range_
    return {
        "bool": "bool",
        "uint": number,
        "int": number,
        "text": f"text .size {size}",
        "bytes": f"bytes .size {size}",
        "padding": f"bytes .size {size}",
        "texts": f"[0*8 text .size {size}]",
        "ranges": "[0*8 (first: uint32, last: uint32)]",
    }[type_]


def expected_in_cddl(code):
    facts = {}
    for key, value in code.items():
        if key[0] == "message":
            facts[key] = value
        elif key[0] == "field":
            name, type_, _, range_, _, need = value
            facts[key] = (name, cddl_type(type_, range_), need)
        elif key[0] == "op":
            facts[key] = (value[0], rule_name(value[1]), rule_name(value[2]))
    return facts


# ------------------------------------------------------------------ examples

EXAMPLE = re.compile(r"^\*\*(?:`([a-z-]+)` )?(request|response|refusal|part|credit|"
                     r"event)\*\*[^\n]*\n\n((?:    [^\n]*\n)+)\n((?:    [0-9a-f ]+\n)+)",
                     re.MULTILINE)
RULES = {"refusal": "refusal", "part": "part", "credit": "credit-message",
         "event": "event"}


def squeeze(text):
    return re.sub(r"\s+", "", text)


def example_faults(text, schema, code):
    faults, seen = [], set()
    for name, kind, notation, payload in EXAMPLE.findall(text):
        title = f"example {name} {kind}".replace("  ", " ")
        seen.add((name, kind))
        try:
            value = cbor.decode(bytes.fromhex(payload))
        except (cbor.CborError, ValueError) as error:
            faults.append(f"{title}: {error}")
            continue
        if squeeze(cbor.diagnostic(value)) != squeeze(notation):
            faults.append(f"{title}: notation and bytes differ: "
                          f"{cbor.diagnostic(value)}")
        rule = RULES.get(kind, f"{name}-{kind}")
        if rule not in schema.rules or not schema.accepts(rule, value):
            faults.append(f"{title}: collar.cddl does not accept it as {rule}")
    for row in (value for key, value in code.items() if key[0] == "op"):
        for kind in ("request", "response"):
            if (row[0], kind) not in seen:
                faults.append(f"example {row[0]} {kind}: there is none")
    for kind in RULES:
        if not any(what == kind for _, what in seen):
            faults.append(f"example {kind}: there is none")
    return faults


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def unstuff(frame):
    out, at = bytearray(), 0
    while at < len(frame):
        code = frame[at]
        out += frame[at + 1:at + code]
        at += code
        if code < 255 and at < len(frame):
            out.append(0)
    return bytes(out)


def frame_faults(text):
    """The one frame spelled out is that of the first example."""
    frame = re.search(r"^Its frame:\n\n((?:    [0-9a-f ]+\n)+)", text, re.MULTILINE)
    first = EXAMPLE.search(text)
    if frame is None or first is None:
        return ["example frame: there is none"]
    line = bytes.fromhex(frame[1])
    payload = bytes.fromhex(first[4])
    whole = payload + crc32c(payload).to_bytes(4, "little")
    if line[:1] + line[-1:] != b"\0\0" or unstuff(line[1:-1]) != whole:
        return ["example frame: not that of the first example"]
    return []


# ---------------------------------------------------------------- comparison

def differences(want, have, where):
    for key in sorted(set(want) | set(have), key=str):
        title = " ".join(map(str, key))
        if key not in have:
            yield f"{where}: {title} is missing: {want[key]}"
        elif key not in want:
            yield f"{where}: {title} is not in the code: {have[key]}"
        elif want[key] != have[key]:
            yield f"{where}: {title} is {have[key]}, in the code {want[key]}"


def name_faults(names, meanings):
    for (_, msg, key), text in names.items():
        meaning = meanings.get(("meaning", msg, key), "")
        if (msg, key) not in NAMED_IN_TABLES and text not in meaning:
            yield f"PROTOCOL.md: field {msg} {key} must say: {text}"


def compare(dumped, text, grammar):
    """({kind of check: faults}) of one set of the three."""
    code = facts_of_code(dumped)
    names = {key: code.pop(key) for key in list(code) if key[0] == "names"}
    told, duplicates = facts_of_text(text)
    meanings = {key: told.pop(key) for key in list(told) if key[0] == "meaning"}
    faults = {f"{kind} in PROTOCOL.md": [] for kind in {key[0] for key in code}}
    for line in differences(code, told, "PROTOCOL.md"):
        kind = line.split(": ", 1)[1].split(" ", 1)[0]
        faults.setdefault(f"{kind} in PROTOCOL.md", []).append(line)
    faults["nothing twice in PROTOCOL.md"] = duplicates
    faults["names in PROTOCOL.md"] = list(name_faults(names, meanings))
    faults["collar.cddl"] = list(differences(
        expected_in_cddl(code), facts_of_cddl(grammar), "collar.cddl"))
    try:
        schema = cddl.Schema(grammar)
        faults["grammar of collar.cddl"] = []
        faults["examples"] = example_faults(text, schema, code)
    except cddl.CddlError as error:
        faults["grammar of collar.cddl"] = [f"collar.cddl: {error}"]
    faults["frame"] = frame_faults(text)
    return faults


# ----------------------------------------------------------------- self-test

# what is broken, in which of the three, from, to; each must be noticed
BREAKS = [
    ("a field dropped from the text", "md", r"\n\| 6 \| `expect` [^\n]*", ""),
    ("a field's key changed in the text", "md", r"\| 6 \| `expect`", "| 7 | `expect`"),
    ("a field's range changed in the text", "md", r"(\| `hold_s` \| uint \| )\S+", r"\g<1>1..5"),
    ("a field's type changed in the text", "md", r"(\| `hold_s` \|) uint", r"\1 int"),
    ("a field's presence changed in the text", "md", r"(`position`.*)required", r"\1optional"),
    ("a field added to the text", "md", r"(\n\| 6 \| `expect`[^\n]*)", r"\1\n| 7 | `x` | bool | |  | optional | x |"),
    ("a name list changed in the text", "md", r"0 open, 1 shut", "0 shut, 1 open"),
    ("a map dropped from the text", "md", r"### Map `tag[- ]set`", "### Other"),
    ("a row doubled in the text", "md", r"(\n\| 8 \| `seq_old`[^\n]*)", r"\1\1"),
    ("an op's code changed in the text", "md", r"\| 0x20 \|", "| 0x28 |"),
    ("an op's role changed in the text", "md", r"(\| 0x20 [^\n]*)admin", r"\1installer"),
    ("a status renamed in the text", "md", r"`too_soon` \| a", "`too_late` | a"),
    ("a status dropped from the text", "md", r"\n\| 30 \| `busy`[^\n]*", ""),
    ("a status added to the text", "md", r"(\n\| 31 \| `nothing_p)", r"\n| 32 | `x` | | |\1"),
    ("a condition dropped from the text", "md", r"\n\| 21 \| `overload` [^\n]*", ""),
    ("an event renamed in the text", "md", r"\| 11 \| `relay_missed`", "| 11 | `x`"),
    ("a flag's bit changed in the text", "md", r"\| 8 \| `energy_lost`", "| 9 | `energy_lost`"),
    ("a cause renamed in the text", "md", r"\| 5 \| `memory`", "| 5 | `flash`"),
    ("a role renamed in the text", "md", r"\| 3 \| `admin`", "| 3 | `boss`"),
    ("a capability's bit changed in the text", "md", r"\| 16 \| `virtual`", "| 15 | `virtual`"),
    ("a constant changed in the text", "md", r"(`GRID_RETURN_MS` \| )10000", r"\g<1>1000"),
    ("a writer changed in the text", "md", r"(\| `description` \| )admin", r"\1installer"),
    ("a descriptor's byte changed in the text", "md", r"(bNumEndpoints \| )02", r"\g<1>03"),
    ("a descriptor's offset changed in the text", "md", r"4( \| bDeviceClass)", r"5\1"),
    ("a descriptor's text changed in the text", "md", r"20AB-440A", "20AB-440B"),
    ("a USB request dropped from the text", "md", r"\n\| SET_ADDRESS [^\n]*", ""),
    ("a USB string changed in the text", "md", r"`meter collar`", "`collar`"),
    ("an example's bytes changed", "md", r"(\*\*`noop` request\*\*\n\n[^\n]*\n\n    8[0-9a-f] ?00 ?)", r"\g<1>00 "),
    ("an example's notation changed", "md", r"(\*\*`noop` request\*\*\n\n    \[0, )", r"\g<1>9"),
    ("an example dropped", "md", r"\*\*`untag` response\*\*", "untag"),
    ("a frame's byte changed", "md", r"(Its frame:\n\n    00 ?..)( ?)..", r"\1\g<2>7f"),
    ("a field dropped from the CDDL", "cddl", r"\n[^\n]*; expect\b", ""),
    ("a field's range changed in the CDDL", "cddl", r"[^\s]+(,\s*; hold_s)", r"1..5\1"),
    ("a field's presence changed in the CDDL", "cddl", r"\? (\d+: [^\n]*; hold_s)", r"\1"),
    ("a field added to the CDDL", "cddl", r"(\n[^\n]*; expect\b)", r"\1\n  ? 9: bool, ; x"),
    ("an op's code changed in the CDDL", "cddl", r"0x20", "0x28"),
    ("a response's map changed in the CDDL", "cddl", r"(clock-response = \[1, seq, 0, )clock-state", r"\1nothing"),
    ("a rule undefined in the CDDL", "cddl", r"\ntag = ", "\ntog = "),
    ("a bracket lost in the CDDL", "cddl", r"\? tag\]", "? tag"),
    ("a field added to the code", "code", r"(field\trelay[- ]move\t)6(\t[^\n]*)", r"\g<1>6\2\n\g<1>7\2"),
    ("a status added to the code", "code", r"\Z", "status\t77\tnew\n"),
    ("a USB request added to the code", "code", r"\Z", "usb-request\tnew\t0x80\t1\n"),
    ("a message added to the code", "code", r"\Z", "message\tnew\tnew\n"),
]


def told_by(faults):
    return {fault for lines in faults.values() for fault in lines}


def self_test(dumped, text, grammar):
    known = told_by(compare(dumped, text, grammar))
    for title, which, pattern, replacement in BREAKS:
        three = {"code": dumped, "md": text, "cddl": grammar}
        three[which], count = re.subn(pattern, replacement, three[which], count=1)
        faults = compare(three["code"], three["md"], three["cddl"])
        if count == 0:
            yield title, ["the self-test no longer finds what to break"]
        elif not told_by(faults) - known:
            yield title, ["it is not noticed"]
        else:
            yield title, []


def read(name):
    with open(os.path.join(ROOT, "proto", name), encoding="utf-8") as file:
        return file.read()


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        ROOT, os.environ.get("BUILD", "build"))
    dumped = dump(os.path.join(build, "lint"))
    text, grammar = read("PROTOCOL.md"), read("collar.cddl")
    passed = failed = 0
    results = list(compare(dumped, text, grammar).items())
    results += [(f"noticed: {title}", faults)
                for title, faults in self_test(dumped, text, grammar)]
    for title, faults in results:
        print(f"{'not ok' if faults else 'ok'} - protocol: {title}")
        for fault in faults:
            print(f"# {fault}")
        passed += not faults
        failed += bool(faults)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
