# SPDX-License-Identifier: BSD-2-Clause
"""What the relay does by itself: holds, schedules, and after restarts."""

import time

from rig import EX_USAGE, check, holds, lacks, matches, same, test, utc


def relay(collar):
    return collar.status()["relay"]


def kinds(collar):
    return [event["kind"] for event in collar.events()]


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def now(collar):
    return utc(collar.json("clock")["utc"])


def away_from_the_hour(collar):
    """Leaves at least five minutes until the next full hour."""
    if now(collar) % 3600 > 3300:
        collar.advance("10m")


@test
def a_held_open_goes_back_by_itself(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--hold", "5m")
    hold = relay(collar)["hold"]
    same(hold["returns_to"], "shut", "returns to")
    collar.advance("4m")
    same(relay(collar)["feedback"], "open", "before its time")
    collar.advance("2m")
    same((relay(collar)["feedback"], relay(collar)["hold"]), ("shut", None),
         "after it")
    holds(kinds(collar), "hold_undone")


@test
def a_confirmed_move_stays(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--hold", "5m")
    collar.run("relay", "confirm")
    same(relay(collar)["hold"], None, "hold")
    collar.advance("10m")
    same(relay(collar)["feedback"], "open", "relay")
    holds(kinds(collar), "hold_confirmed")
    collar.refused("nothing_pending", "relay", "confirm")


@test
def a_held_shut_opens_by_itself(rig):
    collar = rig.collar().provision()
    collar.relay("shut", "--hold", "1h")
    collar.advance("59m")
    same(relay(collar)["feedback"], "shut", "before its time")
    collar.advance("2m")
    same(relay(collar)["feedback"], "open", "after it")


@test
def a_move_without_hold_ends_one_that_runs(rig):
    collar = rig.collar().provision()
    collar.relay("shut", "--hold", "1h")
    collar.relay("shut")
    same(relay(collar)["hold"], None, "hold")


@test
def a_second_hold_keeps_the_first_ones_origin(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--hold", "1m")
    collar.relay("open", "--hold", "9m")
    same(relay(collar)["hold"]["returns_to"], "shut", "returns to")
    collar.advance("5m")
    same(relay(collar)["feedback"], "open", "after the first")
    collar.advance("5m")
    same(relay(collar)["feedback"], "shut", "after the second")


@test
def a_hold_toward_shut_meets_every_interlock_again(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--hold", "2m")
    collar.world(orientation="flipped")
    collar.advance("3m")
    same((relay(collar)["feedback"], relay(collar)["hold"]), ("open", None),
         "relay")
    same(collar.events("hold_kept_open")[0]["field"], "flipped", "why")


@test
def after_a_power_cut_a_hold_toward_shut_stays_open(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--hold", "5m")
    collar.cut()
    collar.advance("10m")
    same((relay(collar)["feedback"], relay(collar)["hold"]), ("open", None),
         "relay")
    holds(kinds(collar), "hold_kept_open")


@test
def after_a_power_cut_a_hold_toward_open_is_undone_at_once(rig):
    collar = rig.collar().provision()
    collar.relay("shut", "--hold", "7d")
    collar.cut()
    collar.advance("5s")
    same((relay(collar)["feedback"], relay(collar)["hold"]), ("open", None),
         "relay")


@test
def a_hold_on_open_lasts_at_most_ten_minutes(rig):
    collar = rig.collar().provision()
    collar.relay("open", "--hold", "10m1s", status=EX_USAGE)
    collar.relay("open", "--hold", "0", status=EX_USAGE)
    collar.relay("shut", "--hold", "8d", status=EX_USAGE)


@test
def whoever_looks_is_told_first_that_it_shuts_by_itself(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--hold", "5m")
    at = relay(collar)["hold"]["at"][11:19]
    for words in ("relay", "status", "lcd"):
        same(collar.run(words).lines[1][:len("SHUTS BY ITSELF at ") + 8],
             f"SHUTS BY ITSELF at {at}", words)
    collar.run("relay", "confirm")
    collar.relay("shut", "--at", "top-of-hour")
    at = relay(collar)["pending"]["at"][11:19]
    for words in ("relay", "status", "lcd"):
        holds(collar.run(words).out, f"SHUTS BY ITSELF at {at}")
    collar.run("relay", "cancel")
    collar.relay("shut", "--hold", "5m")
    for words in ("relay", "status", "lcd"):
        lacks(collar.run(words).out, "SHUTS BY ITSELF")


@test
def the_glass_counts_down_the_last_minute_before_it_shuts(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--hold", "2m")
    lacks([collar.status()["lcd"]["text"]], "30")
    collar.advance("90s")
    text = collar.status()["lcd"]["text"]
    found = matches(text, r"(\d+)")
    check(25 <= int(found.group(1)) <= 30, text)


@test
def a_scheduled_move_is_made_at_the_top_of_the_hour(rig):
    collar = rig.collar().provision()
    collar.advance("1m")
    away_from_the_hour(collar)
    asked = now(collar)
    collar.relay("shut", "--at", "top-of-hour")
    pending = relay(collar)["pending"]
    same((pending["action"], pending["by"]), ("shut", "tester"), "pending")
    same(utc(pending["at"]), asked - asked % 3600 + 3600, "at")
    check(abs(utc(pending["requested_at"]) - asked) <= 2, pending)
    same(relay(collar)["feedback"], "open", "before")
    collar.advance("1h")
    same((relay(collar)["feedback"], relay(collar)["pending"]),
         ("shut", None), "after")
    same(collar.events("relay_shut")[-1]["at"], pending["at"], "moved at")
    holds(kinds(collar), "relay_scheduled")


@test
def a_scheduled_move_can_be_cancelled_before(rig):
    collar = rig.collar().provision()
    collar.relay("shut", "--at", "top-of-hour")
    collar.run("relay", "cancel")
    same(relay(collar)["pending"], None, "pending")
    collar.advance("61m")
    same(relay(collar)["feedback"], "open", "relay")
    holds(kinds(collar), "relay_cancelled")
    collar.refused("nothing_pending", "relay", "cancel")


@test
def a_move_is_made_at_a_time_given(rig):
    collar = rig.collar().provision()
    at = now(collar) + 600
    collar.relay("shut", "--at", stamp(at))
    same(utc(relay(collar)["pending"]["at"]), at, "at")
    collar.advance("9m")
    same(relay(collar)["feedback"], "open", "before")
    collar.advance("2m")
    same(relay(collar)["feedback"], "shut", "after")


@test
def a_time_in_the_past_or_too_far_ahead_is_refused(rig):
    collar = rig.collar().provision()
    for at in (now(collar) - 60, now(collar) + 8 * 86400):
        collar.refused("bad_value", "-s", "SIM0001", "-y", "relay", "open",
                       "--at", stamp(at), status=EX_USAGE)


@test
def a_new_schedule_replaces_the_old_and_a_move_now_cancels_it(rig):
    collar = rig.collar().provision()
    collar.relay("shut", "--at", "top-of-hour")
    collar.relay("open", "--at", stamp(now(collar) + 300))
    same(relay(collar)["pending"]["action"], "open", "replaced")
    collar.advance("1m")
    collar.relay("shut")
    same(relay(collar)["pending"], None, "cancelled")


@test
def a_schedule_survives_a_power_cut(rig):
    collar = rig.collar().provision()
    collar.relay("shut", "--at", stamp(now(collar) + 300))
    collar.cut()
    same(relay(collar)["pending"]["action"], "shut", "pending")
    collar.advance("6m")
    same(relay(collar)["feedback"], "shut", "relay")


@test
def a_scheduled_shut_waits_for_the_grid_and_is_marked_late(rig):
    collar = rig.collar().provision()
    collar.relay("shut", "--at", stamp(now(collar) + 120))
    collar.world(utility="off")
    collar.advance("8m")
    same(relay(collar)["feedback"], "open", "in the dark")
    collar.world(utility="on")
    collar.advance("1m")
    same(relay(collar)["feedback"], "shut", "with the grid back")
    holds(kinds(collar), "relay_late")


@test
def a_scheduled_shut_is_dropped_as_missed_after_a_quarter_of_an_hour(rig):
    collar = rig.collar().provision()
    collar.relay("shut", "--at", stamp(now(collar) + 120))
    collar.world(utility="off")
    collar.advance("20m")
    collar.world(utility="on")
    collar.advance("5m")
    same((relay(collar)["feedback"], relay(collar)["pending"]),
         ("open", None), "relay")
    holds(kinds(collar), "relay_missed")


@test
def a_scheduled_shut_meets_the_interlocks_at_its_time(rig):
    collar = rig.collar().provision()
    collar.relay("shut", "--at", stamp(now(collar) + 120))
    collar.world(orientation="flipped")
    collar.advance("5m")
    same((relay(collar)["feedback"], relay(collar)["pending"]),
         ("open", None), "relay")
    same(collar.events("relay_refused")[0]["field"], "flipped", "why")


@test
def a_scheduled_open_is_made_whatever_stands_in_the_way(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--at", stamp(now(collar) + 120))
    collar.world(utility="off", orientation="flipped")
    collar.advance("5m")
    same(relay(collar)["feedback"], "open", "relay")


@test
def unprovisioning_cancels_what_is_pending_and_leaves_the_relay(rig):
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--at", "top-of-hour")
    collar.run("-s", "SIM0001", "-y", "unprovision")
    collar.advance("61m")
    same((relay(collar)["feedback"], relay(collar)["pending"]),
         ("shut", None), "relay")


@test
def of_a_hold_and_a_schedule_the_first_shut_is_the_one_warned_of(rig):
    # a schedule before the hold's end was not in the first line
    collar = rig.collar().provision()
    collar.relay("shut")
    collar.relay("open", "--hold", "10m")
    held = utc(collar.json("relay")["hold"]["at"])
    for minutes in (-5, 5):
        at = stamp(held + 60 * minutes)
        collar.relay("shut", "--at", at)
        first = at if minutes < 0 else stamp(held)
        for command in ("relay", "status", "lcd"):
            same(collar.run(command).lines[1].split(" UTC")[0],
                 "SHUTS BY ITSELF at " + first[11:19], command)
