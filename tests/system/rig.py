# SPDX-License-Identifier: BSD-2-Clause
"""What the system tests stand on: the real binary, run as a person or a script
runs it, in a home of its own, and virtual collars behind it."""

import contextlib
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

LIMIT_S = 60

MODEL = "S-B-5-02-IH-10-60A"
PLACE = {"address": "12 Elm Street", "city": "Springfield", "state": "IL",
         "zip": "62701"}

EX_USAGE, EX_DATA, EX_NO_INPUT, EX_NO_COLLAR = 64, 65, 66, 69
EX_CANNOT_CREATE, EX_IO, EX_TRY_AGAIN, EX_PROTOCOL = 73, 74, 75, 76
EX_NOT_PERMITTED, EX_CONFIG, EX_REFUSED, EX_UNKNOWN = 77, 78, 79, 81
EX_INTERRUPTED = 130

tests = []


def test(function):
    """Marks a test; its name is a sentence."""
    tests.append(function)
    return function


class Failed(Exception):
    pass


def check(truth, *why):
    if not truth:
        raise Failed(" ".join(str(part) for part in why) or "not so")


def same(got, wanted, what="value"):
    check(got == wanted, f"{what}: got {got!r}, wanted {wanted!r}")


def holds(text, part):
    check(part in text, f"{part!r} is not in {text!r}")


def lacks(text, part):
    check(part not in text, f"{part!r} is in {text!r}")


def matches(text, pattern):
    found = re.search(pattern, text, re.MULTILINE)
    check(found, f"{pattern!r} does not match {text!r}")
    return found


class Result:
    def __init__(self, argv, status, out, err):
        self.argv, self.status, self.out, self.err = argv, status, out, err

    def __str__(self):
        return (f"{' '.join(self.argv)}\nexit status {self.status}\n"
                f"stdout: {self.out[:1500]}\nstderr: {self.err[:1500]}")

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise Failed(f"no JSON: {error}\n{self}") from error

    @property
    def error(self):
        """The error object, whose promises are checked on the way."""
        error = self.json["error"]
        same(list(error), ["code", "exit_status", "message", "hint", "outcome",
                           "detail"], "keys of the error")
        same(error["exit_status"], self.status, "exit_status of the error")
        check(error["outcome"] in ("not_done", "unknown"), error)
        check(isinstance(error["detail"], dict), error)
        return error


class Rig:
    """A home, an environment and the program in it."""

    def __init__(self, binary):
        self.binary = binary
        self.home = tempfile.mkdtemp(prefix="collarctl-")
        self.running = []
        self.env = {key: value for key, value in os.environ.items()
                    if not key.startswith(("XDG_", "COLLARCTL_"))}
        self.env.update(HOME=self.home, LC_ALL="C.UTF-8", TERM="dumb",
                        USER="tester")
        self.env.pop("NO_COLOR", None)

    def path(self, name):
        return os.path.join(self.home, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def start(self, *args, env=None, **options):
        """Starts it, without a terminal to ask on."""
        options.setdefault("stderr", subprocess.DEVNULL)
        child = subprocess.Popen(
            [self.binary, *args], env={**self.env, **(env or {})},
            cwd=self.home, start_new_session=True, **options)
        self.running.append(child)
        return child

    def run(self, *args, status=0, stdin="", env=None, limit_s=LIMIT_S,
            **options):
        options.setdefault("stdout", subprocess.PIPE)
        child = self.start(*args, env=env, stdin=subprocess.PIPE,
                           stderr=subprocess.PIPE, **options)
        try:
            out, err = child.communicate(stdin.encode(), limit_s)
        except subprocess.TimeoutExpired as error:
            child.kill()
            raise Failed(f"{' '.join(args)}: no end in {limit_s} s") from error
        self.running.remove(child)
        result = Result(args, child.returncode,
                        (out or b"").decode(errors="replace"),
                        err.decode(errors="replace"))
        check("Sanitizer" not in result.err and
              "runtime error" not in result.err, f"unsound:\n{result}")
        check(status is None or result.status == status,
              f"exit status is not {status}:\n{result}")
        if result.status not in (0, 1, None):
            self.check_error_line(result)
        return result

    @staticmethod
    def check_error_line(result):
        check(any(line.startswith("collarctl: ")
                  for line in result.err.splitlines()),
              f"no error line:\n{result}")

    def sim(self, *args, **options):
        return self.run("sim", *args, **options)

    def collar(self, name="unit", **keys):
        """A virtual collar, new unless there is one of that name."""
        keys.setdefault("history", "2h")
        return Collar(self, name, keys)

    def serve(self, *args):
        return Served(self, args)

    def close(self):
        for child in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        shutil.rmtree(self.home, ignore_errors=True)


class Collar:
    """A virtual collar, reached over `-p sim:NAME` or a port given."""

    def __init__(self, rig, name, keys):
        self.rig, self.name, self.serial = rig, name, None
        self.port = "sim:" + name
        pairs = "".join(f",{key}={value}" for key, value in keys.items())
        rig.run("-p", self.port + pairs, "status")

    def run(self, *args, **options):
        return self.rig.run("-p", self.port, *args, **options)

    def json(self, *args, **options):
        return self.run("--json", *args, **options).json

    def refused(self, code, *args, status=EX_REFUSED, **options):
        """Refused with that code, and nothing done."""
        error = self.run("--json", *args, status=status, **options).error
        same(error["code"], code, "code of the error")
        same(error["outcome"], "not_done", "outcome of the error")
        return error

    def status(self):
        return self.json("status")

    def relay(self, *args, **options):
        """A change that moves power, as a script asks for it."""
        return self.run("-s", self.unit(), "--yes", "relay", *args, **options)

    def unit(self):
        return self.serial or "hw:" + self.json("info")["hardware_id"]

    def world(self, **keys):
        self.rig.sim("set", self.name,
                     *(f"{key}={value}" for key, value in keys.items()))

    def advance(self, duration):
        self.rig.sim("advance", self.name, duration)

    def cut(self):
        self.rig.sim("cut", self.name)

    def provision(self, serial="SIM0001", **fields):
        fields = {**PLACE, **fields}
        options = [f"--{key.replace('_', '-')}={value}"
                   for key, value in fields.items()]
        self.serial = serial
        self.run("provision", f"--new-serial={serial}", f"--model={MODEL}",
                 *options)
        return self

    def events(self, kind=None):
        return [event for event in self.json("events")["events"]
                if kind in (None, event["kind"])]

    def state(self):
        """All of it that a refusal or a preview must leave alone."""
        info, status = self.json("info"), self.status()
        return (info, status["status"], status["relay"], status["test"],
                [event["kind"] for event in self.events()])

    def at(self, port):
        """The same unit over another port."""
        other = object.__new__(Collar)
        other.__dict__.update(self.__dict__, port=port)
        return other


class Served:
    """A running `sim serve`, and the ports that it printed; `err` is what it
    said once it is stopped."""

    def __init__(self, rig, args, count=1):
        self.rig = rig
        self.child = rig.start("sim", "serve", *args, bufsize=0,
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.ports = [self.line() for _ in range(count)]
        self.port = self.ports[0]

    def line(self):
        ready, _, _ = select.select([self.child.stdout], [], [], LIMIT_S)
        check(ready, "sim serve prints no port")
        line = self.child.stdout.readline().decode().rstrip("\n")
        if not line:
            raise Failed("sim serve ended: " +
                         self.child.stderr.read().decode())
        return line

    def stop(self, signum=signal.SIGTERM):
        """Ends it; returns its exit status."""
        if self.child.poll() is None:
            self.child.send_signal(signum)
        self.child.wait(LIMIT_S)
        self.err = self.child.stderr.read().decode()
        self.child.stdout.close()
        self.child.stderr.close()
        if self.child in self.rig.running:
            self.rig.running.remove(self.child)
        return self.child.returncode


class Terminal:
    """The program on a terminal of its own, as a person sees it."""

    def __init__(self, rig, *args, stdin=None):
        self.master, slave = os.openpty()
        self.seen = ""
        script = "import fcntl,os,sys,termios\n" \
            "fcntl.ioctl(int(sys.argv[1]), termios.TIOCSCTTY, 0)\n" \
            "os.execv(sys.argv[2], sys.argv[2:])"
        self.child = subprocess.Popen(
            ["/usr/bin/python3", "-c", script, str(slave), rig.binary, *args],
            env=rig.env, cwd=rig.home, start_new_session=True,
            stdin=slave if stdin is None else stdin, stdout=slave,
            stderr=slave, pass_fds=[slave])
        os.close(slave)
        rig.running.append(self.child)
        self.rig = rig

    def read(self):
        ready, _, _ = select.select([self.master], [], [], LIMIT_S)
        check(ready, f"silent for {LIMIT_S} s after {self.seen!r}")
        try:
            piece = os.read(self.master, 4096)
        except OSError:
            piece = b""
        self.seen += piece.decode(errors="replace").replace("\r\n", "\n")
        return piece

    def expect(self, text):
        end = time.monotonic() + LIMIT_S
        while text not in self.seen:
            check(time.monotonic() < end and self.read(),
                  f"{text!r} never came: {self.seen[-2000:]!r}")

    def say(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """Waits for its end; returns its exit status."""
        limit = time.monotonic() + LIMIT_S
        while self.read():
            check(time.monotonic() < limit, f"no end in {LIMIT_S} s")
        os.close(self.master)
        self.child.wait(LIMIT_S)
        self.rig.running.remove(self.child)
        return self.child.returncode


def raw_connection(port):
    """A socket to a served unit."""
    if port.startswith("unix:"):
        link = socket.socket(socket.AF_UNIX)
        link.connect(port[5:])
        return link
    host, number = port[4:].rsplit(":", 1)
    return socket.create_connection((host, int(number)))


def until(truth, what, limit_s=20):
    end = time.monotonic() + limit_s
    while not truth():
        check(time.monotonic() < end, f"{what}: not in {limit_s} s")
        time.sleep(0.05)


def utc(text):
    """Seconds since 1970 of an ISO 8601 time with Z."""
    return int(time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
               - time.timezone)
