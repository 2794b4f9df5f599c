# SPDX-License-Identifier: BSD-2-Clause
"""doctor: from the socket to the contacts, one fault at a time."""

import os
import select
import signal
import subprocess
import termios
import threading
import tty

from discovery import terminal
from rig import (EX_NO_COLLAR, EX_REFUSED, EX_TRY_AGAIN, EX_USAGE, LIMIT_S,
                 check, holds, matches, raw_connection, same, test)

STEPS = ("cable permission driver holder power echo answer unit speed frames clock "
         "firmware utility breaker flipped modem reports meter contacts"
         ).split()

# What the world does, the step that finds it, and the error: in the order of
# the steps.
TROUBLES = (
    ({"utility": "off"}, "utility", "no_utility"),
    ({"breaker": "open"}, "breaker", "unit_fault"),
    ({"orientation": "flipped"}, "flipped", "flipped"),
    ({"modem": "inactive"}, "modem", "unit_fault"),
    ({"coverage": "off"}, "modem", "unit_fault"),
    ({"metering": "fault"}, "meter", "unit_fault"))


def examined(result, at_fault=None):
    """The answer, whose steps are well up to the one at fault, and not looked
    at behind it: that step."""
    answer = result.json
    same(list(answer), ["serial", "kind", "virtual", "ok", "steps", "line"],
         "keys")
    same([step["step"] for step in answer["steps"]], STEPS, "steps")
    at = STEPS.index(at_fault) if at_fault else len(STEPS)
    for number, step in enumerate(answer["steps"]):
        same(list(step), ["step", "ok", "finding", "action"], "keys of a step")
        if number > at:
            same((step["ok"], step["finding"]), (None, None), step["step"])
        elif number < at and step["ok"] is not None:
            same((step["ok"], step["action"]), (True, None), step["step"])
            check(step["finding"], step)
    same(answer["ok"], at_fault is None, "ok")
    if not at_fault:
        same(result.err, "", "stderr")
        return None
    step = answer["steps"][at]
    same(step["ok"], False, at_fault)
    holds(result.err, step["action"])
    return step


@test
def when_all_is_well_every_step_says_so(rig):
    collar = rig.collar().provision()
    result = collar.run("--json", "doctor")
    examined(result)
    check(all(step["ok"] for step in result.json["steps"]), result)
    line = result.json["line"]
    same((line["transport"], line["verdict"], len(line["rates"])),
         ("sim", "good", 1), "line")
    text = collar.run("doctor")
    same(text.lines[0], "VIRTUAL COLLAR", "heading")
    same([row.split()[0] for row in text.lines[1:-1]], STEPS, "steps")
    matches(text.lines[-1], r"^To do +nothing: all is well$")


@test
def it_changes_nothing_on_the_collar(rig):
    collar = rig.collar().provision()
    collar.run("status")
    before = collar.state(), collar.json("data", "info")["records"]
    flash = rig.path(".local/share/collarctl/sim/unit/flash")
    with open(flash, "rb") as file:
        image = file.read()
    collar.run("doctor")
    with open(flash, "rb") as file:
        after = file.read()
    same((collar.state(), collar.json("data", "info")["records"]), before,
         "the unit")
    same(after == image, True, "its flash is the same")


@test
def every_trouble_of_the_world_is_found_in_the_order_of_the_steps(rig):
    world, seen = {}, []
    for keys, step, code in reversed(TROUBLES):
        collar = rig.collar(f"one-{step}-{len(seen)}", **keys)
        result = collar.run("--json", "doctor", status=EX_REFUSED)
        examined(result, step)
        matches(result.err, rf"^collarctl: {step}: .+: .+")
        # and before all that lie behind it
        world.update(keys)
        both = rig.collar(f"all-{step}-{len(seen)}", **world)
        examined(both.run("--json", "doctor", status=EX_REFUSED), step)
        seen.append(code)
    same(seen[::-1], [code for _, _, code in TROUBLES], "all of them")


@test
def a_clock_that_is_off_is_found(rig):
    rig.collar().advance("1h")
    served = rig.serve("unit", "--pty")
    result = rig.run("-p", served.port, "--json", "doctor",
                     status=EX_REFUSED)
    step = examined(result, "clock")
    matches(step["finding"], r"^3\d\d\d s ahead of this computer's$")
    holds(step["action"], "collarctl clock set")


@test
def the_text_ends_with_the_fault_and_what_to_do(rig):
    text = rig.collar(breaker="open").run("doctor", status=EX_REFUSED)
    matches(text.lines[-2], r"^breaker +FAULT: the unit's breaker is open$")
    matches(text.lines[-1], r"^To do +verify that the breaker is shut$")
    matches(text.err, r"^collarctl: breaker: .+: verify that .+\n$")
    rig.run("-p", "sim:unit", "-o", rig.path("kept"), "doctor",
            status=EX_REFUSED)
    check(os.path.exists(rig.path("kept")), "the answer is not kept")


@test
def what_is_wrong_with_the_port_is_found(rig):
    served = rig.serve("unit", "--pty")
    holder = rig.start("-p", served.port, "lcd", "--watch",
                       stdout=subprocess.PIPE)
    holder.stdout.readline()
    step = examined(rig.run("-p", served.port, "--json", "doctor",
                            status=EX_TRY_AGAIN), "holder")
    holds(step["finding"], f"({holder.pid})")
    holder.send_signal(signal.SIGINT)
    holder.wait(LIMIT_S)
    holder.stdout.close()
    examined(rig.run("-p", "/dev/no-such-port", "--json", "doctor",
                     status=EX_NO_COLLAR), "cable")
    examined(rig.run("-p", "unix:/no/such", "--json", "doctor",
                     status=EX_NO_COLLAR), "cable")
    with terminal() as silent:
        examined(rig.run("-p", silent + "@9600", "--json", "doctor",
                         "--timeout", "1s", status=EX_TRY_AGAIN), "answer")
    rig.run("-p", "nonsense", "doctor", status=EX_USAGE)
    answer = rig.run("-s", "OTHER", "-p", served.port, "--json", "doctor",
                     status=EX_NO_COLLAR)
    examined(answer, "unit")
    examined(rig.run("--json", "doctor", status=EX_NO_COLLAR), "cable")


def carry(master, slave, link, ended):
    """Bytes between a terminal and a unit, while the terminal's rate is that
    of the unit."""
    while not ended.is_set():
        for file in select.select([master, link], [], [], 0.05)[0]:
            piece = os.read(file, 4096) if file == master \
                else link.recv(4096)
            if termios.tcgetattr(slave)[4] != termios.B38400:
                continue
            if file == master:
                link.sendall(piece)
            else:
                os.write(master, piece)


@test
def a_collar_at_another_rate_is_found(rig):
    rig.collar()
    served = rig.serve("unit", "--unix", rig.path("socket"))
    master, slave = os.openpty()
    link, ended = raw_connection(served.port), threading.Event()
    thread = threading.Thread(target=carry, args=(master, slave, link, ended))
    thread.start()
    try:
        port = f"serial:{os.ttyname(slave)}"
        result = rig.run("-p", port, "--json", "--timeout", "1s", "doctor",
                         status=EX_TRY_AGAIN)
        holds(examined(result, "answer")["action"], f"-p {port}@38400")
    finally:
        ended.set()
        thread.join()
        link.close()
        os.close(master)
        os.close(slave)


@test
def a_line_that_loses_frames_is_fair_or_bad_and_its_figures_say_why(rig):
    rig.collar(seed=7)  # of the noise, too
    for noise, verdict, status in (("0.0002", "fair", 0),
                                   ("0.0004", "bad", EX_TRY_AGAIN)):
        served = rig.serve("unit", "--unix", rig.path("socket"), "--noise",
                           noise)
        result = rig.run("-p", served.port, "--json", "doctor", status=status)
        served.stop()
        step = examined(result, "frames" if status else None)
        line = result.json["line"]
        rate, = line["rates"]
        same((line["verdict"], rate["verdict"]), (verdict, verdict), noise)
        check(0 < rate["frame_errors"] < rate["frames"], rate)
        check(rate["retries"] > 0, rate)
        check(step is None or "bad" in step["finding"], step)


@test
def a_probe_is_examined_at_every_rate_that_it_carries(rig):
    rig.collar()
    served = rig.serve("unit", "--pty", "--optical", "--echo",
                       "--refuse-baud", "19200,57600,115200")
    result = rig.run("-p", served.port, "--json", "doctor")
    examined(result)
    found = {step["step"]: step["finding"] for step in result.json["steps"]}
    holds(found["echo"], "the probe echoes")
    holds(found["speed"], "at 38400 baud")
    same([(rate["baud"], rate["verdict"])
          for rate in result.json["line"]["rates"]],
         [(9600, "good"), (38400, "good")], "rates")


def echo(master, ended):
    while not ended.is_set():
        if select.select([master], [], [], 0.05)[0]:
            os.write(master, os.read(master, 4096))


@test
def a_probe_that_sits_on_nothing_is_told_from_a_dead_one(rig):
    for alive in (True, False):
        master, slave = os.openpty()
        tty.setraw(slave)
        ended = threading.Event()
        thread = threading.Thread(target=echo, args=(master, ended))
        if alive:
            thread.start()
        result = rig.run("-p", f"optical:{os.ttyname(slave)}@9600",
                         "--timeout", "1s", "--json", "doctor",
                         status=EX_TRY_AGAIN)
        holds(examined(result, "answer")["action"],
              "so it has power" if alive else "does not echo")
        ended.set()
        if alive:
            thread.join()
        os.close(master)
        os.close(slave)
