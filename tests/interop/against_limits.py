# SPDX-License-Identifier: BSD-2-Clause
"""The client against a virtual collar: every field of every request, at its
limits and beyond them."""

from bench import check, done, refused, same, test
from values import (bounds, least, outside, span_of, strangers,
                    widest_writable)
from wire import ARGS, CHANGES, KEYS, WRITERS, map_fields


def requests():
    """Every op but hello, with its map and the rows of its fields."""
    return [(op, map_fields(name)) for op, name in ARGS.items()
            if op != "hello" and name != "nothing"]


def arguments(client, op, key=None, value=None):
    """The least arguments of op, meant for this unit, with one value set."""
    args = least(ARGS[op])
    if op in CHANGES:
        args.update(client.header())
    if key is not None:
        args[key] = value
    return args


@test
def every_required_field_is_asked_for(bench):
    client = bench.unit().client
    for op, rows in requests():
        for key, name, _, _, _, need, *_ in rows:
            if need != "required":
                continue
            args = arguments(client, op)
            del args[key]
            answer = client.call(op, args, wrong=True)
            check(answer.name == "malformed", f"{op} without {name}: {answer}")
            same(answer.result, {1: key}, f"{op} without {name}")


@test
def every_field_of_another_type_is_malformed(bench):
    client = bench.unit().client
    for op, rows in requests():
        for key, name, kind, *_ in rows:
            for value in strangers(kind):
                answer = client.call(op, arguments(client, op, key, value),
                                     wrong=True)
                check(answer.name == "malformed",
                      f"{op} {name} {value!r}: {answer}")
                same(answer.result, {1: key}, f"{op} {name} {value!r}")


@test
def every_value_out_of_its_range_is_refused_with_the_limits(bench):
    client = bench.unit().client
    for op, rows in requests():
        for key, name, kind, span, *_ in rows:
            for value in outside(kind, span):
                answer = client.call(op, arguments(client, op, key, value),
                                     wrong=True)
                low, high = span_of(span)
                check(answer.name == "bad_value",
                      f"{op} {name} {value!r}: {answer}")
                same(answer.result, {1: key, 2: low, 3: high},
                     f"{op} {name} {value!r}")


@test
def every_value_at_its_limits_is_of_the_right_form(bench):
    """What then becomes of it is another question: it may be refused, but
    not for its form, nor with the limits of its range."""
    client = bench.unit().client
    unit = client.unit
    for op, rows in requests():
        for key, name, kind, span, *_ in rows:
            for value in bounds(kind, span):
                client.unit = unit  # by its hardware id, whatever was set
                args = arguments(client, op, key, value)
                answer = client.call(op, args)
                check(answer.name not in ("malformed", "unsupported_field"),
                      f"{op} {name} {value!r}: {answer}")
                if answer.name == "bad_value" and key == answer.result.get(1) \
                        and 3 in answer.result:
                    check((answer.result[2], answer.result[3]) !=
                          span_of(span), f"{op} {name} {value!r}: {answer}")


@test
def fields_that_nobody_may_write_are_refused_by_both_who_write(bench):
    client = bench.unit().client
    for op in ("set", "provision"):
        for key, name, kind, span, *_ in map_fields("record"):
            if WRITERS[name] != "nobody":
                continue
            for value in bounds(kind, span):
                refused(client.call(op, arguments(client, op, key, value)),
                        "not_permitted", {1: key})


@test
def a_provisioning_writes_every_field_that_may_be_written(bench):
    client = bench.unit().client
    wide, text = widest_writable()
    record = KEYS["record"]
    shop = {key: wide.pop(key) for key in
            (record["serial"], record["model"], record["sample_minutes"])}
    for part in (shop, text):
        same(done(client.change("provision", part)), {1: True, 2: 0})
        done(client.hello())
    same(done(client.change("provision", wide)), {1: True, 2: 1}, "answer")
    info = done(client.call("info"))
    wide = {**wide, **shop, **text}
    same({key: info[key] for key in wide}, wide, "record")


@test
def the_first_fault_in_the_order_of_keys_is_named(bench):
    client = bench.unit().client
    wrong = {8: "", 9: 5, 11: "ZZ", 100: 1}
    for missing in ((), (62,), (62, 63)):
        args = {**arguments(client, "set"), **wrong}
        for key in missing:
            del args[key]
        refused(client.call("set", args, wrong=True), "bad_value",
                {1: 8, 2: 1, 3: 32})
    args.pop(8)
    refused(client.call("set", args, wrong=True), "malformed", {1: 9})
    args.pop(9)
    answer = client.call("set", args, wrong=True)
    refused(answer, "bad_value")
    same(answer.result[1], 11, "key")
    args.pop(11)
    refused(client.call("set", args, wrong=True), "unsupported_field",
            {1: 100})
    args.pop(100)
    refused(client.call("set", args, wrong=True), "malformed", {1: 62})


@test
def unknown_keys_of_every_request_go_by_their_number(bench):
    client = bench.unit().client
    for op, rows in requests():
        known = {row[0] for row in rows}
        unknown = [key for key in (0, 28, 59, 64, 127) if key not in known]
        for key in unknown:
            args = arguments(client, op, key, [{1: None}])
            refused(client.call(op, args, wrong=True), "unsupported_field",
                    {1: key})
        for key in (128, 65536, 4294967295):
            args = arguments(client, op, key, [{1: [b"", "", False, -1]}])
            answer = client.call(op, args)
            wrong = {"malformed", "unsupported_field", "unsupported"}
            if op == "link-baud":  # there is no rate on a socket
                wrong.remove("unsupported")
            check(answer.name not in wrong, f"{op} {key}: {answer}")


@test
def every_request_is_made_with_the_smallest_limit(bench):
    client = bench.unit(history="1d").client
    done(client.hello(receive_max=256))
    for op, _ in requests():
        answer = client.call(op, arguments(client, op))
        check(len(answer.payload) <= 256, f"{op}: {answer}")
    for op, name in ARGS.items():
        if name == "nothing":
            answer = client.call(op)
            check(len(answer.payload) <= 256 and
                  answer.name in ("ok", "unsupported"), f"{op}: {answer}")
