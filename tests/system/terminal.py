# SPDX-License-Identifier: BSD-2-Clause
"""A person at a terminal: prompts, colour, progress, the shell."""

import os

from rig import (EX_INTERRUPTED, EX_USAGE, PLACE, Terminal, check, holds,
                 lacks, same, test)


@test
def a_move_shows_the_unit_and_asks(rig):
    collar = rig.collar().provision(premises_id="0042-7715")
    terminal = Terminal(rig, "-p", collar.port, "relay", "shut")
    terminal.expect("[y/N]")
    for part in ("VIRTUAL COLLAR", "SIM0001", "0042-7715", "12 Elm Street",
                 "Springfield", collar.port, "SHUT the DER relay"):
        holds(terminal.seen, part)
    terminal.say("y\n")
    same(terminal.end(), 0, "exit status")
    same(collar.status()["relay"]["feedback"], "shut", "relay")


@test
def anything_but_yes_is_no_and_nothing_is_done(rig):
    collar = rig.collar().provision()
    before = collar.state()
    for answer in ("n\n", "\n", "yess\n", "\x04", "maybe\n"):
        for words in (["relay", "shut"], ["relay", "exercise"],
                      ["test", "start"], ["unprovision"]):
            terminal = Terminal(rig, "-p", collar.port, *words)
            terminal.expect("[y/N]")
            terminal.say(answer)
            same(terminal.end(), EX_INTERRUPTED, str(words))
    same(collar.state(), before, "the unit")


@test
def an_interrupt_at_the_prompt_does_nothing(rig):
    collar = rig.collar().provision()
    before = collar.state()
    terminal = Terminal(rig, "-p", collar.port, "relay", "shut")
    terminal.expect("[y/N]")
    terminal.say("\x03")
    same(terminal.end(), EX_INTERRUPTED, "exit status")
    same(collar.state(), before, "the unit")


@test
def with_yes_nothing_is_asked(rig):
    collar = rig.collar().provision()
    terminal = Terminal(rig, "-p", collar.port, "-y", "relay", "shut")
    same(terminal.end(), 0, "exit status")
    lacks(terminal.seen, "[y/N]")
    same(collar.status()["relay"]["feedback"], "shut", "relay")


@test
def the_prompt_is_on_the_terminal_even_if_stdin_is_a_file(rig):
    collar = rig.collar().provision()
    with open(rig.write("yes", "y\ny\n"), "rb") as file:
        terminal = Terminal(rig, "-p", collar.port, "relay", "shut",
                            stdin=file)
        terminal.expect("[y/N]")
        terminal.say("n\n")
        same(terminal.end(), EX_INTERRUPTED, "exit status")
    same(collar.status()["relay"]["feedback"], "open", "relay")


@test
def a_prompt_escapes_what_the_record_holds(rig):
    collar = rig.collar().provision()
    terminal = Terminal(rig, "-p", collar.port, "relay", "open")
    terminal.expect("[y/N]")
    lacks(terminal.seen, "\x1b")
    terminal.say("n\n")
    terminal.end()


@test
def provision_asks_for_what_is_missing(rig):
    collar = rig.collar()
    terminal = Terminal(rig, "-p", collar.port, "provision",
                        "--city=Springfield", "--zip=62701")
    terminal.expect("ddress")
    terminal.say("12 Elm Street\n")
    terminal.expect("State")
    terminal.say("Illinois\n")
    terminal.expect("'Illinois'")
    terminal.say("IL\n")
    same(terminal.end(), 0, "exit status")
    info = collar.json("info")
    same({key: info[key] for key in PLACE}, PLACE, "place")


@test
def provision_asks_nothing_without_a_terminal(rig):
    rig.collar().run("provision", "--city=X", status=EX_USAGE)


@test
def colour_is_on_a_terminal_unless_it_is_not_wanted(rig):
    collar = rig.collar().provision()
    same(coloured(rig, collar), True, "on a terminal")
    same(coloured(rig, collar, "--color=auto"), True, "auto")
    same(coloured(rig, collar, "--color=never"), False, "--color=never")
    same(coloured(rig, collar, "--json"), False, "JSON")
    rig.env["NO_COLOR"] = "1"
    same(coloured(rig, collar), False, "NO_COLOR")
    same(coloured(rig, collar, "--color=always"), True, "the option wins")
    holds(collar.run("status", "--color", "always").out, "\x1b[")
    collar.run("status", "--color", "always", "-o", rig.path("out"))
    with open(rig.path("out"), encoding="utf-8") as file:
        lacks(file.read(), "\x1b")


def coloured(rig, collar, *words):
    terminal = Terminal(rig, "-p", collar.port, "status", *words)
    same(terminal.end(), 0, "exit status")
    return "\x1b[" in terminal.seen


@test
def long_work_shows_progress_on_a_terminal_and_quiet_does_not(rig):
    collar = rig.collar(history="365d")
    out = rig.path("year.csv")
    terminal = Terminal(rig, "-p", collar.port, "data", "dump", "-o", out)
    same(terminal.end(), 0, "exit status")
    holds(terminal.seen, "%")
    terminal = Terminal(rig, "-q", "-p", collar.port, "data", "dump", "-o",
                        out)
    same(terminal.end(), 0, "exit status")
    lacks(terminal.seen, "%")


@test
def the_shell_prompts_completes_and_goes_on_after_a_failure(rig):
    collar = rig.collar().provision()
    rig.env["TERM"] = "vt100"
    terminal = Terminal(rig, "-p", collar.port, "shell")
    terminal.say("get ser\t\n")
    terminal.expect("SIM0001")
    terminal.say("nonsense\n")
    terminal.expect("no command 'nonsense'")
    terminal.say("get city\n")
    terminal.expect("Springfield")
    terminal.say("relay shut\n")
    terminal.expect("[y/N]")
    terminal.say("y\n")
    terminal.expect("SHUT (contact: SHUT)")
    terminal.say("exit\n")
    terminal.end()
    history = os.path.join(rig.home, ".local/state/collarctl/history")
    check(os.path.exists(history), "no history")
    with open(history, encoding="utf-8") as file:
        holds(file.read(), "get city")


@test
def the_shell_ends_at_the_end_of_its_input(rig):
    terminal = Terminal(rig, "shell")
    terminal.expect("collarctl")
    terminal.say("\x04")
    same(terminal.end(), 0, "exit status")
