# SPDX-License-Identifier: BSD-2-Clause
"""Which collars are in reach, and which of them is meant by a line that names
none.  The real ones are those of the interop tests, in programs of their own."""

import contextlib
import json
import os
import pathlib
import pty
import select
import signal
import subprocess
import threading
import time
import tty

from config import configure
from rig import (EX_NO_COLLAR, EX_TRY_AGAIN, EX_USAGE, LIMIT_S, check, holds,
                 lacks, matches, same, test, until)

INTEROP = pathlib.Path(__file__).resolve().parents[1] / "interop"
PROGRAM = """
import json
import sys
sys.path.insert(0, sys.argv[1])
from collar import Collar
import model
model.HARDWARE_ID = bytes.fromhex(sys.argv[4])
collar = Collar(sys.argv[2], sys.argv[3], serial=sys.argv[5],
                **json.loads(sys.argv[6]))
print(collar.port, flush=True)
sys.stdin.read()
"""


class Real:
    """A collar that is not virtual; `port` is where."""

    def __init__(self, rig, serial, kind="unix", hardware_id="aa" * 12,
                 **options):
        self.child = subprocess.Popen(
            ["/usr/bin/python3", "-c", PROGRAM, str(INTEROP),
             rig.path(serial), kind, hardware_id, serial,
             json.dumps(options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True)
        rig.running.append(self.child)
        self.port = self.child.stdout.readline().decode().strip()
        check(self.port, f"{serial} does not start")

    def end(self):
        """Pulls its plug."""
        self.child.kill()
        self.child.wait(LIMIT_S)


def names(rig, **ports):
    """They become names in the configuration."""
    configure(rig, "".join(f"port {name} = {port}\n"
                           for name, port in ports.items()))


def rows(rig, *words, status=0):
    """What list says of each port that has a name."""
    places = rig.run("list", "--json", *words, status=status)
    first = json.JSONDecoder().raw_decode(places.out)[0]
    return {row["name"]: row for row in first["collars"] if row["name"]}


@contextlib.contextmanager
def terminal(say=b""):
    """A pseudo-terminal that no collar is on, but which may go on saying
    something."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    ended = threading.Event()

    def talk():
        while say and not ended.wait(0.02):
            if select.select([], [master], [], 0)[1]:
                os.write(master, say)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield f"serial:{os.ttyname(slave)}"
    finally:
        ended.set()
        thread.join()
        os.close(master)
        os.close(slave)


@test
def the_one_collar_in_reach_is_used_and_named_on_stderr(rig):
    real = Real(rig, "REAL-1")
    rig.collar()
    names(rig, roof=real.port, cellar="unix:/no/such")
    result = rig.run("get", "serial")
    same((result.out, result.err),
         ("REAL-1\n", f"collarctl: using REAL-1 on {real.port}\n"), "found")
    same(rig.run("-q", "get", "serial").err, "", "with -q")
    holds(rig.run("--json", "get", "serial").json, "serial")
    script = "get serial\nget serial\nget serial -s REAL-1\n"
    result = rig.run("shell", stdin=script)
    same((result.out, result.err.count("using")), ("REAL-1\n" * 3, 1),
         "it is looked for once")
    row = rows(rig)["roof"]
    same((row["serial"], row["virtual"], row["usable"], row["transport"]),
         ("REAL-1", False, True, "unix"), "row")


@test
def of_several_collars_none_is_used_unless_it_is_named(rig):
    one, two = Real(rig, "REAL-1"), Real(rig, "REAL-2", hardware_id="bb" * 12)
    names(rig, one=one.port, two=two.port)
    result = rig.run("--json", "status", status=EX_NO_COLLAR)
    same(result.error["code"], "several_collars", "code")
    for port in (one.port, two.port):
        matches(result.err, rf"^  {port} +REAL-\d")
    for name in ("REAL-1", "REAL-2"):
        same(rig.run("-s", name, "get", "serial").out, f"{name}\n", "-s")
    same(rig.run("-p", "two", "get", "serial").out, "REAL-2\n", "-p")
    result = rig.run("-s", "REAL-3", "status", status=EX_NO_COLLAR)
    holds(result.err, "REAL-3 is not found")
    same(rows(rig, "-s", "REAL-1")["two"]["usable"], False, "another unit")


class Shell:
    """A shell that goes on after failures, line by line."""

    def __init__(self, rig, *words):
        self.child = rig.start(*words, "shell", "--keep-going", bufsize=0,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)

    def says(self, line, wanted):
        """The line is answered so; its failure, if it has one, goes to
        stderr, and what follows it says that it is over."""
        self.child.stdin.write(f"{line}\nexplain exit:69\n".encode())
        out = b""
        while b"69" not in out:
            ready, _, _ = select.select([self.child.stdout], [], [], LIMIT_S)
            check(ready, f"{line}: no end")
            piece = os.read(self.child.stdout.fileno(), 65536)
            check(piece, f"{line}: {self.child.returncode}")
            out += piece
        same(out.decode().startswith(f"{wanted}\n"), bool(wanted), line)

    def end(self):
        _, err = self.child.communicate(timeout=LIMIT_S)
        return self.child.returncode, err.decode()


@test
def a_shell_goes_to_no_other_unit_when_its_own_has_gone(rig):
    ports = {name: "unix:" + rig.path(name) for name in ("one", "two")}
    names(rig, **ports)
    for words in ((), ("-p", "one")):
        one = Real(rig, "one")
        shell = Shell(rig, *words)
        shell.says("get serial", "one")
        one.end()
        other = Real(rig, "two", hardware_id="bb" * 12)
        os.rename(rig.path("two"), rig.path("one"))
        shell.says("get serial", "")  # the line is lost
        shell.says("get serial", "")
        shell.says("list --json -o listed", "")
        shell.says("get serial", "")
        shell.says("get serial -s two", "two")
        shell.says("get serial", "two")
        status, err = shell.end()
        same((status, err.count("the lines before were for one")),
             (EX_TRY_AGAIN, 2), err)
        other.end()
        os.unlink(rig.path("one"))


@test
def one_collar_on_two_ports_is_one(rig):
    one, two = Real(rig, "REAL-1"), Real(rig, "REAL-1", "tcp")
    names(rig, one=one.port, two=two.port)
    holds(rig.run("get", "serial").err, f"on {one.port}\n")


@test
def virtual_collars_are_never_found(rig):
    rig.collar().provision()
    served = rig.serve("unit", "--pty")
    names(rig, bench=served.port, practice="sim:unit")
    for words in (["status"], ["-s", "SIM0001", "status"]):
        result = rig.run("--json", *words, status=EX_NO_COLLAR)
        same(result.error["code"], "no_collar", words)
        holds(result.err, "a virtual one")
    listed = rows(rig)
    same(list(listed), ["bench"], "names that are listed")
    check(listed["bench"]["virtual"], "it is not said to be virtual")
    holds(rig.run("list").out, "VIRTUAL COLLAR")


@test
def why_a_port_cannot_be_used_is_told(rig):
    rig.collar().provision()
    served = rig.serve("unit", "--pty")
    with terminal() as silent, terminal(b"$GPGGA,1,2,3\r\n") as chatty:
        names(rig, held=served.port, silent=silent, chatty=chatty,
              gone="serial:/dev/no-such-port", nobody="unix:/no/such/socket")
        holder = rig.start("-p", served.port, "lcd", "--watch",
                           stdout=subprocess.PIPE)
        holder.stdout.readline()
        listed = rows(rig, status=EX_NO_COLLAR)
        holder.send_signal(signal.SIGINT)
        holder.wait(LIMIT_S)
        holder.stdout.close()
    for name, why in (("held", "in use by"), ("silent", "no collar answers"),
                      ("chatty", "not a collar's"), ("gone", "not there"),
                      ("nobody", "not there")):
        holds(listed[name]["why"], why)
        same((listed[name]["usable"], listed[name]["serial"]), (False, None),
             name)
    same(listed["held"]["holder"]["pid"], holder.pid, "who holds it")


@test
def many_silent_ports_take_no_longer_than_one(rig):
    def took_s(count):
        with contextlib.ExitStack() as stack:
            names(rig, **{f"port{i}": stack.enter_context(terminal())
                          for i in range(count)})
            begin = time.monotonic()
            same(len(rows(rig, status=EX_NO_COLLAR)), count, "rows")
            return time.monotonic() - begin

    one_s, many_s = took_s(1), took_s(24)
    check(many_s < 4 * one_s, f"one: {one_s} s, 24: {many_s} s")


def children_of(pid):
    with contextlib.suppress(FileNotFoundError):
        path = f"/proc/{pid}/task/{pid}/children"
        return pathlib.Path(path).read_text("ascii").split()
    return []


@test
def a_search_that_is_interrupted_leaves_nobody_behind(rig):
    with terminal() as one, terminal() as two:
        names(rig, one=one, two=two)
        child = rig.start("list", stdout=subprocess.PIPE)
        until(lambda: len(children_of(child.pid)) == 2, "two are asked")
        asking = children_of(child.pid)
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=LIMIT_S)
        same((child.returncode, out), (130, b""), "exit status, stdout")
        check(not any(os.path.exists(f"/proc/{pid}") for pid in asking),
              "somebody still asks")


def listing(rig, devices):
    """The environment in which the system has these serial ports."""
    for number, device in enumerate(devices):
        port = pathlib.Path(rig.path("tty")) / f"port{number}"
        (port / "device").mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            (port / "node").symlink_to(device)
    folder = os.path.dirname(rig.binary)
    return {"LD_PRELOAD": os.path.join(folder, "tests/system/ports.so"),
            "LISTED_PORTS": rig.path("tty")}


def listed(rig, devices, *words, status=EX_NO_COLLAR):
    result = rig.run("list", "--json", *words, status=status,
                     env=listing(rig, devices))
    return json.JSONDecoder().raw_decode(result.out)[0]["collars"]


@test
def other_serial_ports_are_not_talked_to(rig):
    master, slave = pty.openpty()
    tty.setraw(slave)
    for words, why in (([], "not asked: try --probe"),
                       (["--probe"], "no collar answers")):
        rows_told = listed(rig, [os.ttyname(slave)], *words)
        same([(row["port"], row["why"], row["usable"]) for row in rows_told],
             [(f"serial:{os.ttyname(slave)}", why, False)], words)
        same(bool(select.select([master], [], [], 0)[0]), bool(words),
             "bytes came to the other end")
    os.close(master)
    os.close(slave)


@test
def with_probe_a_silent_port_is_asked_as_an_optical_one_too(rig):
    rig.collar().provision()
    served = rig.serve("unit", "--pty", "--optical")
    device = served.port.removeprefix("optical:")
    with terminal() as silent:
        rows_told = listed(rig, [device, silent.removeprefix("serial:")],
                           "--probe", status=0)
    same({(row["port"], row["transport"], row["serial"], row["status"])
          for row in rows_told},
         {(served.port, "optical", "SIM0001", "operational"),
          (silent, "serial", None, None)}, "rows")


@test
def a_port_that_answered_as_an_optical_one_stays_the_same_when_watched(rig):
    rig.collar().provision()
    served = rig.serve("unit", "--pty", "--optical")
    device = served.port.removeprefix("optical:")
    watch = rig.start("list", "--watch", "--probe", stdout=subprocess.PIPE,
                      env=listing(rig, [device]), bufsize=0)
    matches(watch.stdout.readline().decode(), rf"^present +{served.port} +SIM")
    check(not select.select([watch.stdout], [], [], 0.7)[0], "more news")
    watch.send_signal(signal.SIGINT)
    same(watch.wait(LIMIT_S), 130, "exit status")
    watch.stdout.close()


@test
def a_collar_left_at_another_rate_is_found(rig):
    rig.collar().provision()
    served = rig.serve("unit", "--pty", "--optical")
    names(rig, probe=served.port)
    host = rig.start("-p", served.port, "lcd", "--watch",
                     stdout=subprocess.PIPE)
    host.stdout.readline()
    host.kill()
    host.wait(LIMIT_S)
    host.stdout.close()
    row = rows(rig)["probe"]
    same((row["serial"], row["status"]), ("SIM0001", "operational"), "row")


@test
def a_long_timeout_keeps_nobody_from_being_asked_again(rig):
    real = Real(rig, "REAL-1", "tcp", once={"hello": 1})
    names(rig, roof=real.port)
    row = rows(rig, "--timeout", "60s")["roof"]
    same((row["serial"], row["usable"]), ("REAL-1", True), "row")


@test
def a_collar_that_is_slow_with_its_status_is_who_it_is(rig):
    real = Real(rig, "REAL-1", unheard={"status": 20})
    names(rig, roof=real.port)
    row = rows(rig)["roof"]
    same((row["serial"], row["usable"], row["status"]),
         ("REAL-1", True, None), "row")


@test
def watch_follows_plugging_and_unplugging(rig):
    rig.collar().provision()
    served = rig.serve("unit", "--pty")
    link = rig.path("socket")
    names(rig, left=f"serial:{link}")
    watch = rig.start("list", "--watch", "--json", bufsize=0,
                      stdout=subprocess.PIPE)

    def event():
        while True:
            ready, _, _ = select.select([watch.stdout], [], [], LIMIT_S)
            check(ready, "no event")
            row = json.loads(watch.stdout.readline())
            if row["name"] == "left":
                return row["event"], row["serial"], row["usable"]

    for _ in range(2):
        time.sleep(0.2)
        os.symlink(served.port.removeprefix("serial:"), link)
        same(event(), ("plugged", "SIM0001", True), "event")
        os.unlink(link)
        same(event(), ("unplugged", "SIM0001", True), "event")
    watch.send_signal(signal.SIGINT)
    same(watch.wait(LIMIT_S), 130, "exit status")
    same(watch.stdout.read(), b"", "rest")
    watch.stdout.close()


@test
def watch_begins_with_what_is_there_in_words_too(rig):
    rig.collar().provision()
    served = rig.serve("unit", "--pty")
    watch = rig.start("-p", served.port, "list", "--watch",
                      stdout=subprocess.PIPE)
    matches(watch.stdout.readline().decode(),
            rf"^present +{served.port} +SIM0001 .*VIRTUAL COLLAR$")
    watch.send_signal(signal.SIGINT)
    same(watch.wait(LIMIT_S), 130, "exit status")
    watch.stdout.close()


@test
def what_is_in_reach_stands_before_the_error_a_row_a_port(rig):
    names(rig, cellar="unix:/no/such", roof="tcp:127.0.0.1:1")
    result = rig.run("status", status=EX_NO_COLLAR)
    same(result.out, "", "stdout")
    told = result.err.splitlines()
    same([line for line in told if line.startswith("collarctl: ")],
         told[-1:], "the error is the last line")
    matches(told[0], r"^  unix:/no/such +/no/such is not there$")
    for line in told[:-1]:
        matches(line, r"^  [a-z]+:\S+ +\S+")


@test
def list_of_what_is_no_port_is_refused(rig):
    rig.run("-p", "nonsense", "list", status=EX_USAGE)
