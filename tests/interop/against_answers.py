# SPDX-License-Identifier: BSD-2-Clause
"""collarctl against the collar in Python, whose answers go to the limits of
what the text allows."""

import json
import time

from bench import SITE, check, same, test
from commands import CHANGES, EVERY, READS, alike, serving
from model import BEGIN, SERIAL, blocks, every_event
from values import alike as near
from values import at_path, least, names, shown, smallest, widest
from wire import (CONDITIONS, EVENTS, KEYS, RESULT, ROLES, STATUS, decode,
                  encode, map_fields)

UNKNOWN = {127: 1, 5000: {1: [b"", None]}, 4294967295: "new"}
LOGS = {"blocks": blocks(), "events": every_event()}
SHOWN = {"status": "unit-state", "info": "record"}
YEARS = 253402300799999  # the last ms of 9999: later is shown as that


def answers(make):
    """The maps that make makes, as what a collar that can be named says."""
    maps = {op: make(name) for op, name in SHOWN.items()}
    maps["info"][KEYS["record"]["serial"]] = SERIAL
    return maps


def all_of_it_is_shown(bench, make):
    maps = answers(make)
    clock = KEYS["unit-state"]["clock.utc"]
    if clock in maps["status"]:
        maps["status"][clock] = min(maps["status"][clock], YEARS)
    with serving(bench, answers=maps) as session:
        for op, name in SHOWN.items():
            told = session.run(op)
            for row in map_fields(name):
                empty = [] if row[2].startswith("texts") else None
                want = shown(row, maps[op][row[0]]) \
                    if row[0] in maps[op] else empty
                have = at_path(told, row[1])
                check(near(have, want), f"{row[1]}: {have!r}, not {want!r}")


@test
def the_greatest_of_every_field_is_shown(bench):
    all_of_it_is_shown(bench, widest)


@test
def the_least_of_every_field_is_shown(bench):
    all_of_it_is_shown(bench, smallest)


@test
def what_is_absent_is_shown_as_nothing(bench):
    all_of_it_is_shown(bench, least)


@test
def every_name_of_a_field_is_shown_and_an_unknown_number_kept(bench):
    for op, name in SHOWN.items():
        for row in map_fields(name):
            known = names(row[6])
            if row[2] != "uint" or not known:
                continue
            for number in (*known, len(known), 255):
                maps = answers(least)
                maps[op][row[0]] = number
                if row[1].startswith("relay.pending"):
                    maps[op].update({6: number, 7: 1, 8: 1, 9: "x"})
                with serving(bench, answers=maps, newer=True) as session:
                    told = at_path(session.run(op), row[1])
                    same(told, known.get(number, str(number)
                                         if isinstance(told, str) else
                                         number), f"{row[1]} {number}")


@test
def every_command_takes_answers_at_their_limits(bench):
    """Each as far as its answer goes: the maps are no state of a unit."""
    for make in (widest, smallest, least):
        maps = {op: make(name) for op, name in RESULT.items()
                if op not in ("hello", "outcome", "data-info", "events-info",
                              "data-read", "events-read")}
        maps["info"][KEYS["record"]["serial"]] = SERIAL
        maps["status"][KEYS["unit-state"]["relay.hold.move"]] = bytes(8)
        maps["status"][KEYS["unit-state"]["status"]] = 0
        maps["status"][KEYS["unit-state"]["hex_status"]] = 0
        with serving(bench, answers=maps, **LOGS) as session:
            session.every([words for words in EVERY
                           if not {"--no-wait", "--wait"} & set(words)])


@test
def a_hello_at_its_limits_is_taken(bench):
    name = "hello-answer"
    for number, make in enumerate((smallest, widest)):
        answer = make(name)
        answer.update({1: None, 3: 1, 5: 1})
        answer[KEYS[name]["serial"]] = "S" * (16 if number else 1)
        with serving(bench, serial=answer[KEYS[name]["serial"]],
                     hello=answer) as session:
            info = session.run("list", "--probe")["collars"][0]
            for field in ("serial", "hardware_id", "model"):
                row = [row for row in map_fields(name) if row[1] == field][0]
                same(info[field], shown(row, answer[row[0]]), field)
            session.run("set", "description=x")
            change = session.collar.asked("set")[0]
            same(change[60], answer[KEYS[name]["serial"]], "unit")


@test
def unknown_keys_of_every_answer_are_skipped(bench):
    alike(bench, clean=LOGS, extra=UNKNOWN, blocks=LOGS["blocks"],
          events=[encode({**event, **UNKNOWN}) for event in
                  map(decode, LOGS["events"])])


@test
def unknown_keys_of_refusals_and_of_kept_results_are_skipped(bench):
    with serving(bench, statuses={"relay-move": (
            "interlock", {4: 13, **UNKNOWN})}) as session:
        error = session.fails("relay", "shut", status=79)
        same(error["detail"], {"condition": "voltage_limit"}, "detail")
    with serving(bench, works={"relay-move": 1}, extra=UNKNOWN) as session:
        same(session.run("relay", "shut")["state"], "shut", "state")


@test
def a_key_of_an_answer_has_32_bits(bench):
    """Beyond them it is no answer."""
    with serving(bench, wrong={2**32: 0}) as session:
        session.fails("status", status=76)


@test
def events_of_every_kind_are_shown_and_of_unknown_ones_too(bench):
    strange = [encode({1: 1, 2: kind, 3: role, 4: "x"})
               for kind, role in ((29, 5), (255, 255))]
    with serving(bench, newer=True, events=LOGS["events"] + strange) as \
            session:
        told = session.run("events")["events"]
    wanted = [*EVENTS, "restart", "unknown", "unknown"]
    same([event["kind"] for event in told], wanted, "kinds")
    for number, event in zip(EVENTS.values(), told):
        same((event["role"], event["holder"], event["field"], event["old"],
              event["new"]), (ROLES[number % 5], "J. Ortiz", "utility",
                              "old", "new"), event["kind"])


@test
def events_at_their_limits_are_shown(bench):
    for make in (smallest, widest, least):
        event = make("event")
        event[2] = event[2] or 1
        with serving(bench, events=[encode(event)] * 3) as session:
            for told in session.run("events")["events"]:
                for row in map_fields("event")[3:7]:
                    same(told[row[1]], event.get(row[0]), row[1])


@test
def every_condition_is_named(bench):
    for name, bit in CONDITIONS.items():
        state = {1: 4, 2: 1 << bit, 3: False}
        with serving(bench, answers={"status": state}, statuses={
                "relay-move": ("interlock", {4: bit})}) as session:
            same(session.run("status")["conditions"], [name], "conditions")
            error = session.fails("relay", "shut", status=79)
            same(error["detail"], {"condition": name}, "detail")


@test
def unknown_bits_are_skipped(bench):
    unknown = 0xFFFFFFFF
    for bit in CONDITIONS.values():
        unknown &= ~(1 << bit)
    state = {1: 4, 2: unknown, 3: False}
    with serving(bench, answers={"status": state}) as session:
        told = session.run("status")
        same((told["conditions"], told["hex_status"]),
             ([], f"0x{unknown:08x}"), "conditions")


@test
def every_refusal_is_told_with_all_that_it_says(bench):
    """To a read, and to a change: which was not made then.  A read that the
    unit does not know is asked again, behind another hello."""
    exits = {error["code"]: error["exit_status"]
             for error in bench.model()["errors"]}
    detail = {1: 4, 2: -5, 3: 2**63 - 1, 4: 13, 5: 4294967295, 6: 1, 7: 255}
    told = {"field": 4, "min": -5, "max": 2**63 - 1,
            "condition": "voltage_limit", "retry_after_s": 4294967295,
            "version_min": 1, "version_max": 255}
    for name in STATUS:
        if name in ("ok", "accepted"):
            continue
        for op, words in (("status", ("status",)),
                          ("relay-move", ("relay", "shut"))):
            with serving(bench, statuses={op: (name, detail)}) as session:
                error = session.fails(*words, status=exits[name])
                same((error["code"], error["outcome"]), (name, "not_done"),
                     name)
                have = {key: error["detail"].get(key) for key in told}
                have["field"] = 4
                same(have, told, f"detail of {name}")
                again = (op, name) == ("status", "unsupported")
                same(len(session.collar.asked_once(op)), 1 + again,
                     f"{op} asked, {name}")


@test
def an_unknown_refusal_is_one_but_of_a_change_only_outcome_knows(bench):
    for status in (32, 98, 99):
        with serving(bench, statuses={"clock": (status, {}),
                                      "relay-move": (status, {})}) as session:
            error = session.fails("clock", status=76)
            check(str(status) in error["message"], error)
            same(error["outcome"], "not_done", "of a read")
            error = session.fails("relay", "shut", status=81)
            same((error["code"], error["outcome"]), ("unknown", "unknown"),
                 "of a change")


@test
def a_clock_is_read_anew_when_an_answer_was_lost(bench):
    """Once half the time-out was told as drift."""
    with serving(bench, once={"clock": 1}) as session:
        session.run("clock")
        same(len(session.collar.asked("clock")), 3, "asked, again, anew")
    with serving(bench) as session:
        session.run("clock")
        same(len(session.collar.asked("clock")), 1, "asked")


@test
def a_read_that_is_accepted_is_no_answer(bench):
    """Once it was told as an error whose exit status is 0."""
    with serving(bench, statuses={"status": ("accepted", {})}) as session:
        session.fails("status", status=76)


@test
def a_unit_that_speaks_newer_versions_too_is_spoken_to(bench):
    alike(bench, clean=LOGS, versions=(1, 9), **LOGS)


@test
def a_unit_of_newer_versions_only_is_named_as_such(bench):
    with serving(bench, statuses={"hello": ("version", {6: 2, 7: 9})}) as \
            session:
        for words in READS[1:] + CHANGES:
            if "--from" in words:
                continue
            error = session.fails(*words, status=76)
            same(error["detail"], {"version_min": 2, "version_max": 9},
                 words)


@test
def a_version_that_was_not_offered_is_not_spoken(bench):
    with serving(bench, versions=(2, 9), version=2) as session:
        session.fails("status", status=76)


# Frame limits


@test
def every_command_goes_with_the_smallest_limits(bench):
    """Requests of at most 256 bytes, answers too: blocks of few records."""
    small = {"blocks": blocks(9, 6), "events": LOGS["events"], "brief": True}
    alike(bench, clean=small, receive_max=256, send_max=256, **small)


@test
def what_does_not_fit_the_unit_is_not_sent(bench):
    """Once a record too long for any unit was told as an internal error."""
    for limit, long in ((256, 0), (448, 1)):
        with open(bench.path("unit.json"), "w", encoding="utf-8") as file:
            json.dump({**SITE, "address": "a" * 64, "city": "c" * 32,
                       "location_notes": "n" * 128, "premises_id": "p" * 32,
                       "description": "d" * 64 * long,
                       "tags": ["t" * 16] * 8 * long}, file)
        with serving(bench, receive_max=limit) as session:
            session.run("set", "description=" + "d" * 64)
            error = session.fails("provision", "--from", "unit.json",
                                  "--no-wait", status=76)
            same((error["code"], error["outcome"]),
                 ("unsupported", "not_done"), "error")
            check(str(limit) in error["message"], error)
            check("fewer fields" in error["hint"], error)
            same(session.collar.asked("provision"), [], "provision")


@test
def a_change_whose_state_does_not_fit_the_answer_is_not_undone(bench):
    """Once it was told as a refusal: nothing was done."""
    wide = widest("unit-state")
    with serving(bench, send_max=256, answers={"status": wide}) as session:
        error = session.fails("relay", "shut", status=81)
        same((error["outcome"], len(error["detail"]["id"])),
             ("unknown", 16), "error")
        same(session.collar.model.relay, 1, "relay")
        outcome = session.run("outcome", error["detail"]["id"])
        same(outcome["outcome"], "done", "outcome")
        error = session.fails("status", status=76)
        same(error["outcome"], "not_done", "of a read")


@test
def blocks_that_do_not_fit_are_lost_and_said_to_be(bench):
    log = blocks(1, 6) + blocks(3)[1:] + blocks(4, 6)[3:]
    with serving(bench, send_max=512, blocks=log) as session:
        child = bench.run("-p", session.collar.port, "data", "dump")
        same(child.stdout.count(b"\n"), 13, "lines")
        check(b"block" in child.stderr, child.stderr)


@test
def a_block_at_the_end_of_a_range_that_cannot_be_read_is_told(bench):
    """Once a range left out a block whose header was lost, without a word."""
    first, last = BEGIN + 900 * 31, BEGIN + 900 * 61  # of the middle block
    for lost, option, bound, lines in ((2, "--since", last, 1),
                                       (0, "--until", first - 900, 1),
                                       (2, "--since", last - 900, 2)):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(bound))
        with serving(bench, unreadable=[lost], **LOGS) as session:
            child = bench.run("-p", session.collar.port, "data", "dump",
                              option, at)
            same(child.stdout.count(b"\n"), lines, f"{option} {at}")
            check(f"blocks {lost} to {lost} were".encode() in child.stderr,
                  child.stderr)


@test
def a_unit_without_a_serial_number_is_named_by_its_hardware_id(bench):
    alike(bench, [words for words in EVERY if "--new-serial" not in words],
          serial="", **LOGS)


@test
def changes_carry_their_header(bench):
    with serving(bench, **LOGS) as session:
        session.every(CHANGES)
        made = [args for op, args, _ in session.collar.seen if 62 in args]
        same(len(made), len(CHANGES) - 2, "changes made, and two previews")
        same(len({args[62] for args in made}), len(made), "ids")
        for args in made:
            same((args.get(60), args.get(61)), (SERIAL, None), "unit")
        provision = session.collar.asked("provision")[0]
        for name, value in SITE.items():
            same(provision[KEYS["record"][name]], value, name)
        moves = session.collar.asked("relay-move")
        same([(move[1], move.get(2, 0), move.get(4)) for move in moves],
             [(1, 0, 600), (0, 0, 300), (1, 1, None), (0, 2, None),
              (0, 0, None)], "moves")
        same(session.collar.asked("relay-confirm")[0][1], moves[0][62],
             "move confirmed")
