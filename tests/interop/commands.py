# SPDX-License-Identifier: BSD-2-Clause
"""Every command of the program that needs a collar, with every option, in an
order in which a collar that does what it is asked answers all of them."""

import contextlib
import json
import shlex

import seen
from bench import SITE, Failed, check, same
from collar import Collar
from model import HARDWARE_ID, NOW, SERIAL
from values import utc

HOUR_LATER = utc(NOW + 3600)
SITE_OPTIONS = tuple(f"--{name}={value}" for name, value in SITE.items())
FROM = {"premises_id": "0042-7715", "description": "", "tags": ["a", "b"],
        "latitude": 38.5, "longitude": -121.7, "der_type": "solar",
        "sample_minutes": 15, "report_minutes": 30,
        "comms.type": "cellular", "comms.provider": "x"}

VERBS = ("data", "clock", "relay", "test")

READS = (
    ("list", "--probe"), ("info",),
    ("get", "serial", "premises_id", "relay.state", "measured.voltage_v"),
    ("status",), ("lcd",), ("data", "info"), ("data", "dump"),
    ("data", "dump", "--since", "2026-11-20T16:00:00Z", "--until",
     "2026-11-21T00:00:00Z", "--time-format", "us", "--whole-kwh"),
    ("events",), ("events", "--since", "2026-11-20T15:00:05Z", "--until",
                  "2026-11-20T15:00:15Z"),
    ("clock", "show"), ("relay", "status"), ("test", "status"),
    ("outcome", "0123456789abcdef"))

MOVES = (
    ("set", "description=Roof", "tags=a,b"),
    ("set", "--check", "description=Roof"),
    ("provision", "--new-serial", SERIAL, "--model", "S-B-5-02-IH-10-60A",
     "--premises-id", "0042-7715", *SITE_OPTIONS, "--location-notes",
     "behind the shed", "--der-type", "storage", "--wait", "10s"),
    ("provision", "--from", "unit.json", *SITE_OPTIONS, "--no-wait"),
    ("relay", "shut", "--hold", "10m"), ("--dry-run", "relay", "confirm"),
    ("relay", "confirm"),
    ("relay", "open", "--hold", "5m"), ("relay", "confirm"),
    ("relay", "shut", "--at", "top-of-hour"), ("relay", "cancel"),
    ("relay", "open", "--at", HOUR_LATER), ("relay", "cancel"))

OTHERS = (
    ("relay", "open", "--tag", "J. Doe on the roof"), ("relay", "untag"),
    ("relay", "tag", "Wiring behind the collar"), ("relay", "untag"),
    ("relay", "exercise"),
    ("test", "start", "--minutes", "5", "--relay"), ("test", "stop"),
    ("clock", "set"), ("unprovision",))

CHANGES = MOVES + OTHERS
DRY = tuple(("--dry-run", *words) for words in CHANGES
            if not {"--check", "--dry-run", "confirm"} & set(words))
EVERY = READS + DRY + CHANGES


def expected_status(words):
    return None if words[0] == "set" and "--check" in words else 0


class Session:
    """A collar in Python, and commands run against it."""

    def __init__(self, bench, collar):
        self.bench, self.collar = bench, collar

    def run(self, *words, status=0, **more):
        """One command as a script runs it: what it prints as JSON."""
        before = len(self.collar.seen)
        child = self.bench.run("--json", "-p", self.collar.port, "-s",
                               self.name(), "--yes", *words, status=status,
                               **more)
        check(len(self.collar.seen) > before, f"{words}: nothing was asked")
        if child.returncode in (0, 1):
            note(words)
        return parsed(words, child.stdout)

    def name(self):
        serial = self.collar.options["serial"]
        return serial or "hw:" + HARDWARE_ID.hex()

    def fails(self, *words, status):
        """One that fails, with that exit status: the error it tells."""
        return self.run(*words, status=status)["error"]

    def shell(self, commands, *options, status=0):
        """All of them over one connection: what each prints as JSON."""
        self.write_unit()
        script = "\n".join(map(shlex.join, commands)) + "\n"
        child = self.bench.run(
            "--json", "-p", self.collar.port, "-s", self.name(), "--yes",
            "shell", *options, stdin=script.encode(), status=status)
        note(("shell", *options))
        return [cleaned(words, value) for words, value in
                zip(commands, values_of(child.stdout), strict=True)]

    def write_unit(self):
        with open(self.bench.path("unit.json"), "w", encoding="utf-8") as file:
            json.dump(FROM, file)

    def every(self, commands=EVERY):
        """What each of them prints as JSON, after its words."""
        self.write_unit()
        return [(words, self.run(*words, status=expected_status(words)))
                for words in commands]


def values_of(text):
    """The JSON values that stand one behind the other in a text."""
    decoder, text, at = json.JSONDecoder(), text.decode().strip(), 0
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError as error:
            raise Failed(f"no JSON: {text[at:]!r}") from error
        yield value
        at += len(text[at:]) - len(text[at:].lstrip())


def parsed(words, text):
    values = list(values_of(text))
    check(len(values) == 1, f"{words}: {len(values)} values: {text!r}")
    return cleaned(words, values[0])


def cleaned(words, value):
    """Without what is another each time."""
    for part in (value, value.get("clock") or {}):
        part.pop("drift_s", None)
    value.pop("elapsed_s", None)
    if words[-2:] == ("clock", "set"):
        value.pop("utc", None)
    if value.get("hold"):
        value["hold"].pop("move")
    for collar in value.get("collars", ()):
        for key in ("port", "transport", "adapter"):
            collar.pop(key)
    return value


def note(words):
    """What was driven: the command, its verb, its options."""
    plain = [word for word in words if word != "--dry-run"]
    name = " ".join(plain[:2] if plain[0] in VERBS else plain[:1])
    if "--dry-run" in words:
        seen.note("dry run", name)
        return
    seen.note("command", name)
    for word in words:
        if word.startswith("--"):
            seen.note("option", name, word[2:].partition("=")[0])


@contextlib.contextmanager
def serving(bench, kind="unix", line=None, **options):
    """A session with a collar of its own."""
    path = bench.path(f"collar{bench.count()}.sock")
    collar = Collar(path, kind, line, **options)
    try:
        yield Session(bench, collar)
    finally:
        collar.close()


def alike(bench, commands=EVERY, kind="unix", line=None, clean=None,
          **options):
    """Whatever the line and the order do, the host makes the same of it."""
    with serving(bench, **(clean or options)) as session:
        wanted = session.every(commands)
    with serving(bench, kind, line, **options) as session:
        got = session.every(commands)
    for (words, want), (_, have) in zip(wanted, got, strict=True):
        same(have, want, " ".join(words))
