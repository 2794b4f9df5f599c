# SPDX-License-Identifier: BSD-2-Clause
"""The client against the virtual collar: link, hello, sequence numbers, forms
of requests, changes and their outcomes, the record."""

import os
import time

from bench import MODEL, SITE, check, done, fields, refused, same, test
from client import Client
from wire import (CONSTANTS, KEYS, OPS, TEXT, WRITERS, crc32c, decode, encode,
                  frame, map_fields, stuff)



def detail(field, low=None, high=None):
    return {1: field} if low is None else {1: field, 2: low, 3: high}


def item(text):
    return bytes.fromhex(text.replace(" ", ""))


# Link and frames


@test
def the_client_frames_the_example_of_the_text(bench):
    del bench
    same(crc32c(b"123456789"), 0xE3069283, "CRC-32C")
    example = TEXT.split("**`hello` request**", 1)[1]
    payload = item(example.split("\n\n    ")[2].split("\n\n")[0]
                   .replace("\n", ""))
    wanted = item(example.split("Its frame:\n\n")[1].split("\n\n")[0]
                  .replace("\n", ""))
    same(frame(payload), wanted, "frame")


@test
def frames_are_found_behind_any_garbage_and_in_any_pieces(bench):
    client = bench.unit().client
    seq = client.next()
    payload = encode([0, seq, OPS["noop"], {}])
    wrong = bytearray(frame(payload))
    wrong[3] ^= 1
    for garbage in (b"\0" * 5, b"\xff" * 700 + b"\0", b"\x05ab\0", bytes(wrong),
                    frame(bytes(2000)), bytes(range(1, 256)), b"\x01\0",
                    b"\x05\x11\x22\x33\x44\0"):
        client.send_bytes(garbage + frame(payload))
        done(client.answer("noop", seq))
    for byte in frame(payload):
        client.send_bytes(bytes([byte]))
    done(client.answer("noop", seq))
    client.send_bytes(frame(payload, lead=False) + frame(payload, lead=False))
    done(client.answer("noop", seq))
    done(client.answer("noop", seq))


@test
def a_last_piece_of_254_bytes_may_be_closed_or_not(bench):
    client = bench.unit().client
    for length in range(224, 260):
        payload = encode([0, client.next(), OPS["noop"],
                          {128: b"\x11" * length}])
        for closing in (False, True):
            client.send_bytes(frame(payload, closing=closing))
            done(client.answer("noop", client.seq))
    check(stuff(b"\x11" * 254) != stuff(b"\x11" * 254, True), "both forms")


@test
def payloads_are_taken_up_to_the_limits_of_hello_and_not_beyond(bench):
    unit = bench.unit()
    unit.stop()
    bench.run("sim", "cut", unit.name)
    unit.start(hello=False)
    client = unit.client

    def padded(length):
        seq = client.next()
        return next(payload for payload in (
            encode([0, seq, OPS["noop"], {128: bytes(room)}])
            for room in range(length - 30, length)) if len(payload) == length)

    client.seq = 70000
    for limit in (CONSTANTS["PAYLOAD_FIRST_MAX"],
                  CONSTANTS["PAYLOAD_TO_COLLAR_MAX"]):
        if limit > 256:
            same(done(client.hello(seq=80000))[KEYS["hello-answer"][
                "receive_max"]], limit, "receive_max")
        payload = padded(limit)
        same(len(payload), limit, "length")
        done(client.raw(payload))
        client.send_bytes(frame(padded(limit + 1)))
        check(client.silent(), f"{limit + 1} bytes were answered")
        done(client.call("noop"))


@test
def answers_and_entries_too_long_for_the_host_are_not_sent(bench):
    unit = bench.unit(history="1d")
    client = unit.in_service()
    done(client.change("set", fields("record", location_notes="n" * 128,
                                     description="d" * 64)))
    info = done(client.call("data-info"))
    done(client.hello(receive_max=256))
    refused(client.call("info"), "unsupported", {})
    done(client.call("noop"))
    parts, end = client.read("data-read", info[1], info[2], info[3])
    same((parts, end.name, end.result), ([], "unsupported", {}), "data-read")
    parts, end = client.read("data-read", info[1], info[2], info[3], True)
    same([index for index, _ in parts], list(range(info[3] + 1)), "headers")
    same(done(end).get(2), None, "lost")
    done(client.hello(receive_max=1056))
    done(client.change("set", fields("record", location_notes="y" * 128)))
    done(client.hello(receive_max=256))
    info = done(client.call("events-info"))
    parts, end = client.read("events-read", info[1], info[2], info[3])
    lost = done(end)[2]
    sent = [index for index, _ in parts]
    for index in range(info[2], info[3] + 1):
        check((index in sent) != any(first <= index <= last for first, last in
                                     zip(lost[::2], lost[1::2])),
              f"event {index}: sent {sent}, lost {lost}")


@test
def a_frame_that_follows_silence_begins_with_a_zero(bench):
    client = bench.unit().client
    for _ in range(3):
        time.sleep(0.05)
        client.send([0, client.next(), OPS["noop"], {}], "noop")
        same(client.link.recv(1), b"\0", "first byte")
        done(client.answer("noop", client.seq))


@test
def answers_begin_within_their_time(bench):
    client = bench.unit(history="30d").in_service()
    client.slowest_s = 0
    for op in ("noop", "status", "info", "clock", "data-info", "events-info"):
        done(client.call(op))
    done(client.change("set", fields("record", description="x")))
    done(client.change("relay-move", {1: 1}))
    done(client.change("relay-move", {1: 0}))
    print(f"# slowest answer: {1000 * client.slowest_s:.0f} ms of 250")
    check(client.slowest_s < 1, "far beyond it")


@test
def messages_of_the_collars_own_direction_are_dropped(bench):
    client = bench.unit().client
    answer = client.call("status")
    client.send_bytes(frame(answer.payload))
    client.send_bytes(frame(encode([2, client.seq, 0, b"abc"])))
    client.send_bytes(frame(encode([3, client.seq, 1, {1: 5}])))
    client.send_bytes(frame(encode([3, client.seq, 1, {1: 5}, bytes(8)])))
    client.send_bytes(frame(encode([4, client.seq, 1, {}])))
    check(client.silent(), "answered")
    done(client.call("noop"))


# Hello


@test
def hello_says_who_is_there(bench):
    client = bench.unit().client
    keys = KEYS["hello-answer"]
    seen = set()
    for _ in range(3):
        answer = done(client.hello())
        seen.add(answer[keys["unit_nonce"]])
        same(answer[keys["kind"]], 0, "kind")
        same(answer[keys["sealed"]], False, "sealed")
        same(answer[keys["send_max"]], CONSTANTS["PAYLOAD_TO_HOST_MAX"])
        same(answer[keys["capabilities"]], 1 | 2 | 4 | 1 << 16)
        check(keys["serial"] not in answer and keys["model"] not in answer)
    same(len(seen), 3, "unit nonces")


@test
def hello_takes_the_highest_common_version_or_says_its_own(bench):
    client = bench.unit().client
    same(done(client.hello(1, 255))[5], 1, "version")
    refused(client.hello(2, 3, seq=30), "version", {6: 1, 7: 1})
    refused(client.call("noop", seq=29), "seq_old", {})
    refused(client.hello(255, 255), "version", {6: 1, 7: 1})
    done(client.call("noop"))


@test
def the_same_hello_gets_the_same_answer_and_any_seq_will_do(bench):
    client = bench.unit().client
    first = client.hello(seq=2000000000)
    args = {1: first.result[1], 2: 1, 3: 1, 4: 1056}
    again = client.call("hello", args, seq=2000000000)
    same(again.payload, first.payload, "answer")
    done(client.hello(seq=5))
    same(done(client.call("noop")), {})
    done(client.hello(seq=5))


@test
def a_collar_that_heard_no_hello_takes_any_request(bench):
    unit = bench.unit()
    client = unit.cut(hello=False)
    client.seq = 41
    same(done(client.call("noop")), {})
    refused(client.call("noop", seq=40), "seq_old", {})
    answer = client.call("status")
    check(len(answer.payload) <= 256, "longer than before hello")


@test
def elective_keys_of_a_hello_are_skipped(bench):
    client = bench.unit().client
    args = {1: os.urandom(16), 2: 1, 3: 1, 4: 1056,
            128: [1, {"a": b"b"}], 4294967295: None}
    same(done(client.call("hello", args, seq=9))[1], args[1], "nonce")
    args[5] = 1
    refused(client.call("hello", args, seq=10, wrong=True),
            "unsupported_field", detail(5))
    del args[5]
    args[4] = 255
    refused(client.call("hello", args, seq=11, wrong=True), "bad_value",
            detail(4, 256, 65535))


# Sequence numbers


@test
def seq_tells_repeats_conflicts_and_old_requests_apart(bench):
    client = bench.unit().client
    args = {**fields("record", description="one"), **client.header()}
    first = client.call("set", args)
    same(done(first)[1], True, "changed")
    again = client.call("set", args, seq=client.seq)
    same(again.payload, first.payload, "kept answer")
    refused(client.call("noop", seq=client.seq), "seq_conflict", {})
    refused(client.call("noop", seq=client.seq - 1), "seq_old", {})
    again = client.call("set", args, seq=client.seq)
    same(again.payload, first.payload, "kept answer after a conflict")
    client.seq += 1000
    before = done(client.call("clock"))
    after = done(client.call("clock", seq=client.seq))
    check(after[1] >= before[1], "a repeated read is carried out anew")
    log = done(client.call("events-info"))
    parts, _ = client.read("events-read", log[1], log[2], log[3])
    kinds = [decode(data)[2] for _, data in parts]
    same(kinds.count(2), 1, "field_set events")


@test
def a_refused_request_counts_and_its_repeat_is_refused_alike(bench):
    client = bench.unit().client
    first = client.change("relay-cancel")
    refused(first, "nothing_pending", {})
    refused(client.call("noop", seq=client.seq), "seq_conflict", {})
    args = {5: 1}
    refused(client.call("noop", args, wrong=True), "unsupported_field")
    refused(client.call("noop", seq=client.seq), "seq_conflict", {})
    client.next()
    refused(client.raw(encode([0, client.seq, 0x7E, {}])), "unsupported", {})
    refused(client.raw(encode([0, client.seq, 0x7D, {}])), "seq_conflict", {})


@test
def the_last_seq_there_is_can_be_used(bench):
    client = bench.unit().client
    client.seq = 4294967294
    done(client.call("noop"))
    done(client.call("noop", seq=4294967295))
    refused(client.call("noop", seq=4294967294), "seq_old", {})
    client.raw(encode([0, 4294967296, 1, {}]), wait_s=0.3) is None
    done(client.hello(seq=3))


# The form of a request


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
            ("undefined", "01 a1 18 80 f7"),
            ("another simple value", "01 a1 18 80 e0"),
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
    done(client.raw(item(head + "01 a1 18 80" + "81" * 5 + "80"), seq=1001))


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
    for op in (0x05, 0x1F, 0x26, 0x52, 0x6F, 0x70, 0x7F, 0xFF, 0x100, 65536):
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
def required_fields_and_types_are_asked_for(bench):
    client = bench.unit().client
    refused(client.call("outcome", wrong=True), "malformed", detail(1))
    refused(client.call("outcome", {1: "abcdefgh"}, wrong=True), "malformed",
            detail(1))
    refused(client.call("outcome", {1: b"abcdefg"}, wrong=True), "bad_value",
            detail(1, 8, 8))
    refused(client.change("relay-move", wrong=True), "malformed", detail(1))
    refused(client.change("tag", wrong=True), "malformed", detail(1))
    refused(client.change("tag", {1: ""}, wrong=True), "bad_value",
            detail(1, 1, 64))
    for name in ("id", "holder"):
        refused(client.change("relay-cancel", wrong=True, **{name: None}),
                "malformed", detail(KEYS["plain-change"][name]))
    refused(client.change("relay-cancel", wrong=True, id=bytes(7)),
            "bad_value", detail(62, 8, 8))
    refused(client.change("relay-cancel", wrong=True, holder="x" * 33),
            "bad_value", detail(63, 1, 32))
    refused(client.change("relay-cancel", wrong=True, holder=""),
            "bad_value", detail(63, 1, 32))
    refused(client.change("relay-cancel", holder="a\u009fb"), "bad_value")
    refused(client.change("relay-cancel", wrong=True, hardware_id=bytes(7)),
            "bad_value", detail(61, 8, 16))


def limits(text):
    low, _, high = text.partition("..")
    return int(low), int(high or low)


def outside(kind, low, high):
    """Values that the range of a field does not allow."""
    word = kind.split()[0]
    if word in ("uint", "int"):
        return [high + 1, low - 1]
    if word == "text":
        return ["1" * (high + 1)] + (["1" * (low - 1)] if low else [])
    if word == "texts":
        return [["1" * (high + 1)], ["ok", ""]]
    return [b"1" * (high + 1)]


@test
def every_limit_of_the_record_is_kept_and_named(bench):
    client = bench.unit().client
    for key, name, kind, span, *_ in map_fields("record"):
        if WRITERS[name] == "nobody":
            continue
        low, high = limits(span)
        for value in outside(kind, low, high):
            answer = client.change("set", {key: value}, wrong=True)
            check(answer.name == "bad_value", f"{name} {value!r}: {answer}")
            same(answer.result, detail(key, low, high), f"{name} {value!r}")
        for value in (None, True, {}):
            answer = client.change("set", {key: value}, wrong=True)
            check(answer.name == "malformed", f"{name} {value!r}: {answer}")
            same(answer.result, detail(key), f"{name} {value!r}")
    same(done(client.call("data-info"))[7], 15, "sample_minutes")


@test
def every_rule_of_a_text_is_kept(bench):
    client = bench.unit().client
    for name, bad in (
            ("serial", "A B"), ("serial", "A.B"), ("serial", "\u00e9"),
            ("state", "XX"), ("state", "ca"), ("zip", "9561"),
            ("zip", "95616-"), ("zip", "95616-123"), ("zip", "9561A"),
            ("zip", "95616 1234"), ("address", "a\x1fb"), ("city", "a\nb"),
            ("city", "\x7f"), ("description", "\u0080"), ("tags", ["a\tb"]),
            ("premises_id", "a\0b"), ("location_notes", "\u009f"),
            ("model", "S-B-5-02-IH-10-61A"), ("model", "s-B-5-02-IH-10-60A"),
            ("model", "C-B-5-22-40"), ("model", "BPTM-731"),
            ("model", "S-B-4-02-IH-10-60A"), ("sample_minutes", 7),
            ("sample_minutes", 59), ("sample_minutes", 0)):
        answer = client.change("set", {KEYS["record"][name]: bad}, wrong=True)
        check(answer.name == "bad_value", f"{name} {bad!r}: {answer}")
        same(answer.result.get(1), KEYS["record"][name], f"{name} {bad!r}")
    for name, good in (
            ("state", "AS"), ("state", "GU"), ("zip", "95616-1234"),
            ("serial", "a-Z_0"), ("city", "Espa\u00f1ola"), ("tags", []),
            ("description", ""), ("model", "S-T-5-12-JC-22-15A")):
        done(client.change("set", {KEYS["record"][name]: good}))
        same(done(client.call("info"))[KEYS["record"][name]], good, name)
        done(client.hello())
    record = done(client.call("info"))
    same((record[4], record[23]), (1, 1), "meter form and modem of the model")


@test
def fields_that_nobody_may_write_are_not_permitted(bench):
    client = bench.unit().client
    values = {"hardware_id": bytes(8), "meter_form": 1,
              "firmware_version": "9", "installer": "me", "installed_at": 1,
              "created_at": 1, "updated_at": 1, "comms.imei": "1",
              "comms.sim": "1", "comms.ip": "1"}
    for name, writer in WRITERS.items():
        if writer == "nobody":
            key = KEYS["record"][name]
            refused(client.change("set", {key: values[name]}),
                    "not_permitted", detail(key))


# Changes


@test
def a_change_names_the_unit_it_is_meant_for(bench):
    unit = bench.unit()
    client = unit.client
    hardware_id = client.unit["hardware_id"]
    text = fields("record", description="x")
    for wrong in ({"hardware_id": None}, {"hardware_id": bytes(8)},
                  {"unit": "INT0001"}, {"hardware_id": hardware_id[:-1]},
                  {"unit": "INT0001", "hardware_id": hardware_id}):
        answer = client.change("set", text, **wrong)
        check(answer.name == "wrong_unit", f"{wrong}: {answer}")
    done(client.change("set", fields("record", serial="INT0001")))
    for wrong in ({"hardware_id": None}, {"unit": "INT0002"},
                  {"hardware_id": bytes(8)},
                  {"unit": "INT0002", "hardware_id": hardware_id}):
        wrong = {"hardware_id": None, **wrong}
        answer = client.change("set", text, **wrong)
        check(answer.name == "wrong_unit", f"{wrong}: {answer}")
    for right in ({"unit": "INT0001", "hardware_id": None},
                  {"hardware_id": hardware_id},
                  {"unit": "INT0001", "hardware_id": bytes(8)}):
        done(client.change("set", text, **right))


@test
def a_change_id_is_done_once_and_its_outcome_kept(bench):
    unit = bench.unit()
    client = unit.client
    ident = os.urandom(8)
    same(done(client.call("outcome", {1: ident})), {1: 1}, "not seen")
    refused(client.change("set", {17: 9}, wrong=True, id=ident), "bad_value")
    same(done(client.call("outcome", {1: ident})), {1: 1}, "refused")
    first = client.change("set", fields("record", description="x"), id=ident)
    same(done(first), {1: True, 2: 0})
    for _ in range(2):
        again = client.change("set", fields("record", description="x"),
                              id=ident)
        same(done(again), {1: True, 2: 0}, "answered as it was")
        refused(client.change("unprovision", id=ident), "seq_conflict", {})
        outcome = done(client.call("outcome", {1: ident}))
        same(outcome, {1: 0, 2: OPS["set"], 3: 0, 4: encode(first.result)})
        client = unit.cut()
    for count in range(8):
        same(done(client.call("outcome", {1: ident}))[1], 0,
             f"after {count} more changes")
        done(client.change("set", fields("record", description=str(count))))
    same(done(client.call("outcome", {1: ident})), {1: 1}, "the ninth last")


@test
def the_kept_answer_of_a_change_outlives_reads_of_its_bytes(bench):
    unit = bench.unit()
    client = unit.client
    seq = client.next()
    payload = encode([0, seq, OPS["set"], {
        **fields("record", description="kept"), **client.header()}])
    first = client.raw(payload, "set")
    for _ in range(3):
        same(client.raw(payload, "set").payload, first.payload, "answer")


# The record


@test
def set_is_done_whole_or_not_at_all_and_logged_field_by_field(bench):
    client = bench.unit().client
    refused(client.change("set", fields("record", description="x", city="y",
                                        state="ZZ")), "bad_value")
    info = done(client.call("info"))
    check(16 not in info and 10 not in info and 21 not in info, info)
    values = fields("record", description="x", city="y", tags=["a", "b"],
                    latitude=-90000000, longitude=180000000)
    same(done(client.change("set", values)), {1: True, 2: 0})
    same(done(client.change("set", values)), {1: False, 2: 0})
    info = done(client.call("info"))
    same({key: info[key] for key in values}, values, "record")
    check(info[21] == info[22] > 1700000000, "created_at, updated_at")
    log = done(client.call("events-info"))
    parts, _ = client.read("events-read", log[1], log[2], log[3])
    sets = [decode(data) for _, data in parts if decode(data)[2] == 2]
    same(sorted(event[5] for event in sets),
         sorted(["description", "city", "tags", "latitude", "longitude"]))
    for event in sets:
        same((event[3], event[4]), (4, "Interop"), "role and holder")
    same(done(client.change("set")), {1: False, 2: 0}, "an empty set")


@test
def a_record_as_long_as_can_be_is_written_and_read(bench):
    unit = bench.unit()
    client = unit.client
    wide = {}
    for key, name, kind, span, *_ in map_fields("record"):
        if WRITERS[name] == "nobody":
            continue
        low, high = limits(span)
        wide[key] = {"uint": high, "int": low}.get(kind.split()[0])
        if kind.startswith("texts"):
            wide[key] = ["t" * high] * 8
        elif kind.startswith("text"):
            wide[key] = "w" * high
    wide.update(fields("record", sample_minutes=60, state="CA",
                       zip="95616-1234", model="S-T-5-12-IH-22-80A"))
    text = {key: wide.pop(key) for key in list(wide) if key in (15, 16, 18)}
    done(client.change("set", wide))
    done(client.hello())
    done(client.change("set", text))
    info = done(client.call("info"))
    same({key: info[key] for key in {**wide, **text}}, {**wide, **text})
    client.change("set", fields("record", location_notes="\u00fc" * 64))
    same(done(client.call("info"))[15], "\u00fc" * 64, "128 bytes of UTF-8")


# Provisioning


@test
def provisioning_goes_by_the_text(bench):
    unit = bench.unit()
    client = unit.client
    same(done(client.change("provision", fields(
        "record", serial="INT0001", model=MODEL))), {1: True, 2: 0})
    client.unit = {"unit": "INT0001"}
    left = dict(SITE)
    for name in SITE:
        one = {key: value for key, value in SITE.items() if key != name}
        answer = client.change("provision", fields("record", **one))
        refused(answer, "bad_value")
        same(answer.result[1], KEYS["record"][name], "first one missing")
    refused(client.change("provision", fields("record", zip="95616")),
            "bad_value")
    check(12 not in done(client.call("info")), "something was written")
    same(done(client.change("provision", fields("record", **left))),
         {1: True, 2: 1})
    client = unit.later("1m")
    status = done(client.call("status"))
    same(status[1], 4, "operational")
    same(status[4], 0, "the relay was not moved")
    same(done(client.change("provision", fields("record", **SITE))),
         {1: False, 2: 4})
    refused(client.change("provision", fields("record", city="Dixon")),
            "already_provisioned")
    info = done(client.call("info"))
    same(info[19], "Interop", "installer")
    check(20 in info, "installed_at")
    same(done(client.change("unprovision")), {1: True, 2: 0})
    same(done(client.change("unprovision")), {1: False, 2: 0})
    info = done(client.call("info"))
    check(not set(info) & {8, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20}, info)
    same((info[1], info[3]), ("INT0001", MODEL), "identity")


@test
def a_unit_without_coverage_fails_after_five_minutes_and_recovers(bench):
    unit = bench.unit(coverage="off")
    client = unit.client
    same(done(client.change("provision", fields("record", **SITE)))[2], 1)
    client = unit.later("4m")
    same(done(client.change("provision", fields("record", **SITE))),
         {1: False, 2: 1}, "the same values meanwhile")
    same(done(client.change("provision", fields("record", city="Dixon"))),
         {1: True, 2: 1}, "other values")
    client = unit.later("4m")
    same(done(client.call("status"))[1], 1, "the minutes begin anew")
    client = unit.later("2m")
    status = done(client.call("status"))
    same(status[1], 2, "provisioning_error")
    check(status[2] & 1 << 6 and status[2] & 1 << 4, hex(status[2]))
    client = unit.later("10m", "coverage=on")
    same(done(client.call("status"))[1], 4, "operational")


@test
def a_flipped_unit_refuses_to_be_provisioned(bench):
    client = bench.unit(orientation="flipped").client
    refused(client.change("provision", fields("record", **SITE)), "flipped",
            {4: 2})
    status = done(client.call("status"))
    same((status[1], status[17]), (3, "FLIPPED"), "status")
    done(client.change("set", fields("record", description="x")))


@test
def two_links_speak_to_one_unit(bench):
    unit = bench.unit()
    unit.client.close()
    client = Client(unit.socket)
    done(client.hello())
    same(done(client.call("noop")), {})
    client.close()
    unit.client = Client(unit.socket)
    done(unit.client.hello())
