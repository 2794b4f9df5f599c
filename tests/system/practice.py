# SPDX-License-Identifier: BSD-2-Clause
"""sim: virtual collars to practise on."""

import time

from rig import (EX_NO_COLLAR, EX_REFUSED, EX_USAGE, check, holds, same,
                 test, utc)


@test
def one_is_made_by_its_first_use_and_listed_from_then_on(rig):
    same(rig.sim("list").out, "", "at first")
    rig.collar("b")
    rig.collar("a")
    rig.run("-p", "sim", "status")
    same([row["name"] for row in rig.sim("list", "--json").json["collars"]],
         ["a", "b", "sim"], "names")
    for name in ("a", "b", "sim"):
        holds(rig.sim("list").out, name)


@test
def show_gives_its_settings(rig):
    rig.collar("a", seed=7, coverage="off", power_w=3000, history="3d")
    shown = rig.sim("show", "a", "--json").json
    for key, value in (("seed", 7), ("coverage", "off"), ("power_w", 3000),
                       ("kind", "der"), ("orientation", "up"),
                       ("breaker", "shut"), ("utility", "on"),
                       ("modem", "active"), ("reports", "ok"),
                       ("updates", "ok"), ("relay", "ok"),
                       ("metering", "ok"), ("history", "3d")):
        same(shown[key], value, key)
    holds(rig.sim("show", "a").out, "coverage")
    rig.sim("show", "none", status=EX_NO_COLLAR)


@test
def remove_removes_it(rig):
    rig.collar("a")
    rig.sim("remove", "a")
    same(rig.sim("list", "--json").json["collars"], [], "collars")
    rig.sim("remove", "a", status=EX_NO_COLLAR)


@test
def a_key_that_differs_from_an_old_unit_is_refused(rig):
    rig.collar("a", seed=7)
    same(rig.run("-p", "sim:a,seed=8", "--json", "status",
                 status=EX_USAGE).error["outcome"], "not_done", "outcome")
    rig.run("-p", "sim:a,coverage=off", "status", status=EX_USAGE)
    rig.run("-p", "sim:a,seed=7,coverage=on", "status")


@test
def set_changes_its_world_all_or_nothing(rig):
    collar = rig.collar("a")
    answer = rig.sim("set", "a", "coverage=off", "power_w=-500",
                     "--json").json
    same(answer["changed"], True, "changed")
    for words in (["breaker=open", "seed=9"], ["breaker=open", "colour=red"],
                  ["breaker=open", "utility=maybe"], ["breaker"], [],
                  ["generator=on"], ["contact=welded"]):
        rig.sim("set", "a", *words, status=EX_USAGE)
    shown = rig.sim("show", "a", "--json").json
    same((shown["coverage"], shown["power_w"], shown["breaker"]),
         ("off", -500, "shut"), "settings")
    same(collar.status()["lcd"]["text"], "no CEL", "LCD")
    rig.sim("set", "none", "coverage=off", status=EX_NO_COLLAR)


@test
def advance_moves_its_time_and_not_the_users(rig):
    collar = rig.collar("a")
    before = utc(collar.json("clock")["utc"])
    rig.sim("advance", "a", "1d")
    moved = utc(collar.json("clock")["utc"]) - before
    check(86400 <= moved < 86400 + 30, moved)
    check(abs(collar.json("clock")["drift_s"]) < 1, "its world moves along")
    rig.sim("advance", "a", "soon", status=EX_USAGE)


@test
def a_der_collar_has_no_reset_button(rig):
    rig.collar("a")
    same(rig.sim("press", "a", "reset", "--json",
                 status=EX_REFUSED).error["code"], "wrong_kind", "code")
    rig.sim("press", "a", "belly", status=EX_USAGE)


@test
def names_have_a_form(rig):
    for name in ("a b", "../a", "x" * 33, "a.b", "a/b"):
        rig.run("-p", f"sim:{name}", "status", status=EX_USAGE)
        rig.sim("serve", name, "--pty", status=EX_USAGE)
    same(rig.sim("list", "--json").json["collars"], [], "collars")


@test
def the_time_that_it_was_closed_is_caught_up(rig):
    collar = rig.collar("a")
    before = utc(collar.json("clock")["utc"])
    time.sleep(2)
    check(utc(collar.json("clock")["utc"]) - before >= 2, "its clock stood")
    same(collar.json("data", "info")["gaps"], [], "gaps")


@test
def closing_it_is_no_power_cut_and_cut_is_one(rig):
    collar = rig.collar("a").provision()
    before = len(collar.events("restart"))
    collar.status()
    same(len(collar.events("restart")), before, "after closing")
    collar.cut()
    same(len(collar.events("restart")), before + 1, "after a cut")


@test
def a_unit_of_the_other_kind_is_not_offered_yet(rig):
    holds(rig.run("-p", "sim:a,kind=transfer", "status",
                  status=EX_USAGE).err, "kind")


@test
def everything_is_kept_below_the_home_or_where_xdg_says(rig):
    rig.run("-p", "sim:a,history=1h", "status")
    env = {"XDG_DATA_HOME": rig.path("data")}
    same(rig.sim("list", "--json", env=env).json["collars"], [], "elsewhere")
    rig.run("-p", "sim:b,history=1h", "status", env=env)
    same([row["name"] for row in
          rig.sim("list", "--json").json["collars"]], ["a"], "at home")
