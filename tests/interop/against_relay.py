# SPDX-License-Identifier: BSD-2-Clause
"""The client against the virtual collar: relay, tag-out, test mode, clock,
streams of interval data and events."""

import os
import signal
import time

from bench import check, done, fields, refused, same, test
from wire import (CONDITIONS, EVENTS, FLAGS, OPS, Block, WireError, conform,
                  decode)

OPEN, SHUT = 0, 1
NOW, TOP, AT = 0, 1, 2
LIMIT_S = 20


def move(client, position, **more):
    header = {name: more.pop(name) for name in ("id", "holder", "unit")
              if name in more}
    return client.change("relay-move", fields(
        "relay-move", position=position, **more), **header)


def moved(answer, changed, state):
    result = done(answer)
    same((result[1], result[2], result[3]), (changed, state, state),
         "changed, state, feedback")
    return {key: value for key, value in result.items() if key > 3}


def state(client):
    return done(client.call("status"))


def now_s(client):
    return done(client.call("clock"))[1] // 1000


def events(client):
    info = done(client.call("events-info"))
    parts, end = client.read("events-read", info[1], info[2], info[3])
    done(end)
    same([index for index, _ in parts],
         list(range(info[2], info[3] + 1)), "indices of the events")
    return [decode(data) for _, data in parts]


def kinds(client):
    names = {number: name for name, number in EVENTS.items()}
    return [names[event[2]] for event in events(client)]


def settled(client, ident):
    """The outcome of a change that was accepted, once it is done."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        outcome = done(client.call("outcome", {1: ident}))
        if outcome[1] != 3:
            return outcome
        time.sleep(0.2)
    raise WireError("running for ever")


@test
def now_is_answered_with_what_the_contact_says(bench):
    unit = bench.unit()
    client = unit.in_service()
    same(moved(move(client, SHUT, when=NOW, expect=OPEN), True, SHUT), {})
    same(moved(move(client, SHUT), False, SHUT), {})
    refused(move(client, OPEN, expect=OPEN), "interlock", {})
    same(moved(move(client, OPEN), True, OPEN), {})
    answer = move(client, SHUT)
    refused(answer, "too_soon")
    check(1 <= answer.result[5] <= 5, answer)
    same(moved(move(client, OPEN), False, OPEN), {})
    client = unit.later("10s")
    same(moved(move(client, SHUT), True, SHUT), {})
    same(kinds(client).count("relay_shut"), 2, "events")
    unit.cut()
    client = unit.client
    answer = move(client, OPEN)
    moved(answer, answer.result[1], OPEN)


@test
def a_repeated_move_drives_nothing_twice(bench):
    unit = bench.unit()
    client = unit.in_service()
    ident = os.urandom(8)
    first = move(client, SHUT, id=ident)
    moved(first, True, SHUT)
    moved(move(client, OPEN), True, OPEN)
    again = move(client, SHUT, id=ident)
    same(again.result, first.result, "answer of a known id")
    same(state(client)[4], OPEN, "state")
    refused(client.change("untag", id=ident), "seq_conflict")


@test
def what_does_not_go_together_is_a_bad_value(bench):
    unit = bench.unit()
    client = unit.in_service()
    later = now_s(client) + 60
    for field, values in (
            (3, {"when": AT}), (3, {"at": later}),
            (3, {"when": TOP, "at": later}), (3, {"when": NOW, "at": later}),
            (3, {"when": AT, "at": later - 120}),
            (3, {"when": AT, "at": later + 604800}),
            (5, {"tag": "x", "when": TOP}),
            (5, {"tag": "x", "when": AT, "at": later}),
            (4, {"tag": "x", "hold_s": 60}), (4, {"hold_s": 601})):
        answer = move(client, OPEN, **values)
        check(answer.name == "bad_value", f"{values}: {answer}")
        same(answer.result[1], field, f"field at fault in {values}")
    answer = move(client, SHUT, tag="x")
    refused(answer, "bad_value")
    same(answer.result[1], 5, "a tag on SHUT")
    answer = move(client, OPEN, when=AT, at=1)
    low, high = answer.result[2], answer.result[3]
    check(abs(low - now_s(client)) <= 3 and 604797 <= high - low <= 604800,
          answer)
    status = state(client)
    check(not set(status) & set(range(6, 17)), "nothing was changed")


@test
def a_schedule_is_shown_fires_once_and_can_be_cancelled(bench):
    unit = bench.unit()
    client = unit.in_service()
    refused(client.change("relay-cancel"), "nothing_pending", {})
    top = (now_s(client) // 3600 + 1) * 3600
    same(moved(move(client, SHUT, when=TOP), True, OPEN),
         {4: SHUT, 5: top}, "pending")
    status = state(client)
    same((status[6], status[7], status[9]), (SHUT, top, "Interop"), "status")
    same(moved(client.change("relay-cancel"), True, OPEN), {})
    at = now_s(client) + 120
    same(moved(move(client, SHUT, when=AT, at=at), True, OPEN),
         {4: SHUT, 5: at}, "pending")
    same(moved(move(client, SHUT, when=AT, at=at + 1), True, OPEN),
         {4: SHUT, 5: at + 1}, "a new one replaces it")
    client = unit.later("3m")
    status = state(client)
    check(status[4] == SHUT and 6 not in status, status)
    client = unit.later("10s")
    moved(move(client, OPEN), True, OPEN)
    move(client, SHUT, when=TOP)
    same(moved(move(client, OPEN), True, OPEN), {}, "a move now cancels it")
    seen = kinds(client)
    same([kind for kind in seen if kind.startswith("relay_")], [
        "relay_scheduled", "relay_cancelled", "relay_scheduled",
        "relay_scheduled", "relay_shut", "relay_opened", "relay_scheduled",
        "relay_cancelled"], "events")


@test
def a_schedule_missed_while_off_is_dropped_or_made_late(bench):
    unit = bench.unit()
    client = unit.in_service()
    moved(move(client, SHUT, when=AT, at=now_s(client) + 600), True, OPEN)
    done(client.change("clock-set", {1: (now_s(client) + 600 + 1000) * 1000}))
    time.sleep(0.2)
    status = state(client)
    check(status[4] == OPEN and 6 not in status, status)
    seen = kinds(client)
    check("relay_missed" in seen and "clock_set" in seen, seen)
    moved(move(client, SHUT, when=AT, at=now_s(client) + 600), True, OPEN)
    done(client.change("clock-set", {1: (now_s(client) + 600 + 60) * 1000}))
    time.sleep(0.5)
    same(state(client)[4], SHUT, "SHUT one minute late")
    check("relay_late" in kinds(client), "not logged as late")


@test
def a_hold_is_undone_unless_it_is_confirmed(bench):
    unit = bench.unit()
    client = unit.in_service()
    ident = os.urandom(8)
    refused(client.change("relay-confirm", {1: ident}), "nothing_pending")
    result = moved(move(client, SHUT, hold_s=60, id=ident), True, SHUT)
    same(result[6], OPEN, "returns_to")
    check(55 <= result[7] - now_s(client) <= 60, result)
    status = state(client)
    same((status[10], status[13]), (OPEN, ident), "status")
    check(50 <= status[12] <= 60, status)
    refused(client.change("relay-confirm", {1: bytes(8)}), "nothing_pending")
    refused(client.change("relay-exercise"), "busy")
    client = unit.later("62s")
    status = state(client)
    check(status[4] == OPEN and 10 not in status, status)
    refused(client.change("relay-confirm", {1: ident}), "nothing_pending")
    client = unit.later("10s")
    ident = os.urandom(8)
    moved(move(client, SHUT, hold_s=604800, id=ident), True, SHUT)
    same(moved(client.change("relay-confirm", {1: ident}), True, SHUT), {})
    client = unit.later("10s")
    moved(move(client, OPEN, hold_s=600), True, OPEN)
    same(moved(move(client, OPEN), True, OPEN), {}, "OPEN again ends a hold")
    seen = [kind for kind in kinds(client) if kind.startswith("hold_")]
    same(seen, ["hold_begun", "hold_undone", "hold_begun", "hold_confirmed",
                "hold_begun"], "events")


@test
def the_hold_of_a_schedule_begins_when_it_fires(bench):
    unit = bench.unit()
    client = unit.in_service()
    ident = os.urandom(8)
    at = now_s(client) + 60
    same(moved(move(client, SHUT, when=AT, at=at, hold_s=30, id=ident), True,
               OPEN), {4: SHUT, 5: at}, "pending, and no hold yet")
    client = unit.later("70s")
    status = state(client)
    same((status[4], status[10], status[11], status[13]),
         (SHUT, OPEN, at + 30, ident), "hold")
    client = unit.later("30s")
    status = state(client)
    check(status[4] == OPEN and 10 not in status, status)
    refused(move(client, OPEN, when=AT, at=at + 3600, hold_s=601),
            "bad_value", {1: 4, 2: 1, 3: 600})


@test
def a_hold_counts_as_run_out_after_a_restart(bench):
    unit = bench.unit()
    client = unit.in_service()
    moved(move(client, SHUT, hold_s=3600), True, SHUT)
    client = unit.cut()
    time.sleep(0.5)
    status = state(client)
    check(status[4] == OPEN and 10 not in status, status)
    client = unit.later("1m")
    done(client.change("clock-set", {1: int(time.time() * 1000)}))
    moved(move(client, SHUT), True, SHUT)
    client = unit.later("10s")
    moved(move(client, OPEN, hold_s=300), True, OPEN)
    client = unit.cut()
    client = unit.later("10m")
    status = state(client)
    check(status[4] == OPEN and 10 not in status, "never toward SHUT")
    check("hold_kept_open" in kinds(client), "not logged")


@test
def the_interlocks_of_a_shut_stand_in_their_order(bench):
    unit = bench.unit()
    client = unit.client
    done(client.change("set", fields("record", serial="INT0002")))
    client = unit.in_service("INT0002")
    for world, name, detail in (
            ("orientation=flipped", "flipped", {4: 2}),
            ("orientation=up", None, None),
            ("metering=fault", "interlock",
             {4: CONDITIONS["metering_fault"]}),
            ("metering=ok", None, None),
            ("utility=off", "no_utility", {4: 0})):
        client = unit.later("1m", world)
        if name:
            refused(move(client, SHUT), name, detail)
            same(moved(move(client, OPEN), False, OPEN), {})
    client = unit.later("0s", "utility=on")
    time.sleep(0.3)
    answer = move(client, SHUT)
    refused(answer, "too_soon")
    check(1 <= answer.result[5] <= 10, answer)
    client = unit.cut()
    refused(move(client, SHUT), "too_soon")


@test
def a_contact_that_does_not_follow_is_a_fault(bench):
    unit = bench.unit()
    client = unit.in_service()
    client = unit.later("10s", "relay=stuck")
    ident = os.urandom(8)
    answer = move(client, SHUT, id=ident)
    if answer.name == "accepted":
        outcome = settled(client, ident)
        same((outcome[1], outcome[3]), (0, 27), "outcome")
    else:
        refused(answer, "relay_fault", {4: CONDITIONS["relay_fault"]})
    status = state(client)
    check(status[2] & 1 << 9 and status[2] & 1 << 31, hex(status[2]))
    refused(move(client, SHUT), "interlock", {4: CONDITIONS["relay_fault"]})


@test
def an_exercise_goes_there_and_back(bench):
    unit = bench.unit()
    client = unit.in_service()
    ident = os.urandom(8)
    answer = client.change("relay-exercise", id=ident)
    refused(answer, "accepted", {})
    refused(client.change("relay-exercise"), "busy")
    refused(client.change("relay-exercise", id=ident), "accepted")
    same(done(client.call("outcome", {1: ident})), {1: 3, 2: 0x23})
    outcome = settled(client, ident)
    same((outcome[1], outcome[2], outcome[3]), (0, 0x23, 0), "outcome")
    result = decode(outcome[4])
    conform("relay-moved", result)
    same((result[2], result[3], result[8], result[9]),
         (OPEN, OPEN, SHUT, True), "state, feedback, other, voltage")
    again = client.change("relay-exercise", id=ident)
    same(done(again), result, "known id")
    client = unit.later("10s")
    ident = os.urandom(8)
    refused(client.change("relay-exercise", id=ident), "accepted")
    done(move(client, OPEN))
    same(settled(client, ident)[3], 30, "an OPEN overtakes it: busy")


@test
def a_tag_out_refuses_every_shut_until_its_holder_takes_it_off(bench):
    unit = bench.unit()
    client = unit.in_service()
    refused(client.change("untag"), "nothing_pending", {})
    same(moved(client.change("tag", {1: "one"}), True, OPEN), {})
    moved(client.change("tag", {1: "w" * 64}), True, OPEN)
    status = state(client)
    same((status[14], status[15]), ("w" * 64, "Interop"), "tag")
    check(status[2] & 1 << 17, hex(status[2]))
    refused(client.change("tag", {1: "two"}, holder="Other"), "tagged_out",
            {4: 17})
    for answer in (move(client, SHUT), move(client, SHUT, when=TOP),
                   move(client, SHUT, hold_s=5),
                   client.change("relay-exercise"),
                   client.change("test-start", {2: True})):
        refused(answer, "tagged_out", {4: 17})
    client = unit.cut()
    same(state(client)[14], "w" * 64, "after a restart")
    client = unit.later("1m")
    answer = client.change("untag", holder="Other")
    check(answer.name in ("ok", "not_permitted"), answer)
    if answer.name == "not_permitted":
        moved(client.change("untag"), True, OPEN)
    moved(move(client, OPEN, tag="again"), True, OPEN)
    same(state(client)[14], "again", "tag of a move")
    same(kinds(client).count("tag_set"), 3, "events")


@test
def test_mode_goes_by_the_text(bench):
    unit = bench.unit()
    client = unit.in_service()
    refused(client.change("test-stop"), "nothing_pending", {})
    for minutes in (0, 11):
        refused(client.change("test-start", {1: minutes}, wrong=True),
                "bad_value", {1: 1, 2: 1, 3: 10})
    before = state(client)
    result = done(client.change("test-start", {1: 1}))
    same((result[1], result[2] in (59, 60)), (True, True), "state")
    check(abs(result[3] - now_s(client) - 60) <= 2, result)
    refused(client.change("test-start"), "interlock", {4: 18})
    client = unit.later("30s", "power_w=3000")
    status = state(client)
    check(status[32] and status[2] & 1 << 18 and status[33] <= 30, status)
    client = unit.later("31s")
    status = state(client)
    check(not status[32] and 33 not in status and 34 not in status, status)
    same(status[31], before[31], "billing register stood still")
    done(client.change("test-start"))
    same(done(client.change("test-stop")), {1: False}, "stopped")
    client = unit.later("15m")
    info = done(client.call("data-info"))
    parts, _ = client.read("data-read", info[1], info[2], info[3])
    flags = [record["flags"] for _, data in parts
             for record in Block(data).records]
    check(any(flag & 1 << FLAGS["test_mode"] for flag in flags), flags)
    done(client.change("test-start"))
    client = unit.cut()
    check(not state(client)[32], "ended by a restart")


@test
def test_mode_exercises_the_relay_if_asked(bench):
    unit = bench.unit()
    client = unit.in_service()
    same(done(client.change("test-start", {1: 1, 2: True}))[1], True)
    client = unit.later("65s")
    status = state(client)
    same((status[4], status[5], status[32]), (OPEN, OPEN, False), "after it")
    seen = kinds(client)
    for kind in ("test_started", "relay_exercised", "test_ended"):
        same(seen.count(kind), 1, kind)


# Clock


@test
def the_clock_is_set_between_its_limits_and_kept_over_a_cut(bench):
    unit = bench.unit()
    client = unit.client
    client.next()
    for bad in (0, 1451606399999, 4294967295001):
        refused(client.change("clock-set", {1: bad}, wrong=True), "bad_value")
    for good in (1451606400000, 1795273200123):
        result = done(client.change("clock-set", {1: good}))
        check(0 <= result[1] - good < 1000 and result[2], result)
    result = done(client.call("clock"))
    check(0 <= result[1] - 1795273200123 < 2000 and result[2], result)
    client = unit.cut()
    result = done(client.call("clock"))
    check(0 <= result[1] - 1795273200123 < 5000 and result[2], result)


# Streams


def all_blocks(client):
    info = done(client.call("data-info"))
    parts, end = client.read("data-read", info[1], info[2], info[3])
    done(end)
    return info, [Block(data) for _, data in parts]


@test
def blocks_say_what_data_info_and_data_dump_say(bench):
    unit = bench.unit(history="3d")
    client = unit.client
    info, blocks = all_blocks(client)
    same([block.index for block in blocks],
         list(range(info[2], info[3] + 1)), "indices")
    records = [record for block in blocks for record in block.records]
    same(len(records), info[4], "records")
    same((records[0]["at"], records[-1]["at"]), (info[5], info[6]), "times")
    same(sum(32 + 32 * block.count for block in blocks), info[8], "bytes")
    client.close()
    dump = bench.json("-p", f"unix:{unit.socket}", "data", "dump")["records"]
    same(len(dump), len(records), "records of data dump")
    for ours, theirs in zip(records, dump):
        wanted = {
            "sampled_at": time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                        time.gmtime(ours["at"])),
            "power_factor": ours["power_factor"] / 100,
            "frequency_hz": ours["frequency"] / 100,
            "active_power_kw": ours["active_power"] / 100000,
            "reactive_power_kvar": ours["reactive_power"] / 100000,
            "temperature_f": ours["temperature"] / 10,
            "energy_consumed_kwh": ours["energy_consumed"] / 1000,
            "energy_produced_kwh": ours["energy_produced"] / 1000,
            "voltage_v": ours["voltage"] / 10,
            "current_a": ours["current"] / 100,
            "flags": [name for name, bit in FLAGS.items()
                      if ours["flags"] >> bit & 1]}
        for name, value in wanted.items():
            check(name in theirs, f"{name} is not in {sorted(theirs)}")
            same(theirs[name], value, f"{name} of {ours}")


@test
def events_say_what_collarctl_events_says(bench):
    unit = bench.unit()
    client = unit.in_service()
    moved(move(client, SHUT), True, SHUT)
    ours = events(client)
    names = {number: name for name, number in EVENTS.items()}
    roles = [None, "read-only", "installer", "admin", "factory"]
    client.close()
    theirs = bench.json("-p", f"unix:{unit.socket}", "events")["events"]
    theirs = theirs[:len(ours)]
    for mine, other in zip(ours, theirs, strict=True):
        same((other["kind"], other["role"], other["holder"], other["field"]),
             (names[mine[2]], roles[mine[3]] if 3 in mine else None,
              mine.get(4), mine.get(5)), "event")
        same((other["old"], other["new"]), (mine.get(6), mine.get(7)),
             f"values of {mine}")
        same(other["at"], time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                        time.gmtime(mine[1])), "at")


@test
def with_headers_a_part_has_the_first_and_the_last_record(bench):
    client = bench.unit(history="2d").client
    info, blocks = all_blocks(client)
    parts, end = client.read("data-read", info[1], info[2], info[3], True)
    same(done(end), {1: info[2]}, "log-done")
    for whole, (index, data) in zip(blocks, parts, strict=True):
        short = Block(data, headers=True)
        same((short.index, short.count), (index, whole.count), "header")
        ends = whole.records[:1] + whole.records[1:][-1:]
        same(short.records, ends, "records")


@test
def credit_is_kept_and_gaps_are_sent_again(bench):
    client = bench.unit(history="4d").client
    info = done(client.call("data-info"))
    last = info[3]
    check(last >= 10, "too few blocks")
    client.begin_stream("data-read", info[1], 0, last, 2)
    parts, end = client.parts("data-read")
    same(([index for index, _ in parts], end), ([0, 1, 2], None), "credit 2")
    first = dict(parts)
    client.credit(4, [1, 1, 0, 0])
    parts, end = client.parts("data-read")
    same(sorted(index for index, _ in parts[:2]), [0, 1], "gaps first")
    same([index for index, _ in parts[2:]], [3, 4], "then on")
    same({**first, **dict(parts)}[1], first[1], "the same bytes")
    client.credit(9, number=1)
    check(client.silent(), "a credit that does not rise was taken")
    client.credit(3)
    check(client.silent(), "credit was lowered")
    client.credit(5, seq=client.seq - 1, number=90)
    client.send([3, client.seq, 91, {1: 5}, bytes(8)])
    check(client.silent(), "a credit of another request, or a tagged one")
    client.credit(last)
    parts, end = client.parts("data-read")
    same([index for index, _ in parts], list(range(5, last + 1)), "the rest")
    same(done(end)[1], 0, "oldest")
    client.credit(last, [2, 3, 7, 7])
    parts, end = client.parts("data-read")
    same([index for index, _ in parts], [2, 3, 7], "gaps after the end")
    same(done(end)[1], 0, "closing response again")


@test
def ranges_are_cut_to_what_there_is(bench):
    client = bench.unit(history="1d").client
    info = done(client.call("data-info"))
    newest = info[3]
    parts, end = client.read("data-read", info[1], newest, 4294967295)
    same([index for index, _ in parts], [newest], "beyond the newest")
    done(end)
    parts, end = client.read("data-read", info[1], newest + 1, 4294967295)
    same((parts, done(end).get(2)), ([], None), "nothing there")
    parts, end = client.read("data-read", info[1], 2, 1)
    refused(end, "bad_value")
    parts, end = client.read("data-read", bytes(8), 0, 1)
    refused(end, "log_changed", {})
    parts, end = client.read("events-read", info[1], 0, 1)
    refused(end, "log_changed", {})


@test
def what_was_overwritten_is_lost(bench):
    client = bench.unit(history="730d").client
    info = done(client.call("data-info"))
    check(info[2] > 0, "the log has not come round")
    first = info[2] + 1
    parts, end = client.read("data-read", info[1], 0, first)
    same([index for index, _ in parts], [info[2], first], "parts")
    same(done(end), {1: info[2], 2: [0, info[2] - 1]}, "log-done")
    parts, end = client.read("data-read", info[1], 3, 5)
    same((parts, done(end)), ([], {1: info[2], 2: [3, 5]}), "all of it lost")


@test
def a_credit_takes_eight_gaps_and_is_dropped_with_nine(bench):
    client = bench.unit(history="8d").client
    info = done(client.call("data-info"))
    check(info[3] >= 20, "too few blocks")
    client.begin_stream("data-read", info[1], 0, info[3], 19)
    parts, _ = client.parts("data-read")
    same(len(parts), 20, "parts")
    gaps = [index for first in range(0, 16, 2) for index in (first, first)]
    client.credit(19, gaps)
    parts, _ = client.parts("data-read")
    same([index for index, _ in parts], list(range(0, 16, 2)), "gaps")
    client.credits += 1
    client.send([3, client.seq, client.credits, {1: 19, 2: gaps + [17, 17]}])
    client.send([3, client.seq, client.credits + 1, {1: 19, 2: [3, 2]}])
    client.send([3, client.seq, client.credits + 2, {1: 19, 2: [3]}])
    check(client.silent(), "ill-formed gaps were sent")
    client.credits += 9
    client.credit(19, [18, 30])
    parts, _ = client.parts("data-read")
    same([index for index, _ in parts], [18, 19], "what was not sent is none")


@test
def an_exercise_cut_short_is_interrupted(bench):
    unit = bench.unit()
    client = unit.in_service()
    ident = os.urandom(8)
    refused(client.change("relay-exercise", id=ident), "accepted")
    client.close()
    bench.end(unit.child, signal.SIGKILL)
    unit.start()
    client = unit.client
    outcome = done(client.call("outcome", {1: ident}))
    same((outcome[1], outcome[2]), (2, 0x23), "outcome")
    same(outcome[5], state(client)[5], "feedback")
    check("interrupted" in kinds(client), "not logged")


@test
def a_request_ends_a_stream_and_a_repeat_begins_it_again(bench):
    client = bench.unit(history="1d").client
    info = done(client.call("data-info"))
    seq = client.begin_stream("data-read", info[1], 0, info[3], 0)
    parts, _ = client.parts("data-read")
    same([index for index, _ in parts], [0], "first part")
    client.send([0, seq, OPS["data-read"],
                 {1: info[1], 2: 0, 3: info[3], 4: 0}], "data-read")
    parts, _ = client.parts("data-read")
    same([index for index, _ in parts], [0], "again")
    done(client.call("noop"))
    client.credit(info[3], seq=seq)
    check(client.silent(), "the stream went on")


@test
def a_change_of_the_sample_interval_or_the_clock_begins_a_block(bench):
    unit = bench.unit()
    client = unit.client
    done(client.change("set", fields("record", sample_minutes=5)))
    client = unit.later("11m")
    done(client.change("clock-set", {1: (now_s(client) + 7200) * 1000}))
    client = unit.later("11m")
    client = unit.cut()
    client = unit.later("6m")
    info, blocks = all_blocks(client)
    same(info[7], 5, "sample_minutes")
    causes = [(block.cause, block.sample_minutes) for block in blocks]
    same(causes, [(0, 15), (4, 5), (3, 5), (2, 5)], "causes and rates")
    same([block.bits for block in blocks], [0, 0, 0, 0], "times are UTC")
    flags = [record["flags"] for record in blocks[1].records][-1]
    wanted = 1 << FLAGS["partial"] | 1 << FLAGS["clock_step"]
    same(flags & wanted, wanted, "flags at the step")
    boots = [block.boot for block in blocks]
    check(boots[3] == boots[2] + 1, f"boots {boots}")
