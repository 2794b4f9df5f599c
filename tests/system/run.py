# SPDX-License-Identifier: BSD-2-Clause
"""run.py COLLARCTL [WORD...]: the system tests, or those whose file and name
hold every WORD.  TAP lines, then "N passed, N failed"; exit status 1 if any
failed."""

import importlib
import multiprocessing
import os
import pathlib
import sys
import time
import traceback

sys.dont_write_bytecode = True
os.environ["TZ"] = "UTC"
time.tzset()

HERE = pathlib.Path(__file__).resolve().parent
WORKERS = 4  # they wait more than they compute


def load():
    """All tests, as (file, name) in the order of the files."""
    sys.path.insert(0, str(HERE))
    rig = importlib.import_module("rig")
    found = {}
    for path in sorted(HERE.glob("*.py")):
        if path.stem not in ("rig", "run"):
            importlib.import_module(path.stem)
    for function in rig.tests:
        found[function.__module__, function.__name__] = function
    return found


TESTS = load()


def run_one(job):
    binary, key = job
    rig = importlib.import_module("rig").Rig(binary)
    begin = time.monotonic()
    why = ""
    try:
        TESTS[key](rig)
    except Exception as error:  # every failure of a test is its result
        failed = type(error).__name__ == "Failed"
        line = traceback.extract_tb(error.__traceback__)
        here = [frame for frame in line if key[0] in frame.filename][-1:]
        place = f"line {here[0].lineno}: {here[0].line}\n" if here else ""
        why = place + (str(error) if failed else traceback.format_exc())
    finally:
        rig.close()
    return key, why, time.monotonic() - begin


def chosen(words):
    return [key for key in TESTS
            if all(word in ": ".join(key).replace("_", " ") for word in words)]


def main(argv):
    if len(argv) < 2:
        sys.exit("usage: run.py COLLARCTL [WORD...]")
    if not os.access(argv[1], os.X_OK):
        sys.exit(f"run.py: {argv[1]} is no program")
    jobs = [(os.path.abspath(argv[1]), key) for key in chosen(argv[2:])]
    failed = 0
    slow = []
    with multiprocessing.Pool(WORKERS) as pool:
        for key, why, took_s in pool.imap_unordered(run_one, jobs):
            sentence = f"{key[0]}: {key[1].replace('_', ' ')}"
            print("not ok -" if why else "ok -", sentence)
            for line in why.splitlines():
                print("#", line)
            failed += bool(why)
            slow.append((took_s, sentence))
            sys.stdout.flush()
    if os.environ.get("SLOW"):
        for took_s, sentence in sorted(slow)[-15:]:
            print(f"# {took_s:.1f} s: {sentence}")
    print(f"{len(jobs) - failed} passed, {failed} failed")
    return 1 if failed or not jobs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
