# SPDX-License-Identifier: BSD-2-Clause
"""collarctl against the collar in Python: changes and reads whose requests or
answers are lost or late, work that is accepted, and what `outcome` says."""

from bench import check, long_test, same, test
from commands import serving
from model import DONE, INTERRUPTED, NOT_SEEN, SERIAL
from wire import CHANGES, KEYS, OPS, RESULT

# One command for each change, and what makes it ready.
MADE_BY = {
    "set": ((), ("set", "description=x")),
    "provision": ((), ("provision", "--new-serial", SERIAL)),
    "unprovision": ((), ("unprovision",)),
    "relay-move": ((), ("relay", "shut")),
    "relay-cancel": (("relay", "shut", "--at", "top-of-hour"),
                     ("relay", "cancel")),
    "relay-confirm": (("relay", "shut", "--hold", "10m"),
                      ("relay", "confirm")),
    "relay-exercise": ((), ("relay", "exercise")),
    "tag": ((), ("relay", "tag", "x")),
    "untag": (("relay", "tag", "x"), ("relay", "untag")),
    "test-start": ((), ("test", "start")),
    "test-stop": (("test", "start"), ("test", "stop")),
    "clock-set": ((), ("clock", "set")),
}
READ_BY = {
    "hello": ("info",), "status": ("status",), "info": ("info",),
    "outcome": ("outcome", "0123456789abcdef"), "data-info": ("data", "info"),
    "events-info": ("events",), "clock": ("clock", "show"),
}


def each(bench, run, **options):
    """run(session, op, words) of every change, with options about that op."""
    for op, (before, words) in MADE_BY.items():
        mine = {name: value(op) for name, value in options.items()}
        with serving(bench, **mine) as session:
            if before:
                session.run(*before)
            run(session, op, words)


def ids(session, op):
    return [args[62] for args in session.collar.asked(op)]


@test
def every_change_has_its_command(_):
    same(set(MADE_BY), CHANGES, "changes")


@long_test
def a_change_whose_answer_is_lost_is_done_once(bench):
    def run(session, op, words):
        before = len(ids(session, op))
        session.run(*words)
        same(len(set(ids(session, op))) - before, 1, f"{op}: ids")
        ident = ids(session, op)[-1]
        asked = [args[1] for args in session.collar.asked("outcome")]
        same(set(asked), {ident}, f"{op}: outcomes asked")
        same(len(ids(session, op)) - before, 1, f"{op}: sent")

    each(bench, run, once=lambda op: {op: 1})


@long_test
def a_change_that_was_not_heard_is_sent_again_under_its_id(bench):
    def run(session, op, words):
        session.run(*words)
        made = ids(session, op)
        same((len(made), len(set(made))), (2, 1), f"{op}: sent, and ids")

    each(bench, run, unheard=lambda op: {op: 1})


@long_test
def an_answer_that_comes_after_the_next_ones_is_dropped(bench):
    def run(session, op, words):
        session.run(*words)
        same(len(ids(session, op)), 1, f"{op}: sent")

    each(bench, run, overdue=lambda op: (op,))


@long_test
def accepted_work_is_followed_to_its_end(bench):
    def run(session, op, words):
        plain = session.run(*words)
        check("error" not in plain, plain)
        ident = ids(session, op)[-1]
        asked = session.collar.asked_once("outcome")
        same([args[1] for args in asked], [ident] * 2, f"{op}: polled")
        told = session.run("outcome", ident.hex())
        same((told["outcome"], told["result"]["request"],
              told["result"]["status"]), ("done", op, "ok"), "outcome")
        result = RESULT[op]
        for key, name in {key: name for name, key in KEYS[result].items()
                          if key in session.collar.model.outcomes[
                              ident][4]}.items():
            check(name.partition(".")[0] in told["result"],
                  f"{op}: {name} (key {key}) is not in {told}")

    each(bench, run, works=lambda op: {op: 1})


@long_test
def work_that_ends_in_a_refusal_is_told_as_one(bench):
    def run(session, op, words):
        error = session.fails(*words, status=79)
        same((error["code"], error["outcome"], error["detail"]),
             ("relay_fault", "not_done", {"condition": "relay_fault"}), op)

    each(bench, run, fates=lambda op: {op: {
        1: DONE, 2: OPS[op], 3: 27, 4: {4: 9}}})


@long_test
def work_that_a_restart_cut_short_is_not_known(bench):
    def run(session, op, words):
        error = session.fails(*words, status=81)
        same(error["outcome"], "unknown", op)
        check("OPEN" in error["message"] or "SHUT" in error["message"],
              error)
        ident = error["detail"]["id"]
        same(ident, ids(session, op)[-1].hex(), f"{op}: id")
        told = session.run("outcome", ident)
        same(told["outcome"], "interrupted", op)
        check(told["feedback"] in ("open", "shut"), told)

    each(bench, run, fates=lambda op: {op: {
        1: INTERRUPTED, 2: OPS[op], 5: 0}})


@long_test
def work_that_nobody_knows_of_any_more_is_not_known(bench):
    def run(session, op, words):
        error = session.fails(*words, status=81)
        same(error["outcome"], "unknown", op)
        told = session.run("outcome", error["detail"]["id"])
        same(told["outcome"], "not_seen", op)

    each(bench, run, fates=lambda op: {op: {1: NOT_SEEN}})


@test
def an_outcome_of_an_unknown_kind_is_shown_as_unknown(bench):
    for kind in (4, 255):
        with serving(bench, newer=True, answers={
                "outcome": {1: kind, 2: 32}}) as session:
            told = session.run("outcome", "00" * 8)
            same((told["outcome"], told["result"]), ("unknown", None), kind)
    with serving(bench, answers={"outcome": {1: 0, 2: 255, 3: 0, 4: b"\xa0"}
                                 }) as session:
        told = session.run("outcome", "00" * 8)
        same((told["outcome"], told["result"]["request"]), ("done", None),
             "an unknown op")


@test
def an_outcome_with_a_status_that_is_not_known_leaves_it_open(bench):
    """So does accepted, which is no end of anything."""
    for status in (15, 98, 255):
        with serving(bench, fates={"relay-move": {
                1: DONE, 2: OPS["relay-move"], 3: status, 4: {}}}) as session:
            error = session.fails("relay", "shut", status=81)
            same(error["outcome"], "unknown", status)
            told = session.run("outcome", error["detail"]["id"])
            same(told["outcome"], "done", status)


@test
def an_outcome_that_stays_running_is_asked_for_again(bench):
    with serving(bench, works={"relay-move": 3}) as session:
        same(session.run("relay", "shut")["changed"], True, "changed")
        same(len(session.collar.asked_once("outcome")), 4, "asked")


@test
def a_read_that_is_not_heard_is_repeated_as_it_was(bench):
    for op, words in READ_BY.items():
        with serving(bench, unheard={op: 1}) as session:
            session.run(*words)
            payloads = [payload for name, _, payload in session.collar.seen
                        if name == op]
            again = op == "clock"  # a reading after a loss is taken anew
            same((len(payloads), len(set(payloads))), (2 + again, 1 + again),
                 op)
            same(payloads[1], payloads[0], op)


@test
def an_older_answer_to_a_read_that_was_repeated_is_dropped(bench):
    """The newer one comes first, then that to the first sending."""
    for op, words in READ_BY.items():
        with serving(bench, overdue=(op,)) as session:
            told = session.run(*words)
            check("error" not in told, told)


@test
def too_soon_is_waited_for_if_it_is_short(bench):
    with serving(bench, briefly={"relay-move": ("too_soon", {5: 1})}) as \
            session:
        same(session.run("relay", "shut")["changed"], True, "changed")
        same(len(set(ids(session, "relay-move"))), 2, "ids")
