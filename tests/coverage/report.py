# SPDX-License-Identifier: BSD-2-Clause
"""What the tests reached of proto/ and devices/collar/: lines and branches.

usage: report.py BUILD FOLDER [UNREACHED]

BUILD is a folder built with COVERAGE=yes, FOLDER what programs of such builds
have left below it (*.profraw).  Prints a table by file and, as FIGUREs, its sums.
With UNREACHED, the list of branches that cannot be reached and why, it tests
that enough are reached and that list and measurement agree.

A branch is an outcome of a condition as the source has it: each operand of &&
and ||, each case, each use of a macro that decides.  It is known by its file,
its function and its text, so the list outlives edits around it.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PARTS = ("proto", "devices/collar")
BRANCHES_MIN = 0.95
EXPANSION = 1  # kind of region: a use of a macro

ENTRY = re.compile(r"(\S+): (\w+): (.+) is never (true|false|taken)$")


def measured(build, folder):
    """What llvm-cov says of all that ran, as its export has it."""
    sources = [path.relative_to(ROOT) for part in PARTS
               for path in sorted((ROOT / part).glob("*.c"))]
    objects = [str(pathlib.Path(build, path.with_suffix(".o")))
               for path in sources]
    raw = sorted(str(path) for path in pathlib.Path(folder).rglob("*.profraw"))
    if not raw:
        sys.exit(f"report.py: {folder} holds no *.profraw: run the tests first")
    with tempfile.NamedTemporaryFile(suffix=".profdata") as data:
        subprocess.run(["llvm-profdata", "merge", "-o", data.name, *raw],
                       check=True)
        out = subprocess.run(
            ["llvm-cov", "export", "-format=text",
             f"-instr-profile={data.name}", objects[0],
             *(f"-object={path}" for path in objects[1:])],
            check=True, stdout=subprocess.PIPE).stdout
    return json.loads(out)["data"][0]


def in_tree(path):
    """A name below proto/ or devices/collar/, or None."""
    try:
        name = str(pathlib.Path(path).resolve().relative_to(ROOT))
    except ValueError:
        return None
    return name if name.startswith(tuple(p + "/" for p in PARTS)) else None


class Sources:
    def __init__(self):
        self.lines = {}

    def cut(self, name, first, left, last, right):
        """The source from (line, column) to (line, column)."""
        if name not in self.lines:
            self.lines[name] = (ROOT / name).read_bytes().splitlines(True)
        lines = self.lines[name][first - 1:last]
        lines[-1] = lines[-1][:right]
        lines[0] = lines[0][left - 1:]
        return b"".join(lines).decode()

    def condition(self, name, place):
        first, left, last, right = place
        return one_line(self.cut(name, first, left, last, right - 1))

    def use(self, name, place):
        """The use of a macro that begins there, with its arguments."""
        first, left = place[:2]
        text, depth = self.cut(name, first, left, first + 9, None), 0
        for at, char in enumerate(text):
            depth += (char == "(") - (char == ")")
            if depth == 0 and not char.isalnum() and char != "_":
                return one_line(text[:at + (char == ")")])
        return one_line(text)


def one_line(text):
    return " ".join(text.split())


def branches_of(function, sources):
    """Yields (name, place, text, true count, false count) of a function."""
    files = function["filenames"]
    uses = {region[6]: region for region in function["regions"]
            if region[7] == EXPANSION}
    for *place, yes, no, file, _, _ in function["branches"]:
        where, read = [*place], sources.condition
        while file in uses:  # told by the use of the macro, not its inside
            place, file = uses[file][:4], uses[file][5]
            where, read = where + place, sources.use
        name = in_tree(files[file])
        yield name, tuple(where), read(name, place), yes, no


def read_branches(data):
    """{(file, function, text, outcome): {place: was it taken}}"""
    sources = Sources()
    found = collections.defaultdict(dict)
    for function in data["functions"]:
        if not in_tree(function["filenames"][0]):
            continue
        called = function["name"].rpartition(":")[2]
        for name, place, text, yes, no in branches_of(function, sources):
            outcomes = (("true", yes), ("false", no))
            if re.match(r"(case|default)\b", text):
                outcomes = (("taken", yes),)
            for outcome, count in outcomes:
                places = found[name, called, text, outcome]
                places[place] = places.get(place, False) or count > 0
    return found


class Sum:
    def __init__(self):
        self.lines = self.lines_hit = self.branches = self.branches_hit = 0

    def add(self, other):
        for key, value in vars(other).items():
            setattr(self, key, getattr(self, key) + value)

    def __str__(self):
        return (f"{self.lines_hit} of {self.lines} lines "
                f"({percent(self.lines_hit, self.lines)}), "
                f"{self.branches_hit} of {self.branches} branches "
                f"({percent(self.branches_hit, self.branches)})")


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def sums(data, branches):
    by_file = collections.defaultdict(Sum)
    for file in data["files"]:
        name, lines = in_tree(file["filename"]), file["summary"]["lines"]
        if name and lines["count"]:
            by_file[name].lines += lines["count"]
            by_file[name].lines_hit += lines["covered"]
    for (name, *_), places in branches.items():
        by_file[name].branches += len(places)
        by_file[name].branches_hit += sum(places.values())
    return by_file


def print_table(by_file):
    total = Sum()
    for part in PARTS:
        here = Sum()
        for name in sorted(by_file):
            if name.startswith(part + "/"):
                here.add(by_file[name])
                print(f"{name:<32} {by_file[name]}")
        total.add(here)
        print(f"FIGURE reached of {part}: {here}")
    print(f"FIGURE reached of both: {total}")
    return total


def read_list(path):
    """The entries of the list; each reason stands indented below its own."""
    listed, bare = [], []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        entry = ENTRY.match(line)
        if entry:
            bare.append(entry.groups())
            listed.append(entry.groups())
        elif line[0].isspace() and line.strip():
            bare = []
        elif line.strip() and not line.startswith("#"):
            sys.exit(f"{path}:{number}: neither an entry nor a reason: {line}")
    return listed, bare


def verdict(sentence, complaints):
    print("not ok -" if complaints else "ok -", f"coverage: {sentence}")
    for complaint in complaints:
        print("#", complaint)
    return not complaints


def told(key):
    return "{}: {}: {} is never {}".format(*key)


def judge(total, branches, path):
    listed, bare = read_list(path)
    missed = {key for key, places in branches.items()
              if not all(places.values())}
    enough = total.branches_hit >= BRANCHES_MIN * total.branches
    return all([
        verdict(f"at least {BRANCHES_MIN:.0%} of all branches are taken",
                [] if enough else [str(total)]),
        verdict(f"each branch never taken is in {path}",
                sorted(told(key) for key in missed - set(listed))),
        verdict("each of those listed is there, and never taken",
                sorted(told(key) for key in set(listed) - missed)),
        verdict("each of those listed has its reason",
                [told(key) for key in bare]),
    ])


def main(argv):
    if len(argv) not in (3, 4):
        sys.exit(__doc__)
    data = measured(argv[1], argv[2])
    branches = read_branches(data)
    total = print_table(sums(data, branches))
    if len(argv) == 3:
        for key in sorted(branches):
            if not all(branches[key].values()):
                print(told(key))
        return 0
    return 0 if judge(total, branches, argv[3]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
