# SPDX-License-Identifier: BSD-2-Clause
"""The validator that every message goes through, and collar.cddl itself: what
must be refused is, construct by construct and field by field."""

import cddl
from bench import check, same, test
from values import bounds, least, outside, strangers
from wire import (ARGS, CREDIT, KEYS, OPS, PART, REQUEST, RESPONSE, RESULT,
                  SCHEMA, map_fields)

# A grammar whose rule is m, what it takes, and what it does not.
CONSTRUCTS = (
    ("m = 3", [3], [2, 4, -3, True, "3", b"\3", None, [3], {3: 3}]),
    ("m = 1", [1], [True, 0, False]),
    ("m = 0", [0], [False, 1, b"", "", None]),
    ("m = -7", [-7], [7, -8]),
    ("m = 0x1F", [31], [0x1E, 1]),
    ("m = 2..5", [2, 5], [1, 6, -2, True, "3", 3.0]),
    ("m = -5..5", [-5, 0, 5], [-6, 6, False]),
    ("m = any", [0, "", b"", [], {}, None, True], []),
    ("m = uint", [0, 2**64 - 1], [-1, True, "1", None]),
    ("m = int", [0, -1, 2**63], [False, "1", 1.0]),
    ("m = text", ["", "x"], [b"x", 1, None]),
    ("m = bytes", [b"", b"x"], ["x", 1, None]),
    ("m = bool", [True, False], [0, 1, None, "true"]),
    ("m = bytes .size 2", [b"ab"], [b"a", b"abc", "ab", 2]),
    ("m = bytes .size (1..3)", [b"a", b"abc"], [b"", b"abcd"]),
    ("m = text .size 2", ["ab", "\u00fc"], ["a", "\u00fcb", b"ab"]),
    ("m = text .size (0..3)", ["", "abc", "\u20ac"], ["abcd", "\u20aca"]),
    ("m = uint .size 2", [0, 65535], [65536, -1]),
    ("m = 1 / text / [2]", [1, "", [2]], [2, b"", [1], []]),
    ("m = n / 5\nn = 1 / 2", [1, 2, 5], [3]),
    ("m = (1 / 2)", [1, 2], [3, [1]]),
    ("m = [1, text]", [[1, ""]], [[], [1], ["", 1], [1, "", 1], {}, 1]),
    ("m = []", [[]], [[1], {}, None]),
    ("m = [1, ? 2, 3]", [[1, 2, 3], [1, 3]], [[1, 2], [1, 2, 2, 3], [3]]),
    ("m = [? 1, 1]", [[1], [1, 1]], [[], [1, 1, 1]]),
    ("m = [* uint, 1]", [[1], [5, 1], [1, 1, 1]], [[], [5], [1, ""]]),
    ("m = [+ uint]", [[1], [1, 2]], [[], [""], [1, ""]]),
    ("m = [2*3 uint]", [[1, 2], [1, 2, 3]], [[1], [1, 2, 3, 4], [1, ""]]),
    ("m = [0*2 text .size (1..2)]", [[], ["a", "bb"]],
     [["a", "b", "c"], [""], ["ccc"], [1]]),
    ("m = [0*2 (a: uint, b: text)]", [[], [1, "x"], [1, "x", 2, "y"]],
     [[1], ["x", 1], [1, "x", 2], [1, "x", 2, "y", 3, "z"]]),
    ("m = [g, 3]\ng = (1, 2)", [[1, 2, 3]], [[1, 3], [[1, 2], 3]]),
    ("m = [[1], {2: 3}]", [[[1], {2: 3}]], [[1, {2: 3}], [[1], {2: 4}]]),
    ("m = {}", [{}], [{1: 1}, [], None]),
    ("m = {1: uint}", [{1: 0}],
     [{}, {1: ""}, {2: 0}, {1: 0, 2: 0}, {True: 0}, [1, 0]]),
    ("m = {? 1: uint, 2: text}", [{2: ""}, {1: 0, 2: ""}],
     [{}, {1: 0}, {1: "", 2: ""}]),
    ("m = {1: uint, * uint => any}", [{1: 0}, {1: 0, 2: "x"}],
     [{}, {2: 0}, {1: ""}, {1: 0, "x": 0}, {1: 0, -1: 0}, {1: 0, False: 0}]),
    ("m = {? 1: uint, * 0..9 => text}", [{}, {1: 1}, {2: "", 9: ""}],
     [{1: ""}, {10: ""}, {2: 0}]),
    ("m = {g, 3: 3}\ng = (1: 1, ? 2: 2)", [{1: 1, 3: 3}, {1: 1, 2: 2, 3: 3}],
     [{3: 3}, {1: 1}, {1: 1, 2: 0, 3: 3}, {1: 1, 3: 3, 4: 4}]),
    ("m = {1: {2: [* uint]}}", [{1: {2: []}}, {1: {2: [1]}}],
     [{1: {}}, {1: {2: [""]}}, {1: [2]}]),
    ("; a comment\nm = 1 ; and another\n", [1], [2]),
)
NO_GRAMMARS = (
    "m = ", "m = [", "m = [1", "m = {1: }", "m = }", "m 1", "= 1", "m = n",
    "m = 1\nm = 2", "m = {1: n}", "m = [* n]", "m = text .regexp 1",
    "m = %", "m = 'x'", "m = text .size n", "m = 1 /", "m = (1", "m = {n}",
    "m = {* n => any}")


@test
def every_construct_takes_what_it_should_and_no_more(_):
    for grammar, good, bad in CONSTRUCTS:
        schema = cddl.Schema(grammar)
        for value in good:
            check(schema.accepts("m", value), f"{grammar!r} not {value!r}")
        for value in bad:
            check(not schema.accepts("m", value), f"{grammar!r}: {value!r}")


@test
def what_is_no_grammar_is_refused(_):
    for grammar in NO_GRAMMARS:
        try:
            cddl.Schema(grammar)
        except cddl.CddlError:
            continue
        check(False, f"taken: {grammar!r}")


@test
def every_rule_of_the_grammar_is_used(_):
    used, todo = set(), ["message", "event"]
    while todo:
        name = todo.pop()
        if name in SCHEMA.rules and name not in used:
            used.add(name)
            todo += cddl.names_in(SCHEMA.rules[name])
    same(set(SCHEMA.rules) - used, set(), "rules that nothing uses")


# collar.cddl against the tables of the text


def only(name, good, bad, why):
    """The map of that name takes what is good, and not what is bad."""
    for value in good:
        check(SCHEMA.accepts(name, value), f"{why}: refused: {value!r}")
    for value in bad:
        check(not SCHEMA.accepts(name, value), f"{why}: taken: {value!r}")


@test
def every_map_takes_its_fields_within_their_limits_only(_):
    for name in KEYS:
        base = least(name)
        only(name, [base], [], name)
        for key, field, kind, span, _, need, *_ in map_fields(name):
            wrong = [*outside(kind, span), *strangers(kind)]
            only(name, [{**base, key: value} for value in bounds(kind, span)],
                 [{**base, key: value} for value in wrong], f"{name} {field}")
            if need == "required":
                without = {k: v for k, v in base.items() if k != key}
                only(name, [], [without], f"{name} without {field}")


@test
def every_map_takes_unknown_keys_as_the_text_says(_):
    asked = {*ARGS.values(), "credit"} - {"nothing"}
    for name in KEYS:
        base = least(name)
        known = set(KEYS[name].values())
        critical = [{**base, key: 0} for key in (0, 59, 64, 127)
                    if key not in known]
        elective = [{**base, key: [{"x": None}]}
                    for key in (128, 4294967295)]
        keys = [{**base, key: 0}
                for key in (-1, "x", b"", 2**32, None, False)]
        if name in asked:
            only(name, elective, critical + keys, name)
        else:
            only(name, elective + critical, keys, name)


def variants(message):
    """A message made wrong in each of its elements."""
    direction, seq, what, body = message
    for other in set(range(5)) - {direction}:
        yield [other, seq, what, body]
    for bad in (-1, 2**32, True, "1", None):
        yield [direction, bad, what, body]
        yield [direction, seq, bad, body]
    for bad in (0, "x", None, [body], [{}], True):
        yield [direction, seq, what, bad]
    yield message[:3]
    yield [*message, b"12345678", 0]
    for tag in (b"1234567", b"123456789", "12345678", 8, None):
        yield [*message, tag]
    yield {0: direction, 1: seq}


def message_only(rule, message):
    for value in (message, [*message, b"12345678"]):
        only(rule, [value], [], rule)
        only("message", [value], [], rule)
    only(rule, [], variants(message), rule)


@test
def every_request_and_response_is_of_its_form_only(_):
    for op, code in OPS.items():
        request = [REQUEST, 1, code, least(ARGS[op])]
        message_only(f"{op}-request", request)
        others = [[REQUEST, 1, other, request[3]] for other in range(256)
                  if other != code]
        only(f"{op}-request", [], others, op)
        response = [RESPONSE, 1, 0, least(RESULT[op])]
        message_only(f"{op}-response", response)
        only(f"{op}-response", [], [[RESPONSE, 1, status, response[3]]
                                    for status in (1, 99)], op)


@test
def parts_credits_and_refusals_are_of_their_form_only(_):
    message_only("part", [PART, 1, 0, b"x"])
    only("part", [[PART, 1, 0, bytes(1024)]],
         [[PART, 1, 0, b""], [PART, 1, 0, bytes(1025)]], "part")
    message_only("credit-message", [CREDIT, 1, 1, {1: 0}])
    only("credit-message", [[CREDIT, 1, 1, {1: 0, 2: [1, 2] * 8}]],
         [[CREDIT, 1, 1, {1: 0, 2: [1, 2] * 9}],
          [CREDIT, 1, 1, {1: 0, 2: [1]}]], "credit")
    message_only("refusal", [RESPONSE, 1, 99, {}])
    only("refusal", [[RESPONSE, 1, 1, {}]],
         [[RESPONSE, 1, 0, {}], [RESPONSE, 1, 100, {}]], "refusal")
