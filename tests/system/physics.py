# SPDX-License-Identifier: BSD-2-Clause
"""The world behind a virtual collar keeps to physics and to its seed."""

import math

from rig import check, same, test, utc


def records(collar):
    return collar.json("data", "dump")["records"]


def noon_utc_h(record):
    return utc(record["sampled_at"]) % 86400 / 3600


@test
def power_is_voltage_times_current_times_power_factor(rig):
    for record in records(rig.collar(history="14d")):
        volts, amps = record["voltage_v"], record["current_a"]
        product = volts * amps * record["power_factor"] / 1000
        slack = (0.05 * amps + 0.005 * volts + 0.005 * volts * amps) / 1000
        check(abs(product - record["active_power_kw"]) <= slack * 1.1 + 0.0005,
              record, product)
        apparent = math.hypot(record["active_power_kw"],
                              record["reactive_power_kvar"])
        check(apparent <= volts * amps / 1000 * 1.02 + 0.005, record)
        check(-1 <= record["power_factor"] <= 1, record)
        check(216 <= volts <= 264 and 59.5 <= record["frequency_hz"] <= 60.5,
              record)


@test
def energy_integrates_power(rig):
    rows = records(rig.collar(history="14d"))
    for before, after in zip(rows, rows[1:]):
        net = ((after["energy_produced_kwh"] - before["energy_produced_kwh"])
               - (after["energy_consumed_kwh"]
                  - before["energy_consumed_kwh"]))
        check(abs(net - after["active_power_kw"] / 4) <= 0.0021, before, after)


@test
def night_is_night_and_noon_is_bright(rig):
    rows = records(rig.collar(history="30d"))
    night = [row for row in rows if 4 <= noon_utc_h(row) <= 8]
    noon = [row for row in rows if 16.5 <= noon_utc_h(row) <= 18]
    check(max(row["active_power_kw"] for row in night) <= 0, "sun at night")
    mean = sum(row["active_power_kw"] for row in noon) / len(noon)
    check(mean > 0.5, f"{mean} kW at noon")


@test
def the_same_seed_gives_the_same_data_and_another_gives_other(rig):
    def values(name, seed):
        rows = rig.collar(name, seed=seed, history="2d").run("data", "dump")
        return [line.split(",", 2)[2] for line in rows.lines[1:]][:180]
    same(values("one", 7), values("two", 7), "same seed")
    check(values("three", 8) != values("two", 7), "another seed")


@test
def power_w_sets_what_the_der_side_produces_or_takes(rig):
    for name, watts in (("makes", 5000), ("takes", -3000)):
        collar = rig.collar(name, power_w=watts).provision(name)
        same(collar.status()["measured"]["active_power_kw"], 0, "OPEN")
        collar.relay("shut")
        collar.advance("1m")
        measured = collar.status()["measured"]
        check(abs(measured["active_power_kw"] - watts / 1000) < 0.06, measured)
        same(measured["power_factor"] > 0, watts > 0, "sign")


@test
def an_open_relay_carries_no_current(rig):
    collar = rig.collar(power_w=5000).provision()
    collar.relay("shut")
    collar.advance("1m")
    collar.relay("open")
    collar.advance("1m")
    measured = collar.status()["measured"]
    same((measured["current_a"], measured["active_power_kw"]), (0, 0), "OPEN")
    check(measured["voltage_v"] > 216, "the grid is still there")


@test
def a_new_unit_is_as_it_leaves_the_factory(rig):
    rig.run("-p", "sim", "status")
    collar = rig.collar("sim", seed=rig.sim("show", "sim",
                                            "--json").json["seed"],
                        history="7d")
    status = collar.status()
    same((status["serial"], status["relay"]["feedback"], status["status"],
          status["uplink"]["registered"]),
         (None, "open", "unprovisioned", True), "new")
    same(collar.json("data", "info")["records"] // 10, 67, "a week")
