# SPDX-License-Identifier: BSD-2-Clause
"""What the program costs: start-up, and the wire of its main jobs.

CPU times are medians of 41 runs, beside /bin/true in the same rounds: where
that alone takes more than a millisecond, the machine is too slow or too busy
for the absolute time to say anything, and what is above it is judged.  Bytes on
the line are counted from the trace, framing included.
"""

import os
import pathlib
import statistics
import subprocess
import sys

from table import own, row, section

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "interop"))

from wire import PART, frame  # noqa: E402

RUNS = 41
BAUD, BITS_A_BYTE = 115200, 10
LONG = 600  # bytes: a part of the headers alone is shorter
QUIET_MS = 10  # a frame behind so much silence begins with a zero
PROVISION = ("provision", "--no-wait", "--new-serial", "SIM0001", "--model",
             "S-B-5-02-IH-10-60A", "--premises-id", "0042-7715", "--address",
             "12 Elm Street", "--city", "Springfield", "--state", "IL", "--zip",
             "62701")


def cpu_ms(argv, env):
    """CPU time of one run, its own and the kernel's for it."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(argv[0], argv, env, file_actions=quiet)
    _, status, used = os.wait4(pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(argv)}: failed")
    return 1000 * (used.ru_utime + used.ru_stime)


def start_up(binary, env):
    section("start-up, ms of CPU time")
    jobs = {"true": ["/bin/true"], "version ms": [binary, "--version"],
            "status ms": [binary, "-p", "sim", "status", "--json"]}
    cpu_ms(jobs["status ms"], env)  # makes the unit
    rounds = [{name: cpu_ms(argv, env) for name, argv in jobs.items()}
              for _ in range(RUNS)]
    medians = {name: statistics.median(one[name] for one in rounds)
               for name in jobs}
    true = medians.pop("true")
    for name, took in medians.items():
        judged = took if true <= 1 else took - true
        own(name, "collarctl " + " ".join(jobs[name][1:]), took, "",
            f"/bin/true {true:.1f}, {took - true:.1f} above", judged)


def frames(trace):
    """(milliseconds, way, bytes on the line) of each frame."""
    last = None
    with open(trace, encoding="ascii") as file:
        for text in file:
            at, way, payload = text.split()
            quiet = way != last[1] or int(at) - last[0] > QUIET_MS \
                if last else True
            last = int(at), way
            yield int(at), way, len(frame(bytes.fromhex(payload), quiet))


def traced(binary, env, port, trace, *args):
    subprocess.run([binary, "-p", port, "--trace", trace, *args], env=env,
                   check=True, stdout=subprocess.DEVNULL)
    seen = list(frames(trace))
    os.unlink(trace)
    return seen


def wire(binary, env, home):
    section("on the wire")
    trace = os.path.join(home, "trace")
    seen = traced(binary, env, "sim:wire", trace, *PROVISION)
    trips = sum(way == ">" for _, way, _ in seen)
    # with --no-wait a last look follows where the wait would begin
    own("trips before the wait", "round trips to provision, before the wait",
        trips - 1, "", f"{trips} with the last look")
    whole = sum(size for _, _, size in seen)
    row("bytes to provision, before the wait",
        sum(size for _, _, size in seen[:-2]), f"{whole} with the last look")
    seen = traced(binary, env, "sim:wire", trace, "status")
    whole = sum(size for _, _, size in seen)
    row("bytes for a status", sum(size for _, _, size in seen[2:]),
        f"{whole} with hello")


def dump(binary, env, home):
    """A year's dump over a line paced at 115200, from first to last byte."""
    year = os.path.join(home, "year.csv")
    server = subprocess.Popen(
        [binary, "sim", "serve", "year,history=365d", "--pty", "--baud",
         str(BAUD)], env=env, stdout=subprocess.PIPE, text=True)
    try:
        port = server.stdout.readline().strip()
        seen = traced(binary, env, f"{port}@{BAUD}", os.path.join(home, "trace"),
                      "data", "dump", "-o", year)
    finally:
        server.terminate()
        server.wait()
    heard = [(at, size) for at, way, size in seen if way == "<"]
    took_ms = heard[-1][0] - heard[0][0]
    sent = sum(size for _, size in heard[1:])
    with open(year, encoding="ascii") as file:
        records = sum(1 for _ in file) - 1
    own("line busy %", "a year's dump keeps a line of 115200 busy",
        100000 * sent * BITS_A_BYTE / BAUD / took_ms, " %",
        f"{records:,} records in {took_ms / 1000:.1f} s")
    row("bytes for an interval record", f"{sent / records:.1f}")


def blocks(trace):
    """Which of its frames are parts with a block of interval data."""
    with open(trace, encoding="ascii") as file:
        payloads = [bytes.fromhex(text.split()[2]) for text in file]
    return [at for at, payload in enumerate(payloads)
            if payload[1] == PART and len(payload) > LONG]


def paced(build, binary, home):
    """A dump in virtual time, where an adapter hands over what came every
    16 ms: the share of its time, from the request to the closing response, that
    the line carries frames; on half duplex, of either end."""
    section("dumps in virtual time")
    trace = os.path.join(home, "paced")
    for duplex, baud in (("half", 9600), ("half", 115200), ("full", 9600),
                         ("full", 115200)):
        line = f"{duplex}-duplex-{baud}"
        subprocess.run(
            [f"{build}/tests/bench/paced", binary,
             os.path.abspath(f"{build}/tests/faults/virtual_time.so"), trace,
             line], check=True, stdout=subprocess.DEVNULL)
        seen = list(frames(trace))
        parts = blocks(trace)
        os.unlink(trace)
        begin, end = parts[0] - 1, parts[-1] + 1
        took_ms = seen[end][0] - seen[begin][0]
        sizes = [size for _, way, size in seen[begin:end + 1]
                 if way == "<" or duplex == "half"]
        own(f"{duplex} duplex %",
            f"a dump keeps {baud} baud, {duplex} duplex, busy",
            100000 * sum(sizes) * BITS_A_BYTE / baud / took_ms, " %",
            f"{len(parts)} parts in {took_ms / 1000:.1f} s")


def figures(build, binary, env, home):
    start_up(binary, env)
    wire(binary, env, home)
    paced(build, binary, home)
    dump(binary, env, home)
