# SPDX-License-Identifier: BSD-2-Clause
"""The last tests: did all the others together drive the whole protocol?"""

from bench import check, final
from wire import (ARGS, CONDITIONS, EVENTS, OPS, RESULT, STATUS, WRITERS,
                  map_fields)

# Statuses that a virtual DER collar cannot be brought to answer.
UNPROVOKED = {
    "key_expired": "reserved for sessions",
    "key_old": "reserved for sessions",
    "key_foreign": "reserved for sessions",
    "slowed": "reserved for sessions",
    "no_generator": "transfer collars",
    "overload": "transfer collars",
    "lockout": "transfer collars",
    "wrong_kind": "no request of this version is for one kind alone",
    "provisioning_failed": "the status of the unit says it, no answer does",
    "memory_fault": "a virtual collar's flash does not wear out",
}
# Conditions that a virtual DER collar's world cannot have.
UNMET = {
    "memory_fault": "its flash does not wear out",
    "clock_untrusted": "its clock goes on over every cut",
    "frequency_limit": "its grid keeps its frequency",
    "lockout": "transfer collars",
    "contact_welded": "transfer collars",
    "form_mismatch": "its socket is always that of its form",
}
# Fields of answers that cannot be there.
ABSENT = {("test-stop", 2), ("test-stop", 3),  # test mode is over
          ("events-info", 7), ("events-info", 9),  # of interval data only
          ("event", 8)}  # a virtual collar's clock is always trusted


def missing(wanted, seen, excused=()):
    """Nothing wanted is missing, and nothing excused has come after all."""
    wanted, excused = set(wanted), set(excused)
    lost = sorted(wanted - seen - excused, key=str)
    check(not lost, "never:", lost)
    came = sorted(excused & seen, key=str)
    check(not came, "excused, but it came:", came)


@final
def every_request_was_made_and_done(_, seen):
    missing({("op", op) for op in OPS}, seen)


@final
def every_field_of_every_request_was_taken(_, seen):
    untaken = set()
    for op, name in ARGS.items():
        for key, field, *_ in map_fields(name):
            if name == "record-change" and WRITERS.get(field) == "nobody":
                check(("refused", op, key, "not_permitted") in seen,
                      f"{op}: {field} was not refused")
            elif ("field", op, key) not in seen:
                untaken.add((op, field))
    untaken |= {("credit", field) for key, field, *_ in map_fields("credit")
                if ("field", "credit", key) not in seen}
    check(not untaken, "never:", sorted(untaken))


@final
def every_status_was_answered_or_cannot_be(_, seen):
    missing({("status", name) for name in STATUS}, seen,
            {("status", name) for name in UNPROVOKED})


@final
def every_condition_was_met_or_cannot_be(_, seen):
    missing({("condition", bit) for bit in CONDITIONS.values()}, seen,
            {("condition", CONDITIONS[name]) for name in UNMET})


@final
def every_outcome_and_every_detail_of_a_refusal_came(_, seen):
    missing({("outcome", kind) for kind in range(4)}, seen)
    missing({("detail", key) for key, *_ in map_fields("error-detail")}, seen)


@final
def every_field_of_every_answer_came(_, seen):
    for op, name in {**RESULT, "event": "event"}.items():
        if name == "relay-moved":
            continue  # of all of them together, below
        missing({("answer", op, key) for key, *_ in map_fields(name)}, seen,
                {("answer", *absent) for absent in ABSENT if absent[0] == op})


@final
def every_field_of_what_a_move_is_answered_came(_, seen):
    came = {fact[2] for fact in seen if fact[0] == "answer" and
            RESULT.get(fact[1]) == "relay-moved"}
    missing({key for key, *_ in map_fields("relay-moved")}, came)


@final
def every_event_was_read(_, seen):
    missing({("event", kind) for kind in EVENTS.values()}, seen)


# The commands of the program


def device_commands(bench):
    """(name, row) of every command, or verb of one, that needs a collar; list
    does when it probes."""
    for command in bench.model()["commands"]:
        if command["name"] in ("list", "shell"):
            yield command["name"], command
        if not command["device"]:
            continue
        for verb in command["verbs"]:
            yield f"{command['name']} {verb['name']}", verb
        if not command["verbs"]:
            yield command["name"], command


@final
def every_command_that_needs_a_collar_was_run(bench, seen):
    missing({("command", name) for name, _ in device_commands(bench)}, seen)


@final
def every_option_of_those_commands_was_given(bench, seen):
    missing({("option", name, option["name"])
             for name, row in device_commands(bench)
             for option in row["options"]}, seen)


@final
def every_change_was_previewed(bench, seen):
    missing({("dry run", name) for name, row in device_commands(bench)
             if row["changes"]}, seen)
