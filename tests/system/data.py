# SPDX-License-Identifier: BSD-2-Clause
"""Interval data: columns, ranges, gaps, and a dump that goes on."""

import json
import os
import re
import resource
import signal
import time

from rig import (EX_DATA, EX_INTERRUPTED, EX_IO, EX_USAGE, check, holds, lacks,
                 matches, same, test, until, utc)

COLUMNS = ("Sampled At,Serial Number,Power Factor (Scale -1 to 1),"
           "Frequency (Hz),Active Power (kW),Reactive Power (kVar),"
           "Temperature (F),Energy Consumed (kWh),Energy Produced (kWh),"
           "RMS Voltage (V),RMS Current (A)")
DECIMALS = (2, 2, 5, 5, 1, 3, 3, 1, 2)
YEAR_RECORDS = 35040


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def times(result):
    return [line.split(",")[0] for line in result.lines[1:]]


def blob(path):
    with open(path, "rb") as file:
        return file.read()


@test
def the_csv_has_eleven_columns_and_fixed_decimals(rig):
    collar = rig.collar(history="2d").provision()
    child = rig.start("-p", collar.port, "data", "dump", stdout=-1, stderr=-1)
    raw, err = child.communicate()
    same(err, b"", "stderr")
    lacks(raw, b"\r")
    check(raw.endswith(b"\n"), "the last line ends")
    lines = raw.decode().splitlines()
    same(lines[0], COLUMNS, "columns")
    check(192 <= len(lines) - 1 <= 196, len(lines))  # from the full hour
    for line in lines[1:]:
        at, serial, *values = line.split(",")
        check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:(00|15|30|45):00Z", at), at)
        same(serial, "SIM0001", "serial")
        for value, decimals in zip(values, DECIMALS, strict=True):
            check(re.fullmatch(rf"-?\d+\.\d{{{decimals}}}", value), line)


@test
def records_are_oldest_first_and_a_quarter_of_an_hour_apart(rig):
    seconds = [utc(at) for at in
               times(rig.collar(history="3d").run("data", "dump"))]
    same({after - before for before, after in zip(seconds, seconds[1:])},
         {900}, "steps")


@test
def a_unit_without_serial_number_is_named_by_its_hardware_id(rig):
    collar = rig.collar()
    name = "hw:" + collar.json("info")["hardware_id"]
    same({line.split(",")[1] for line in
          collar.run("data", "dump").lines[1:]}, {name}, "serial column")


@test
def a_range_is_after_since_up_to_and_with_until(rig):
    collar = rig.collar(history="1d")
    every = times(collar.run("data", "dump"))
    since, until = every[10], every[20]
    same(times(collar.run("data", "dump", "--since", since, "--until", until)),
         every[11:21], "range")
    same(times(collar.run("data", "dump", f"--since={since[:-1]}+00:00")),
         every[11:], "zone")
    moved = stamp(utc(since) - 5 * 3600)[:-1] + "-05:00"
    same(times(collar.run("data", "dump", "--since", moved)), every[11:],
         "western zone")
    same(times(collar.run("data", "dump", "--until", stamp(
        utc(until) - 1))), every[:20], "just before")


@test
def a_range_takes_dates_and_durations_ago(rig):
    collar = rig.collar(history="3d")
    every = times(collar.run("data", "dump"))
    now = utc(collar.json("clock")["utc"])
    day = stamp(now - 86400)[:10]
    same(times(collar.run("data", "dump", "--since", day)),
         [at for at in every if at > day + "T00:00:00Z"], "date")
    same(times(collar.run("data", "dump", "--since", "6h")),
         [at for at in every if utc(at) > now - 6 * 3600], "duration")
    collar.run("data", "dump", "--since", "1h", "--until", "2h",
               status=EX_USAGE)


@test
def an_empty_range_is_a_heading_and_no_record(rig):
    collar = rig.collar()
    same(collar.run("data", "dump", "--until", "2020-01-01").out,
         COLUMNS + "\n", "CSV")
    same(collar.json("data", "dump", "--until", "2020-01-01")["records"], [],
         "JSON")


@test
def us_times_and_whole_registers_are_for_spreadsheets(rig):
    collar = rig.collar(history="1d")
    plain = collar.run("data", "dump").lines[1:]
    us = collar.run("data", "dump", "--time-format", "us", "--whole-kwh")
    for before, after in zip(plain, us.lines[1:], strict=True):
        before, after = before.split(","), after.split(",")
        date = re.match(r"(\d+)-(\d+)-(\d+)T(\d+:\d+)", before[0])
        year, month, day, clock = date.groups()
        same(after[0], f"{int(month)}/{int(day)}/{year} {clock}", "time")
        for column in (7, 8):
            same(after[column], before[column].split(".")[0], "register")
    collar.run("data", "dump", "--time-format", "german", status=EX_USAGE)


@test
def since_install_begins_with_the_visit(rig):
    collar = rig.collar(history="1d")
    collar.run("data", "dump", "--since", "install", status=EX_USAGE)
    collar.provision()
    collar.advance("1h")
    records = collar.json("data", "dump", "--since", "install")["records"]
    check(3 <= len(records) <= 5, len(records))
    installed = collar.json("info")["installed_at"]
    check(all(record["sampled_at"] > installed for record in records), records)
    lacks(records[-1]["flags"], "before_install")
    every = collar.json("data", "dump")["records"]
    holds(every[0]["flags"], "before_install")


@test
def json_and_ndjson_hold_the_same_values_as_the_csv(rig):
    collar = rig.collar(history="1d")
    rows = [line.split(",") for line in collar.run("data", "dump").lines[1:]]
    whole = collar.json("data", "dump")["records"]
    lines = [json.loads(line) for line in
             collar.run("data", "dump", "-f", "ndjson").lines]
    same(lines, whole, "ndjson")
    keys = list(whole[0])[1:10]
    for row, record in zip(rows, whole, strict=True):
        same(record["sampled_at"], row[0], "time")
        same([record[key] for key in keys],
             [float(value) for value in row[2:]], "values")


@test
def the_sums_of_intervals_and_registers_agree(rig):
    collar = rig.collar(history="7d")
    answer = collar.json("data", "dump")
    total, difference = answer["check"].values()
    check(abs(total) > 1, "nothing was produced in a week")
    check(abs(total - difference) <= 0.001 + 0.00001 * 672, answer["check"])
    first, last = answer["records"][0], answer["records"][-1]
    moved = (last["energy_produced_kwh"] - first["energy_produced_kwh"]
             - last["energy_consumed_kwh"] + first["energy_consumed_kwh"])
    check(abs(moved - difference) < 0.0011, moved, difference)


@test
def a_power_cut_is_a_gap_with_its_reason_and_exit_status_0(rig):
    collar = rig.collar()
    collar.advance("1h")
    collar.cut()
    collar.advance("1h")
    result = collar.run("data", "dump")
    holds(result.err, "restart")
    gaps = collar.json("data", "dump")["gaps"]
    holds([gap["why"] for gap in gaps], "restart")
    holds([gap["why"] for gap in collar.json("data", "info")["gaps"]],
          "restart")


@test
def registers_never_go_back_over_power_cuts(rig):
    collar = rig.collar(power_w=8000)
    collar.run("-s", collar.unit(), "-y", "relay", "shut")
    for _ in range(4):
        collar.advance("25m")
        collar.cut()
    produced = [record["energy_produced_kwh"] for record in
                collar.json("data", "dump")["records"]]
    same(produced, sorted(produced), "register")


@test
def an_outage_is_recorded_as_one(rig):
    collar = rig.collar()
    collar.world(utility="off")
    collar.advance("1h")
    collar.world(utility="on")
    collar.advance("1h")
    records = collar.json("data", "dump")["records"]
    check(any("power_outage" in record["flags"] for record in records),
          records)
    lacks(records[-1]["flags"], "power_outage")


@test
def a_shorter_interval_takes_effect_and_is_no_silent_join(rig):
    collar = rig.collar().provision()
    collar.run("set", "sample_minutes=5")
    begin = collar.json("clock")["utc"]
    collar.advance("1h")
    seconds = [utc(at) for at in
               times(collar.run("data", "dump", "--since", begin))]
    same({after - before for before, after in
          zip(seconds[1:], seconds[2:])}, {300}, "steps")
    same(collar.json("data", "info")["sample_minutes"], 5, "sample_minutes")
    collar.run("set", "sample_minutes=7", status=EX_USAGE)


@test
def a_file_grows_as_part_and_is_replaced_when_whole(rig):
    collar = rig.collar(history="2d")
    path = rig.write("out.csv", "old\n")
    collar.run("data", "dump", "-o", path)
    same(blob(path).decode(), collar.run("data", "dump").out, "file")
    same(sorted(name for name in os.listdir(rig.home)
                if name.startswith("out.csv")), ["out.csv"], "files left")
    same(collar.run("data", "dump", "-o", "-").out,
         collar.run("data", "dump").out, "dash")


@test
def a_year_is_35040_records_and_is_dumped_whole(rig):
    collar = rig.collar(history="365d")
    lines = collar.run("data", "dump").lines
    same(collar.json("data", "info")["records"], len(lines) - 1, "records")
    check(YEAR_RECORDS <= len(lines) - 1 <= YEAR_RECORDS + 4, len(lines))
    seconds = [utc(line[:20]) for line in lines[1:]]
    same({after - before for before, after in zip(seconds, seconds[1:])},
         {900}, "steps")


def interrupted_dump(rig, collar, path, *serving):
    """Dumps over a line that does not hold; whether FILE.part is left."""
    served = rig.serve(collar.name, "--unix", rig.path("socket"), *serving)
    try:
        collar.at(served.port).run("data", "dump", "-o", path, status=None)
    finally:
        served.stop()
    return os.path.exists(path + ".part")


@test
def a_dump_cut_again_and_again_goes_on_into_the_same_bytes(rig):
    collar = rig.collar(history="30d").provision()
    rounds, path = 0, rig.path("dump.csv")
    whole = collar.run("data", "dump").out
    while not os.path.exists(path):
        left = interrupted_dump(rig, collar, path, "--cut-after", "30000")
        check(left or os.path.exists(path), "nothing was kept")
        rounds += 1
        check(rounds < 20, "it never gets on")
    check(rounds >= 3, f"only {rounds} rounds")
    got = blob(path).decode()
    shorter, longer = sorted((got, whole), key=len)
    check(longer.startswith(shorter), "other bytes")
    check(len(longer) - len(shorter) < 200, "records are missing")
    same(os.path.exists(path + ".part"), False, "part left")


@test
def what_a_part_has_of_blocks_that_are_gone_since_is_kept(rig):
    """Once the part was begun anew at the unit's oldest block."""
    collar = rig.collar(history="365d").provision()
    path = rig.path("dump.csv")
    first = collar.run("data", "dump").lines[1]
    check(interrupted_dump(rig, collar, path, "--cut-after", "60000"), "part")
    rig.sim("advance", "unit", "400d")
    whole = collar.run("data", "dump").lines
    check(utc(first[:20]) < utc(whole[1][:20]), "nothing was overwritten")
    check(interrupted_dump(rig, collar, path, "--cut-after", "60000"), "part")
    kept = collar.run("data", "dump", "-o", path)
    got = blob(path).decode().splitlines()
    same(got[1], first, "oldest record")
    check(got.index(whole[1]) > 100, "records before the unit's oldest")
    same(got[got.index(whole[1]):][:1000], whole[1:1001], "the unit's own")
    matches(kept.err, r"gap from .* to .*: unreadable")


@test
def a_dump_into_a_pipe_needs_no_part(rig):
    """Once FILE.part was to be made beside a device or a pipe, too."""
    collar = rig.collar(history="2d")
    os.mkfifo(rig.path("pipe"))
    reader = os.open(rig.path("pipe"), os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(reader, "rb") as pipe:
        collar.run("data", "dump", "-o", rig.path("pipe"))
        same(pipe.read().decode(), collar.run("data", "dump").out, "bytes")
    collar.run("data", "dump", "-o", "/dev/full", status=EX_IO)
    check(not os.path.exists("/dev/full.part"), "part")


@test
def a_dump_whose_program_is_killed_goes_on_into_the_same_bytes(rig):
    collar = rig.collar(history="30d").provision()
    whole = collar.run("data", "dump").out
    path = rig.path("dump.csv")
    with_baud = rig.serve(collar.name, "--pty", "--baud", "115200")
    child = rig.start("-p", with_baud.port, "data", "dump", "-o", path)
    end = time.monotonic() + 30
    while not (os.path.exists(path + ".part")
               and os.path.getsize(path + ".part") > 20000):
        check(time.monotonic() < end and child.poll() is None, "no part grows")
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    kept = os.path.getsize(path + ".part")
    check(not os.path.exists(path), "the file is there too early")
    with_baud.stop()
    frames = rig.path("frames")
    collar.run("data", "dump", "-o", path, "--trace", frames)
    fetched = os.path.getsize(frames)
    check(fetched < 2 * 3 * (100000 - kept) + 40000, "all is fetched again")
    got = blob(path).decode()
    shorter, longer = sorted((got, whole), key=len)
    check(longer.startswith(shorter), "other bytes")


@test
def a_dump_that_fills_the_disk_goes_on_when_there_is_room(rig):
    collar = rig.collar(history="30d")
    path = rig.path("dump.csv")
    collar.run("data", "dump", "-o", path, status=EX_IO,
               preexec_fn=lambda: resource.setrlimit(
                   resource.RLIMIT_FSIZE, (16384, 16384)))
    check(not os.path.exists(path), "the file is there too early")
    collar.run("data", "dump", "-o", path)
    same(blob(path).decode(), collar.run("data", "dump").out, "bytes")


@test
def an_interrupted_dump_keeps_what_it_has(rig):
    collar = rig.collar(history="30d")
    path = rig.path("dump.csv")
    served = rig.serve("unit", "--pty", "--baud", "115200")
    child = rig.start("-p", served.port, "data", "dump", "-o", path)
    until(lambda: os.path.exists(path + ".part")
          and os.path.getsize(path + ".part") > 8000, "no part grows")
    child.send_signal(signal.SIGINT)
    same(child.wait(10), EX_INTERRUPTED, "exit status")
    check(os.path.getsize(path + ".part") > 8000, "the part is gone")
    served.stop()
    collar.run("data", "dump", "-o", path)
    same(blob(path).decode(), collar.run("data", "dump").out, "bytes")


@test
def a_part_serves_another_range_and_not_another_log(rig):
    collar = rig.collar(history="30d")
    path = rig.path("dump.csv")
    check(interrupted_dump(rig, collar, path, "--cut-after", "30000"), "part")
    collar.run("data", "dump", "--since", "2d", "-o", path)
    same(blob(path).decode(), collar.run("data", "dump", "--since", "2d").out,
         "bytes of a range")
    check(interrupted_dump(rig, collar, path, "--cut-after", "30000"), "part")
    rig.sim("remove", "unit")
    collar = rig.collar(history="29d", seed=5)
    kept = blob(path + ".part")
    collar.run("data", "dump", "-o", path, status=EX_DATA)
    same(blob(path + ".part"), kept, "the part")
    os.remove(path + ".part")
    collar.run("data", "dump", "-o", path)
    same(blob(path).decode(), collar.run("data", "dump").out, "a new unit")


@test
def a_part_of_another_unit_is_not_mixed_in(rig):
    one, two = rig.collar("one", history="30d"), rig.collar("two")
    path = rig.path("dump.csv")
    check(interrupted_dump(rig, one, path, "--cut-after", "30000"), "no part")
    two.run("data", "dump", "-o", path, status=None)
    if os.path.exists(path):
        same(blob(path).decode(), two.run("data", "dump").out, "other bytes")


@test
def a_part_that_is_no_part_is_left_alone_or_replaced_but_never_believed(rig):
    collar = rig.collar(history="2d")
    rig.write("dump.csv.part", "my notes\n" * 1000)
    result = collar.run("data", "dump", "-o", rig.path("dump.csv"),
                        status=None)
    if result.status == 0:
        same(blob(rig.path("dump.csv")).decode(),
             collar.run("data", "dump").out, "bytes")
    else:
        holds(blob(rig.path("dump.csv.part")).decode(), "my notes")


@test
def time_the_unit_was_away_is_caught_up_when_it_is_opened_again(rig):
    collar = rig.collar()
    served = rig.serve("unit", "--unix", rig.path("socket"))
    same(collar.at(served.port).json("data", "info")["gaps"], [], "served")
    served.stop()
    same(collar.json("data", "info")["gaps"], [], "gaps")
