# SPDX-License-Identifier: BSD-2-Clause
"""collarctl against the collar in Python: streams whose parts are lost, late,
doubled or out of order, and credits that are lost."""

import json

import lines
from bench import check, long_test, same, test
from commands import serving
from model import BEGIN, blocks
from wire import EVENTS, FLAGS, encode, make_block, make_record

LOG = blocks(70)
KINDS = list(EVENTS) * 3
HAPPENED = [encode({1: BEGIN + n, 2: EVENTS[name]})
            for n, name in enumerate(KINDS)]
COUNT = 31 * len(LOG)


def whole(session):
    """Both logs are read whole, each entry once, and in order."""
    records = session.run("data", "dump")["records"]
    same([round(record["energy_produced_kwh"] * 1000) for record in records],
         list(range(COUNT)), "records")
    events = session.run("events")["events"]
    same([event["kind"] for event in events], KINDS, "events")
    same(session.run("data", "info")["gaps"], [], "gaps")


def read_whole(bench, **options):
    with serving(bench, blocks=LOG, events=HAPPENED, **options) as session:
        whole(session)
        return session.collar


@test
def a_whole_log_is_read_through_the_window(bench):
    collar = read_whole(bench)
    check(collar.credits >= 2, collar.credits)


@test
def parts_may_come_in_any_order(bench):
    read_whole(bench, order=lines.backwards)


@test
def parts_may_come_twice(bench):
    read_whole(bench, order=lines.in_pairs)


@test
def the_closing_response_may_overtake_parts(bench):
    read_whole(bench, order=lines.end_first)


@test
def a_part_may_come_after_it_has_been_asked_for_again(bench):
    for index in (0, 1, 40, 69):
        read_whole(bench, order=lines.Delayed(index))


@test
def lost_parts_are_asked_for_again(bench):
    collar = read_whole(bench, lost=(0, 1, 5, 31, 32, 40, 69))
    check(collar.gaps, "no gap was asked for")
    read_whole(bench, lost=range(0, 40, 2))


@long_test
def lost_credits_cost_nothing_but_time(bench):
    read_whole(bench, deaf_credits=2)


@test
def lost_closing_responses_are_asked_for_again(bench):
    read_whole(bench, lost=(None,))


@test
def a_log_that_is_read_on_a_pseudo_terminal_is_the_same(bench):
    read_whole(bench, kind="pty")
    read_whole(bench, kind="pty", lost=(3, 4), order=lines.in_pairs)


@test
def many_blocks_come_in_single_bytes(bench):
    with serving(bench, line=lines.Bytewise(), blocks=blocks(2)) as session:
        same(len(session.run("data", "dump")["records"]), 62, "records")


@test
def blocks_at_their_limits_are_shown(bench):
    """Every cause, every flag, every number at its least and greatest."""
    every = sum(1 << bit for bit in FLAGS.values())
    low = {"power_factor": -100, "frequency": 0, "active_power": -8388607,
           "reactive_power": -8388607, "temperature": -32768,
           "energy_consumed": 0, "energy_produced": 0, "voltage": 0,
           "current": 0}
    high = {"power_factor": 100, "frequency": 10000, "active_power": 8388607,
            "reactive_power": 8388607, "temperature": 32767,
            "energy_consumed": 4294967295, "energy_produced": 4294967295,
            "voltage": 65535, "current": 65535}
    log = [make_block(cause, [
        make_record(BEGIN + 7200 * cause, flags=0, **low),
        make_record(BEGIN + 7200 * cause + 60, flags=0xFFFF, **high)],
        cause=cause, sample_minutes=1, bits=0xFE, reserved=b"\xff" * 15)
        for cause in range(6)]
    log.append(make_block(6, [], cause=1, sample_minutes=60))
    with serving(bench, blocks=log) as session:
        records = session.run("data", "dump")["records"]
    same(len(records), 12, "records")
    for told, numbers, flags in ((records[0], low, 0),
                                 (records[11], high, every)):
        same(told["flags"], [name for name, bit in FLAGS.items()
                             if flags >> bit & 1], "flags")
        same((told["power_factor"], told["frequency_hz"],
              told["active_power_kw"], told["temperature_f"],
              told["energy_consumed_kwh"], told["voltage_v"],
              told["current_a"]),
             (numbers["power_factor"] / 100, numbers["frequency"] / 100,
              numbers["active_power"] / 100000, numbers["temperature"] / 10,
              numbers["energy_consumed"] / 1000, numbers["voltage"] / 10,
              numbers["current"] / 100), "values")


@test
def blocks_that_are_damaged_or_of_another_format_are_refused(bench):
    good = blocks(1, 3)[0]
    again = make_record(BEGIN), make_record(BEGIN)
    for bad in (b"\x02" + good[1:], good[:40] + b"\xff" + good[41:],
                good[:-1], good[:32], good + bytes(32), b"\xff" * 64,
                make_block(0, again), make_block(9, [make_record(1)]),
                make_block(0, [make_record(1, frequency=10001)]),
                make_block(0, [make_record(1, power_factor=101)]),
                make_block(0, [make_record(1)], sample_minutes=0),
                make_block(0, [make_record(1)], sample_minutes=61)):
        with serving(bench, blocks=[bad]) as session:
            child = bench.run("--json", "-p", session.collar.port, "data",
                              "dump", status=None)
            told = json.loads(child.stdout)
            check(child.returncode or not told["records"], bad.hex())
