# SPDX-License-Identifier: BSD-2-Clause
"""collarctl against the collar in Python: every command over every line, with
frames as they may be.  The host makes of it what it makes of a clean line."""

import lines
from bench import long_test, same, test
from commands import DRY, EVERY, MOVES, OTHERS, READS, alike, serving
from model import blocks, every_event

LOGS = {"blocks": blocks(), "events": every_event()}
SHORT = {"blocks": blocks(1, 3), "events": every_event()[:3]}


@test
def a_collar_on_tcp_is_served_alike(bench):
    alike(bench, kind="tcp", **LOGS)


@test
def a_collar_on_a_pseudo_terminal_is_served_alike(bench):
    alike(bench, kind="pty", **LOGS)


@test
def a_pseudo_terminal_with_an_echo_and_noise_is_lived_with(bench):
    class Probe(lines.Noisy, lines.Echo):
        pass

    alike(bench, kind="pty", line=Probe(), **LOGS)


@test
def a_collar_under_an_optical_probe_is_asked_for_a_faster_line(bench):
    with serving(bench, kind="optical", line=lines.Echo()) as session:
        session.run("status")


@test
def noise_between_frames_is_dropped(bench):
    alike(bench, line=lines.Noisy(), **LOGS)


@test
def lone_zeros_are_nothing(bench):
    alike(bench, line=lines.Zeros(), **LOGS)


@test
def a_last_piece_of_254_bytes_may_be_closed(bench):
    alike(bench, line=lines.Closing(), **LOGS)


@test
def the_echo_of_a_probe_is_harmless(bench):
    alike(bench, line=lines.Echo(), **LOGS)


@long_test
def answers_may_come_twice_in_one_write(bench):
    alike(bench, line=lines.Doubled(), **LOGS)


@long_test
def what_was_said_before_may_come_once_more(bench):
    alike(bench, line=lines.Stale(), **LOGS)


@long_test
def messages_for_others_and_of_no_form_are_dropped(bench):
    """Once a tagged answer was taken for one's own."""
    alike(bench, line=lines.Strangers(), **LOGS)


@long_test
def frames_may_come_byte_by_byte(bench):
    alike(bench, line=lines.Bytewise(), **SHORT)


@long_test
def reads_may_be_answered_as_late_as_is_allowed(bench):
    alike(bench, READS, line=lines.Late(), **SHORT)


@long_test
def previews_may_be_answered_as_late_as_is_allowed(bench):
    alike(bench, DRY, line=lines.Late(), **SHORT)


@long_test
def moves_may_be_answered_as_late_as_is_allowed(bench):
    alike(bench, MOVES, line=lines.Late(), **SHORT)


@long_test
def other_changes_may_be_answered_as_late_as_is_allowed(bench):
    alike(bench, OTHERS, line=lines.Late(), **SHORT)


@test
def the_shell_says_what_the_commands_say_one_by_one(bench):
    """One connection for all of them: one hello, and seqs that count on."""
    script = [words for words in EVERY if words[0] != "list" and "--check"
              not in words]
    with serving(bench, **LOGS) as session:
        wanted = session.every(script)
    with serving(bench, **LOGS) as session:
        got = session.shell(script)
        hellos = len(session.collar.asked_once("hello"))
        same(hellos, 1, "hellos")
    for (words, want), have in zip(wanted, got, strict=True):
        same(have, want, " ".join(words))
