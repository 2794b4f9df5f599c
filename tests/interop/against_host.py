# SPDX-License-Identifier: BSD-2-Clause
"""collarctl against the collar in Python: the commands themselves, as people
and scripts run them."""

import signal

from bench import check, long_test, same, test
from commands import DRY, EVERY, expected_status, note, serving
from model import blocks, every_event

LOGS = {"blocks": blocks(), "events": every_event()}


@long_test
def every_command_prints_text_for_people(bench):
    with serving(bench, **LOGS) as session:
        session.write_unit()
        for words in EVERY:
            child = bench.run("-p", session.collar.port, "-s", session.name(),
                              "--yes", *words, status=expected_status(words))
            check(child.stdout.strip(), f"{words}: nothing was printed")
            child.stdout.decode()


@test
def previews_change_nothing(bench):
    with serving(bench, **LOGS) as session:
        for words, told in session.every(DRY):
            same(told["dry_run"], True, words)
        made = [op for op, args, _ in session.collar.seen if 62 in args]
        same(made, [], "changes made")


@test
def data_is_dumped_in_every_format(bench):
    formats = [verb for command in bench.model()["commands"]
               if command["name"] == "data"
               for verb in command["verbs"] if verb["name"] == "dump"]
    with serving(bench, **LOGS) as session:
        for form in formats[0]["formats"]:
            child = bench.run("-p", session.collar.port, "-f", form, "data",
                              "dump")
            check(child.stdout.count(b"\n") >= 93, form)


@test
def the_shell_ends_at_a_failure_or_goes_on_if_told_so(bench):
    script = "clock\nrelay cancel\ninfo\n".encode()
    for options, infos in (((), 0), (("--keep-going",), 1)):
        with serving(bench) as session:
            bench.run("-p", session.collar.port, "shell", *options,
                      stdin=script, status=79)
            note(("shell", *options))
            same(len(session.collar.asked_once("clock")), 1, "clock")
            same(len(session.collar.asked_once("info")), infos, "info")


def watched(bench, session, *words, until=None):
    """Runs a command that goes on by itself; ^C once it has said `until`."""
    with bench.begun("-p", session.collar.port, "-s", session.name(), "--yes",
                     *words) as child:
        told = b""
        while until and until not in told:
            byte = child.stdout.read1(4096)
            check(byte, f"{words}: ended after {told!r}")
            told += byte
        if until:
            child.send_signal(signal.SIGINT)
        told += child.stdout.read()
        note(words)
        return told.decode(), child.wait()


@test
def the_glass_is_watched_until_interrupted(bench):
    with serving(bench) as session:
        told, status = watched(bench, session, "lcd", "--watch",
                               until=b"240.1 V")
        same(status, 130, "exit status")
        check("240.1 V" in told, told)


@test
def the_doctor_asks_only_what_changes_nothing(bench):
    with serving(bench) as session:
        answer = session.run("doctor", status=79)
        note(("doctor",))
        fault, = (step for step in answer["steps"] if step["ok"] is False)
        same(fault["step"], "clock", "its time stands still")
        same({op for op, *_ in session.collar.seen},
             {"hello", "noop", "link-check", "status"}, "requests")


@test
def a_port_is_watched_until_interrupted(bench):
    with serving(bench) as session:
        told, status = watched(bench, session, "list", "--watch",
                               until=b"\n")
        same(status, 130, "exit status")
        check(told.startswith("present ") and session.name() in told,
              told)


@test
def test_mode_is_watched_to_its_end(bench):
    with serving(bench, test_answers=2) as session:
        session.run("test", "start")
        for words in (("test", "status", "--watch"),
                      ("test", "start", "--watch")):
            told, status = watched(bench, session, *words)
            same(status, 0, "exit status")
            check(told.rstrip().endswith("not active"), told)


@test
def test_mode_that_is_watched_ends_on_interrupt(bench):
    with serving(bench, test_answers=99) as session:
        _, status = watched(bench, session, "test", "start", "--watch",
                            until=b"left")
        same(status, 130, "exit status")
        same(session.collar.model.test, 0, "test mode")
        same(len(session.collar.asked_once("test-stop")), 1, "stops")


@test
def a_port_where_nobody_answers_says_so(bench):
    with serving(bench, unheard={"hello": 99}) as session:
        error = session.fails("status", status=75)
        same(error["outcome"], "not_done", "outcome")
        hellos = session.collar.asked("hello")
        same((len(hellos), len({hello[1] for hello in hellos})), (4, 1),
             "hellos, all the same")


@test
def a_hello_answered_to_somebody_else_is_none(bench):
    with serving(bench, foreign_nonces=1) as session:
        session.run("status")
