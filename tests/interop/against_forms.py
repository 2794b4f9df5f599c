# SPDX-License-Identifier: BSD-2-Clause
"""The client against the virtual collar: forms of requests."""

import os

from acts import detail, item
from bench import check, done, fields, refused, same, test
from wire import KEYS, OPS, encode, frame


@test
def what_is_not_deterministic_is_malformed_and_sets_no_seq(bench):
    client = bench.unit().client
    client.hello(seq=1000)
    client.seq = 1001
    head = "84 00 19 03e9 "
    for name, body in (
            ("a long head", "18 01 a0"), ("an indefinite map", "01 bf ff"),
            ("an indefinite text", "01 a1 18 80 7f 61 61 ff"),
            ("keys that do not ascend", "01 a2 18 81 00 18 80 00"),
            ("a key twice", "01 a2 18 80 00 18 80 00"),
            ("invalid UTF-8", "01 a1 18 80 61 ff"),
            ("a surrogate", "01 a1 18 80 63 eda080"),
            ("floating point", "01 a1 18 80 f9 0000"),
            ("a CBOR tag", "01 a1 18 80 c0 00"),
            ("a simple value of two bytes", "01 a1 18 80 f820"),
            ("something behind the item", "01 a0 00"),
            ("an item cut short", "01"),
            ("a map cut short", "01 a1 18 80"),
            ("a map as the operation", "a0 a0"),
            ("an array as the arguments", "01 80"),
            ("null as the arguments", "01 f6"),
            ("an operation beyond 32 bits", "1b 0000000100000000 a0"),
            ("a string beyond the end", "01 a1 18 80 5b ffffffffffffffff"),
            ("nesting too deep", "01 a1 18 80" + "81" * 7 + "00")):
        answer = client.raw(item(head + body), seq=1001)
        check(answer is not None and answer.name == "malformed",
              f"{name}: {answer}")
        same(answer.result, {}, name)
    for body in ("81" * 5 + "80", "f7", "e0"):
        done(client.raw(item(head + "01 a1 18 80" + body), seq=1001))
        client.hello(seq=1000)


@test
def a_key_that_is_no_32_bit_number_is_malformed(bench):
    client = bench.unit().client
    for key in ("a", -1, b"", 4294967296, None, False):
        seq = client.next()
        answer = client.raw(encode([0, seq, OPS["noop"], {key: 0}]))
        check(answer.name == "malformed", f"{key!r}: {answer}")
        same(answer.result, {}, f"detail of {key!r}")


@test
def what_has_no_head_of_a_request_is_not_answered(bench):
    client = bench.unit().client
    for text in ("00", "83 00 19 03 e9 01", "86 00 01 01 a0 00 00",
                 "a0", "84 01 01 01 ff", "84 20 01 01 a0", "84 00 20 01 a0",
                 "84 00 1b 00 00 00 01 00 00 00 00 01 a0", "84", "84 00",
                 "9f 00 01 01 a0 ff", "84 00 61 61 01 a0", "f6", "ff"):
        client.send_bytes(frame(item(text)))
    check(client.silent(), "answered")
    done(client.call("noop"))


@test
def an_unknown_operation_is_unsupported(bench):
    client = bench.unit().client
    for op in (0x05, 0x1F, 0x26, 0x52, 0x6F, 0x72, 0x7F, 0xFF, 0x100, 65536):
        seq = client.next()
        refused(client.raw(encode([0, seq, op, {}])), "unsupported", {})


@test
def a_tagged_request_is_answered_no_session_and_does_not_count(bench):
    client = bench.unit().client
    seq = client.next()
    refused(client.raw(encode([0, seq, 1, {}, bytes(8)])), "no_session", {})
    done(client.call("noop", seq=seq))
    client.next()
    for tag in (bytes(7), bytes(9), 8, None):
        refused(client.raw(encode([0, client.seq, 1, {}, tag])), "malformed",
                {})
    done(client.call("noop", seq=client.seq))


@test
def unknown_critical_keys_refuse_and_elective_ones_are_skipped(bench):
    client = bench.unit().client
    for key in (1, 59, 60, 127):
        refused(client.call("noop", {key: 0}, wrong=True),
                "unsupported_field", detail(key))
        refused(client.call("status", {key: 0}, wrong=True),
                "unsupported_field", detail(key))
    done(client.call("noop", {128: -1, 4294967295: {1: [b"", "", False]}}))
    for key in (28, 59, 64, 127):
        refused(client.change("set", {**fields("record", description="no"),
                                      key: 1}, wrong=True),
                "unsupported_field", detail(key))
    check(16 not in done(client.call("info")), "something was written")
    done(client.change("set", {**fields("record", description="yes"),
                               128: [["no"]], 200: None}))
    same(done(client.call("info"))[16], "yes", "description")


@test
def a_holder_is_printable(bench):
    client = bench.unit().client
    for holder in ("a\u009fb", "\0", "a\x7f", "\n"):
        answer = client.change("relay-cancel", holder=holder)
        refused(answer, "bad_value")
        same(answer.result[1], KEYS["plain-change"]["holder"], "key")


@test
def what_stands_in_the_way_is_looked_for_in_the_order_of_the_text(bench):
    """One request with every fault, taken off it one by one."""
    client = bench.unit().client
    ident = os.urandom(8)
    done(client.change("set", fields("record", description="x"), id=ident))
    seq = client.seq
    other = {"hardware_id": None, "unit": "OTHER-1", "id": ident,
             "holder": "Interop"}
    header = {KEYS["plain-change"][name]: value
              for name, value in other.items() if value is not None}
    wrong = {1: 9, **header}  # a position that there is not
    op = OPS["relay-move"]

    def answer(*message, tail=b""):
        return client.raw(encode(list(message)) + tail, "relay-move",
                          seq=message[1])

    refused(answer(0, seq - 1, 999, wrong, bytes(8), tail=b"\0"),
            "malformed", {})
    refused(answer(0, seq - 1, 999, wrong, bytes(8)), "no_session", {})
    refused(answer(0, seq - 1, 999, wrong), "seq_old", {})
    refused(answer(0, seq, 999, wrong), "seq_conflict", {})
    refused(answer(0, seq + 1, 999, wrong), "unsupported", {})
    refused(answer(0, seq + 2, op, wrong), "bad_value", detail(1, 0, 1))
    wrong[1] = 0
    refused(answer(0, seq + 3, op, {**wrong, 3: 1}), "wrong_unit", {})
    header = client.header(id=ident)
    refused(answer(0, seq + 4, op, {1: 0, 3: 1, **header}), "seq_conflict",
            {})
    header = client.header()
    refused(answer(0, seq + 5, op, {1: 0, 3: 1, **header}), "bad_value")
