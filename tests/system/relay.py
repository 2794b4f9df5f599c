# SPDX-License-Identifier: BSD-2-Clause
"""The DER relay: moves, warnings, interlocks, tag-out, exercise."""

from config import configure
from rig import (EX_NO_COLLAR, EX_REFUSED, EX_USAGE, check, holds, lacks,
                 matches, same, test, utc)

NOT_ISOLATION = ("relay OPEN is not isolation: lock out the breaker, prove "
                 "dead with a meter")


def feedback(collar):
    return collar.status()["relay"]["feedback"]


@test
def a_new_unit_stands_open_and_provisioning_does_not_move_it(rig):
    collar = rig.collar()
    same(feedback(collar), "open", "new")
    same(feedback(collar.provision()), "open", "provisioned")
    same(collar.events("relay_shut"), [], "moves")


@test
def shut_and_open_are_answered_with_the_contacts_feedback(rig):
    collar = rig.collar().provision()
    same(collar.relay("shut", "--json").json["feedback"], "shut", "SHUT")
    same(collar.status()["lcd"]["arrow"], True, "arrow")
    same(collar.relay("open", "--json").json["feedback"], "open", "OPEN")
    same(collar.status()["lcd"]["arrow"], False, "arrow")
    same([event["kind"] for event in collar.events()][-2:],
         ["relay_shut", "relay_opened"], "events")


@test
def a_move_to_where_it_stands_changes_nothing(rig):
    collar = rig.collar().provision()
    same(collar.relay("open", "--json").json["changed"], False, "changed")
    same(collar.events("relay_opened"), [], "moves")


@test
def every_open_warns_that_it_is_not_isolation(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    holds(collar.relay("open").out, NOT_ISOLATION)
    holds(collar.relay("open", "--at", "top-of-hour").out, NOT_ISOLATION)
    holds(collar.relay("open", "--json").err, NOT_ISOLATION)
    lacks(collar.relay("shut").out, NOT_ISOLATION)


@test
def a_move_asked_for_without_a_terminal_needs_yes_and_a_named_unit(rig):
    collar = rig.collar().provision()
    before = collar.state()
    for words in (["relay", "shut"], ["relay", "open"], ["relay", "exercise"],
                  ["test", "start"], ["unprovision"]):
        for missing in ([], ["--yes"], ["-s", "SIM0001"]):
            error = collar.refused("usage", *missing, *words, status=EX_USAGE)
            check("sent" in error["hint"] or "sent" in error["message"], error)
    same(collar.state(), before, "the unit")


@test
def a_unit_is_named_by_the_line_and_not_by_what_was_written_before(rig):
    configure(rig, "port roof = usb:NOBODY\n")
    shut = ["--yes", "relay", "shut"]
    rig.run("-p", "roof", *shut, status=EX_USAGE)
    rig.run(*shut, env={"COLLARCTL_PORT": "usb:NOBODY"}, status=EX_USAGE)
    rig.run("-p", "usb:NOBODY", *shut, status=EX_NO_COLLAR)
    result = rig.run("-p", "usb:NOBODY", "shell", stdin="relay shut --yes\n",
                     status=EX_NO_COLLAR)
    lacks(result.err, "named")


@test
def an_empty_name_is_no_named_unit(rig):
    collar = rig.collar().provision()
    for words in (["-s", ""], ["--serial="], ["--unit", ""]):
        collar.run(*words, "-y", "relay", "shut", status=EX_USAGE)
    same(feedback(collar), "open", "relay")


@test
def nothing_is_even_opened_for_a_move_that_was_not_confirmed(rig):
    rig.run("-p", "sim:fresh", "relay", "open", status=EX_USAGE)
    same(rig.sim("list", "--json").json["collars"], [], "collars")


@test
def reads_and_cancels_need_no_confirmation(rig):
    collar = rig.collar().provision()
    collar.run("relay")
    collar.run("relay", "status")
    collar.relay("open", "--at", "top-of-hour")
    collar.run("relay", "cancel")


@test
def a_shut_too_soon_after_an_open_is_waited_for(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open")
    opened = collar.json("clock")["utc"]
    collar.relay("shut")
    same(feedback(collar), "shut", "relay")
    check(collar.json("clock")["utc"] > opened, "no time has passed")


@test
def an_open_never_waits(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    opened = collar.relay("open", "--json").json
    same(opened["feedback"], "open", "relay")
    moves = [utc(event["at"]) for event in collar.events()
             if event["kind"] in ("relay_shut", "relay_opened")]
    check(moves[1] - moves[0] <= 2, moves)


@test
def a_shut_within_ten_seconds_of_the_grids_return_waits_for_them(rig):
    collar = rig.collar().provision()
    collar.advance("1m")
    collar.world(utility="off")
    collar.advance("1m")
    collar.refused("no_utility", "-s", "SIM0001", "-y", "relay", "shut")
    collar.world(utility="on")
    returned = collar.json("clock")["utc"]
    collar.relay("shut")
    moved = collar.events("relay_shut")[-1]["at"]
    check(int(moved[17:19]) - int(returned[17:19]) in (-51, -50, -49, 9, 10,
                                                       11), returned, moved)


@test
def an_upside_down_unit_refuses_to_shut_and_opens_all_the_same(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.world(orientation="flipped")
    collar.relay("open")
    same(feedback(collar), "open", "relay")
    collar.refused("flipped", "-s", "SIM0001", "-y", "relay", "shut")
    collar.refused("flipped", "-s", "SIM0001", "-y", "relay", "exercise")
    collar.world(orientation="up")
    collar.relay("shut")


@test
def the_factory_may_shut_an_unprovisioned_unit_on_the_bench(rig):
    collar = rig.collar()
    same(collar.status()["sealed"], False, "sealed")
    collar.relay("shut")
    same(feedback(collar), "shut", "relay")


@test
def one_leg_missing_is_outside_the_voltage_limits(rig):
    collar = rig.collar().provision()
    collar.advance("1m")
    collar.world(utility="one-leg")
    collar.advance("1m")
    error = collar.refused("interlock", "-s", "SIM0001", "-y", "relay", "shut")
    same(error["detail"]["condition"], "voltage_limit", "condition")
    holds(collar.status()["conditions"], "voltage_limit")


@test
def a_metering_fault_is_critical_and_refuses_a_shut(rig):
    collar = rig.collar().provision()
    collar.advance("1m")
    collar.world(metering="fault")
    error = collar.refused("interlock", "-s", "SIM0001", "-y", "relay", "shut")
    same(error["detail"]["condition"], "metering_fault", "condition")
    status = collar.status()
    holds(status["conditions"], "critical")
    same(status["lcd"]["skull"], True, "skull")


@test
def a_contact_that_does_not_follow_is_a_fault_and_shows_the_skull(rig):
    collar = rig.collar().provision()
    collar.world(relay="stuck")
    result = collar.relay("--json", "shut", status=EX_REFUSED)
    same(result.error["code"], "relay_fault", "code")
    status = collar.status()
    same(status["relay"]["feedback"], "open", "contact")
    holds(status["conditions"], "relay_fault")
    holds(status["conditions"], "critical")
    same(status["lcd"]["skull"], True, "skull")
    collar.world(relay="ok")
    error = collar.refused("interlock", "-s", "SIM0001", "-y", "relay", "shut")
    same(error["detail"]["condition"], "relay_fault", "condition")
    holds([event["field"] or event["new"] for event in
           collar.events("condition_raised")], "relay_fault")


@test
def a_contact_stuck_shut_is_reported_as_it_is(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.world(relay="stuck")
    same(collar.relay("--json", "open", status=EX_REFUSED).error["code"],
         "relay_fault", "code")
    same(feedback(collar), "shut", "contact")
    collar.world(relay="ok")
    collar.relay("open")
    same(feedback(collar), "open", "contact")
    lacks(collar.status()["conditions"], "relay_fault")


@test
def a_tag_out_refuses_every_shut_until_it_is_taken_off(rig):
    collar = rig.collar().provision()
    collar.relay("open", "--tag", "J. Doe on the roof")
    tag = collar.status()["relay"]["tag"]
    same((tag["text"], tag["holder"]), ("J. Doe on the roof", "tester"), "tag")
    holds(collar.run("relay").out, "J. Doe on the roof")
    collar.advance("1m")
    for words in (["relay", "shut"], ["relay", "exercise"],
                  ["test", "start", "--relay"],
                  ["relay", "shut", "--at", "top-of-hour"],
                  ["relay", "shut", "--hold", "1m"]):
        collar.refused("tagged_out", "-s", "SIM0001", "-y", *words)
    collar.cut()
    collar.refused("tagged_out", "-s", "SIM0001", "-y", "relay", "shut")
    collar.run("relay", "untag")
    collar.refused("nothing_pending", "relay", "untag")
    collar.relay("shut")
    same([event["kind"] for event in collar.events()
          if event["kind"].startswith("tag_")], ["tag_set", "tag_cleared"],
         "events")


@test
def a_tag_goes_with_an_open_now_only_and_has_its_limits(rig):
    collar = rig.collar().provision()
    collar.relay("open", "--tag", "x", "--hold", "1m", status=EX_USAGE)
    collar.relay("open", "--tag", "x", "--at", "top-of-hour", status=EX_USAGE)
    collar.run("relay", "tag", "", status=EX_USAGE)
    collar.run("relay", "tag", "x" * 65, status=EX_USAGE)
    collar.run("relay", "tag", "bell \a", status=EX_USAGE)
    collar.run("relay", "tag", "x" * 64)


@test
def a_tag_out_ends_a_hold(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--hold", "5m")
    collar.run("relay", "tag", "hands inside")
    same(collar.status()["relay"]["hold"], None, "hold")
    collar.advance("10m")
    same(feedback(collar), "open", "relay")


@test
def an_exercise_goes_there_and_back_and_is_judged_by_voltage(rig):
    collar = rig.collar().provision()
    answer = collar.relay("exercise", "--json").json
    same((answer["feedback"], answer["feedback_other"],
          answer["voltage_followed"]), ("open", "shut", True), "from OPEN")
    collar.relay("shut")
    answer = collar.relay("exercise", "--json").json
    same((answer["feedback"], answer["feedback_other"]), ("shut", "open"),
         "from SHUT")
    same(feedback(collar), "shut", "relay")
    same(len(collar.events("relay_exercised")), 2, "events")


@test
def an_exercise_of_a_stuck_relay_fails(rig):
    collar = rig.collar().provision()
    collar.world(relay="stuck")
    same(collar.relay("--json", "exercise", status=EX_REFUSED).error["code"],
         "relay_fault", "code")


@test
def dry_runs_say_whether_power_would_move_and_move_none(rig):
    collar = rig.collar().provision()
    before = collar.state()
    for words in ("relay shut", "relay shut --at top-of-hour",
                  "relay exercise", "test start --relay", "unprovision",
                  "relay open", "relay open --hold 5m"):
        for option in ("-n", "--dry-run"):
            matches(collar.run(option, *words.split()).out, r"power would")
    collar.run("-n", "relay", "tag", "x")
    collar.run("-n", "test", "stop")
    collar.run("-n", "clock", "set")
    same(collar.state(), before, "the unit")


@test
def a_dry_run_with_json_is_one_object(rig):
    collar = rig.collar().provision()
    before = collar.state()
    for words in ("relay shut", "relay exercise", "relay tag x", "test start",
                  "test stop", "clock set", "unprovision", "set city=X",
                  "relay cancel"):
        answer = collar.json("-n", *words.split())
        same(list(answer)[:3], ["serial", "kind", "virtual"], words)
        check({"dry_run", "changed", "moves_power"} <= set(answer), answer)
    same(collar.state(), before, "the unit")


@test
def a_dry_run_of_a_move_that_only_ends_what_waits_says_that_it_changes(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--hold", "5m")
    preview = collar.json("-n", "relay", "open")
    same((preview["changed"], preview["moves_power"]), (True, False), "hold")
    collar.relay("open")
    same(collar.json("-n", "relay", "open")["changed"], False, "no hold")
    collar.relay("shut", "--at", "top-of-hour")
    same(collar.json("-n", "relay", "open")["changed"], True, "schedule")
    same(collar.relay("--json", "open").json["changed"], True, "done")
