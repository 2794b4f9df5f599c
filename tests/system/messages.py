# SPDX-License-Identifier: BSD-2-Clause
"""What a person is told: true, and of use to one who does not know the code."""

import re

from rig import EX_REFUSED, EX_USAGE, check, holds, lacks, matches, same, test


def relay_line(collar):
    return matches(collar.run("lcd").out, r"^Relay +(.*)$").group(1)


@test
def an_unlit_or_fully_lit_glass_is_not_taken_for_the_relay(rig):
    # lcd once read the arrow alone: SHUT in a lamp test, OPEN on a blank glass
    collar = rig.collar().provision()
    same(relay_line(collar), "OPEN (no arrow)", "open")
    collar.run("-y", "-s", "SIM0001", "test", "start")
    same(relay_line(collar), "OPEN (by its contact)", "all segments")
    collar.run("test", "stop")
    collar.relay("shut")
    same(relay_line(collar), "SHUT (arrow)", "shut")
    collar.world(utility="off")
    same(relay_line(collar), "SHUT (by its contact)", "blank")


@test
def a_time_out_of_range_is_told_in_dates(rig):
    # the range was once in seconds since 1970
    collar = rig.collar().provision()
    told = collar.run("-y", "-s", "SIM0001", "relay", "shut", "--at",
                      "2020-01-01T00:00:00Z", status=EX_USAGE).err
    matches(told, r"\(20\d\d-\d\d-\d\dT[0-9:]{8}Z to 20\d\d-\d\d-\d\dT[0-9:]"
            r"{8}Z\)")


@test
def a_usage_error_points_to_the_help_that_has_the_answer(rig):
    for words, topic in ((["outcome", "5"], "help outcome`"),
                         (["-p", "sim:new,color=red", "status"], "help sim`")):
        if words[0] != "-p":
            words = ["-p", "sim:unit"] + words
        holds(rig.run(*words, status=EX_USAGE).err, topic)


@test
def what_is_not_there_to_be_taken_off_is_said_so(rig):
    collar = rig.collar().provision()
    for words in (("relay", "untag"), ("relay", "cancel"), ("test", "stop")):
        holds(collar.run(*words, status=EX_REFUSED).err,
              "nothing to cancel, confirm, stop or take off")


@test
def help_has_no_blanks_at_the_end_of_a_line(rig):
    for command in ("provision", "relay", "sim", "shell", "data"):
        for line in rig.run("help", command).lines:
            check(line == line.rstrip(), repr(line))
            lacks(line, "\t")


@test
def help_lists_every_field_that_get_takes(rig):
    # it once listed those of the record only, not relay.state
    listed = rig.run("help", "get").out
    for field in ("premises_id", "relay.state", "measured.voltage_v",
                  "uplink.failures"):
        matches(listed, rf"^  {re.escape(field)} ")
