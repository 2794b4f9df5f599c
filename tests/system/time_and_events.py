# SPDX-License-Identifier: BSD-2-Clause
"""The unit's clock and its log."""

import time

from rig import EX_USAGE, check, holds, matches, same, test, utc


@test
def the_clock_of_a_new_unit_is_trusted_and_right(rig):
    clock = rig.collar().json("clock")
    same(clock["trusted"], True, "trusted")
    check(abs(clock["drift_s"]) < 1, clock)
    check(abs(utc(clock["utc"]) - time.time()) < 5, clock)


@test
def clock_set_is_logged(rig):
    collar = rig.collar()
    collar.run("clock", "set")
    same(collar.events("clock_set")[0]["holder"], "tester", "holder")


@test
def a_stepped_clock_is_seen_as_drift_set_right_and_flagged(rig):
    collar = rig.collar()
    collar.advance("2h")  # its world is ahead of this computer
    served = rig.serve("unit", "--unix", rig.path("socket"))
    unit = collar.at(served.port)
    check(7190 < unit.json("clock")["drift_s"] < 7210, "drift")
    check(7190 < unit.status()["clock"]["drift_s"] < 7210, "in status")
    check(abs(unit.json("clock", "set")["drift_s"]) < 2, "after set")
    served.stop()
    collar.advance("1h")
    answer = collar.json("data", "dump")
    check(any("clock" in gap["why"] for gap in answer["gaps"]),
          answer["gaps"])
    check(any("clock_step" in record["flags"]
              for record in answer["records"]), "no record is flagged")


@test
def the_clock_runs_on_through_a_power_cut(rig):
    collar = rig.collar()
    collar.advance("1h")
    before = utc(collar.json("clock")["utc"])
    collar.cut()
    check(0 <= utc(collar.json("clock")["utc"]) - before < 60, "clock")


@test
def events_are_numbered_without_gaps_oldest_first(rig):
    collar = rig.collar().provision()
    for i in range(30):
        collar.run("set", f"description={i}")
    events = collar.events()
    first = events[0]["seq"]
    same([event["seq"] for event in events],
         list(range(first, first + len(events))), "seq")
    same([event["at"] for event in events],
         sorted(event["at"] for event in events), "times")


@test
def events_survive_power_cuts_and_tell_of_them(rig):
    collar = rig.collar().provision()
    before = collar.events()
    for _ in range(3):
        collar.cut()
    after = collar.events()
    same(after[:len(before)], before, "what was there")
    same([event["kind"] for event in after[len(before):]
          if event["kind"] == "restart"], ["restart"] * 3, "restarts")


@test
def a_range_of_events_can_be_asked_for(rig):
    collar = rig.collar().provision()
    collar.advance("1h")
    since = collar.json("clock")["utc"]
    collar.advance("10s")
    collar.run("set", "city=Shelby")
    same([event["field"] for event in
          collar.json("events", "--since", since)["events"]], ["city"],
         "since")
    check(all(event["at"] <= since for event in
              collar.json("events", "--until", since)["events"]), "until")
    collar.run("events", "--since", "soon", status=EX_USAGE)
    # once a range the wrong way round was no event, as if nothing had happened
    collar.run("events", "--since", "1h", "--until", "2h", status=EX_USAGE)


@test
def conditions_are_logged_as_they_come_and_go(rig):
    collar = rig.collar().provision()
    collar.world(breaker="open")
    collar.advance("10s")
    collar.world(breaker="shut")
    collar.advance("10s")
    named = [(event["kind"], event["field"] or event["new"] or event["old"])
             for event in collar.events()]
    holds(named, ("condition_raised", "breaker_open"))
    holds(named, ("condition_cleared", "breaker_open"))


@test
def events_as_text_are_sentences_with_who_and_what(rig):
    collar = rig.collar().provision()
    collar.run("set", "city=Shelby")
    out = collar.run("events").out
    matches(out, r'^ *\d+  20\S+Z  .*city .*"Springfield".*"Shelby".*tester')
