# SPDX-License-Identifier: BSD-2-Clause
"""How long functions are, held against the house's measure.

usage: functions.py [ROOT]

A function's length is the number of its lines from the one that names it to the
brace that closes it, blank ones and comments among them.  Prints TAP and
figures; exits 1 if a bound is exceeded.
"""

import glob
import os
import re
import statistics
import sys

# At most so many lines.
BOUNDS = {"half of all": 15, "nine of ten": 45, "every one": 50}

NAME = re.compile(r"^(\w+)\(")


def functions(lines):
    """Yields (name, length) of each function; braces stand as clang-format
    puts them: those of a body, and only those, alone at the margin."""
    begun, name, inside = 0, "", False
    for number, line in enumerate(lines, 1):
        if not inside and (match := NAME.match(line)):
            begun, name = number, match.group(1)
        elif line.rstrip() == "{":
            inside = True
        elif inside and line.rstrip() == "}":
            inside = False
            yield number - begun + 1, name


def measure(lengths):
    """The same keys as BOUNDS, and what they are for functions so long."""
    lengths = sorted(lengths)
    return {"half of all": statistics.median_high(lengths),
            "nine of ten": lengths[-(-len(lengths) * 9 // 10) - 1],
            "every one": lengths[-1]}


def functions_of(paths):
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for length, name in functions(file):
                yield length, f"{name} in {path}"


def sources(*folders):
    return sorted(path for folder in folders for end in "ch"
                  for path in glob.glob(f"{folder}/**/*.{end}", recursive=True))


def report(whose, found):
    measured = measure(length for length, _ in found)
    print(f"FIGURE lines of {whose} {len(found):,} functions: half at most "
          f"{measured['half of all']}, nine of ten {measured['nine of ten']}, "
          f"the longest {measured['every one']} ({max(found)[1]})")
    return measured


def main():
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
    own = list(functions_of(sources("proto", "devices", "cli")))
    measured = report("the program's", own)
    report("the tests'", list(functions_of(sources("tests"))))
    good = {f"{which}: at most {lines} lines": measured[which] <= lines
            for which, lines in BOUNDS.items()}
    # The check itself must be able to fail.
    long = ["long_one(void)", "{", *["\t;"] * 48, "}"]
    good["one of 51 would be found"] = list(functions(long)) == [
        (51, "long_one")]
    for what, holds in good.items():
        print(f"{'ok' if holds else 'not ok'} - functions: {what}")
    sys.exit(not all(good.values()))


if __name__ == "__main__":
    main()
