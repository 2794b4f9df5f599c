# SPDX-License-Identifier: BSD-2-Clause
"""The client against the virtual collar: frames and limits of the link."""

import time

from acts import item
from bench import check, done, fields, refused, same, test
from wire import CONSTANTS, KEYS, OPS, TEXT, crc32c, encode, frame, stuff


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
    for garbage in (b"\0" * 5, b"\xff" * 700 + b"\0", b"\x05ab\0",
                    bytes(wrong), frame(bytes(2000)), bytes(range(1, 256)),
                    b"\x01\0",
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
def silence_inside_a_frame_ends_nothing(bench):
    for link in ("unix", "pty"):
        client = bench.unit(link).client
        payload = encode([0, client.next(), OPS["noop"], {128: bytes(3)}])
        for byte in frame(payload):
            client.send_bytes(bytes([byte]))
            time.sleep(0.03)
        done(client.answer("noop", client.seq))


@test
def requests_in_one_write_are_answered_one_after_the_other(bench):
    client = bench.unit().client
    names = ["noop", "status", "info", "clock", "data-info", "events-info"]
    seqs = [client.next() for _ in names]
    client.send_bytes(b"".join(
        frame(encode([0, seq, OPS[name], {}]), lead=False)
        for name, seq in zip(names, seqs)))
    for name, seq in zip(names, seqs):
        done(client.answer(name, seq))


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
        same(client.link.receive(1), b"\0", "first byte")
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
