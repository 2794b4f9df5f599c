# SPDX-License-Identifier: BSD-2-Clause
"""run.py COLLARCTL [WORD...]: the interop tests, or those whose file and name
hold every WORD.  Both ends written from PROTOCOL.md are put against the
program.  TAP lines, then "N passed, N failed"; exit status 1 if any failed."""

import importlib
import os
import pathlib
import sys
import time
import traceback

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import bench  # noqa: E402


def why(error):
    """What went wrong, and in which line of the test."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if pathlib.Path(frame.filename).stem.startswith("against_")]
    place = f"line {frames[0].lineno}: {frames[0].line}\n" if frames else ""
    expected = type(error).__name__ in ("Failed", "WireError")
    return place + (str(error) if expected else traceback.format_exc())


def run_one(function, binary):
    stand = bench.Bench(binary)
    try:
        function(stand)
    except Exception as error:  # every failure of a test is its result
        return why(error)
    finally:
        stand.close()
    return ""


def main(argv):
    if len(argv) < 2:
        sys.exit("usage: run.py COLLARCTL [WORD...]")
    for path in sorted(HERE.glob("against_*.py")):
        importlib.import_module(path.stem)
    passed = failed = 0
    for function in bench.tests:
        sentence = f"{function.__module__}: {function.__name__}" \
            .replace("_", " ")
        if not all(word in sentence for word in argv[2:]):
            continue
        begin = time.monotonic()
        reason = run_one(function, os.path.abspath(argv[1]))
        print("not ok -" if reason else "ok -", sentence)
        for line in reason.splitlines():
            print("#", line)
        if os.environ.get("SLOW"):
            print(f"# {time.monotonic() - begin:.1f} s")
        failed += bool(reason)
        passed += not reason
        sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
