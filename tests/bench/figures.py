# SPDX-License-Identifier: BSD-2-Clause
"""One table of figures, each measured now and held to what it should be.

usage: figures.py BUILD    (the folder that `make` built collarctl into)

A row: what, ours, what was measured beside it in the same run, and the bound.
Ends with 1 and names what missed its bound, if any did.
"""

import os
import subprocess
import sys
import tempfile

import codec_figures
import program_figures
import usb_figures
from table import end, section


def lint_figures(title, *argv):
    """The figures that a check prints on its way."""
    section(title)
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        if line.startswith("FIGURE "):
            print(line[7:])


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    binary = os.path.abspath(f"{build}/collarctl")
    codec_figures.figures(build)
    lint_figures("firmware", "tests/lint/firmware", f"{build}/firmware")
    with tempfile.TemporaryDirectory() as home:
        program_figures.figures(
            build, binary, {"HOME": home, "PATH": os.environ["PATH"]}, home)
    usb_figures.figures(build, binary)
    lint_figures("the house", sys.executable, "tests/lint/functions.py")
    sys.exit(end())


if __name__ == "__main__":
    main()
