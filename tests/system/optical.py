# SPDX-License-Identifier: BSD-2-Clause
"""Optical probes, and serial devices that are one program's at a time."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import termios
import time
import tty

from rig import (EX_INTERRUPTED, EX_TRY_AGAIN, EX_USAGE, LIMIT_S, Terminal,
                 check, holds, lacks, matches, same, test, until)

ALIVE_S = 5  # RATE_ALIVE_MS
# nothing is repeated, and so nobody talks out of turn, on a busy computer
PATIENT = ("--timeout", "60s")
LOCKS = pathlib.Path("/var/lock")


def lock_of(device):
    return LOCKS / f"LCK..{os.path.basename(device)}"


def optical(rig, *options):
    """A unit under a probe."""
    return rig.serve("unit,history=2d", "--pty", "--optical", *options)


def rates(trace):
    """What was asked for by link-baud and agreed to, as the trace has it."""
    asked = {}
    for text in trace.read_text(encoding="ascii").splitlines():
        _, way, payload = text.split()
        head, _, tail = payload.partition("1870a101")
        if way == ">" and tail:
            asked[head[4:]] = int(tail[2 if tail[0] == "1" else 0:], 16)
    return list(asked.values())


def device_of(port):
    return port.partition(":")[2].partition("@")[0]


@test
def a_probe_is_the_same_whatever_it_echoes(rig):
    plain = rig.serve("unit,history=2d", "--unix", rig.path("s"))
    wanted = rig.run("-p", plain.port, "data", "dump", "--until",
                     "1h").lines[1:]
    plain.stop()
    for options in ([], ["--echo"], ["--damage-echo"]):
        served = optical(rig, *options)
        matches(served.port, r"^optical:/dev/pts/\d+$")
        trace = pathlib.Path(rig.path("trace"))
        result = rig.run("-p", served.port, *PATIENT, "--trace", str(trace),
                         "data", "dump", "--until", "1h")
        same(result.lines[1:], wanted, f"dump, {options}")
        same(rates(trace), [115200, 9600], "raised, and taken back")
        served.stop()
        same(served.err, "sim serve: unit: 0 times out of turn\n", "turns")


@test
def a_rate_given_stays_and_others_are_what_the_line_carries(rig):
    served = optical(rig, "--refuse-baud", "115200", "--garble-baud", "57600")
    trace = pathlib.Path(rig.path("trace"))
    rig.run("-p", f"{served.port}@9600", *PATIENT, "--trace", str(trace),
            "status")
    same(rates(trace), [], "with @9600")
    rig.run("-p", served.port, *PATIENT, "--trace", str(trace), "status")
    same(rates(trace), [115200, 57600, 38400, 9600], "tried")
    served.stop()
    same(served.err, "sim serve: unit: 0 times out of turn\n", "turns")


@test
def another_rate_than_the_units_is_no_answer_and_no_harm(rig):
    served = optical(rig, "--echo", "--baud", "19200")
    matches(served.port, r"^optical:/dev/pts/\d+@19200$")
    rig.run("-p", served.port, "status")
    rig.run("-p", f"optical:{device_of(served.port)}@38400", "--timeout",
            "1s", "status", status=None)
    rig.run("-p", served.port, "get", "status")


@test
def a_unit_left_at_another_rate_is_found_again(rig):
    served = optical(rig)
    for signum in (signal.SIGKILL, signal.SIGINT):
        interrupt_dump(rig, served.port, signum)
        rig.run("-p", served.port, "get", "status")
    served.stop()


@test
def the_shell_keeps_the_line_alive_while_nobody_types(rig):
    served = optical(rig)
    trace = pathlib.Path(rig.path("trace"))
    shell = Terminal(rig, "-p", served.port, *PATIENT, "--trace", str(trace),
                     "shell")
    shell.expect("collarctl>")
    shell.say("get status\n")
    shell.expect("unprovisioned")
    noop = re.compile(r"^\d+ > 8400[0-9a-f]{2,10}01a0$", re.MULTILINE)
    time.sleep(ALIVE_S + 0.5)
    shell.say("exit\n")
    same(shell.end(), 0, "exit status")
    check(noop.search(trace.read_text(encoding="ascii")), "no noop")
    served.stop()
    same(served.err, "sim serve: unit: 0 times out of turn\n", "turns")


def interrupt_dump(rig, port, signum):
    """Ends a dump in the middle."""
    part = pathlib.Path(rig.path("cut.csv.part"))
    part.unlink(missing_ok=True)
    child = rig.start("-p", port, "data", "dump", "-o", rig.path("cut.csv"),
                      stdout=subprocess.DEVNULL)
    until(lambda: part.exists() and part.stat().st_size > 1000,
          "the dump runs")
    child.send_signal(signum)
    child.wait(LIMIT_S)


@test
def options_of_a_probe_go_with_one_only(rig):
    for words, text in (
            (["--unix", rig.path("s"), "--optical"], "sockets have no rate"),
            (["--pty", "--echo"], "goes with --optical"),
            (["--pty", "--garble-baud", "9600"], "goes with --optical"),
            (["--pty", "--optical", "--baud", "300"], "9600, 19200"),
            (["--pty", "--optical", "--refuse-baud", "9600"], "begins with"),
            (["--pty", "--optical", "--refuse-baud", "fast"], "9600, 19200"),
            (["--pty", "--optical", "--garble-baud", "57600,"], "9600, 1"),
            (["--pty", "--optical", "--garble-baud", "57601"], "9600, 1")):
        holds(rig.run("sim", "serve", "unit", *words, status=EX_USAGE).err,
              text)


# Serial devices


@contextlib.contextmanager
def terminal():
    """A pseudo-terminal that nobody answers on: (its device, its master)."""
    master, slave = os.openpty()
    try:
        yield os.ttyname(slave), slave
    finally:
        os.close(master)
        os.close(slave)


@test
def a_device_is_locked_as_others_lock_it_while_it_is_used(rig):
    if not os.access(LOCKS, os.W_OK):
        return  # then none is made
    served = optical(rig)
    lock = lock_of(device_of(served.port))
    child = rig.start("-p", served.port, "shell", stdin=subprocess.PIPE,
                      stdout=subprocess.PIPE)
    child.stdin.write(b"get status\n")
    child.stdin.flush()
    child.stdout.readline()
    same(lock.read_text(), f"{child.pid:10}\n", "lock")
    error = rig.run("-p", served.port, "status", status=EX_TRY_AGAIN)
    holds(error.err, f"is in use by collarctl ({child.pid})")
    child.send_signal(signal.SIGKILL)
    child.wait(LIMIT_S)
    check(lock.exists(), "it took its lock along")
    rig.run("-p", served.port, "status")  # the lock of a dead process
    check(not lock.exists(), "the lock is still there")
    child.stdin.close()
    child.stdout.close()


@test
def the_lock_of_a_live_program_is_honoured(rig):
    if not os.access(LOCKS, os.W_OK):
        return
    with terminal() as (device, _):
        lock = lock_of(device)
        for text, told in ((f"{os.getpid():10}\n", f"({os.getpid()})"),
                           ("minicom\n", "names no process")):
            lock.write_text(text, encoding="ascii")
            error = rig.run("-p", device, "status", status=EX_TRY_AGAIN)
            holds(error.err, told)
            same(lock.read_text(), text, "lock")
            lock.unlink()


@test
def settings_come_back_however_it_ends(rig):
    for scheme in ("serial", "optical"):
        with terminal() as (device, slave):
            tty.setcbreak(slave)
            before = termios.tcgetattr(slave)
            for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                child = rig.start("-p", f"{scheme}:{device}", "status",
                                  stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
                until(lambda: termios.tcgetattr(slave) != before, "it opens")
                child.send_signal(signum)
                same(child.wait(LIMIT_S), EX_INTERRUPTED, "exit status")
                same(termios.tcgetattr(slave), before, "settings")
                check(not lock_of(device).exists(), "the lock is still there")
            if scheme == "optical":
                continue  # where a unit is looked for at every rate
            error = rig.run("-p", f"{scheme}:{device}", "--timeout", "1s",
                            "status", status=EX_TRY_AGAIN)
            lacks(error.err, "not a collar")
            same(termios.tcgetattr(slave), before, "settings")
