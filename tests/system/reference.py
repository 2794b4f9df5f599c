# SPDX-License-Identifier: BSD-2-Clause
"""explain and decode: what needs no collar."""

from rig import EX_USAGE, MODEL, check, holds, matches, same, test

BREAKERS = {15: 10, 20: 10, 25: 10, 30: 10, 35: 8, 40: 8, 45: 6, 50: 6,
            60: 6, 70: 4, 80: 4}
TORQUES = {("field", "14-10"): 35, ("field", "8"): 40, ("field", "6-4"): 45,
           ("field", "3"): 50, ("neutral", "14-12"): 15,
           ("neutral", "10-6"): 40, ("neutral", "2-4"): 50}


def decoded(rig, model):
    return rig.run("decode", "model", model, "--json").json


@test
def every_smart_model_is_decoded_by_the_rules(rig):
    for breaker, awg in BREAKERS.items():
        answer = decoded(rig, f"S-B-5-02-IH-10-{breaker}A")
        same((answer["breaker_a"], answer["neutral_awg"],
              answer["max_continuous_a"]), (breaker, awg, breaker * 8 // 10),
             answer["model"])
    answer = decoded(rig, "S-T-5-12-JC-22-80A")
    same((answer["meter_form"], answer["modem"], answer["aic_ka"],
          answer["jaws"]), ("12S", "cellular", 22, 5), "parts")
    holds(answer["interconnection"], "line")
    holds(" ".join(answer["notes"]), "utility")
    holds(" ".join(decoded(rig, "S-B-5-02-IH-22-60A")["notes"]), "approval")
    for breaker in (25, 35, 45, 70, 80):
        holds(" ".join(decoded(rig, f"S-B-5-02-IH-10-{breaker}A")["notes"]),
              "lead time")


@test
def torques_are_those_of_the_wiring_table(rig):
    got = {}
    for row in decoded(rig, MODEL)["torques"]:
        if row["awg"]:
            got[row["wire"].split()[0], row["awg"]] = row["in_lb"]
        else:
            same(row["in_lb"], 5, "junction box")
    same(got, TORQUES, "torques")


@test
def the_other_families_are_known(rig):
    for breaker in (40, 60, 80):
        answer = decoded(rig, f"C-B-5-22-{breaker}")
        same((answer["breaker_a"], answer["aic_ka"], answer["jaws"]),
             (breaker, 22, 5), answer["model"])
    holds(" ".join(answer["notes"]), "ringless")
    same(decoded(rig, "BPTM-731")["meter_form"], "2S", "BPTM-731")


@test
def a_wrong_model_is_told_which_part_and_what_would_be_right(rig):
    for model, right in (("X-B-5-02-IH-10-60A", "S"),
                         ("S-Q-5-02-IH-10-60A", "B"),
                         ("S-B-4-02-IH-10-60A", "5"),
                         ("S-B-5-03-IH-10-60A", "02"),
                         ("S-B-5-02-XX-10-60A", "IH"),
                         ("S-B-5-02-IH-11-60A", "10"),
                         ("S-B-5-02-IH-10-61A", "60A"),
                         ("S-B-5-02-IH-10-60", "60A"),
                         ("S-B-5-02-IH-10-60A-", ""), ("", ""),
                         ("C-B-5-22-50", "40"), ("s-b-5-02-ih-10-60a", "S"),
                         ("BPTM-732", "731")):
        result = rig.run("decode", "model", model, status=EX_USAGE)
        holds(result.err, right)
        same(len(result.err.splitlines()), 1, model)


@test
def hex_status_is_decoded_bit_by_bit(rig):
    def bits(text):
        return rig.run("decode", "hex-status", text,
                       "--json").json["conditions"]
    same(bits("0x00000000"), [], "none")
    same(bits("0x00000001"), ["no_utility"], "bit 0")
    same(bits("0x80000600"), ["relay_fault", "metering_fault", "critical"],
         "three")
    names = ("no_utility breaker_open flipped modem_inactive not_registered "
             "unprovisioned provisioning_error reporting_error update_error "
             "relay_fault metering_fault memory_fault clock_untrusted "
             "voltage_limit frequency_limit form_mismatch unsealed tagged_out "
             "test_mode lockout contact_welded overload").split()
    for bit, name in enumerate(names):
        same(bits(f"0x{1 << bit:08x}"), [name], f"bit {bit}")
    holds(rig.run("decode", "hex-status", "0x00000001").out, "utility")
    for text in ("0x", "xyz", "0x100000000", ""):
        rig.run("decode", "hex-status", text, status=EX_USAGE)


@test
def cbor_is_shown_in_diagnostic_notation(rig):
    for raw, shown in (("00", "0"), ("1903e8", "1000"), ("20", "-1"),
                       ("80", "[]"), ("83010203", "[1, 2, 3]"),
                       ("a201020304", "{1: 2, 3: 4}"), ("f5", "true"),
                       ("6449455446", '"IETF"'), ("4401020304",
                                                  "h'01020304'")):
        same(rig.run("decode", "cbor", raw).out.strip(), shown, raw)


@test
def damaged_cbor_is_bad_data_and_tells_the_byte(rig):
    for raw in ("18", "8301", "ff", "a1", "1c", "61ff"):
        result = rig.run("decode", "cbor", raw, status=None)
        check(result.status in (64, 65), result)
        matches(result.err, r"^collarctl: .*\d")
    rig.run("decode", "cbor", "zz", status=EX_USAGE)


@test
def every_exit_status_and_error_code_is_explained(rig):
    for status in (0, 1, 64, 65, 66, 69, 70, 73, 74, 75, 76, 77, 78, 79, 80,
                   81, 130):
        rig.run("explain", f"exit:{status}")
    for code in ("usage bad_value no_collar several_collars wrong_unit "
                 "no_answer port_busy not_permitted port_permission "
                 "key_expired key_old key_foreign slowed bad_config bad_key "
                 "flipped no_utility interlock tagged_out too_soon "
                 "no_generator overload lockout wrong_kind "
                 "already_provisioned provisioning_failed unknown").split():
        matches = rig.run("explain", f"error:{code}", "--json").json["matches"]
        check(matches[0]["meaning"] and matches[0]["actions"], code)


@test
def everything_the_glass_and_the_status_can_show_is_explained(rig):
    for term in ("FLIPPED", "no CEL", "b4 EnA", "b4 EnR", "thumbs-up",
                 "arrow", "skull", "blank", "Unprovisioned", "Provisioning",
                 "Provisioning Error", "Flipped", "Operational",
                 "Reporting Error", "Report Error", "Update Error",
                 "breaker_open", "tagged_out", "led:utility_available",
                 "led:utility_on", "led:generator_on"):
        matches = rig.run("explain", term, "--json").json["matches"]
        check(matches, term)
        check(all(match["meaning"] for match in matches), term)


@test
def the_three_errors_of_service_have_the_same_actions(rig):
    for term in ("Provisioning Error", "Reporting Error", "Update Error"):
        out = rig.run("explain", term).out
        for word in ("utility power", "breaker", "modem", "coverage"):
            holds(out, word)


@test
def what_is_not_known_is_not_explained(rig):
    rig.run("explain", "xyzzy", status=EX_USAGE)
    rig.run("explain", "exit:3", status=EX_USAGE)
    rig.run("explain", "error:nonsense", status=EX_USAGE)
