# SPDX-License-Identifier: BSD-2-Clause
"""The client against a virtual collar: relay, holds, exercise, tag-out."""

import os
import signal
import time

from acts import (AT, NOW, OPEN, SHUT, TOP, events, kinds, move, moved, now_s,
                  settled, state)
from bench import check, done, fields, refused, same, test
from wire import CONDITIONS, EVENTS, conform, decode


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
    same(moved(client.change("relay-cancel", hardware_id=bytes(8)), True,
               OPEN), {})
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
    same(moved(client.change("relay-confirm", {1: ident},
                             hardware_id=bytes(8)), True, SHUT), {})
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
def what_an_interlock_forbids_at_its_time_is_dropped_and_logged(bench):
    unit = bench.unit()
    client = unit.in_service()
    moved(move(client, SHUT, when=AT, at=now_s(client) + 300), True, OPEN)
    client = unit.later("6m", "metering=fault")
    status = state(client)
    check(status[4] == OPEN and 6 not in status, status)
    refusals = [event for event in events(client)
                if event[2] == EVENTS["relay_refused"]]
    same([event[5] for event in refusals], ["metering_fault"], "field")


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
            ("utility=one-leg", "interlock",
             {4: CONDITIONS["voltage_limit"]}),
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
    time.sleep(0.5)  # the unit OPENs the relay, if it was cut off SHUT
    outcome = done(client.call("outcome", {1: ident}))
    same((outcome[5], state(client)[5]), (OPEN, OPEN), "feedback")
    check("interrupted" in kinds(client), "not logged")
