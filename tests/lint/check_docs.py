#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Man pages and READMEs against the program, and tests/README.md against the
tests.

usage: check_docs.py COLLARCTL [--write]

Prints TAP.  With --write the README's recordings are made anew instead.
"""

import os
import re
import sys

import doc_facts
import doc_runs

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def read_tree():
    """{path: text} of every document, of the tables in proto/, and of the
    script that runs the tests."""
    paths = ["README.md", "tests/README.md"]
    paths += ["man/" + name for name in sorted(os.listdir(f"{ROOT}/man"))]
    paths += [f"proto/{name}.def" for name in
              ("ops", "errors", "conditions", "events")]
    paths += ["proto/interval.c", "tests/check"]
    tree = {}
    for path in paths:
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            tree[path] = file.read()
    return tree


def differences(what, documented, real):
    """Faults where two sets, or two maps, are not the same."""
    if isinstance(documented, dict):
        documented, real = set(documented.items()), set(real.items())
    faults = [f"{what} {item} is not documented" for item in real - documented]
    faults += [f"{what} {item} is documented, but not in the program"
               for item in documented - real]
    return sorted(faults)


def check_options(tree, model):
    table = doc_facts.options_of_page(tree["man/collarctl.1"])
    real = {(o["letter"], o["name"], o["value"]) for o in model["options"]}
    return differences("option", table, real)


def check_commands(tree, model):
    documented = doc_facts.commands_of_pages(tree)
    real = [command["name"] for command in model["commands"]]
    faults = differences("command", set(documented), set(real))
    faults += [f"command {name} is documented twice"
               for name in set(documented) if documented.count(name) > 1]
    listed = doc_facts.commands_of_overview(tree["man/collarctl.1"])
    shown = {c["name"] for c in model["commands"] if c["group"]}
    return faults + differences("collarctl.1: command", listed, shown)


def check_verbs(tree, model):
    faults = []
    for name, section in doc_facts.sections_of_commands(tree).items():
        command = doc_facts.command_of(model, name)
        if command is None:
            continue
        documented = set(doc_facts.verbs_of_section(section))
        real = {verb["name"] for verb in command["verbs"]}
        faults += differences(f"{name}: verb", documented, real)
    return faults


def check_command_options(tree, model):
    faults = []
    for name, section in doc_facts.sections_of_commands(tree).items():
        command = doc_facts.command_of(model, name)
        if command is None:
            continue
        documented = doc_facts.options_of_section(section)
        real = doc_facts.options_of_command(command)
        faults += differences(f"{name}: option", documented, real)
    return faults


def check_mentions(tree, model):
    """No document speaks of an option that the program does not know."""
    known = doc_facts.option_names(model)
    faults = []
    for path, text in tree.items():
        if path.startswith("man/") or path == "README.md":
            faults += [f"{path}: no option --{name}" for name in
                       sorted(doc_facts.options_mentioned(path, text) - known)]
    return faults


def check_errors(tree, model):
    real = {row["code"]: row["exit_status"] for row in model["errors"]}
    documented = doc_facts.exit_statuses(tree["man/collarctl.1"])
    return differences("error", documented, real)


def check_fields(tree, model):
    real = {row["name"]: row["settable"] for row in model["fields"]}
    documented = doc_facts.record_fields(tree["man/collarctl-change.1"])
    return differences("field (settable)", documented, real)


def check_config(tree, model):
    documented = doc_facts.config_keys(tree["man/collarctl.5"])
    return differences("key of the configuration", documented,
                       set(model["config_keys"]))


def check_wire(tree, _):
    page = tree["man/collarctl-protocol.7"]
    faults = []
    for title, real in doc_facts.wire_tables(tree).items():
        documented = doc_facts.columns_of(page, title)
        faults += differences(f"{title}:", documented, real)
    return faults


def check_sections(tree, _):
    wanted = ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "EXAMPLES",
              "SEE ALSO")
    faults = []
    for path, text in tree.items():
        if not path.startswith("man/"):
            continue
        faults += [f"{path}: no section {title}" for title in wanted
                   if f"\n.Sh {title}\n" not in text
                   and not (path.endswith(".7") and title == "SYNOPSIS")]
    return faults


def check_references(tree, _):
    """Every .Xr and every relative link leads somewhere."""
    faults = []
    for path, text in tree.items():
        if path.startswith("man/"):
            targets = [f"man/{name}.{number}" for name, number in
                       re.findall(r"^\.It Xr (\S+) (\d)", text, re.M) +
                       re.findall(r"^\.Xr (\S+) (\d)", text, re.M)]
        else:
            targets = [os.path.join(os.path.dirname(path), link)
                       for link in re.findall(r"\]\(([^)#]+)\)", text)
                       if path.endswith("README.md") and "://" not in link]
        faults += [f"{path}: no {target}" for target in targets
                   if not os.path.exists(os.path.join(ROOT, target))]
    return faults


def check_tests(tree, _):
    """Every step of the tests and every folder of them has its place."""
    page = tree["tests/README.md"]
    steps = re.findall(r"^do_(\w+)\(\)", tree["tests/check"], re.M)
    folders = [f"{entry.name}/" for entry in os.scandir(f"{ROOT}/tests")
               if entry.is_dir() and not entry.name.startswith("_")]
    wanted = [f"`{step}`" for step in steps] + [f"`{name}" for name in folders]
    return [f"tests/README.md: no {name}" for name in sorted(wanted)
            if name not in page]


CHECKS = {
    "options of every command are those of collarctl.1": check_options,
    "every command has its place in a man page": check_commands,
    "verbs are those of the man pages": check_verbs,
    "options of commands are those of the man pages": check_command_options,
    "no document names an option that is not there": check_mentions,
    "error codes and exit statuses are in collarctl.1": check_errors,
    "fields of the record are in collarctl-change.1": check_fields,
    "collarctl-protocol.7 has the numbers of the tables": check_wire,
    "every man page has its sections": check_sections,
    "references lead somewhere": check_references,
    "tests/README.md has every step and folder": check_tests,
    "keys of the configuration are in collarctl.5": check_config,
}

# What is changed in which document, and the check that has to notice.
SEEDED = [
    ("man/collarctl.1", "-trace Ar FILE\n", "-tracer Ar FILE\n", 0),
    ("man/collarctl.1", ".It Fl y , -yes\n", ".It Fl Y , -yes\n", 0),
    ("man/collarctl.1", "-timeout Ar DURATION", "-timeout Ar TIME", 0),
    ("man/collarctl-switch.1", ".Ss test\n", ".Ss tests\n", 1),
    ("man/collarctl.1", ".Cm relay , test\n", ".Cm relay\n", 1),
    ("man/collarctl-switch.1", ".It Cm untag\n", ".It Cm detag\n", 2),
    ("man/collarctl-read.1", ".It Fl -whole-kwh\n", ".It Fl -probe\n", 3),
    ("man/collarctl-switch.1", ".It Fl -minutes Ar N", ".It Fl -minutes", 3),
    ("man/collarctl-read.1", ".Sh DESCRIPTION\n",
     ".Sh DESCRIPTION\n.Fl -all\n", 4),
    ("README.md", "--json", "--jsonl", 4),
    ("man/collarctl.1", ", too_soon", ", to_soon", 5),
    ("man/collarctl.1", ".It 73\n", ".It 72\n", 5),
    ("man/collarctl-change.1", ".It Va latitude\n", ".It Va lat\n", 6),
    ("man/collarctl-change.1", "Cellular carrier", "Its own carrier", 6),
    ("man/collarctl-protocol.7", "0x22 Ta relay-", "0x26 Ta relay-", 7),
    ("man/collarctl-protocol.7", ".It 19 Ta tagged_", ".It 19 Ta tag_", 7),
    ("man/collarctl-protocol.7", ".It 6 Ta partial", ".It 5 Ta partial", 7),
    ("man/collarctl-sim.1", ".Sh EXIT STATUS\n", "", 8),
    ("README.md", "(proto/PROTOCOL.md)", "(proto/PROTO.md)", 9),
    ("man/collarctl-sim.1", ".Xr collarctl-shell 1", ".Xr collarctl-sh 1", 9),
    ("tests/README.md", "`unit_valgrind`", "`unit_grind`", 10),
    ("tests/README.md", "`support/", "`supports/", 10),
    ("man/collarctl.5", ".It Va timeout\n", ".It Va time\n", 11),
]


def self_test(tree, model):
    """Yields (title, faults): each seeded fault must be found by its check."""
    checks = list(CHECKS.values())
    for path, old, new, number in SEEDED:
        title = f"a seeded fault is found: {path}: {old.strip()!r}"
        text = tree[path].replace(old, new, 1)
        if text == tree[path]:
            yield title, ["there is no such text to change"]
        else:
            sound = checks[number](tree, model)
            found = checks[number]({**tree, path: text}, model)
            yield title, [] if set(found) - set(sound) else ["it is not"]


def results_of(binary):
    tree = read_tree()
    model = doc_runs.model_of(binary)
    for title, check in CHECKS.items():
        yield title, check(tree, model)
    yield from self_test(tree, model)
    yield from doc_runs.check_json(binary, tree)
    yield from doc_runs.check_examples(binary, tree, model)
    yield from doc_runs.check_readme(binary, tree["README.md"])
    yield from doc_runs.self_test(binary)


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 64
    binary = os.path.abspath(sys.argv[1])
    if "--write" in sys.argv:
        path = os.path.join(ROOT, "README.md")
        text = doc_runs.record_readme(binary, read_tree()["README.md"])
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return 0
    failed = 0
    for title, faults in results_of(binary):
        print(f"{'not ok' if faults else 'ok'} - docs: {title}")
        for fault in faults:
            print(f"# {fault}")
        failed += bool(faults)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
