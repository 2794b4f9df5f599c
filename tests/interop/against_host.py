# SPDX-License-Identifier: BSD-2-Clause
"""collarctl against the collar in Python, whose answers go to the limits of
what the text allows."""

import contextlib
import os

from bench import SITE, check, same, test
from collar import HARDWARE_ID, Collar
from wire import EVENTS, KEYS, encode, make_block, make_record, map_fields

UNKNOWN = {127: 1, 5000: {1: [b"", None]}, 4294967295: "new"}
WIDE = {"uint": None, "serial": "S" * 16, "state": "CA", "zip": "95616-1234",
        "model": "S-B-5-02-IH-10-60A"}
BEGIN = 1795186800


@contextlib.contextmanager
def serving(bench, **options):
    collar = Collar(bench.path("py.sock"), **options)
    try:
        yield collar
    finally:
        collar.close()
        os.unlink(bench.path("py.sock"))


def ask(bench, *args, status=0):
    return bench.json("-p", f"unix:{bench.path('py.sock')}", *args,
                      status=status)


def change(bench, *args, status=0):
    return ask(bench, "-s", "PYTHON-1", "--yes", *args, status=status)


def widest(name):
    """A map of that name in which everything is as long as can be."""
    wide = {}
    for key, _, kind, span, *_ in map_fields(name):
        low, _, high = span.partition("..")
        words = kind.split()
        if words[0] in ("uint", "int"):
            wide[key] = int(high or low)
        elif words[0] == "bool":
            wide[key] = True
        elif words[0] == "bytes":
            wide[key] = b"\xff" * int(high or low)
        elif words[0] == "texts":
            wide[key] = ["w" * int(high)] * 8
        else:
            wide[key] = WIDE.get(words[-1]) or "w" * int(high or low)
    return wide


def log(count=3):
    return [make_block(index, [
        make_record(BEGIN + 900 * (31 * index + n),
                    energy_produced=31 * index + n) for n in range(31)],
        cause=1 if index else 0) for index in range(count)]


@test
def the_commands_that_read_do(bench):
    with serving(bench, blocks=log(), events=[encode(
            {1: BEGIN, 2: EVENTS["restart"]})]):
        same(ask(bench, "info")["serial"], "PYTHON-1", "serial")
        same(ask(bench, "status")["status"], "operational", "status")
        same(ask(bench, "clock")["trusted"], True, "clock")
        same(len(ask(bench, "data", "dump")["records"]), 93, "records")
        same([event["kind"] for event in ask(bench, "events")["events"]],
             ["restart"], "events")


@test
def answers_at_every_limit_are_shown(bench):
    record = widest("record")
    record[KEYS["record"]["serial"]] = "PYTHON-1"
    state = widest("unit-state")
    with serving(bench, answers={"info": record, "status": state}):
        info = ask(bench, "info")
        for key, name, *_ in map_fields("record"):
            value = info
            for part in name.split("."):
                check(part in value, f"{name} is not in {sorted(value)}")
                value = value[part]
            if isinstance(record[key], str):
                same(value, record[key], name)
        same(info["tags"], ["w" * 16] * 8, "tags")
        status = ask(bench, "status")
        same(status["hex_status"], "0xffffffff", "hex status")
        same(status["relay"]["tag"]["text"], "w" * 64, "tag")
        same(len(status["lcd"]["pages"]), 8, "pages")
        same(status["status"], "update_error", "status")


@test
def unknown_keys_of_answers_are_skipped(bench):
    with serving(bench, extra=UNKNOWN, blocks=log(), events=[encode(
            {1: BEGIN, 2: 1, 100: b"x", 5000: [1]})]):
        ask(bench, "info")
        ask(bench, "status")
        ask(bench, "clock")
        same(len(ask(bench, "data", "dump")["records"]), 93, "records")
        same(len(ask(bench, "events")["events"]), 1, "events")
        change(bench, "set", "description=x")


@test
def unknown_numbers_are_kept_as_they_are(bench):
    events = [encode({1: BEGIN, 2: 28}), encode({1: BEGIN, 2: 1})]
    status = {1: 4, 2: 0xFFFFFFFF, 3: False}
    with serving(bench, answers={"status": status}, events=events,
                 statuses={"clock": (98, {})}):
        same(ask(bench, "status")["hex_status"], "0xffffffff", "bits")
        same(len(ask(bench, "events")["events"]), 2, "events")
        error = ask(bench, "clock", status=76)["error"]
        check("98" in error["message"], error)


@test
def a_unit_that_speaks_newer_versions_too_is_spoken_to(bench):
    with serving(bench, versions=(1, 9)):
        ask(bench, "status")


@test
def a_unit_of_newer_versions_only_is_named_as_such(bench):
    with serving(bench, statuses={"hello": ("version", {6: 2, 7: 9})}):
        error = ask(bench, "status", status=76)["error"]
        check("2" in error["message"] and "9" in error["message"], error)


@test
def the_smallest_limits_are_kept(bench):
    with serving(bench, receive_max=256, send_max=256) as collar:
        ask(bench, "info")
        ask(bench, "status")
        change(bench, "set", "description=" + "d" * 64)
        same(collar.record[16], "d" * 64, "description")
        error = change(bench, "set", "description=" + "e" * 64,
                       "location_notes=" + "n" * 128,
                       "address=" + "a" * 64, "city=" + "c" * 32,
                       status=None)
        check("error" in error or collar.record.get(15), error)


@test
def late_answers_and_noise_are_lived_with(bench):
    with serving(bench, late_s=0.2, noise=b"\x07garbage\0\0\xff" + b"z" * 40 +
                 b"\0", deaf=1):
        ask(bench, "info")
        ask(bench, "status")


@test
def lost_parts_are_asked_for_again(bench):
    with serving(bench, blocks=log(12), lost=(0, 1, 5, 11)):
        records = ask(bench, "data", "dump")["records"]
        same(len(records), 372, "records")
        same([record["energy_produced_kwh"] for record in records],
             [n / 1000 for n in range(372)], "order")


@test
def a_change_whose_answer_is_lost_is_done_once(bench):
    for times in (1, 9):
        with serving(bench, once={"relay-move": times}) as collar:
            result = change(bench, "relay", "shut")
            same((result["state"], result["changed"]), ("shut", True),
                 "relay")
            same(len({args[62] for op, args, _ in collar.seen
                      if op == "relay-move"}), 1, "change ids")


@test
def a_change_that_was_not_heard_is_sent_again_under_its_id(bench):
    with serving(bench, unheard={"set": 1}) as collar:
        same(change(bench, "set", "description=x")["changed"], True, "set")
        same(collar.record[16], "x", "description")
        sets = [args for op, args, _ in collar.seen if op == "set"]
        same((len(sets), len({args[62] for args in sets})), (2, 1), "sets")


@test
def changes_carry_their_header_and_fields(bench):
    with serving(bench) as collar:
        result = change(bench, "set", "description=Roof", "tags=a,b")
        same(result["changed"], True, "changed")
        same((collar.record[16], collar.record[18]), ("Roof", ["a", "b"]),
             "record")
        change(bench, "provision", "--no-wait", *(
            f"--{name}={value}" for name, value in SITE.items()))
        same(collar.record[10], SITE["city"], "city")
        change(bench, "relay", "shut", "--hold", "10m")
        changes = [args for op, args, _ in collar.seen
                   if op in ("set", "provision", "relay-move")]
        same(len(changes), 3, "changes")
        for args in changes:
            same(args[60], "PYTHON-1", "unit")
        same(len({args[62] for args in changes}), 3, "ids")
        same((changes[2][1], changes[2][4]), (1, 600), "position and hold")


@test
def a_unit_without_a_serial_number_is_named_by_its_hardware_id(bench):
    with serving(bench, serial="") as collar:
        collar.record.pop(1)
        ask(bench, "-s", "hw:" + HARDWARE_ID.hex(), "--yes", "relay", "open")
        args = [args for op, args, _ in collar.seen if op == "relay-move"][0]
        same((args.get(60), args[61]), (None, HARDWARE_ID), "unit")


@test
def refusals_become_their_codes(bench):
    for status, detail, code in (
            ("interlock", {4: 13}, 79), ("tagged_out", {4: 17}, 79),
            ("flipped", {4: 2}, 79), ("not_permitted", {}, 77),
            ("wrong_unit", {}, 69), ("busy", {}, 75), (99, {}, 76),
            ("relay_fault", {4: 9, **UNKNOWN}, 79)):
        with serving(bench, statuses={"relay-move": (status, detail)}):
            change(bench, "relay", "shut", status=code)
