# SPDX-License-Identifier: BSD-2-Clause
"""What the codec costs: instructions on this machine, flash and stack on a
Cortex-M4, and which of the published and hostile inputs its gate takes.

Instructions are callgrind's, the difference between 101 runs and 1; libcbor
does the same loads in the same run.  Flash is what the linker keeps of the code
that a unit map needs; libc's memcpy, which all codecs share, is not counted.
Stack is the deepest path through the compiler's own call graph, which is exact
where nothing recurses and no function is called by pointer.
"""

import glob
import os
import re
import subprocess

from table import PUBLISHED, published, row, section

LOADS = ("unit-encode", "unit-decode", "unit-check-decode", "ext-decode",
         "ext-find", "rev-decode", "rev-find", "grid-encode", "grid-decode")
CODEC = sorted(glob.glob("proto/cbor_*.c"))
VECTORS = "tests/vectors"

ARM = "arm-none-eabi-"
ARM_FLAGS = ("-std=c11", "-mcpu=cortex-m4", "-mthumb", "-Os", "-ffreestanding",
             "-ffunction-sections", "-fdata-sections", "-fcallgraph-info=su")


def run(*argv, **options):
    return subprocess.run(argv, capture_output=True, text=True, check=True,
                          **options)


def build_host(build):
    for name, sources, libs in (
            ("codec", ["codec.c", "unit.c"], CODEC),
            ("libcbor", ["libcbor.c"], ["-lcbor"])):
        run("gcc", "-std=c11", "-D_XOPEN_SOURCE=700", "-O2", "-o",
            f"{build}/bench-{name}", "tests/bench/load.c",
            *(f"tests/bench/{source}" for source in sources), *libs)
    return f"{build}/bench-codec", f"{build}/bench-libcbor"


def instructions(program, load):
    def count(times):
        done = run("valgrind", "--tool=callgrind",
                   "--callgrind-out-file=/dev/null", program, load, str(times))
        return int(re.search(r"Collected : (\d+)", done.stderr).group(1))
    return (count(101) - count(1)) // 100


def costs(codec, libcbor):
    section("codec, instructions of x86-64, gcc -O2")
    for load in LOADS:
        ours = instructions(codec, load)
        theirs = instructions(libcbor, load)
        beside = f"libcbor {theirs:,}, {theirs / ours:.1f} times"
        if load in PUBLISHED:
            published(load, load, ours, beside)
        else:
            row(load, f"{ours:,}", beside)


def rows_of(name):
    with open(f"{VECTORS}/{name}", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file
                if line.strip() and not line.startswith("#")]


def accepted(program, items):
    done = run(program, "accepts", input="".join(f"{i}\n" for i in items))
    return done.stdout.split().count("yes")


def gate(codec):
    section("codec, what the gate takes")
    examples = rows_of("rfc8949-appendix-a.txt")
    inside = [item for item, _, why in examples if why == "inside"]
    others = [item for item, _, why in examples if why != "inside"]
    for name in ("rfc8949-not-well-formed.txt", "hostile.txt"):
        others += [item for item, *_ in rows_of(name)]
    took = accepted(codec, inside)
    row("RFC examples of the profile accepted", f"{took}/{len(inside)}",
        "", "all", took == len(inside) > 0)
    refused = len(others) - accepted(codec, others)
    row("other inputs refused", f"{refused}/{len(others)}", "",
        "all, of at least 304", refused == len(others) >= 304)


def build_arm(folder):
    os.makedirs(folder, exist_ok=True)
    objects = {}
    for source in [*CODEC, "tests/bench/unit.c"]:
        name = os.path.basename(source)[:-2]
        objects[name] = f"{folder}/{name}.o"
        run(f"{ARM}gcc", *ARM_FLAGS, "-c", "-o", objects[name], source)
    caller = objects.pop("unit")
    return list(objects.values()), caller


def undefined(path):
    return run(f"{ARM}nm", "-u", path).stdout.split()[1::2]


def flash(folder, roots, objects):
    """Bytes of code and constants that the linker keeps for the roots."""
    linked = f"{folder}/linked.o"
    run(f"{ARM}ld", "-r", "--gc-sections",
        *(f"--undefined={root}" for root in roots), "-o", linked, *objects)
    text, data, bss = run(f"{ARM}size", linked).stdout.split()[6:9]
    assert data == bss == "0"
    return int(text)


def call_graph(folder):
    """({function: bytes of its frame}, {function: those it calls})."""
    frames, calls = {}, {}
    for path in glob.glob(f"{folder}/*.ci"):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for name, frame, kind in re.findall(
                r'title: "([^"]+)" label: "[^"]*?(\d+) bytes \((\w+)\)', text):
            assert kind == "static", name
            frames[name] = int(frame)
        for caller, callee in re.findall(
                r'sourcename: "([^"]+)" targetname: "([^"]+)"', text):
            assert callee != "__indirect_call", caller
            calls.setdefault(caller, set()).add(callee)
    return frames, calls


def deepest(name, frames, calls):
    return frames.get(name, 0) + max(
        (deepest(callee, frames, calls) for callee in calls.get(name, ())),
        default=0)


def cortex(build):
    section("codec, bytes on a Cortex-M4, gcc -Os")
    folder = f"{build}/bench-m4"
    codec, caller = build_arm(folder)
    roots = [name for name in undefined(caller) if name.startswith("cbor_")]
    published("flash", "flash, the codec", flash(folder, roots, codec))
    published("flash and caller", "flash, with the code that calls it",
              flash(folder, ["unit_write", "unit_read"], [*codec, caller]))
    published("flash and check", "flash, the codec with the strict check",
              flash(folder, [*roots, "cbor_valid"], codec))
    graph = call_graph(folder)
    for what, root in (("encode", "unit_write"), ("decode", "unit_read"),
                       ("check", "cbor_valid")):
        published(f"stack {what}", f"stack, {what}", deepest(root, *graph))


def figures(build):
    codec, libcbor = build_host(build)
    costs(codec, libcbor)
    gate(codec)
    cortex(build)
