# SPDX-License-Identifier: BSD-2-Clause
"""The client against the virtual collar: hello and sequence numbers."""

import os

from acts import detail
from bench import check, done, fields, refused, same, test
from client import Client
from wire import CONSTANTS, KEYS, decode, encode


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


@test
def two_links_speak_to_one_unit(bench):
    unit = bench.unit()
    unit.client.close()
    client = Client(unit.port)
    done(client.hello())
    same(done(client.call("noop")), {})
    client.close()
    unit.client = Client(unit.port)
    done(unit.client.hello())


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
