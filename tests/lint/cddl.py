# SPDX-License-Identifier: BSD-2-Clause
"""A validator for the part of CDDL (RFC 8610) that collar.cddl uses.

Rules of types and groups, choices, ranges, .size, literals, arrays and maps
with occurrences, and the cut that `key:` implies.  Values are what cbor.decode
gives.
"""

import re

TOKEN = re.compile(r"""
    (?P<space>\s+|;[^\n]*)
  | (?P<number>-?(?:0x[0-9a-fA-F]+|[0-9]+))
  | (?P<name>[A-Za-z$@_][A-Za-z0-9$@_-]*)
  | (?P<control>\.[a-z]+)
  | (?P<sign>\.\.|=>|[=/(){}\[\],:?*+])
""", re.VERBOSE)

PRELUDE = {
    "any": lambda v: True,
    "uint": lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 0,
    "int": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "text": lambda v: isinstance(v, str),
    "bytes": lambda v: isinstance(v, bytes),
    "bool": lambda v: isinstance(v, bool),
}


class CddlError(Exception):
    pass


def tokens(text):
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            line = text.count("\n", 0, at) + 1
            raise CddlError(f"line {line}: not understood: {text[at:at + 20]!r}")
        at = match.end()
        if match.lastgroup != "space":
            yield match.lastgroup, match.group()
    yield "end", ""


class Parser:
    def __init__(self, text):
        self.items = list(tokens(text))
        self.at = 0

    def peek(self, ahead=0):
        return self.items[min(self.at + ahead, len(self.items) - 1)]

    def take(self, value=None):
        kind, got = self.items[self.at]
        if kind == "end":
            raise CddlError("ends inside a rule")
        if value is not None and got != value:
            raise CddlError(f"expected {value!r}, found {got!r}")
        self.at += 1
        return kind, got

    def rules(self):
        rules = {}
        while self.peek()[0] != "end":
            _, name = self.take()
            if name in rules:
                raise CddlError(f"{name} is defined twice")
            self.take("=")
            rules[name] = self.rule()
        return rules

    def rule(self):
        if self.peek()[1] != "(":
            return self.type()
        self.take("(")
        entries = self.group(")")
        return ("group", entries)

    def type(self):
        choices = [self.bounded()]
        while self.peek()[1] == "/":
            self.take()
            choices.append(self.bounded())
        return choices[0] if len(choices) == 1 else ("choice", choices)

    def bounded(self):
        first = self.simple()
        kind, sign = self.peek()
        if sign == "..":
            self.take()
            return ("range", first[1], self.simple()[1])
        if kind == "control":
            if sign != ".size":
                raise CddlError(f"{sign} is not supported")
            self.take()
            return ("size", first, self.simple())
        return first

    def simple(self):
        kind, value = self.take()
        if kind == "number":
            return ("literal", int(value, 0))
        if kind == "name":
            return ("name", value)
        if value == "(":
            inner = self.type()
            self.take(")")
            return inner
        if value in "{[":
            entries = self.group("}" if value == "{" else "]")
            return ("map" if value == "{" else "array", entries)
        raise CddlError(f"a type cannot begin with {value!r}")

    def group(self, closing):
        entries = []
        while self.peek()[1] != closing:
            entries.append(self.entry())
            if self.peek()[1] == ",":
                self.take()
        self.take(closing)
        return entries

    def occurrence(self):
        kind, value = self.peek()
        if value in ("?", "+"):
            self.take()
            return (0, 1) if value == "?" else (1, None)
        low, high = 0, None
        if kind == "number" and self.peek(1)[1] == "*":
            low = int(self.take()[1])
        elif value != "*":
            return 1, 1
        self.take("*")
        if self.peek()[0] == "number" and self.peek(1)[1] not in (
                ":", "=>", ".."):
            high = int(self.take()[1])
        return low, high

    def entry(self):
        """(low, high, key or None, cut, type or group)"""
        low, high = self.occurrence()
        if self.peek()[1] == "(":
            self.take()
            return low, high, None, False, ("group", self.group(")"))
        if self.peek(1)[1] == ":":
            kind, value = self.take()
            self.take(":")
            key = ("literal", int(value, 0)) if kind == "number" else None
            return low, high, key, True, self.type()
        first = self.type()
        if self.peek()[1] != "=>":
            return low, high, None, False, first
        self.take("=>")
        return low, high, first, False, self.type()


class Schema:
    def __init__(self, text):
        self.rules = Parser(text).rules()
        for name, rule in self.rules.items():
            for used in names_in(rule):
                if used not in self.rules and used not in PRELUDE:
                    raise CddlError(f"{name}: {used} is not defined")

    def accepts(self, name, value):
        return self.match(("name", name), value)

    def match(self, rule, value):
        kind = rule[0]
        if kind == "name":
            if rule[1] in self.rules:
                return self.match(self.rules[rule[1]], value)
            return PRELUDE[rule[1]](value)
        if kind == "literal":
            return PRELUDE["int"](value) and value == rule[1]
        if kind == "range":
            return PRELUDE["int"](value) and rule[1] <= value <= rule[2]
        if kind == "choice":
            return any(self.match(choice, value) for choice in rule[1])
        if kind == "size":
            return self.match(rule[1], value) and self.match_size(rule[2], value)
        if kind == "group":
            return self.match_alone(rule[1], value)
        if kind == "array":
            return isinstance(value, list) and any(
                end == len(value) for end in self.sequence(rule[1], value, 0))
        return isinstance(value, dict) and self.match_map(rule[1], value)

    def match_size(self, size, value):
        if isinstance(value, int):
            return value < 256 ** size[1]
        data = value.encode() if isinstance(value, str) else value
        return self.match(size, len(data))

    def match_alone(self, entries, value):
        """A group in the place of a type: a type in parentheses."""
        if len(entries) != 1 or entries[0][:3] != (1, 1, None):
            raise CddlError("a group stands for a type")
        return self.match(entries[0][4], value)

    def group_of(self, rule):
        """The entries of a group or of the name of one, else None."""
        while rule[0] == "name" and rule[1] in self.rules:
            rule = self.rules[rule[1]]
        return rule[1] if rule[0] == "group" else None

    def sequence(self, entries, items, at):
        """Every place in items at which the entries may end."""
        if not entries:
            yield at
            return
        low, high, _, _, rule = entries[0]
        ends, count = [at], 0
        while ends:
            if count >= low:
                for end in ends:
                    yield from self.sequence(entries[1:], items, end)
            if count == high:
                return
            ends = [after for end in ends for after in self.once(rule, items, end)
                    if after > end]
            count += 1

    def once(self, rule, items, at):
        group = self.group_of(rule)
        if group is not None:
            yield from self.sequence(group, items, at)
        elif at < len(items) and self.match(rule, items[at]):
            yield at + 1

    def flat(self, entries):
        for entry in entries:
            group = self.group_of(entry[4]) if entry[2] is None else None
            if group is None:
                yield entry
            else:
                yield from self.flat(group)

    def match_map(self, entries, value):
        left = {(type(k), k): v for k, v in value.items()}  # 1 is not true
        wild = []
        for low, _, key, cut, rule in self.flat(entries):
            if not cut:
                wild.append((key, rule))
            elif (int, key[1]) in left:
                if not self.match(rule, left.pop((int, key[1]))):
                    return False
            elif low > 0:
                return False
        return all(any(self.match(key, k) and self.match(rule, v)
                       for key, rule in wild) for (_, k), v in left.items())


def names_in(rule):
    if rule[0] == "name":
        yield rule[1]
        return
    for part in rule[1:]:
        if isinstance(part, tuple):
            yield from names_in(part)
        elif isinstance(part, list):
            for entry in part:
                pieces = entry[2:] if len(entry) == 5 else (entry,)
                for piece in pieces:
                    if isinstance(piece, tuple):
                        yield from names_in(piece)
