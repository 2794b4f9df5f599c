# SPDX-License-Identifier: BSD-2-Clause
"""What a year's dump over USB makes of the bus, and what it costs the computer.

The bus is emulated (see usb.c), the program and libusb are the real ones.  Full
speed carries 19 packets of 64 bytes in a millisecond, 1.216 MB/s; how much of it
is used is counted in packets.  CPU time is the program's, the emulation's calls
included, which both sides of a comparison make.
"""

import statistics
import subprocess
import sys
import tempfile

from table import own, row, section

PACKET = 64
ROUNDS = 7


def figures(build, binary):
    section("USB, emulated")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [f"{build}/tests/bench/usb", binary, folder, str(ROUNDS)],
            capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"tests/bench/usb: {done.stderr}")
    lines = [line.split() for line in done.stdout.splitlines()]
    slots, used, size = map(int, lines[0][1:])
    own("USB %", "a year's dump takes of full speed's 1.216 MB/s",
        100 * size / (slots * PACKET), " %",
        f"{size:,} bytes, {100 * used / slots:.1f} % of packets")
    ns, beside = (1000 * statistics.median(int(line[at]) for line in lines[1:])
                  / size for at in (1, 2))
    row("CPU time a byte of it, unpaced", f"{ns:.0f} ns",
        f"a bare libusb read {beside:.0f} ns, ratio {ns / beside:.1f}")
