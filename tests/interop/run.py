# SPDX-License-Identifier: BSD-2-Clause
"""run.py COLLARCTL [WORD...]: the interop tests, or those whose file and name
hold every WORD.  Both ends written from PROTOCOL.md are put against the
program.  TAP lines, then "N passed, N failed"; exit status 1 if any failed.
A whole run ends with what all the tests together must have driven.  SLOW=1
prints how long each took; JOBS=N runs N at a time."""

import concurrent.futures
import contextlib
import importlib
import io
import os
import pathlib
import sys
import time
import traceback

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import bench  # noqa: E402
import seen  # noqa: E402

JOBS = int(os.environ.get("JOBS", "6"))  # most of a test is waiting


def why(error):
    """What went wrong, and in which line of the test."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if pathlib.Path(frame.filename).stem.startswith("against_")]
    place = f"line {frames[-1].lineno}: {frames[-1].line}\n" if frames else ""
    expected = type(error).__name__ in ("Failed", "WireError")
    return place + (str(error) if expected else traceback.format_exc())


def run_one(sentence, function, binary, *facts):
    """(what to print, whether it passed, facts noted)"""
    begin = time.monotonic()
    told = io.StringIO()
    reason = ""
    with contextlib.redirect_stdout(told):
        stand = bench.Bench(binary)
        try:
            with contextlib.closing(stand):
                function(stand, *facts)
        except Exception as error:  # every failure of a test is its result
            reason = why(error)
    lines = [f"{'not ok' if reason else 'ok'} - {sentence}"]
    lines += ["# " + line for line in reason.splitlines()]
    lines += told.getvalue().splitlines()
    if os.environ.get("SLOW"):
        lines.append(f"# {time.monotonic() - begin:.1f} s")
    return "\n".join(lines), not reason, seen.take()


def in_process(number, binary):
    sentence, function = chosen(bench.tests, [])[number]
    return run_one(sentence, function, binary)


def chosen(functions, words):
    named = [(f"{function.__module__}: {function.__name__}".replace("_", " "),
              function) for function in functions]
    return [(sentence, function) for sentence, function in named
            if all(word in sentence for word in words)]


def results(binary, words):
    everything = chosen(bench.tests, [])
    numbers = [number for number, test in enumerate(everything)
               if test in chosen(bench.tests, words)]
    numbers.sort(key=lambda number: -everything[number][1].long)
    facts = set()
    with concurrent.futures.ProcessPoolExecutor(JOBS) as pool:
        for future in concurrent.futures.as_completed(
                pool.submit(in_process, number, binary)
                for number in numbers):
            text, good, noted = future.result()
            facts |= noted
            yield text, good
    if words:
        return
    for sentence, function in chosen(bench.finals, []):
        yield run_one(sentence, function, binary, facts)[:2]


def main(argv):
    if len(argv) < 2:
        sys.exit("usage: run.py COLLARCTL [WORD...]")
    for path in sorted(HERE.glob("against_*.py")):
        importlib.import_module(path.stem)
    passed = failed = 0
    for text, good in results(os.path.abspath(argv[1]), argv[2:]):
        print(text, flush=True)
        passed += good
        failed += not good
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
