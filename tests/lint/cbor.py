# SPDX-License-Identifier: BSD-2-Clause
"""Reads CBOR of the protocol's profile, strictly, and writes it as diagnostic
notation.  Small on purpose: it checks examples, it is no encoder."""

import json


class CborError(Exception):
    pass


def head(data, at):
    if at >= len(data):
        raise CborError("ends inside an item")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if info < 24:
        return major, info, at
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(info)
    if size is None or at + size > len(data):
        raise CborError("not of the profile, or cut short")
    value = int.from_bytes(data[at:at + size], "big")
    if value < (24 if size == 1 else 1 << 4 * size):
        raise CborError("a head is longer than need be")
    return major, value, at + size


def item(data, at):
    start = at
    major, value, at = head(data, at)
    if major == 0:
        return value, at
    if major == 1:
        return -1 - value, at
    if major in (2, 3):
        if at + value > len(data):
            raise CborError("a string is cut short")
        chunk = data[at:at + value]
        return (chunk if major == 2 else chunk.decode()), at + value
    if major == 4:
        items = []
        for _ in range(value):
            got, at = item(data, at)
            items.append(got)
        return items, at
    if major == 5:
        return pairs(data, at, value)
    if major == 7 and data[start] in (0xF4, 0xF5, 0xF6):
        return {0xF4: False, 0xF5: True, 0xF6: None}[data[start]], at
    raise CborError("not of the profile")


def pairs(data, at, count):
    got, last = {}, b""
    for _ in range(count):
        key, end = item(data, at)
        if data[at:end] <= last:
            raise CborError("map keys do not ascend")
        last = data[at:end]
        got[key], at = item(data, end)
    return got, at


def decode(data):
    value, at = item(data, 0)
    if at != len(data):
        raise CborError("bytes behind the item")
    return value


def diagnostic(value):
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(map(diagnostic, value)) + "]"
    return "{" + ", ".join(
        f"{key}: {diagnostic(got)}" for key, got in value.items()) + "}"
