# SPDX-License-Identifier: BSD-2-Clause
"""From the first registration to reporting, and what the glass shows."""

from rig import (EX_REFUSED, MODEL, PLACE, check, holds, lacks, matches, same,
                 test)

PLACE_OPTIONS = [f"--{key}={value}" for key, value in PLACE.items()]


def lcd(collar):
    return collar.status()["lcd"]


@test
def without_coverage_the_glass_shows_no_cel_and_the_unit_waits(rig):
    collar = rig.collar(coverage="off")
    same(lcd(collar)["text"], "no CEL", "LCD")
    answer = collar.json("provision", "--no-wait", *PLACE_OPTIONS)
    same(answer["status"], "provisioning", "status")
    same(collar.json("info")["city"], "Springfield", "record")
    collar.advance("4m")
    same(collar.status()["status"], "provisioning", "after four minutes")
    collar.advance("90s")
    status = collar.status()
    same(status["status"], "provisioning_error", "after five and a half")
    holds(status["conditions"], "provisioning_error")
    holds(status["conditions"], "not_registered")
    same(status["lcd"]["text"], "no CEL", "LCD")
    collar.world(coverage="on")
    collar.advance("6m")
    same(collar.status()["status"], "operational", "with coverage again")
    kinds = [event["kind"] for event in collar.events()]
    for kind in ("provision_requested", "provisioning_failed", "provisioned"):
        holds(kinds, kind)


@test
def provision_waits_for_the_head_end_and_tells_of_its_failure(rig):
    collar = rig.collar(coverage="off")
    result = collar.run("--json", "provision", *PLACE_OPTIONS,
                        status=EX_REFUSED)
    same(result.error["code"], "provisioning_failed", "code")
    same(collar.status()["status"], "provisioning_error", "status")
    collar.run("provision", *PLACE_OPTIONS, "--wait", "1m", status=EX_REFUSED)


@test
def an_inactive_modem_is_named_and_shows_no_cel(rig):
    collar = rig.collar(modem="inactive")
    same(lcd(collar)["text"], "no CEL", "LCD")
    holds(collar.status()["conditions"], "modem_inactive")


@test
def an_upside_down_unit_says_so_and_refuses_to_be_provisioned(rig):
    collar = rig.collar(orientation="flipped")
    status = collar.status()
    same((status["status"], status["lcd"]["text"]), ("flipped", "FLIPPED"),
         "status")
    holds(status["conditions"], "flipped")
    collar.refused("flipped", "provision", *PLACE_OPTIONS)
    same(collar.json("info")["city"], None, "city")
    collar.world(orientation="up")
    collar.run("provision", *PLACE_OPTIONS)


@test
def a_provisioned_unit_turned_over_shows_flipped_and_recovers(rig):
    collar = rig.collar().provision()
    collar.world(orientation="flipped")
    same(collar.status()["status"], "flipped", "upside down")
    collar.world(orientation="up")
    same(collar.status()["status"], "operational", "put right")


@test
def three_failed_reports_make_a_reporting_error(rig):
    collar = rig.collar().provision()
    collar.advance("20m")
    check(collar.status()["uplink"]["last_report_at"], "no report so far")
    collar.world(reports="fail")
    collar.advance("1h")
    status = collar.status()
    same(status["status"], "reporting_error", "status")
    check(status["uplink"]["failures"] >= 3, status["uplink"])
    holds(status["conditions"], "reporting_error")
    check(len(collar.events("report_failed")) >= 3, "events")
    collar.world(reports="ok")
    collar.advance("20m")
    status = collar.status()
    same((status["status"], status["uplink"]["failures"]),
         ("operational", 0), "recovered")


@test
def update_data_that_does_not_arrive_makes_an_update_error(rig):
    collar = rig.collar().provision()
    collar.world(updates="fail")
    collar.advance("40m")
    same(collar.status()["status"], "update_error", "status")
    holds(collar.status()["conditions"], "update_error")
    collar.world(updates="ok")
    collar.advance("40m")
    same(collar.status()["status"], "operational", "recovered")


@test
def the_states_survive_a_power_cut(rig):
    collar = rig.collar(coverage="off")
    collar.run("provision", "--no-wait", *PLACE_OPTIONS)
    collar.cut()
    same(collar.status()["status"], "provisioning", "status")
    collar.world(coverage="on")
    collar.advance("6m")
    same(collar.status()["status"], "operational", "by itself")


@test
def the_glass_is_blank_without_utility_power_or_with_the_breaker_open(rig):
    collar = rig.collar().provision()
    for keys, condition in (({"utility": "off"}, "no_utility"),
                            ({"breaker": "open"}, "breaker_open")):
        collar.world(**keys)
        collar.advance("5s")
        status = collar.status()
        same(status["lcd"]["blank"], True, condition)
        holds(status["conditions"], condition)
        holds(collar.run("lcd").out, "breaker")
        collar.world(utility="on", breaker="shut")
        collar.advance("5s")
    same(lcd(collar)["blank"], False, "afterwards")


@test
def an_operational_unit_scrolls_four_pages(rig):
    collar = rig.collar(power_w=5000).provision()
    collar.relay("shut")
    collar.advance("1h")
    pages = lcd(collar)["pages"]
    same(len(pages), 4, "pages")
    for page, form in zip(pages, (r"^\d{3}\.\d V$", r"^\d+\.\d A$",
                                  r"^P \d+ kWh$", r"^C \d+ kWh$")):
        matches(page, form)
    status = collar.status()
    measured = status["measured"]
    same(status["lcd"]["pages"][0], f"{measured['voltage_v']:.1f} V", "volts")
    same(pages[2], f"P {int(measured['energy_produced_kwh'])} kWh", "produced")
    same(pages[3], f"C {int(measured['energy_consumed_kwh'])} kWh", "consumed")
    seen = set()
    for _ in range(20):
        seen.add(lcd(collar)["text"].split()[-1])
        collar.advance("1s")
    same(seen, {"V", "A", "kWh"}, "pages seen")


@test
def the_glass_is_drawn_on_seven_segments(rig):
    collar = rig.collar(orientation="flipped")
    drawn = collar.run("lcd").out
    holds(drawn, "FLIPPED")
    check(drawn.count("|") > 10 and drawn.count("_") > 5, drawn)


@test
def every_text_on_the_glass_comes_with_what_to_do(rig):
    for keys in ({}, {"coverage": "off"}, {"orientation": "flipped"},
                 {"breaker": "open"}):
        name = "_".join(keys) or "plain"
        glass = rig.collar(name, history="1h", **keys).json("lcd")["lcd"]
        check(glass["meaning"] and glass["action"], glass)


@test
def the_hex_status_is_the_sum_of_its_conditions(rig):
    collar = rig.collar(coverage="off", breaker="open")
    status = collar.status()
    decoded = rig.run("decode", "hex-status", status["hex_status"],
                      "--json").json
    same(decoded["conditions"], status["conditions"], "conditions")
    same(int(status["hex_status"], 16) & 0x10032, 0x10032,
         "breaker_open, not_registered, unprovisioned, unsealed")


@test
def a_unit_of_form_12s_sees_208_volts(rig):
    collar = rig.collar()
    collar.run("provision", "--model", MODEL.replace("-02-", "-12-"))
    collar.advance("1m")
    volts = collar.status()["measured"]["voltage_v"]
    check(198 <= volts <= 218, volts)
    lacks(collar.status()["conditions"], "form_mismatch")
    collar.relay("shut")


@test
def an_unsealed_unit_says_so_wherever_its_status_is_shown(rig):
    collar = rig.collar()
    holds(collar.status()["conditions"], "unsealed")
    same(collar.status()["sealed"], False, "sealed")
    holds(collar.run("status").out, "unsealed")


@test
def lcd_watch_follows_the_glass_until_nobody_listens(rig):
    collar = rig.collar().provision()
    child = rig.start("-p", collar.port, "lcd", "--watch", "--json",
                      stdout=-1, stderr=-1)
    for _ in range(2):
        holds(child.stdout.readline().decode(), '"lcd"')
    child.stdout.close()
    same(child.wait(10), 0, "exit status")
    same(child.stderr.read(), b"", "stderr")
