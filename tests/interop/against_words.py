# SPDX-License-Identifier: BSD-2-Clause
"""collarctl against the collar in Python: what is given on the command line
arrives on the wire as it was meant, up to the limits of every field."""

from bench import MODEL, SITE, final, same, test
from commands import serving
from model import SERIAL
from values import bounds, names
from wire import ARGS, KEYS, WRITERS, map_fields

# Fields of requests that no command of the program sends.
UNSENT = {("relay-move", "expect"), ("events-read", "headers")}
# Units are named by it while they have no serial number.
BY_CHIP = "hardware_id"


def word(row, value):
    """A value of a record's field as it is given on a command line."""
    _, name, kind, _, unit, _, meaning = row
    if kind.startswith("texts"):
        return ",".join(value)
    if unit == "0.000001 degree":
        return f"{value / 1e6:.6f}"
    return str(names(meaning).get(value, value))


def writable():
    return [row for row in map_fields("record")
            if WRITERS[row[1]] != "nobody"]


@test
def every_field_is_set_at_its_limits(bench):
    with serving(bench) as session:
        for row in writable():
            for value in reversed(bounds(row[2], row[3])):
                session.run("set", f"{row[1]}={word(row, value)}")
                same(session.collar.asked("set")[-1].get(row[0]), value,
                     row[1])
                if row[1] == "serial":
                    session.collar.options["serial"] = value


@test
def every_name_of_a_field_is_understood(bench):
    with serving(bench) as session:
        for row in writable():
            for number, name in names(row[6]).items():
                session.run("set", f"{row[1]}={name}")
                same(session.collar.asked("set")[-1][row[0]], number, row[1])


@test
def moves_and_tests_are_asked_for_as_they_are_told(bench):
    moves, tests = KEYS["relay-move"], KEYS["test-start"]
    tag = "\u00fc" * 32
    with serving(bench) as session:
        for words, key, value in (
                (("relay", "shut", "--hold", "1s"), moves["hold_s"], 1),
                (("relay", "shut", "--hold", "7d"), moves["hold_s"], 604800),
                (("relay", "open", "--hold", "600"), moves["hold_s"], 600),
                (("relay", "open", "--tag", tag), moves["tag"], tag),
                (("relay", "open", "--at", "1970-01-01T00:00:01Z"),
                 moves["at"], 1),
                (("relay", "open", "--at", "2106-02-07T06:28:15Z"),
                 moves["at"], 4294967295),
                (("relay", "tag", tag), KEYS["tag-set"]["text"], tag),
                (("relay", "tag", "x"), KEYS["tag-set"]["text"], "x"),
                (("test", "start", "--minutes", "1"), tests["minutes"], 1),
                (("test", "start", "--minutes", "10"), tests["minutes"], 10),
                (("test", "start", "--relay"), tests["relay"], True)):
            session.run(*words)
            args = [args for _, args, _ in session.collar.seen if 62 in args]
            same(args[-1].get(key), value, words)


@test
def a_long_name_of_who_asks_is_cut_between_characters(bench):
    for name, holder in (("h" * 40, "h" * 32), ("\u00fc" * 20, "\u00fc" * 16),
                         ("x" + "\u00fc" * 20, "x" + "\u00fc" * 15)):
        with serving(bench) as session:
            bench.env["USER"] = name
            session.run("relay", "tag", "x")
            same(session.collar.asked("tag")[0][63], holder, "holder")


@test
def a_tag_that_is_no_text_is_not_sent(bench):
    """Once it went out in broken UTF-8, and the unit could not read it."""
    with serving(bench) as session:
        for tag in (b"\xff", b"\xed\xa0\x80", b"a\xc2\x85b", b"a\nb", b"",
                    b"x" * 65):
            for words in (("relay", "tag", tag), ("relay", "open", "--tag",
                                                  tag)):
                bench.run("-p", session.collar.port, "-s", SERIAL, "--yes",
                          *words, status=64)
        same([op for op, args, _ in session.collar.seen if 62 in args], [],
             "changes")


@test
def the_shop_writes_an_identity_and_the_field_a_site(bench):
    with serving(bench, serial="") as session:
        session.run("provision", "--new-serial", SERIAL, "--model", MODEL)
        args = session.collar.asked("provision")[0]
        same(({key for key in args if key < 60}, 61 in args),
             ({1, 3}, True), "identity")
        session.collar.options["serial"] = SERIAL
        session.run("provision", "--no-wait",
                    *(f"--{name}={value}" for name, value in SITE.items()))
        args = session.collar.asked("provision")[1]
        same({key for key in args if key < 60}, {9, 10, 11, 12}, "site")


@final
def every_field_of_every_request_was_sent(_, seen):
    unsent = {(op, row[1]) for op, name in ARGS.items()
              for row in map_fields(name)
              if ("sent", op, row[0]) not in seen
              and not (name == "record-change" and
                       WRITERS.get(row[1]) == "nobody")}
    same({field for field in unsent if field[1] != BY_CHIP}, UNSENT,
         "never sent")
