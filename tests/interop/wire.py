# SPDX-License-Identifier: BSD-2-Clause
"""The wire as PROTOCOL.md describes it, written from that text alone: frames,
messages, blocks and events.  CBOR is Debian's cbor2."""

import pathlib
import re
import struct
import sys

import cbor2

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lint"))

import cddl  # noqa: E402  (the validator that checks the examples too)

TEXT = (ROOT / "proto" / "PROTOCOL.md").read_text(encoding="utf-8")

REQUEST, RESPONSE, PART, CREDIT = range(4)


class WireError(Exception):
    pass


def tables(first, second):
    """The rows of every table whose head begins with these two columns."""
    rows, inside = [], False
    for line in TEXT.splitlines():
        cells = [cell.strip().strip("`") for cell in line.split("|")[1:-1]]
        if cells[:2] == [first, second]:
            inside = True
        elif not cells:
            inside = False
        elif inside and not cells[0].startswith("---"):
            rows.append(cells)
    return rows


OPS = {row[1]: int(row[0], 0) for row in tables("op", "name")}
ARGS = {row[1]: row[2] for row in tables("op", "name")}
RESULT = {row[1]: row[3] for row in tables("op", "name")}
CHANGES = {row[1] for row in tables("op", "name") if row[5] == "change"}
STATUS = {row[1]: int(row[0]) for row in tables("status", "name")
          if len(row) == 4}
EVENTS = {row[1]: int(row[0]) for row in tables("event", "name")}
ROLES = [row[1] for row in tables("role", "name")]
CONDITIONS = {row[1]: int(row[0]) for row in tables("bit", "condition")}
FLAGS = {row[1]: int(row[0]) for row in tables("bit", "flag")}
CONSTANTS = {row[0]: int(row[1]) for row in tables("constant", "value")}
WRITERS = {row[1]: row[2] for row in tables("key", "name")
           if len(row) == 3 and row[2] in ("factory", "nobody", "installer",
                                           "admin")}


def map_fields(name):
    """The table "Map `name`" as rows of key, name, type, range, unit,
    presence, meaning; a row like 60..63 stands for those of another map."""
    part = TEXT.split(f"### Map `{name}`\n", 1)[1].split("\n#", 1)[0]
    rows = []
    for line in part.splitlines():
        cells = [cell.strip().strip("`") for cell in line.split("|")[1:-1]]
        if cells and cells[0].isdigit():
            rows.append((int(cells[0]), *cells[1:]))
        elif cells and ".." in cells[0]:
            rows += map_fields(cells[1])
    return rows


KEYS = {name: {row[1]: row[0] for row in map_fields(name)}
        for name in re.findall(r"### Map `([a-z-]+)`", TEXT)}


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def stuff(data, closing=False):
    """COBS; closing: end a last piece of exactly 254 bytes with 0x01."""
    out = bytearray()
    pieces = data.split(b"\0")
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        while len(piece) >= 254:
            out += b"\xff" + piece[:254]
            piece = piece[254:]
            if not piece and last and not closing:
                return bytes(out)
        out += bytes([len(piece) + 1]) + piece
    return bytes(out)


def unstuff(data):
    out, at = bytearray(), 0
    while at < len(data):
        code = data[at]
        piece = data[at + 1:at + code]
        if code == 0 or len(piece) != code - 1:
            raise WireError("bad stuffing")
        out += piece
        at += code
        if code != 255 and at < len(data):
            out.append(0)
    return bytes(out)


def frame(payload, lead=True, closing=False):
    checked = payload + struct.pack("<I", crc32c(payload))
    return b"\0" * lead + stuff(checked, closing) + b"\0"


def unframe(data):
    """The payload of what stood between two zeros."""
    checked = unstuff(data)
    if len(checked) < 5:
        raise WireError("a frame without a payload")
    payload, crc = checked[:-4], struct.unpack("<I", checked[-4:])[0]
    if crc32c(payload) != crc:
        raise WireError("wrong CRC")
    return payload


def encode(value):
    """Deterministic: with unsigned keys, cbor2's canonical form is that."""
    return cbor2.dumps(value, canonical=True)


def decode(payload):
    try:
        value = cbor2.loads(payload)
    except Exception as error:
        raise WireError(f"not CBOR: {payload.hex()}: {error}") from error
    if encode(value) != payload:
        raise WireError(f"not deterministic: {payload.hex()}")
    return value


def naming_fields():
    """Names of the fields that name things: "0 open, 1 shut"."""
    names = {row[1] for name in KEYS for row in map_fields(name)
             if re.search(r": 0 [a-zA-Z0-9]", row[6])}
    return names | {"kind", "role"}


def grammar_of_newer(text):
    """collar.cddl as a newer collar keeps to it: fields that name things may
    bear numbers that this version does not know."""
    names = naming_fields()
    return "\n".join(
        re.sub(r": [01]\.\.[0-9]+,", ": 0..255,", line)
        if line.rpartition("; ")[2] in names else line
        for line in text.splitlines())


GRAMMAR = (ROOT / "proto" / "collar.cddl").read_text("utf-8")
SCHEMA = cddl.Schema(GRAMMAR)
NEWER = cddl.Schema(grammar_of_newer(GRAMMAR))


def conform(rule, value, newer=False):
    if not (NEWER if newer else SCHEMA).accepts(rule, value):
        raise WireError(f"collar.cddl: no {rule}: {value!r}")


def conform_message(op, value, newer=False):
    """op: name of the request that a response or part answers."""
    rule = {REQUEST: f"{op}-request", RESPONSE: f"{op}-response",
            PART: "part", CREDIT: "credit-message"}[value[0]]
    if value[0] == RESPONSE and value[2] != 0:
        rule = "refusal"
    conform(rule, value, newer)
    if value[0] == PART and op == "events-read":
        conform("event", decode(value[3]), newer)


class Receiver:
    """Bytes in, payloads out; counts what it had to drop."""

    def __init__(self, limit):
        self.limit, self.buffer, self.dropped = limit, bytearray(), 0

    def feed(self, data):
        payloads = []
        for byte in data:
            if byte:
                self.buffer.append(byte)
                continue
            if self.buffer:
                payloads += self.one(bytes(self.buffer))
            self.buffer.clear()
        return payloads

    def one(self, data):
        try:
            payload = unframe(data)
        except WireError:
            self.dropped += 1
            return []
        if len(payload) > self.limit:
            self.dropped += 1
            return []
        return [payload]


def signed24(data):
    return int.from_bytes(data, "little", signed=True)


class Block:
    """A block of interval data, after the byte tables."""

    RECORD = ("at", "flags", "power_factor", "frequency", "active_power",
              "reactive_power", "temperature", "energy_consumed",
              "energy_produced", "voltage", "current")

    def __init__(self, data, headers=False):
        if len(data) < 32 or len(data) % 32 or len(data) > 1024:
            raise WireError(f"a block of {len(data)} bytes")
        (self.format, self.cause, self.sample_minutes, self.bits, self.index,
         self.boot) = struct.unpack_from("<BBBBII", data)
        self.count = data[27]
        if struct.unpack_from("<I", data, 28)[0] != crc32c(data[:28]):
            raise WireError("header's CRC")
        if self.format != 1 or not 1 <= self.sample_minutes <= 60:
            raise WireError("header's values")
        there = len(data) // 32 - 1
        if there != (min(self.count, 2) if headers else self.count):
            raise WireError(f"{there} records, but count {self.count}")
        self.records = [self.record(data[at:at + 32])
                        for at in range(32, len(data), 32)]
        times = [record["at"] for record in self.records]
        if sorted(set(times)) != times:
            raise WireError("times do not rise")

    @classmethod
    def record(cls, data):
        if int.from_bytes(data[29:], "little") != crc32c(data[:29]) & 0xFFFFFF:
            raise WireError("record's CRC")
        at, flags, factor, frequency = struct.unpack_from("<IHbH", data)
        temperature, consumed, produced, voltage, current = \
            struct.unpack_from("<hIIHH", data, 15)
        if not -100 <= factor <= 100 or frequency > 10000:
            raise WireError("a record's values")
        return dict(zip(cls.RECORD, (
            at, flags, factor, frequency, signed24(data[9:12]),
            signed24(data[12:15]), temperature, consumed, produced, voltage,
            current)))


def make_record(at, flags=0, power_factor=0, frequency=6000, active_power=0,
                reactive_power=0, temperature=700, energy_consumed=0,
                energy_produced=0, voltage=2400, current=0):
    data = struct.pack("<IHbH", at, flags, power_factor, frequency)
    data += active_power.to_bytes(3, "little", signed=True)
    data += reactive_power.to_bytes(3, "little", signed=True)
    data += struct.pack("<hIIHH", temperature, energy_consumed,
                        energy_produced, voltage, current)
    return data + (crc32c(data) & 0xFFFFFF).to_bytes(3, "little")


def make_block(index, records, cause=0, sample_minutes=15, bits=0, boot=1,
               reserved=bytes(15)):
    data = struct.pack("<BBBBII", 1, cause, sample_minutes, bits, index, boot)
    data += reserved + bytes([len(records)])
    return data + struct.pack("<I", crc32c(data)) + b"".join(records)
