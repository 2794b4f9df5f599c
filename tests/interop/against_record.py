# SPDX-License-Identifier: BSD-2-Clause
"""The client against the virtual collar: changes, the record, provisioning."""

import os

from acts import kinds
from bench import MODEL, SITE, check, done, fields, refused, same, test
from values import widest_writable
from wire import CONDITIONS, KEYS, OPS, decode, encode


@test
def a_change_names_the_unit_it_is_meant_for(bench):
    unit = bench.unit()
    client = unit.client
    hardware_id = client.unit["hardware_id"]
    text = fields("record", description="x")
    for wrong in ({"hardware_id": None}, {"hardware_id": bytes(8)},
                  {"unit": "INT0001"}, {"hardware_id": hardware_id[:-1]},
                  {"unit": "INT0001", "hardware_id": hardware_id}):
        answer = client.change("set", text, **wrong)
        check(answer.name == "wrong_unit", f"{wrong}: {answer}")
    done(client.change("set", fields("record", serial="INT0001")))
    for wrong in ({"hardware_id": None}, {"unit": "INT0002"},
                  {"hardware_id": bytes(8)},
                  {"unit": "INT0002", "hardware_id": hardware_id}):
        wrong = {"hardware_id": None, **wrong}
        answer = client.change("set", text, **wrong)
        check(answer.name == "wrong_unit", f"{wrong}: {answer}")
    for right in ({"unit": "INT0001", "hardware_id": None},
                  {"hardware_id": hardware_id},
                  {"unit": "INT0001", "hardware_id": bytes(8)}):
        done(client.change("set", text, **right))


@test
def a_change_id_is_done_once_and_its_outcome_kept(bench):
    unit = bench.unit()
    client = unit.client
    ident = os.urandom(8)
    same(done(client.call("outcome", {1: ident})), {1: 1}, "not seen")
    refused(client.change("set", {17: 9}, wrong=True, id=ident), "bad_value")
    same(done(client.call("outcome", {1: ident})), {1: 1}, "refused")
    first = client.change("set", fields("record", description="x"), id=ident)
    same(done(first), {1: True, 2: 0})
    for _ in range(2):
        again = client.change("set", fields("record", description="x"),
                              id=ident)
        same(done(again), {1: True, 2: 0}, "answered as it was")
        refused(client.change("unprovision", id=ident), "seq_conflict", {})
        outcome = done(client.call("outcome", {1: ident}))
        same(outcome, {1: 0, 2: OPS["set"], 3: 0, 4: encode(first.result)})
        client = unit.cut()
    for count in range(8):
        same(done(client.call("outcome", {1: ident}))[1], 0,
             f"after {count} more changes")
        done(client.change("set", fields("record", description=str(count))))
    same(done(client.call("outcome", {1: ident})), {1: 1}, "the ninth last")


@test
def the_kept_answer_of_a_change_outlives_reads_of_its_bytes(bench):
    unit = bench.unit()
    client = unit.client
    seq = client.next()
    payload = encode([0, seq, OPS["set"], {
        **fields("record", description="kept"), **client.header()}])
    first = client.raw(payload, "set")
    for _ in range(3):
        same(client.raw(payload, "set").payload, first.payload, "answer")


@test
def every_rule_of_a_text_is_kept(bench):
    client = bench.unit().client
    for name, bad in (
            ("serial", "A B"), ("serial", "A.B"), ("serial", "\u00e9"),
            ("state", "XX"), ("state", "ca"), ("zip", "9561"),
            ("zip", "95616-"), ("zip", "95616-123"), ("zip", "9561A"),
            ("zip", "95616 1234"), ("address", "a\x1fb"), ("city", "a\nb"),
            ("city", "\x7f"), ("description", "\u0080"), ("tags", ["a\tb"]),
            ("premises_id", "a\0b"), ("location_notes", "\u009f"),
            ("model", "S-B-5-02-IH-10-61A"), ("model", "s-B-5-02-IH-10-60A"),
            ("model", "C-B-5-22-40"), ("model", "BPTM-731"),
            ("model", "S-B-4-02-IH-10-60A"), ("sample_minutes", 7),
            ("sample_minutes", 59), ("sample_minutes", 0)):
        answer = client.change("set", {KEYS["record"][name]: bad}, wrong=True)
        check(answer.name == "bad_value", f"{name} {bad!r}: {answer}")
        same(answer.result.get(1), KEYS["record"][name], f"{name} {bad!r}")
    for name, good in (
            ("state", "AS"), ("state", "GU"), ("zip", "95616-1234"),
            ("serial", "a-Z_0"), ("city", "Espa\u00f1ola"), ("tags", []),
            ("description", ""), ("model", "S-T-5-12-JC-22-15A")):
        done(client.change("set", {KEYS["record"][name]: good}))
        same(done(client.call("info"))[KEYS["record"][name]], good, name)
        done(client.hello())
    record = done(client.call("info"))
    same((record[4], record[23]), (1, 1), "meter form and modem of the model")


@test
def set_is_done_whole_or_not_at_all_and_logged_field_by_field(bench):
    client = bench.unit().client
    refused(client.change("set", fields("record", description="x", city="y",
                                        state="ZZ")), "bad_value")
    info = done(client.call("info"))
    check(16 not in info and 10 not in info and 21 not in info, info)
    values = fields("record", description="x", city="y", tags=["a", "b"],
                    latitude=-90000000, longitude=180000000)
    same(done(client.change("set", values)), {1: True, 2: 0})
    same(done(client.change("set", values)), {1: False, 2: 0})
    info = done(client.call("info"))
    same({key: info[key] for key in values}, values, "record")
    check(info[21] == info[22] > 1700000000, "created_at, updated_at")
    log = done(client.call("events-info"))
    parts, _ = client.read("events-read", log[1], log[2], log[3])
    sets = [decode(data) for _, data in parts if decode(data)[2] == 2]
    same(sorted(event[5] for event in sets),
         sorted(["description", "city", "tags", "latitude", "longitude"]))
    for event in sets:
        same((event[3], event[4]), (4, "Interop"), "role and holder")
    same(done(client.change("set")), {1: False, 2: 0}, "an empty set")


@test
def a_record_as_long_as_can_be_is_written_and_read(bench):
    unit = bench.unit()
    client = unit.client
    wide, text = widest_writable()
    done(client.change("set", wide))
    done(client.hello())
    done(client.change("set", text))
    info = done(client.call("info"))
    same({key: info[key] for key in {**wide, **text}}, {**wide, **text})
    client.change("set", fields("record", location_notes="\u00fc" * 64))
    same(done(client.call("info"))[15], "\u00fc" * 64, "128 bytes of UTF-8")


@test
def provisioning_goes_by_the_text(bench):
    unit = bench.unit()
    client = unit.client
    same(done(client.change("provision", fields(
        "record", serial="INT0001", model=MODEL))), {1: True, 2: 0})
    client.unit = {"unit": "INT0001"}
    left = dict(SITE)
    for name in SITE:
        one = {key: value for key, value in SITE.items() if key != name}
        answer = client.change("provision", fields("record", **one))
        refused(answer, "bad_value")
        same(answer.result[1], KEYS["record"][name], "first one missing")
    refused(client.change("provision", fields("record", zip="95616")),
            "bad_value")
    check(12 not in done(client.call("info")), "something was written")
    same(done(client.change("provision", fields("record", **left))),
         {1: True, 2: 1})
    client = unit.later("1m")
    status = done(client.call("status"))
    same(status[1], 4, "operational")
    same(status[4], 0, "the relay was not moved")
    same(done(client.change("provision", fields("record", **SITE))),
         {1: False, 2: 4})
    refused(client.change("provision", fields("record", city="Dixon")),
            "already_provisioned")
    info = done(client.call("info"))
    same(info[19], "Interop", "installer")
    check(20 in info, "installed_at")
    same(done(client.change("unprovision")), {1: True, 2: 0})
    same(done(client.change("unprovision")), {1: False, 2: 0})
    same(kinds(client).count("unprovisioned"), 1, "events")
    info = done(client.call("info"))
    check(not set(info) & {8, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20}, info)
    same((info[1], info[3]), ("INT0001", MODEL), "identity")


@test
def a_unit_without_coverage_fails_after_five_minutes_and_recovers(bench):
    unit = bench.unit(coverage="off")
    client = unit.client
    same(done(client.change("provision", fields("record", **SITE)))[2], 1)
    client = unit.later("4m")
    same(done(client.change("provision", fields("record", **SITE))),
         {1: False, 2: 1}, "the same values meanwhile")
    same(done(client.change("provision", fields("record", city="Dixon"))),
         {1: True, 2: 1}, "other values")
    client = unit.later("4m")
    same(done(client.call("status"))[1], 1, "the minutes begin anew")
    client = unit.later("2m")
    status = done(client.call("status"))
    same(status[1], 2, "provisioning_error")
    check(status[2] & 1 << 6 and status[2] & 1 << 4, hex(status[2]))
    check("provisioning_failed" in kinds(client), "not logged")
    client = unit.later("10m", "coverage=on")
    same(done(client.call("status"))[1], 4, "operational")


@test
def a_unit_whose_reports_fail_says_so_from_the_third_on(bench):
    unit = bench.unit()
    client = unit.in_service()
    client = unit.later("70m", "reports=fail")
    status = done(client.call("status"))
    same((status[1], status[2] >> 7 & 1), (5, 1), "reporting_error")
    check(status[41] >= 3, status)
    check("report_failed" in kinds(client), "not logged")
    client = unit.later("70m", "reports=ok", "updates=fail")
    status = done(client.call("status"))
    same((status[1], status[2] >> 8 & 1), (6, 1), "update_error")
    client = unit.later("70m", "updates=ok")
    status = done(client.call("status"))
    same((status[1], status[41]), (4, 0), "operational again")


@test
def what_the_world_does_to_a_unit_is_in_its_hex_status(bench):
    unit = bench.unit()
    client = unit.in_service()
    for world, back, name in (
            ("breaker=open", "breaker=shut", "breaker_open"),
            ("modem=inactive", "modem=active", "modem_inactive"),
            ("coverage=off", "coverage=on", "not_registered"),
            ("orientation=flipped", "orientation=up", "flipped"),
            ("metering=fault", "metering=ok", "metering_fault"),
            ("utility=one-leg", "utility=on", "voltage_limit"),
            ("utility=off", "utility=on", "no_utility")):
        for setting, there in ((world, 1), (back, 0)):
            client = unit.later("5m", setting)
            bits = done(client.call("status"))[2]
            same(bits >> CONDITIONS[name] & 1, there, f"{name}, {setting}")
    client = unit.later("1m", "power_w=20000")
    done(client.change("relay-move", {1: 1}))
    client = unit.later("1m")
    bits = done(client.call("status"))[2]
    same(bits >> CONDITIONS["overload"] & 1, 1, "overload")


@test
def a_flipped_unit_refuses_to_be_provisioned(bench):
    client = bench.unit(orientation="flipped").client
    refused(client.change("provision", fields("record", **SITE)), "flipped",
            {4: 2})
    status = done(client.call("status"))
    same((status[1], status[17]), (3, "FLIPPED"), "status")
    done(client.change("set", fields("record", description="x")))
