# SPDX-License-Identifier: BSD-2-Clause
"""The JSON that scripts rely on: which keys, in which types, never absent."""

import re

from rig import MODEL, check, same, test

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
HEX32 = re.compile(r"0x[0-9a-f]{8}")
POSITION = re.compile("open|shut")


class Null:
    """Null, or what is inside."""

    def __init__(self, inner):
        self.inner = inner


def shaped(value, form, where="object"):
    if isinstance(form, Null):
        if value is not None:
            shaped(value, form.inner, where)
    elif form is None:
        check(value is None, f"{where}: {value!r} is not null")
    elif isinstance(form, re.Pattern):
        check(isinstance(value, str) and form.fullmatch(value),
              f"{where}: {value!r} is not {form.pattern}")
    elif isinstance(form, dict):
        check(isinstance(value, dict), f"{where}: {value!r} is no object")
        for key, inner in form.items():
            check(key in value, f"{where}: {key} is absent")
            shaped(value[key], inner, f"{where}.{key}")
    elif isinstance(form, list):
        check(isinstance(value, list), f"{where}: {value!r} is no array")
        for one in value:
            shaped(one, form[0], where + "[]")
    elif form is float:
        check(type(value) in (int, float), f"{where}: {value!r} is no number")
    else:
        check(type(value) is form, f"{where}: {value!r} is no {form.__name__}")


def unit(value, form, serial=Null(str)):
    """An object about a unit: its first three keys are always the same."""
    same(list(value)[:3], ["serial", "kind", "virtual"], "first keys")
    shaped(value, {"serial": serial, "kind": re.compile("der"),
                   "virtual": bool, **form})
    same(value["virtual"], True, "virtual")


RELAY = {
    "state": POSITION, "feedback": POSITION,
    "pending": Null({"action": POSITION, "at": UTC, "requested_at": UTC,
                     "by": str}),
    "hold": Null({"returns_to": POSITION, "at": UTC}),
    "tag": Null({"text": str, "holder": str, "at": UTC}),
}
LCD = {"text": Null(str), "blank": bool, "thumbs_up": bool, "arrow": bool,
       "skull": bool, "pages": [str], "meaning": str, "action": str}
MEASURED = {key: float for key in (
    "voltage_v", "current_a", "active_power_kw", "reactive_power_kvar",
    "power_factor", "frequency_hz", "temperature_f", "energy_consumed_kwh",
    "energy_produced_kwh")}
STATUS = {
    "status": re.compile("unprovisioned|provisioning|provisioning_error|"
                         "flipped|operational|reporting_error|update_error"),
    "hex_status": HEX32, "conditions": [str], "sealed": bool,
    "withheld": [str], "relay": RELAY, "lcd": LCD, "measured": MEASURED,
    "test": {"active": bool, "remaining_s": Null(int), "ends_at": Null(UTC)},
    "test_registers": {"energy_consumed_kwh": float,
                       "energy_produced_kwh": float},
    "clock": {"utc": UTC, "drift_s": float, "trusted": bool},
    "uplink": {"registered": bool, "last_report_at": Null(UTC),
               "failures": int},
    "transfer": None,
}
TEXTS = ("hardware_id", "model", "meter_form", "firmware_version",
         "premises_id", "address", "city", "state", "zip", "location_notes",
         "description", "der_type", "installer")
INFO = {
    **{key: Null(str) for key in TEXTS},
    "sample_minutes": int, "report_minutes": int,
    "latitude": Null(float), "longitude": Null(float), "tags": [str],
    "installed_at": Null(UTC), "created_at": Null(UTC),
    "updated_at": Null(UTC),
    "comms": {key: Null(str) for key in
              ("type", "provider", "imei", "sim", "ip")},
}
CHANGED = {"changed": bool, "status": str, "lcd": LCD, "elapsed_s": float,
           "changes": [{"field": str, "old": Null(str), "new": Null(str)}]}
TESTING = {"active": bool, "remaining_s": Null(int), "transfer_s": None,
           "return_s": None}
RECORD = {"sampled_at": UTC, **MEASURED, "flags": [str]}
GAP = {"from": Null(UTC), "to": Null(UTC), "why": str}


@test
def status_has_every_key_before_and_after_provisioning(rig):
    collar = rig.collar()
    unit(collar.status(), STATUS, None)
    unit(collar.provision().status(), STATUS, str)


@test
def status_shows_what_is_pending_held_and_tagged_in_full(rig):
    collar = rig.collar().provision()
    collar.relay("shut", "--hold", "1h")
    collar.relay("shut", "--at", "top-of-hour")
    collar.run("relay", "tag", "hands on the wires")
    status = collar.status()
    unit(status, STATUS, str)
    shaped(status["relay"]["pending"], RELAY["pending"].inner)
    shaped(status["relay"]["tag"], RELAY["tag"].inner)


@test
def info_has_every_key_of_an_empty_record_and_of_a_full_one(rig):
    collar = rig.collar()
    unit(collar.json("info"), INFO, None)
    collar.provision(premises_id="007", der_type="solar",
                     location_notes="behind the shed")
    collar.run("set", "latitude=39.801055", "longitude=-89.643623",
               "description=roof", "tags=a,b", "comms.provider=Acme")
    info = collar.json("info")
    unit(info, {**INFO, **{key: str for key in TEXTS}}, str)
    same(info["latitude"], 39.801055, "latitude")
    same(info["tags"], ["a", "b"], "tags")
    same(info["meter_form"], "2S", "meter form")
    same(info["premises_id"], "007", "premises ID")


@test
def lcd_gives_the_glass_its_meaning_and_what_to_do(rig):
    unit(rig.collar().json("lcd"), {"lcd": LCD}, None)


@test
def provision_set_and_unprovision_tell_old_and_new_of_each_field(rig):
    collar = rig.collar()
    answer = collar.json("provision", "--new-serial=S1", f"--model={MODEL}",
                         "--address=1 A St", "--city=B", "--state=CA",
                         "--zip=90001")
    unit(answer, CHANGED, str)
    same(answer["serial"], "S1", "serial")
    same({change["field"]: (change["old"], change["new"])
          for change in answer["changes"]}["city"], (None, "B"), "city")
    answer = collar.json("set", "city=C")
    unit(answer, CHANGED, str)
    same(answer["changes"], [{"field": "city", "old": "B", "new": "C"}],
         "changes")
    answer = collar.json("-s", "S1", "-y", "unprovision")
    unit(answer, CHANGED, str)
    same(answer["status"], "unprovisioned", "status")


@test
def relay_answers_with_its_state_and_whether_it_changed(rig):
    collar = rig.collar().provision()
    form = {**RELAY, "changed": bool}
    for words, changed in ((["shut"], True), (["shut"], False),
                           (["open", "--hold=5m"], True),
                           (["open"], True), (["open"], False),
                           (["exercise"], True)):
        answer = collar.relay("--json", *words).json
        unit(answer, form, str)
        same(answer["changed"], changed, " ".join(words))
    unit(collar.json("relay"), form, str)
    for words in (["tag", "x"], ["untag"]):
        unit(collar.json("relay", *words), form, str)


@test
def test_mode_answers_with_what_remains(rig):
    collar = rig.collar().provision()
    unit(collar.json("test"), TESTING)
    answer = collar.json("-s", collar.serial, "-y", "test", "start",
                         "--minutes=3")
    unit(answer, TESTING)
    same((answer["active"], answer["remaining_s"]), (True, 180), "test")
    unit(collar.json("test"), TESTING)
    unit(collar.json("test", "stop"), TESTING)


@test
def data_info_and_dump_have_every_key(rig):
    collar = rig.collar().provision()
    unit(collar.json("data", "info"),
         {"records": int, "first_at": UTC, "last_at": UTC,
          "sample_minutes": int, "bytes": int, "gaps": [GAP]})
    unit(collar.json("data", "dump"),
         {"sample_minutes": int, "records": [RECORD], "gaps": [GAP],
          "check": {"interval_sum_kwh": float,
                    "register_difference_kwh": float}})


@test
def events_tell_who_did_what_to_which_field(rig):
    collar = rig.collar().provision()
    unit(collar.json("events"), {"events": [{
        "seq": int, "at": Null(UTC), "kind": str, "role": Null(str),
        "holder": Null(str), "field": Null(str), "old": Null(str),
        "new": Null(str), "text": str}]})


@test
def clock_tells_utc_drift_and_trust(rig):
    collar = rig.collar()
    form = {"utc": UTC, "drift_s": float, "trusted": bool}
    unit(collar.json("clock"), form)
    unit(collar.json("clock", "set"), form)


@test
def outcome_of_an_id_that_was_never_seen_says_so(rig):
    answer = rig.collar().json("outcome", "0123456789abcdef")
    unit(answer, {"id": str, "outcome": str, "result": None})
    same(answer["outcome"], "not_seen", "outcome")


@test
def get_gives_the_fields_asked_for(rig):
    answer = rig.collar().provision().json("get", "city", "zip", "premises_id")
    unit(answer, {"city": str, "zip": str, "premises_id": None}, str)


@test
def list_has_one_row_a_port_with_all_keys(rig):
    rig.collar().provision()
    row_form = {
        "port": str, "transport": str, "serial": Null(str),
        "hardware_id": Null(str), "kind": Null(str), "model": Null(str),
        "status": Null(str), "usable": bool, "why": Null(str),
        "holder": Null({"name": Null(str), "pid": int}),
        "adapter": Null({"vid": str, "pid": str, "serial": Null(str),
                         "product": Null(str)})}
    answer = rig.run("-p", "sim:unit", "list", "--probe", "--json").json
    shaped(answer, {"collars": [row_form]})
    same(len(answer["collars"]), 1, "rows")
    same((answer["collars"][0]["usable"], answer["collars"][0]["serial"]),
         (True, "SIM0001"), "row")


@test
def explain_and_decode_have_every_key_and_need_no_collar(rig):
    shaped(rig.run("explain", "FLIPPED", "--json").json,
           {"matches": [{"kind": str, "term": str, "meaning": str,
                         "causes": [str], "actions": [str]}]})
    shaped(rig.run("decode", "model", MODEL, "--json").json,
           {"model": str, "family": str, "interconnection": str, "jaws": int,
            "meter_form": Null(str), "modem": Null(str), "aic_ka": int,
            "breaker_a": int, "max_continuous_a": int, "neutral_awg": int,
            "torques": [{"wire": str, "awg": Null(str), "in_lb": int}],
            "notes": [str]})
    shaped(rig.run("decode", "hex-status", "0x00000001", "--json").json,
           {"hex_status": HEX32, "conditions": [str]})


@test
def every_answer_is_one_object_on_stdout_and_no_heading(rig):
    collar = rig.collar().provision()
    for words in ("status", "info", "lcd", "relay", "test", "data info",
                  "data dump", "events", "clock", "get city", "version",
                  "sim list", "sim show unit"):
        check(isinstance(collar.json(*words.split()), dict), words)
