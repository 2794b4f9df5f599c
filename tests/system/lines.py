# SPDX-License-Identifier: BSD-2-Clause
"""The command line: options, arguments, environment."""

from rig import (EX_CANNOT_CREATE, EX_CONFIG, EX_NO_COLLAR, EX_USAGE, check,
                 holds, lacks, matches, same, test)

COMMANDS = ("list doctor info status lcd explain provision unprovision get set relay "
            "outcome test data events clock sim decode shell help version")


@test
def alone_it_prints_a_short_help_grouped_by_task(rig):
    result = rig.run()
    same(result.err, "", "stderr")
    for command in COMMANDS.split():
        matches(result.out, rf"^  {command} +\S")
    check(len(result.lines) < 50, "the short help is not short")


@test
def help_and_dash_h_open_the_help_of_a_command(rig):
    for command in COMMANDS.split():
        opened = rig.run("help", command)
        same(opened.out, rig.run(command, "--help").out, command)
        same(opened.out, rig.run("-h", command).out, command)
        holds(opened.out, f"usage: collarctl [options] {command}")
    rig.run("help", "nonsense", status=EX_USAGE)


@test
def version_is_printed_by_command_and_option(rig):
    version = rig.run("version")
    matches(version.lines[0], r"^collarctl \d+\.\d+\.\d+$")
    same(rig.run("--version").out, version.out, "--version")
    same(rig.run("-V").out, version.out, "-V")
    check("version" in rig.run("version", "--json").json, "no version")


@test
def options_stand_before_or_after_the_command(rig):
    rig.collar()
    for words in (["-p", "sim:unit", "--json", "lcd"],
                  ["lcd", "-p", "sim:unit", "--json"],
                  ["--port=sim:unit", "lcd", "--format=json"],
                  ["--port", "sim:unit", "lcd", "--format", "json"],
                  ["-psim:unit", "lcd", "-fjson"]):
        same(rig.run(*words).json["lcd"]["text"], "b4 EnA", str(words))


@test
def two_dashes_end_the_options(rig):
    collar = rig.collar().provision()
    collar.run("relay", "tag", "--", "--json")
    same(collar.status()["relay"]["tag"]["text"], "--json", "tag")
    error = rig.run("--", "--json", status=EX_USAGE)
    holds(error.err, "--json")
    same(error.out, "", "stdout")


@test
def an_unknown_option_is_an_error_that_names_it(rig):
    for words in (["status", "--bogus"], ["--bogus", "status"],
                  ["status", "--bogus=1"], ["status", "-Q"]):
        error = rig.run(*words, status=EX_USAGE).err
        matches(error, r"^collarctl: .*(--bogus|-Q).*: ")


@test
def abbreviations_are_refused(rig):
    rig.run("status", "--js", status=EX_USAGE)
    rig.run("status", "--por=sim", status=EX_USAGE)
    rig.run("stat", status=EX_USAGE)
    rig.run("-p", "sim", "relay", "ope", status=EX_USAGE)


@test
def an_option_of_another_command_is_refused(rig):
    holds(rig.run("status", "--hold", "1m", status=EX_USAGE).err, "--hold")
    holds(rig.run("relay", "shut", "--tag", "x", status=EX_USAGE).err, "--tag")
    holds(rig.run("status", "--check", status=EX_USAGE).err, "--check")


@test
def a_value_that_is_missing_or_not_wanted_is_an_error(rig):
    holds(rig.run("status", "--port", status=EX_USAGE).err, "--port")
    holds(rig.run("status", "--json=yes", status=EX_USAGE).err, "--json")
    rig.run("get", status=EX_USAGE)
    rig.run("outcome", status=EX_USAGE)
    rig.run("decode", "model", status=EX_USAGE)
    holds(rig.run("status", "extra", status=EX_USAGE).err, "extra")


@test
def a_format_that_the_command_does_not_have_is_refused(rig):
    rig.run("-p", "sim", "status", "-f", "csv", status=EX_USAGE)
    rig.run("-p", "sim", "status", "-f", "yaml", status=EX_USAGE)
    rig.run("-p", "sim", "data", "dump", "-f", "text", status=EX_USAGE)


@test
def durations_and_times_are_checked_before_anything_is_asked(rig):
    for words in (["status", "--timeout", "fast"],
                  ["data", "dump", "--since", "yesterday"],
                  ["data", "dump", "--since", "2026-11-21T10:00:00"],
                  ["data", "dump", "--until", "2026-02-29"],
                  ["relay", "open", "--hold", "11m", "-n"],
                  ["relay", "shut", "--at", "2026-11-21 10:00", "-n"],
                  ["test", "start", "--minutes", "11", "-n"],
                  ["test", "start", "--minutes", "0", "-n"]):
        error = rig.run("-p", "sim", *words, status=EX_USAGE)
        matches(error.err, r"^collarctl: .*: ")


@test
def the_port_comes_from_the_option_before_the_environment(rig):
    rig.collar("one").provision("ONE")
    rig.collar("two").provision("TWO")
    env = {"COLLARCTL_PORT": "sim:two"}
    same(rig.run("get", "serial", env=env).out, "TWO\n", "environment")
    same(rig.run("-p", "sim:one", "get", "serial", env=env).out, "ONE\n",
         "option")


@test
def without_a_port_no_collar_is_found_and_practice_is_offered(rig):
    error = rig.run("status", status=EX_NO_COLLAR).err
    holds(error, "to practise: collarctl -p sim status")
    rig.collar()
    same(rig.run("--json", "status", status=EX_NO_COLLAR).error["code"],
         "no_collar", "a virtual collar is never found")
    lacks(rig.run("list", status=EX_NO_COLLAR).out, "sim:")


@test
def another_unit_than_the_one_named_refuses(rig):
    collar = rig.collar().provision()
    for name in ("OTHER", "hw:0011223344556677"):
        for words in (["status"], ["set", "city=X"], ["-y", "relay", "open"]):
            collar.refused("wrong_unit", "-s", name, *words,
                           status=EX_NO_COLLAR)
    same(collar.run("-s", "SIM0001", "get", "city").out, "Springfield\n",
         "city")
    same(collar.run("--unit", "SIM0001", "get", "city").status, 0, "--unit")


@test
def a_unit_without_a_serial_number_is_named_by_its_hardware_id(rig):
    collar = rig.collar()
    name = "hw:" + collar.json("info")["hardware_id"]
    collar.run("-s", name, "--yes", "relay", "shut")
    same(collar.status()["relay"]["feedback"], "shut", "relay")


@test
def text_about_a_virtual_collar_begins_by_saying_so(rig):
    collar = rig.collar()
    for words in ("status", "info", "lcd", "relay", "test", "clock",
                  "data info", "events"):
        same(collar.run(*words.split()).lines[0], "VIRTUAL COLLAR", words)


@test
def colour_is_for_terminals_and_on_request(rig):
    collar = rig.collar()
    for words in ("status", "lcd", "--color auto status",
                  "--color never lcd"):
        lacks(collar.run(*words.split()).out, "\x1b")
    rig.run("status", "--color", "sometimes", status=EX_USAGE)


@test
def a_key_file_that_cannot_be_used_is_bad_configuration(rig):
    rig.collar()
    error = rig.run("-p", "sim:unit", "--json", "-k", rig.path("none"),
                    "status", status=EX_CONFIG).error
    same(error["code"], "bad_key", "code")


@test
def a_trace_records_every_frame(rig):
    collar = rig.collar()
    collar.run("--trace", rig.path("frames"), "status")
    with open(rig.path("frames"), encoding="ascii") as file:
        check(len(file.read().splitlines()) >= 4, "two requests, two answers")
    collar.run("--trace", rig.path("no/such"), "status",
               status=EX_CANNOT_CREATE)


@test
def ports_are_checked_by_their_form(rig):
    for port in ("nosuch:", "tcp:localhost", "tcp:localhost:99999", "unix:",
                 "sim:a/b", "sim:a,colour=red", "sim:a,seed", "sim:a,seed=x",
                 "sim:a,generator=on", "sim:a,orientation=sideways"):
        error = rig.run("-p", port, "--json", "status", status=EX_USAGE).error
        check(error["code"] in ("usage", "bad_value"), port, error)
    same(rig.run("sim", "list", "--json").json["collars"], [], "collars")


@test
def bad_input_names_the_field_the_value_and_what_would_be_right(rig):
    collar = rig.collar().provision()
    before = collar.state()
    for field, value, right in (
            ("zip", "1234", "62701"), ("state", "XX", ""), ("city", "", ""),
            ("premises_id", "x" * 33, "32"), ("address", "a" * 65, "64"),
            ("location_notes", "n" * 129, "128"), ("der_type", "nuclear",
                                                   "solar"),
            ("latitude", "91", "90"), ("longitude", "-180.5", "180"),
            ("latitude", "north", ""), ("tags", "a" * 17, "16"),
            ("tags", "a,b,c,d,e,f,g,h,i", "8"), ("sample_minutes", "0", "60"),
            ("sample_minutes", "61", "60"), ("description", "d" * 65, "64"),
            ("city", "two\nlines", ""), ("serial", "with space", ""),
            ("serial", "s" * 17, "16"), ("model", "S-B-5-02-IH-10-61A", "")):
        result = collar.run("--json", "set", f"{field}={value}",
                            status=EX_USAGE)
        same(result.error["code"], "bad_value", f"{field}={value}")
        holds(result.err, field)
        holds(result.err, right)
        same(len(result.err.splitlines()), 1, f"lines about {field}")
    same(collar.state(), before, "the unit")


@test
def what_is_nobodys_to_write_is_refused(rig):
    collar = rig.collar().provision()
    for field in ("hardware_id", "installer", "installed_at", "comms.imei",
                  "firmware_version", "nonsense", "status"):
        holds(collar.run("set", f"{field}=1", status=EX_USAGE).err, field)


@test
def one_bad_field_among_good_ones_changes_nothing(rig):
    collar = rig.collar().provision()
    collar.run("set", "city=Shelby", "zip=1", status=EX_USAGE)
    same(collar.run("get", "city").out, "Springfield\n", "city")
