# SPDX-License-Identifier: BSD-2-Clause
"""What the interop tests stand on: a home, the program in it, and a virtual
collar served to the client."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading

from client import Client
from wire import KEYS

LIMIT_S = 20
SITE = {"address": "12 Elm Street", "city": "Davis", "state": "CA",
        "zip": "95616"}
MODEL = "S-B-5-02-IH-10-60A"

tests = []
finals = []


def test(function):
    """Marks a test; its name is a sentence."""
    function.long = False
    tests.append(function)
    return function


def long_test(function):
    """Marks a test that takes seconds: it is begun early."""
    test(function).long = True
    return function


def final(function):
    """Marks one of the last tests of a run: it looks at the facts that all
    the others have noted."""
    finals.append(function)
    return function


class Failed(Exception):
    pass


def check(truth, *why):
    if not truth:
        raise Failed(" ".join(str(part) for part in why) or "not so")


def same(got, wanted, what="value"):
    check(got == wanted, f"{what}: got {got!r}, wanted {wanted!r}")


def refused(answer, name, detail=None):
    """Not done, with that status and, if it is given, that detail."""
    check(answer is not None, f"silence, wanted {name}")
    same(answer.name, name, "status")
    if detail is not None:
        same(answer.result, detail, f"detail of {name}")


def done(answer, **wanted):
    """OK; wanted: keys of the result, which the caller numbers."""
    check(answer is not None, "silence, wanted ok")
    same(answer.name, "ok", f"status, with {answer.result!r}")
    return answer.result


def first_object(stream):
    """The first JSON object of a program that goes on running."""
    lines = []
    while not lines or lines[-1] not in (b"}\n", b""):
        lines.append(stream.readline())
    return json.loads(b"".join(lines))


def fields(name, **values):
    """A map of that name, its keys numbered."""
    return {KEYS[name][key.replace("__", ".")]: value
            for key, value in values.items()}


class Bench:
    def __init__(self, binary):
        self.binary = binary
        self.home = tempfile.mkdtemp(prefix="collarctl-interop-")
        self.children, self.units = [], []
        self.number = 0
        self.env = {key: value for key, value in os.environ.items()
                    if not key.startswith(("XDG_", "COLLARCTL_"))}
        self.env.update(HOME=self.home, LC_ALL="C.UTF-8", TERM="dumb",
                        TZ="UTC")

    def path(self, name):
        return os.path.join(self.home, name)

    def count(self):
        """A number that was not given before."""
        self.number += 1
        return self.number

    def run(self, *args, status=0, stdin=b""):
        try:
            child = subprocess.run(
                [self.binary, *args], env=self.env, cwd=self.home,
                input=stdin, capture_output=True, timeout=LIMIT_S,
                check=False, start_new_session=True)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{args}: no end in {LIMIT_S} s") from error
        check(status is None or child.returncode == status,
              f"{args}: exit status {child.returncode}:"
              f" {child.stdout!r} {child.stderr!r}")
        return child

    @contextlib.contextmanager
    def begun(self, *args):
        """The program with those arguments, running; it is ended with it."""
        with subprocess.Popen(
                [self.binary, *args], env=self.env, cwd=self.home,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, start_new_session=True) as child:
            timer = threading.Timer(LIMIT_S, child.kill)
            timer.start()
            try:
                yield child
            finally:
                timer.cancel()
                child.kill()

    def model(self):
        """The program's own table of its commands."""
        return json.loads(self.run("completion", "model").stdout)

    def json(self, *args, status=0):
        child = self.run("--json", *args, status=status)
        try:
            return json.loads(child.stdout)
        except ValueError as error:
            raise Failed(f"{args}: no JSON: {child.stdout!r}") from error

    def serve(self, name, kind):
        """A virtual collar on a link of that kind: its process and port."""
        where = {"unix": ["--unix", self.path(name + ".sock")],
                 "tcp": ["--tcp", "0"], "pty": ["--pty"],
                 "optical": ["--pty", "--optical", "--refuse-baud", "38400",
                             "--garble-baud", "57600"],
                 "usbip": ["--usbip", "0", "--json"]}[kind]
        child = subprocess.Popen(
            [self.binary, "sim", "serve", name, *where], env=self.env,
            cwd=self.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            start_new_session=True)
        self.children.append(child)
        check(select.select([child.stdout], [], [], LIMIT_S)[0],
              "sim serve prints no port")
        if kind == "usbip":
            place = first_object(child.stdout)["ports"][0]
            return child, f"usbip:{place['address']}/{place['busid']}"
        return child, child.stdout.readline().decode().rstrip("\n")

    def unit(self, link="unix", **keys):
        unit = Unit(self, f"unit{len(self.units)}", link, keys)
        self.units.append(unit)
        return unit

    def end(self, child, signum=signal.SIGTERM):
        child.send_signal(signum)
        child.wait(LIMIT_S)
        child.stdout.close()
        self.children.remove(child)

    def close(self):
        for unit in self.units:
            unit.client.close()
        for child in list(self.children):
            with contextlib.suppress(ProcessLookupError):
                self.end(child, signal.SIGKILL)
        shutil.rmtree(self.home, ignore_errors=True)


class Unit:
    """A virtual collar, served, and a client that has said hello to it."""

    def __init__(self, bench, name, link, keys):
        self.bench, self.name, self.link = bench, name, link
        keys = {"history": "2h", **keys}
        pairs = "".join(f",{key}={value}" for key, value in keys.items())
        bench.run("-p", f"sim:{name}{pairs}", "status")
        self.start()

    def start(self, hello=True):
        self.child, self.port = self.bench.serve(self.name, self.link)
        self.client = Client(self.port)
        if hello:
            done(self.client.hello())

    def stop(self):
        self.client.close()
        self.bench.end(self.child)

    def later(self, duration, *world):
        """Lets time pass, with another world first, and says hello again."""
        self.stop()
        if world:
            self.bench.run("sim", "set", self.name, *world)
        self.bench.run("sim", "advance", self.name, duration)
        self.start()
        return self.client

    def cut(self, hello=True):
        """Cuts the unit's power."""
        self.stop()
        self.bench.run("sim", "cut", self.name)
        self.start(hello)
        return self.client

    def in_service(self, serial="INT0001"):
        """Provisioned, operational, and every rest over."""
        done(self.client.change("provision", fields(
            "record", serial=serial, model=MODEL, **SITE)))
        client = self.later("2m")
        same(done(client.call("status"))[1], 4, "status")
        return client
