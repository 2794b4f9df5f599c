# SPDX-License-Identifier: BSD-2-Clause
"""One table of figures, each measured now: counts, bytes and ratios.

usage: figures.py BUILD    (the folder that `make` built collarctl into)

Instructions are callgrind's, the difference between 101 runs and 1; libcbor does
the same loads in the same run.  CPU times are the median of 21 runs, beside
/bin/true.  Absolute times drift; counts and ratios do not.
"""

import glob
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

LOADS = ("unit-encode", "unit-decode", "unit-gate-decode", "strangers-decode",
         "grid-encode", "grid-decode")
RUNS = 21


def row(what, figure, reference=""):
    print(f"{what:<52} {figure:>16}  {reference}")


def instructions(program, load):
    def count(times):
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
             program, load, str(times)],
            capture_output=True, text=True, check=True)
        return int(re.search(r"Collected : (\d+)", done.stderr).group(1))
    return (count(101) - count(1)) // 100


def codec(build):
    for name, source, libs in (("ours", "codec.c", sorted(glob.glob("proto/cbor_*.c"))),
                               ("libcbor", "libcbor.c", ["-lcbor"])):
        subprocess.run(
            ["gcc", "-std=c11", "-D_XOPEN_SOURCE=700", "-O2", "-o",
             f"{build}/bench-{name}", f"tests/bench/{source}",
             "tests/bench/load.c", *libs], check=True)
    for load in LOADS:
        ours = instructions(f"{build}/bench-ours", load)
        theirs = instructions(f"{build}/bench-libcbor", load)
        row(f"codec, instructions, {load}", f"{ours:,}",
            f"libcbor {theirs:,}, {theirs / ours:.1f} times as many")


def cpu_ms(argv, env):
    times = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(argv, env=env, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime
                     - before.ru_utime - before.ru_stime)
    return 1000 * statistics.median(times)


def start_up(binary, env):
    subprocess.run([binary, "-p", "sim", "status"], env=env, check=True,
                   stdout=subprocess.DEVNULL)
    true = cpu_ms(["/bin/true"], env)
    for args in (["--version"], ["-p", "sim", "status", "--json"]):
        row(f"CPU time, collarctl {' '.join(args)}",
            f"{cpu_ms([binary, *args], env):.1f} ms", f"/bin/true {true:.1f} ms")


def line_len(payload):
    """Bytes on the line: CRC, COBS, the zeros in front and behind."""
    length = payload + 4
    return length + length // 254 + 3


def frames(trace):
    with open(trace, encoding="ascii") as file:
        for text in file:
            at, way, payload = text.split()
            yield int(at), way, line_len(len(payload) // 2)


def wire(binary, env, home):
    trace = os.path.join(home, "trace")
    subprocess.run(
        [binary, "-p", "sim:wire", "--trace", trace, "provision", "--no-wait",
         "--new-serial", "SIM0001", "--model", "S-B-5-02-IH-10-60A",
         "--premises-id", "0042-7715", "--address", "12 Elm Street", "--city",
         "Springfield", "--state", "IL", "--zip", "62701"],
        env=env, check=True, stdout=subprocess.DEVNULL)
    seen = list(frames(trace))
    trips = sum(way == ">" for _, way, _ in seen)
    row("round trips to provision, the last look included", trips,
        f"{sum(size for _, _, size in seen)} bytes on the line")
    os.unlink(trace)
    subprocess.run([binary, "-p", "sim:wire", "--trace", trace, "status"],
                   env=env, check=True, stdout=subprocess.DEVNULL)
    seen = list(frames(trace))
    row("bytes on the line for a status, hello included",
        sum(size for _, _, size in seen),
        f"without hello {sum(size for _, _, size in seen[2:])}")


def dump(binary, env, home):
    """A year's dump over a line paced at 115200: how busy the line is."""
    trace = os.path.join(home, "dump-trace")
    server = subprocess.Popen(
        [binary, "sim", "serve", "year,history=365d", "--pty", "--baud",
         "115200"], env=env, stdout=subprocess.PIPE, text=True)
    try:
        port = server.stdout.readline().strip()
        begun = time.monotonic()
        subprocess.run([binary, "-p", port + "@115200" if "@" not in port
                        else port, "--trace", trace, "data", "dump", "-o",
                        os.path.join(home, "year.csv")], env=env, check=True)
        took = time.monotonic() - begun
    finally:
        server.terminate()
        server.wait()
    sent = sum(size for _, way, size in frames(trace) if way == "<")
    with open(os.path.join(home, "year.csv"), encoding="ascii") as file:
        records = sum(1 for _ in file) - 1
    row(f"year's dump at 115200: {records:,} records in", f"{took:.1f} s",
        f"line busy {100 * sent * 10 / 115200 / took:.1f} %")
    row("bytes on the line per interval record", f"{sent / records:.1f}")


def firmware(build):
    done = subprocess.run(["tests/lint/firmware", f"{build}/firmware"],
                          capture_output=True, text=True, check=False)
    for text in done.stdout.splitlines():
        if text.startswith("FIGURE "):
            what, figure = text[7:].split(": ", 1)
            row(what, "", figure)


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    binary = os.path.abspath(f"{build}/collarctl")
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "PATH": os.environ["PATH"]}
        codec(build)
        firmware(build)
        start_up(binary, env)
        wire(binary, env, home)
        dump(binary, env, home)


if __name__ == "__main__":
    main()
