# SPDX-License-Identifier: BSD-2-Clause
"""The shell with piped input."""

from rig import EX_NO_COLLAR, EX_USAGE, holds, lacks, same, test


def shell(collar, lines, *words, **options):
    return collar.run("shell", *words, stdin=lines, **options)


@test
def each_line_is_a_command_and_no_prompt_is_printed(rig):
    collar = rig.collar().provision()
    same(shell(collar, "get serial\nget city zip\n").out,
         "SIM0001\nSpringfield\n62701\n", "answers")


@test
def comments_blank_lines_and_quotes_are_understood(rig):
    collar = rig.collar().provision()
    lines = """# a note

   set "city=New Town" 'location_notes=left of "the" door'
get city location_notes
set address=1\\ Main\\ Street
get address"""
    out = shell(collar, lines).out
    holds(out, 'New Town\nleft of "the" door\n')
    same(out.splitlines()[-1], "1 Main Street", "address")


@test
def it_stops_at_the_first_failure_with_its_exit_status(rig):
    collar = rig.collar().provision()
    result = shell(collar, "get serial\n-s OTHER status\nget city\n",
                   status=EX_NO_COLLAR)
    same(result.out.splitlines()[0], "SIM0001", "first")
    lacks(result.out, "Springfield")
    holds(result.err, "line 2")


@test
def keep_going_goes_on_and_ends_with_the_first_failure(rig):
    collar = rig.collar().provision()
    result = shell(collar, "nonsense\nget city\n-s OTHER status\nget zip\n",
                   "--keep-going", status=EX_USAGE)
    holds(result.out, "Springfield\n")
    holds(result.out, "62701\n")


@test
def exit_and_quit_end_it(rig):
    collar = rig.collar().provision()
    for word in ("exit", "quit"):
        same(shell(collar, f"get serial\n{word}\nget city\n").out,
             "SIM0001\n", word)


@test
def what_one_line_sets_the_next_does_not_see(rig):
    collar = rig.collar().provision()
    rig.collar("other").provision("OTHER")
    same(shell(collar, "-p sim:other get serial\nget serial\n"
               "get --json serial\nget serial\n").out.count("{"), 1, "JSON")
    same(shell(collar, "-p sim:other get serial\nget serial\n").out,
         "OTHER\nSIM0001\n", "ports")


@test
def a_move_in_a_pipe_needs_yes_and_a_unit_as_anywhere(rig):
    collar = rig.collar().provision()
    shell(collar, "relay shut\ny\n", status=EX_USAGE)
    same(shell(collar, "-s SIM0001 --yes relay shut\nget relay.feedback\n")
         .lines[-1], "shut", "relay")


@test
def an_unbalanced_quote_is_an_error(rig):
    shell(rig.collar(), "get 'serial\n", status=EX_USAGE)


@test
def the_last_line_needs_no_newline_and_crlf_is_no_matter(rig):
    collar = rig.collar().provision()
    same(shell(collar, "get serial\r\nget city").out,
         "SIM0001\nSpringfield\n", "answers")


@test
def no_input_is_no_failure(rig):
    same(rig.run("shell").out, "", "stdout")
