# SPDX-License-Identifier: BSD-2-Clause
"""Test mode: ten minutes in which nothing is billed."""

from rig import (EX_INTERRUPTED, EX_USAGE, Terminal, check, holds, lacks, same,
                 test)


def start(collar, *words, **options):
    return collar.run("-s", collar.serial, "-y", "test", "start", *words,
                      **options)


def producing(rig):
    collar = rig.collar(power_w=6000).provision()
    collar.relay("shut")
    collar.advance("2m")
    return collar


@test
def billing_registers_stand_still_while_test_registers_grow(rig):
    collar = producing(rig)
    start(collar)
    collar.advance("11s")  # the glass first
    before = collar.status()
    collar.advance("6m")
    after = collar.status()
    same(after["test"]["active"], True, "active")
    same(after["measured"]["energy_produced_kwh"],
         before["measured"]["energy_produced_kwh"], "billing register")
    grown = (after["test_registers"]["energy_produced_kwh"]
             - before["test_registers"]["energy_produced_kwh"])
    check(abs(grown - 0.6) < 0.03, f"6 kW in 6 min are 0.6 kWh, not {grown}")
    collar.run("test", "stop")
    collar.advance("6m")
    later = collar.status()
    check(later["measured"]["energy_produced_kwh"]
          > before["measured"]["energy_produced_kwh"] + 0.5, "billing again")
    check(later["test_registers"]["energy_produced_kwh"]
          >= after["test_registers"]["energy_produced_kwh"], "never reset")


@test
def the_intervals_it_touches_are_flagged(rig):
    collar = producing(rig)
    begin = collar.json("clock")["utc"]
    start(collar)
    collar.advance("45m")
    records = collar.json("data", "dump", "--since", begin)["records"]
    flagged = [record for record in records if "test_mode" in record["flags"]]
    check(1 <= len(flagged) <= 2, records)
    lacks(records[-1]["flags"], "test_mode")


@test
def it_ends_by_itself_after_at_most_ten_minutes(rig):
    collar = producing(rig)
    start(collar)
    status = collar.status()
    check(590 <= status["test"]["remaining_s"] <= 600, status["test"])
    holds(status["conditions"], "test_mode")
    collar.advance("9m50s")
    same(collar.status()["test"]["active"], True, "just before")
    collar.advance("15s")
    same(collar.status()["test"],
         {"active": False, "remaining_s": None, "ends_at": None}, "after")
    start(collar, "--minutes", "11", status=EX_USAGE)


@test
def it_lights_every_segment_first(rig):
    collar = producing(rig)
    start(collar, "--minutes", "2")
    lcd = collar.status()["lcd"]
    same((lcd["thumbs_up"], lcd["arrow"], lcd["skull"]), (True, True, True),
         "icons")
    same(set(lcd["text"].replace(".", "").replace(" ", "")), {"8"}, "text")
    collar.advance("11s")
    same(collar.status()["lcd"]["skull"], False, "afterwards")


@test
def a_second_start_is_refused_and_a_stop_of_nothing_too(rig):
    collar = producing(rig)
    collar.refused("nothing_pending", "test", "stop")
    start(collar)
    error = collar.refused("interlock", "-s", "SIM0001", "-y", "test", "start")
    same(error["detail"]["condition"], "test_mode", "condition")
    collar.run("test", "stop")


@test
def with_relay_the_relay_is_exercised_and_returned(rig):
    collar = producing(rig)
    start(collar, "--minutes", "2", "--relay")
    collar.advance("1m")
    same(len(collar.events("relay_exercised")), 1, "exercises")
    same(collar.status()["relay"]["feedback"], "shut", "relay")


@test
def watch_follows_it_to_its_end(rig):
    collar = producing(rig)
    start(collar, "--minutes", "1")
    collar.advance("57s")
    lines = collar.run("test", "--watch").lines
    check(len(lines) >= 3, lines)
    holds(lines[-1], "not active")


@test
def a_power_cut_ends_it(rig):
    collar = producing(rig)
    start(collar)
    collar.cut()
    same(collar.status()["test"]["active"], False, "active")


@test
def start_and_end_are_events(rig):
    collar = producing(rig)
    start(collar, "--minutes", "1")
    collar.advance("2m")
    same([event["kind"] for event in collar.events()
          if event["kind"].startswith("test_")],
         ["test_started", "test_ended"], "events")


@test
def a_preview_tells_whether_anything_would_change(rig):
    # test was the one change whose preview left "changed" out
    collar = producing(rig)
    preview = collar.json("-n", "test", "stop")
    same((preview["dry_run"], preview["changed"], preview["moves_power"]),
         (True, False, False), "stop of nothing")
    preview = collar.json("-n", "test", "start", "--relay")
    same((preview["changed"], preview["moves_power"]), (True, True), "start")
    same(collar.status()["relay"]["feedback"], "shut", "relay")
    start(collar)
    same(collar.json("-n", "test", "stop")["changed"], True, "stop")


@test
def an_interrupted_watch_ends_it_and_says_no_more_than_that(rig):
    # it sent the technician to ask for an outcome that was known
    collar = producing(rig)
    watching = Terminal(rig, "-p", collar.port, "-s", collar.serial, "-y",
                        "test", "start", "--watch")
    watching.expect("left")
    watching.say("\x03")
    same(watching.end(), EX_INTERRUPTED, "exit status")
    holds(watching.seen, "interrupted: test mode was ended\n")
    lacks(watching.seen, "outcome")
    same(collar.status()["test"]["active"], False, "active")
