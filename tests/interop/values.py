# SPDX-License-Identifier: BSD-2-Clause
"""Values at the limits of the tables of PROTOCOL.md, and what a host is to
show for them: made from the text alone."""

import re
import time

from wire import CONSTANTS, KEYS, WRITERS, map_fields

FORMS = {"serial": ("s", "S" * 16), "state": ("AK", "WY"),
         "zip": ("95616", "95616-1234"),
         "model": ("S-B-5-02-IH-10-15A", "S-T-5-12-JC-22-80A")}


def span_of(text):
    low, _, high = text.partition("..")
    return int(low), int(high or low)


def padding(length):
    """Bytes that say nothing, each value in its turn."""
    return bytes(157 * n % 256 for n in range(length))


def bounds(kind, span):
    """The least and the greatest value of a field."""
    word, _, rule = kind.partition(" ")
    if word == "bool":
        return False, True
    if word == "ranges":
        most = CONSTANTS["RANGES_MAX"]
        return [], [4294967295] * 2 * most
    if span == "any":
        return -2**63, 2**63 - 1
    low, high = span_of(span)
    if word in ("uint", "int"):
        return low, high
    if word == "bytes":
        return bytes(low), b"\xff" * high
    if word == "padding":
        return padding(low), padding(high)
    if word == "texts":
        return [], ["w" * high] * CONSTANTS["TEXTS_MAX"]
    return FORMS.get(rule) or ("x" * low, "\u00fc" * (high // 2) +
                               "w" * (high % 2))


def least(name):
    """A map of that name with what is required, each at its least."""
    return {key: bounds(kind, span)[0]
            for key, _, kind, span, _, need, *_ in map_fields(name)
            if need == "required"}


def smallest(name):
    """A map of that name with every field, each at its least."""
    return {key: bounds(kind, span)[0]
            for key, _, kind, span, *_ in map_fields(name)}


def widest(name):
    """A map of that name with every field, each at its greatest."""
    return {key: bounds(kind, span)[1]
            for key, _, kind, span, *_ in map_fields(name)}


def widest_writable():
    """A record as long as can be of the fields that may be written, as two
    parts: one request has not room for all."""
    wide = {row[0]: bounds(row[2], row[3])[1] for row in map_fields("record")
            if WRITERS[row[1]] != "nobody"}
    wide[KEYS["record"]["sample_minutes"]] = 60
    second = [KEYS["record"][name]
              for name in ("location_notes", "description", "tags")]
    return wide, {key: wide.pop(key) for key in second}


def outside(kind, span):
    """Values of the right type that the range of a field does not allow."""
    word = kind.partition(" ")[0]
    if word in ("bool", "ranges") or span == "any":
        return []
    low, high = span_of(span)
    if word in ("uint", "int"):
        return [high + 1, low - 1]
    if word == "texts":
        return [["1" * (high + 1)], ["ok"] * (CONSTANTS["TEXTS_MAX"] + 1)] \
            + ([["ok", "1" * (low - 1)]] if low else [])
    unit = "1" if word == "text" else b"1"
    return [unit * (high + 1)] + ([unit * (low - 1)] if low else [])


def strangers(kind):
    """Values of other types than the field's."""
    word = kind.partition(" ")[0]
    every = {"bool": True, "uint": 1, "text": "1", "bytes": b"1",
             "texts": ["1"], "map": {1: 1}, "null": None}
    mine = {"int": "uint", "ranges": "texts", "padding": "bytes"}.get(word,
                                                                      word)
    return [value for name, value in every.items() if name != mine]


# What a host shows


def utc(seconds, fraction=""):
    return time.strftime(f"%Y-%m-%dT%H:%M:%S{fraction}Z",
                         time.gmtime(seconds))


def scaled(name, unit, value):
    """A number in the unit that the end of its name says: the table's unit is
    a share of it."""
    share = re.match(r"0\.[0-9]+", unit)
    thousand = re.search(r"_k(w|var|wh)$", name) is not None
    if not share and not thousand:
        return value
    return value * float(share[0] if share else 1) / (1000 if thousand else 1)


def names(meaning):
    """{number: name} of a field that names things: "x: 0 open, 1 shut"."""
    list_of_names = meaning.partition(": ")[2]
    return {int(number): name for number, name in
            re.findall(r"(?:^|, )([0-9]+) ([a-zA-Z0-9_-]+)", list_of_names)}


def shown(row, value):
    """What a host shows of a field, as in JSON."""
    _, name, kind, _, unit, _, meaning = row
    if isinstance(value, bytes):
        return value.hex()
    if kind not in ("uint", "int"):
        return value
    if name == "hex_status":
        return f"0x{value:08x}"
    if unit.startswith("s since"):
        return utc(value)
    if unit.startswith("ms since"):
        return utc(value // 1000, f".{value % 1000:03}")
    if names(meaning):
        return names(meaning).get(value, value)
    return scaled(name, unit, value)


def at_path(value, name):
    """What stands under a name with dots; None also where nothing does."""
    for part in name.split("."):
        value = None if value is None else value[part]
    return value


def alike(shown_value, wanted):
    """Equal, numbers but for the digits that a double has not."""
    if isinstance(wanted, float):
        return isinstance(shown_value, (int, float)) and \
            abs(shown_value - wanted) <= 1e-12 * max(1, abs(wanted))
    return shown_value == wanted
