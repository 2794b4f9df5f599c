# SPDX-License-Identifier: BSD-2-Clause
"""Runs what the documents show, on virtual collars in a home of its own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile

import doc_facts

PROVISION = ("provision --new-serial SIM0001 --model S-B-5-02-IH-10-60A "
             "--address '12 Elm Street' --city Springfield --state IL "
             "--zip 62701")

# Objects whose every key a man page must name: command, page, item there.  In
# this order on one unit, so that what may be null is there once.
OBJECTS = [
    (PROVISION, "change", "provision"),
    ("-s SIM0001 --yes relay shut --hold 10m", "switch", "relay"),
    ("status", "read", "status"),
    ("-s SIM0001 relay confirm", "switch", "relay"),
    ("-s SIM0001 --yes relay open --at top-of-hour", "switch", "relay"),
    ("status", "read", "status"),
    ("-s SIM0001 relay tag 'J. Doe'", "switch", "relay"),
    ("status", "read", "status"),
    ("-s SIM0001 --yes test start", "switch", "test"),
    ("sim cut sim", "sim", "sim cut"),
    ("sim advance sim 1h", "sim", "sim advance"),
    ("sim set sim coverage=off", "sim", "sim set"),
    ("list --probe", "read", "list"),
    ("doctor", "read", "doctor"),
    ("info", "change", "UNIT RECORD"),
    ("status", "read", "status"),
    ("lcd", "read", "lcd"),
    ("data info", "read", "data info"),
    ("data dump --since 1h", "read", "data dump"),
    ("events", "read", "events"),
    ("clock", "read", "clock"),
    ("set city=Salem", "change", "provision"),
    ("relay", "switch", "relay"),
    ("test", "switch", "test"),
    ("outcome 0123456789abcdef", "change", "outcome"),
    ("explain no CEL", "lookup", "explain"),
    ("decode model S-B-5-02-IH-10-60A", "lookup", "decode model"),
    ("decode hex-status 0x00010020", "lookup", "decode hex-status"),
    ("sim list", "sim", "sim show"),
    ("version", "shell", "version"),
]

# Their names are the names of things, not fields.
OPEN_OBJECTS = ("libraries",)

# 64 and 65 would say that an example is wrong, 70 that the program is.
EXAMPLE_STATUSES = (0, 1, 69, 75, 79, 130)


def model_of(binary):
    run = subprocess.run([binary, "completion", "model"], check=True,
                         capture_output=True)
    return json.loads(run.stdout)


@contextlib.contextmanager
def home_of(binary):
    """A function that runs a line of shell in a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        os.makedirs(f"{home}/bin")
        os.symlink(binary, f"{home}/bin/collarctl")
        with open(f"{home}/commands.txt", "w", encoding="utf-8") as file:
            file.write("status\n")
        with open(f"{home}/unit.json", "w", encoding="utf-8") as file:
            file.write('{"city": "Springfield"}')
        env = {"HOME": home, "PATH": f"{home}/bin:/usr/bin:/bin",
               "USER": "technician", "LC_ALL": "C.UTF-8"}

        def run(line):
            """(exit status, what was printed).  What would go on and on gets
            a ^C after a while."""
            process = subprocess.Popen(
                ["bash", "-c", line], cwd=home, env=env, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, start_new_session=True)
            endless = "--watch" in line or "sim serve" in line
            try:
                output, _ = process.communicate(timeout=1 if endless else 120)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGINT)
                output, _ = process.communicate(timeout=30)
            return process.returncode, output

        yield run


# ------------------------------------------------------------------- objects


def keys_of(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in OPEN_OBJECTS:
                yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def named_keys(page, where):
    if where != where.upper():
        return doc_facts.json_words(page, where)
    return {word for name in doc_facts.record_fields(page)
            for word in name.split(".")} | {"kind", "virtual"}


def check_json(binary, tree):
    with home_of(binary) as run:
        for command, page, where in OBJECTS:
            status, output = run(
                f"collarctl -p sim --json {command} 2>/dev/null")
            title = f"collarctl-{page}.1 names every key of: {command}"
            try:
                keys = set(keys_of(json.loads(output)))
            except ValueError:
                yield title, [f"exit status {status}: {output.strip()}"]
                continue
            known = named_keys(tree[f"man/collarctl-{page}.1"], where)
            if page == "sim":
                known |= sim_keys(tree["man/collarctl-sim.1"])
            yield title, [f"{key} is not there"
                          for key in sorted(keys - known)]


def sim_keys(page):
    section = doc_facts.part_of(page, "Sh", "KEYS")
    return {"collars"} | {words[1] for _, words, _ in
                          doc_facts.items_of(section)}


# ------------------------------------------------------------------ examples


def on_virtual_collar(line):
    """The same line where it can do no harm and needs nobody to ask."""
    real = "/dev/" in line
    line = re.sub(r"(serial:)?/dev/\w+", "sim", line)
    if re.match(r"collarctl list\b", line):
        line = line.replace("collarctl", "collarctl -p sim", 1)
    if real and " relay " in line:
        line += " --dry-run"
    return line


def check_examples(binary, tree, model):
    """Every example of the man pages and of `help`."""
    sources = {path: doc_facts.examples_of_page(text)
               for path, text in tree.items() if path.startswith("man/")}
    for command in model["commands"]:
        if command["examples"]:
            sources[f"collarctl help {command['name']}"] = \
                command["examples"].splitlines()
    for source, lines in sources.items():
        with home_of(binary) as run:
            run("collarctl -p sim " + PROVISION)
            yield f"examples work: {source}", list(example_faults(run, lines))


def example_faults(run, lines):
    for line in lines:
        status, output = run(on_virtual_collar(line))
        if status not in EXAMPLE_STATUSES:
            yield f"{line}: exit status {status}: {output.strip()[-200:]}"


# -------------------------------------------------------------------- README


def recordings_of(text):
    """Yields (commands with their output, place) of each console block."""
    for block in re.finditer(r"^```console\n(.*?)^```$", text, re.M | re.S):
        yield block, re.findall(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)",
                                block.group(1), re.M)


def outline(output):
    """What stays the same from run to run: labels, not values; the glass is
    one line, whatever it shows."""
    labels = []
    for line in map(str.rstrip, output.splitlines()):
        label = re.split(r"\s{2,}|: ", line)[0]
        label = re.sub(r"[0-9][0-9.,:TZ-]*", "0", label)
        if re.fullmatch(r"[ _|.]*(V|A|kWh)?", line):
            label = "(glass)"
        if not labels or labels[-1] != label:
            labels.append(label)
    return labels


def check_readme(binary, text):
    faults, count = [], 0
    with home_of(binary) as run:
        for _, commands in recordings_of(text):
            for command, shown in commands:
                status, output = run(command)
                count += 1
                if status != 0:
                    faults.append(f"{command}: exit status {status}: {output}")
                elif shown.strip() and outline(shown) != outline(output):
                    faults.append(f"{command}: prints other lines: record it "
                                  f"anew: check_docs.py BINARY --write")
    if count == 0:
        faults.append("there is no recording")
    yield "the README's commands work and print what is shown", faults


def record_readme(binary, text):
    """The README with every block that shows output recorded anew."""
    pieces, at = [], 0
    with home_of(binary) as run:
        for block, commands in recordings_of(text):
            shows = any(shown.strip() for _, shown in commands)
            lines = []
            for command, _ in commands:
                _, output = run(command)
                lines.append(f"$ {command}\n")
                if shows or block.start(1) < text.find("## "):
                    lines.append(re.sub(r"[ ]+$", "", output, flags=re.M))
            pieces += [text[at:block.start(1)], "".join(lines)]
            at = block.end(1)
    return "".join(pieces) + text[at:]


# ----------------------------------------------------------------- self-test


def self_test(binary):
    bad = ["collarctl -p sim status --frobnicate", "collarctl -p sim relya",
           "collarctl -p sim data dump --since yesterday"]
    with home_of(binary) as run:
        for line in bad:
            yield (f"a seeded fault is found: {line}",
                   [] if list(example_faults(run, [line])) else ["it is not"])
    for title, shown in [
            ("a failing command", "$ collarctl -p sim set zip=1\n"),
            ("another output", "$ collarctl -p sim relay\nRelay   OPEN\n"),
            ("no recording", "")]:
        text = f"```console\n{shown}```\n" if shown else ""
        faults = [fault for _, found in check_readme(binary, text)
                  for fault in found]
        yield (f"a seeded fault is found: README: {title}",
               [] if faults else ["it is not"])
