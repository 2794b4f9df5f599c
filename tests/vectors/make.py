#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""usage: make.py [--check]

Writes the vector files that are made, not published.  With --check writes none,
but holds those that stand here against what it would write.
"""

import pathlib
import sys

import frames
import hostile
import messages

HERE = pathlib.Path(__file__).resolve().parent


def files():
    yield "frames.txt", frames.lines()
    yield "hostile.txt", hostile.lines()
    yield from messages.files()


def text_of(lines):
    return "".join(f"{line}\n" for line in lines)


def check(name, text):
    path = HERE / name
    good = path.exists() and path.read_text(encoding="utf-8") == text
    print(f"{'ok' if good else 'not ok'} - vectors: {name} is as made anew")
    return good


def main():
    made = {name: text_of(lines) for name, lines in files()}
    if sys.argv[1:] == ["--check"]:
        return 0 if all([check(*one) for one in made.items()]) else 1
    for name, text in made.items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
