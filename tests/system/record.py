# SPDX-License-Identifier: BSD-2-Clause
"""The unit record: provision, set, get, info, unprovision."""

import json

from rig import (EX_DATA, EX_NO_INPUT, EX_USAGE, MODEL, PLACE, check, holds,
                 lacks, same, test)

PLACE_OPTIONS = [f"--{key}={value}" for key, value in PLACE.items()]


@test
def provision_makes_the_unit_operational_and_shows_thumbs_up(rig):
    collar = rig.collar().provision()
    status = collar.status()
    same(status["status"], "operational", "status")
    same(status["lcd"]["thumbs_up"], True, "thumbs-up")
    lacks(status["conditions"], "unprovisioned")
    info = collar.json("info")
    same((info["installer"], info["city"]), ("tester", "Springfield"), "info")
    for key in ("installed_at", "created_at", "updated_at"):
        check(info[key], key)


@test
def the_same_again_changes_nothing_and_says_so(rig):
    collar = rig.collar().provision()
    before = collar.state()
    answer = collar.json("provision", "--new-serial=SIM0001",
                         f"--model={MODEL}", *PLACE_OPTIONS)
    same((answer["changed"], answer["changes"]), (False, []), "answer")
    same(collar.state(), before, "the unit")


@test
def other_values_for_an_operational_unit_are_refused(rig):
    collar = rig.collar().provision()
    before = collar.state()
    error = collar.refused("already_provisioned", "provision",
                           *PLACE_OPTIONS[:-1], "--zip=10001")
    holds(error["hint"], "set")
    same(collar.state(), before, "the unit")


@test
def identity_alone_leaves_the_unit_unprovisioned(rig):
    collar = rig.collar()
    answer = collar.json("provision", "--new-serial=SHOP-1",
                         f"--model={MODEL}")
    same((answer["changed"], answer["status"], answer["serial"]),
         (True, "unprovisioned", "SHOP-1"), "answer")
    answer = collar.json("provision", *PLACE_OPTIONS)
    same((answer["status"], answer["serial"]), ("operational", "SHOP-1"),
         "after the visit")


@test
def a_unit_is_called_by_the_serial_number_that_it_just_took(rig):
    shell = rig.collar().run(
        "--json", "shell", stdin=f"provision --new-serial=SHOP-2 "
        f"--model={MODEL}\nset location_notes=attic\n")
    same(shell.out.count('"serial": "SHOP-2"'), 2, "answers that name it")


@test
def a_provisioning_takes_three_round_trips_and_a_last_look(rig):
    trace = rig.path("trace")
    rig.collar().run("--trace", trace, "provision", "--no-wait",
                     "--new-serial=SIM0001", f"--model={MODEL}",
                     *PLACE_OPTIONS)
    with open(trace, encoding="ascii") as file:
        same(sum(" > " in line for line in file), 4, "requests")


@test
def a_place_in_part_is_refused_and_names_what_is_missing(rig):
    collar = rig.collar()
    error = collar.run("provision", "--city=Springfield", "--zip=62701",
                       status=EX_USAGE).err
    for field in ("address", "state"):
        holds(error, field)
    collar.run("provision", status=EX_USAGE)
    same(collar.json("info")["city"], None, "city")


@test
def provision_takes_its_fields_from_a_file_and_options_come_first(rig):
    collar = rig.collar()
    path = rig.write("unit.json", json.dumps(
        {**PLACE, "serial": "FILE1", "model": MODEL, "premises_id": "0042",
         "der_type": "storage"}))
    collar.run("provision", "--from", path, "--city=Shelby")
    same(collar.run("get", "serial", "city", "premises_id", "der_type").out,
         "FILE1\nShelby\n0042\nstorage\n", "record")


@test
def provision_reads_its_fields_from_stdin_for_a_dash(rig):
    collar = rig.collar()
    collar.run("provision", "--from", "-", stdin=json.dumps(PLACE))
    same(collar.status()["status"], "operational", "status")


@test
def a_file_that_is_missing_or_wrong_changes_nothing(rig):
    collar = rig.collar()
    collar.run("provision", "--from", rig.path("none"), status=EX_NO_INPUT)
    for text in ("{", "[]", '{"city": 5e400}', '{"colour": "red"}',
                 json.dumps({**PLACE, "zip": "1"}),
                 '{"city": "a", "city": "b"}', '{"city": {"a": 1}}'):
        error = collar.run("--json", "provision", "--from",
                           rig.write("bad.json", text), status=EX_DATA)
        same(error.error["code"], "bad_data", text)
        holds(error.err, "bad.json")
    same(collar.json("info")["city"], None, "city")


@test
def a_dry_run_of_provision_tells_each_field_and_changes_none(rig):
    collar = rig.collar()
    before = collar.state()
    out = collar.run("-n", "provision", "--new-serial=DRY", *PLACE_OPTIONS).out
    for value in ("DRY", *PLACE.values(), "power would"):
        holds(out, value) if value != "power would" else holds(out, "power")
    answer = collar.json("-n", "provision", *PLACE_OPTIONS)
    same({change["field"] for change in answer["changes"]}, set(PLACE),
         "fields")
    same(collar.state(), before, "the unit")


@test
def set_changes_the_fields_named_and_logs_each(rig):
    collar = rig.collar().provision()
    collar.run("set", "city=Shelby", "zip=62702-1234", "tags=roof,west")
    same(collar.run("get", "city", "zip").out, "Shelby\n62702-1234\n", "get")
    logged = {event["field"]: (event["old"], event["new"])
              for event in collar.events("field_set")}
    same(logged["city"], ("Springfield", "Shelby"), "city")
    same(logged["zip"], ("62701", "62702-1234"), "zip")


@test
def set_check_ends_with_1_if_something_would_change(rig):
    collar = rig.collar().provision()
    before = collar.state()
    collar.run("set", "--check", "city=Shelby", status=1)
    collar.run("set", "--check", "city=Springfield", status=0)
    same(collar.run("--json", "set", "--check", "city=Shelby",
                    status=1).json["changes"],
         [{"field": "city", "old": "Springfield", "new": "Shelby"}],
         "changes")
    same(collar.state(), before, "the unit")


@test
def set_of_what_is_there_already_changes_nothing(rig):
    collar = rig.collar().provision()
    before = collar.state()
    same(collar.json("set", "city=Springfield")["changed"], False, "changed")
    same(collar.state(), before, "the unit")


@test
def get_prints_one_bare_value_a_line_and_nothing_else_on_stdout(rig):
    collar = rig.collar().provision()
    same(collar.run("get", "serial", "premises_id", "state").out,
         "SIM0001\n\nIL\n", "values")
    same(collar.run("get", "comms.type").out, "ethernet-cellular\n", "nested")
    same(collar.run("get", "status").out, "operational\n", "status")
    same(collar.run("get", "relay.state").out, "open\n", "relay")
    collar.run("get", "nonsense", status=EX_USAGE)


@test
def get_knows_every_key_that_info_and_status_show(rig):
    collar = rig.collar().provision()

    def leaves(value, path=()):
        if not isinstance(value, dict):
            return {".".join(path): value}
        return {name: leaf for key, inner in value.items()
                for name, leaf in leaves(inner, (*path, key)).items()}

    wanted = {**leaves(collar.json("info")), **leaves(collar.status())}
    for group in ("relay.pending", "relay.hold", "relay.tag"):
        del wanted[group]
    for name in list(wanted):
        if name in ("clock.utc", "lcd.text") or name.startswith("measured."):
            collar.run("get", name)
            del wanted[name]
    got = leaves(collar.json("get", *wanted))
    same({name: got[name] for name in wanted}, wanted, "values")
    same(len(collar.run("get", *wanted).lines), len(wanted), "lines")
    same(collar.run("get", "kind", "virtual", "conditions", "transfer",
                    "lcd.action").out, "der\ntrue\nunsealed\n\nnone\n",
         "as text")


@test
def texts_keep_their_zeros_spaces_and_letters(rig):
    collar = rig.collar().provision()
    notes = "Überholweg 3, «links» – 門"
    collar.run("set", "premises_id=000123", f"location_notes={notes}")
    same(collar.run("get", "premises_id", "location_notes").out,
         f"000123\n{notes}\n", "texts")
    same(collar.json("info")["location_notes"], notes, "in JSON")


@test
def unprovision_clears_the_site_and_keeps_identity_and_data(rig):
    collar = rig.collar().provision(premises_id="7")
    collar.run("set", "tags=a", "description=d")
    records = collar.json("data", "info")["records"]
    answer = collar.json("-s", "SIM0001", "-y", "unprovision")
    same((answer["changed"], answer["status"]), (True, "unprovisioned"),
         "answer")
    info = collar.json("info")
    for key in ("premises_id", "address", "city", "state", "zip", "installer",
                "installed_at"):
        same(info[key], None, key)
    same((info["serial"], info["model"], info["tags"], info["description"]),
         ("SIM0001", MODEL, ["a"], "d"), "kept")
    check(collar.json("data", "info")["records"] >= records, "records")
    same(collar.status()["lcd"]["text"], "b4 EnA", "LCD")
    same(collar.json("-s", "SIM0001", "-y", "unprovision")["changed"], False,
         "again")


@test
def the_record_survives_a_power_cut(rig):
    collar = rig.collar().provision()
    collar.run("set", "city=Shelby")
    before = collar.json("info")
    collar.cut()
    same(collar.json("info"), before, "info")
    same(collar.status()["status"], "operational", "status")


@test
def meter_form_and_modem_follow_from_the_model(rig):
    collar = rig.collar()
    collar.run("provision", "--model", "S-T-5-12-JC-22-80A")
    info = collar.json("info")
    same((info["meter_form"], info["comms"]["type"]), ("12S", "cellular"),
         "form and modem")
    collar.run("set", "model=C-B-5-22-40", status=EX_USAGE)


@test
def changes_are_logged_with_who_made_them(rig):
    collar = rig.collar().provision()
    collar.run("set", "city=Shelby", env={"USER": "jdoe"})
    event = collar.events("field_set")[-1]
    same((event["holder"], event["role"]), ("jdoe", "factory"), "who")


@test
def a_field_that_is_none_is_told_where_the_fields_are_listed(rig):
    collar = rig.collar()
    path = rig.write("bogus.json", '{"bogus": "x"}')
    for words, status in ((["set", "bogus=x"], EX_USAGE),
                          (["provision", "--from", path], EX_DATA)):
        error = collar.run("--json", *words, status=status).error
        holds(error["message"], "bogus")
        holds(error["hint"], "info --json")


@test
def emptying_what_is_empty_changes_nothing(rig):
    collar = rig.collar()
    same(collar.json("set", "description=")["changed"], False, "changed")
    same(collar.json("set", "--check", "location_notes=")["changed"], False,
         "would change")
