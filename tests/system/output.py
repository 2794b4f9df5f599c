# SPDX-License-Identifier: BSD-2-Clause
"""Where answers go, how failures are told, and with which exit status."""

import os
import signal
import socket
import threading
import time

from rig import (EX_CANNOT_CREATE, EX_INTERRUPTED, EX_IO, EX_NO_COLLAR,
                 EX_PROTOCOL, EX_TRY_AGAIN, EX_USAGE, check, holds, lacks,
                 matches, same, test, until)


@test
def a_full_disk_is_an_io_error(rig):
    collar = rig.collar()
    for words in ("status", "data dump", "lcd", "events", "get serial",
                  "status --json", "help", "version", "sim list --json",
                  "sim serve unit --pty"):
        with open("/dev/full", "wb") as full:
            result = collar.run(*words.split(), stdout=full, status=EX_IO)
        matches(result.err, r"^collarctl: .*No space left on device")
    collar.run("status", "-o", "/dev/full", status=EX_IO)


@test
def a_closed_pipe_ends_silently(rig):
    collar = rig.collar(history="30d")
    for words in ("data dump", "status", "events", "help"):
        reader, writer = os.pipe()
        os.close(reader)
        result = collar.run(*words.split(), stdout=writer)
        os.close(writer)
        same(result.err, "", words)


@test
def an_output_file_replaces_the_old_one_only_when_whole(rig):
    collar = rig.collar()
    path = rig.write("out.json", "old")
    collar.run("status", "--json", "-o", path)
    with open(path, encoding="utf-8") as file:
        holds(file.read(), '"serial"')
    rig.write("out.json", "old")
    collar.run("-s", "OTHER", "status", "-o", path, status=EX_NO_COLLAR)
    with open(path, encoding="utf-8") as file:
        same(file.read(), "old", "after a failure")
    same([name for name in os.listdir(rig.home) if "part" in name], [],
         "parts")
    same(collar.run("status", "-o", path).out, "", "stdout")


@test
def an_output_file_that_cannot_be_made_is_refused_first(rig):
    collar = rig.collar()
    for path in (rig.path("no/such/file"), rig.home):
        same(collar.run("--json", "status", "-o", path,
                        status=EX_CANNOT_CREATE).error["code"],
             "cannot_create", path)


@test
def a_failure_is_one_line_on_stderr_and_nothing_on_stdout(rig):
    for words in (["-p", "/dev/none", "status"], ["status", "--bogus"], ["nonsense"],
                  ["-p", "unix:/none", "status"], ["explain", "xyzzy"]):
        result = rig.run(*words, status=None)
        same(result.out, "", str(words))
        same(len(result.err.splitlines()), 1, str(words))
        matches(result.err, r"^collarctl: .+: .+")


@test
def with_json_the_error_object_is_on_stdout_too(rig):
    for words, status, code in (
            (["--json", "status"], EX_NO_COLLAR, "no_collar"),
            (["status", "--json", "--bogus"], EX_USAGE, "usage"),
            (["-f", "json", "nonsense"], EX_USAGE, "usage"),
            (["--json", "-p", "unix:/none", "status"], EX_NO_COLLAR,
             "no_collar"),
            (["explain", "xyzzy", "--format=json"], EX_USAGE, None),
            (["decode", "model", "X", "--json"], EX_USAGE, "bad_value")):
        result = rig.run(*words, status=status)
        if code:
            same(result.error["code"], code, str(words))
        check(result.error["message"] and result.error["hint"], result)
        matches(result.err, r"^collarctl: ")


@test
def a_port_that_is_not_there_is_no_collar(rig):
    for port in ("unix:/none", "serial:/dev/none", "/dev/none",
                 "tcp:127.0.0.1:1"):
        error = rig.run("-p", port, "--json", "status",
                        status=EX_NO_COLLAR).error
        same(error["code"], "no_collar", port)


@test
def a_port_that_is_silent_gives_no_answer_and_nothing_is_done(rig):
    master, slave = os.openpty()
    result = rig.run("-p", os.ttyname(slave), "--json", "--timeout", "1s",
                     "set", "city=X", status=EX_TRY_AGAIN)
    same((result.error["code"], result.error["outcome"]),
         ("no_answer", "not_done"), "error")
    os.close(slave)
    os.close(master)


@test
def a_timeout_is_the_whole_silence_and_not_that_of_each_try(rig):
    master, slave = os.openpty()
    for seconds, most in ((1, 1.9), (4, 4.9)):
        begun = time.monotonic()
        rig.run("-p", os.ttyname(slave), "--timeout", f"{seconds}s", "status",
                status=EX_TRY_AGAIN)
        took = time.monotonic() - begun
        check(seconds - 0.1 <= took <= most, f"{seconds}s took {took:.1f} s")
    check(os.read(master, 4096).count(b"\0") > 4, "hello was not repeated")
    os.close(slave)
    os.close(master)


@test
def a_socket_that_hangs_up_gives_no_answer(rig):
    path = rig.path("socket")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()

    def hang_up():
        for _ in range(20):
            connection, _ = listener.accept()
            connection.close()

    threading.Thread(target=hang_up, daemon=True).start()
    result = rig.run("-p", "unix:" + path, "--json", "status", status=None)
    same(result.status, EX_TRY_AGAIN, "exit status")
    same(result.error["outcome"], "not_done", "outcome")


@test
def what_answers_and_is_no_collar_is_told_apart(rig):
    path = rig.path("socket")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()

    def chatter():
        connection, _ = listener.accept()
        try:
            while True:
                connection.recv(100)
                connection.send(b"login: \r\n\0" * 5)
        except OSError:
            pass

    threading.Thread(target=chatter, daemon=True).start()
    result = rig.run("-p", "unix:" + path, "--json", "--timeout", "1s",
                     "status", status=None)
    check(result.status in (EX_TRY_AGAIN, EX_PROTOCOL), result)


@test
def one_virtual_collar_is_open_in_one_process_at_a_time(rig):
    collar = rig.collar()
    served = rig.serve("unit", "--unix", rig.path("socket"))
    error = collar.refused("port_busy", "status", status=EX_TRY_AGAIN)
    holds(error["message"], str(served.child.pid))
    for words in (["cut", "unit"], ["remove", "unit"], ["advance", "unit",
                                                        "1m"],
                  ["set", "unit", "coverage=off"]):
        rig.sim(*words, status=EX_TRY_AGAIN)
    served.stop()
    collar.status()


@test
def a_terminal_in_use_is_busy(rig):
    rig.collar()
    served = rig.serve("unit", "--pty")
    shell = rig.start("-p", served.port, "lcd", "--watch", stdout=-1)
    shell.stdout.readline()
    error = rig.run("-p", served.port, "--json", "status",
                    status=EX_TRY_AGAIN).error
    same(error["code"], "port_busy", "code")
    shell.send_signal(signal.SIGTERM)
    shell.wait()
    shell.stdout.close()


@test
def an_interrupt_ends_with_130(rig):
    collar = rig.collar().provision()
    for words in (["lcd", "--watch"], ["test", "--watch"]):
        collar.run("-s", "SIM0001", "-y", "test", "start")
        child = rig.start("-p", collar.port, *words, stdout=-1, stderr=-1)
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=10)
        same(child.returncode, EX_INTERRUPTED, str(words))
        holds(err.decode(), "interrupted")
        collar.run("test", "stop")


@test
def an_interrupt_while_waiting_for_a_silent_port_ends_at_once(rig):
    master, slave = os.openpty()
    child = rig.start("-p", os.ttyname(slave), "--timeout", "30s", "status",
                      stdout=-1, stderr=-1)
    os.read(master, 1)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=5)
    same(child.returncode, EX_INTERRUPTED, "exit status")
    os.close(slave)
    os.close(master)


@test
def what_a_collar_sends_is_printed_with_control_characters_escaped(rig):
    collar = rig.collar().provision()
    collar.run("set", "city=A", env={"USER": "e\x1b[31mvil"})
    for words in ("events", "info", "status"):
        lacks(collar.run(*words.split()).out, "\x1b")


@test
def quiet_says_less_and_verbose_is_accepted(rig):
    collar = rig.collar()
    collar.run("-q", "status")
    collar.run("-v", "status")


@test
def progress_stays_off_a_stderr_that_is_no_terminal(rig):
    same(rig.collar(history="30d").run("data", "dump").err, "", "stderr")


@test
def help_is_text_whatever_format_is_asked_for(rig):
    text = rig.run("lcd", "--help").out
    for words in (("--json",), ("-fjson",), ("--format", "json")):
        same(rig.run("lcd", "--help", *words).out, text, f"{words}")


@test
def a_stopped_server_leaves_no_port_behind(rig):
    rig.collar()
    for signum in (signal.SIGTERM, signal.SIGINT):
        served = rig.serve("unit", "--unix", rig.path("socket"))
        check(os.path.exists(rig.path("socket")), "no socket")
        same(served.stop(signum), 0, "exit status")
        check(not os.path.exists(rig.path("socket")), "the socket is left")
        served = rig.serve("unit", "--pty")
        terminal = served.port.removeprefix("serial:")
        check(os.path.exists(terminal), "no terminal")
        same(served.stop(signum), 0, "exit status")
        until(lambda path=terminal: not os.path.exists(path),
              "the terminal is left")
