# SPDX-License-Identifier: BSD-2-Clause
"""Virtual collars served on pseudo-terminals and sockets, and bad lines."""

import json
import os
import signal
import socket
import subprocess
import threading
import time

from rig import (EX_NO_COLLAR, EX_REFUSED, EX_TRY_AGAIN, EX_UNKNOWN, EX_USAGE,
                 Served, check, holds, matches, raw_connection, same, test,
                 until)


def doors(rig):
    return (["--pty"], ["--unix", rig.path("socket")], ["--tcp", "0"])


@test
def a_unit_is_served_on_a_terminal_a_unix_and_a_tcp_socket(rig):
    collar = rig.collar().provision()
    forms = (r"^serial:/dev/pts/\d+$|^/dev/pts/\d+$", r"^unix:/.+$",
             r"^tcp:127\.0\.0\.1:\d+$")
    for door, form in zip(doors(rig), forms):
        served = rig.serve("unit", *door)
        matches(served.port, form)
        unit = collar.at(served.port)
        for _ in range(2):  # a port can be opened again
            same(unit.run("get", "serial").out, "SIM0001\n", served.port)
        unit.run("set", f"description=over {door[0]}")
        unit.relay("shut")
        same(unit.status()["relay"]["feedback"], "shut", served.port)
        unit.relay("open")
        check(len(unit.run("data", "dump").lines) > 5, "no data")
        same(served.stop(), 0, "exit status")
        same(collar.run("get", "description").out, f"over {door[0]}\n", "kept")


@test
def a_terminal_may_be_named_without_a_prefix_and_with_a_speed(rig):
    rig.collar().provision()
    served = rig.serve("unit", "--pty")
    device = served.port.removeprefix("serial:")
    for port in (device, f"serial:{device}", f"serial:{device}@115200",
                 f"{device}@9600"):
        same(rig.run("-p", port, "get", "serial").out, "SIM0001\n", port)


@test
def several_units_are_served_at_once_each_on_a_port_of_its_own(rig):
    served = Served(rig, ("rack,history=1h", "--count", "3", "--tcp", "0"), 3)
    same(len(set(served.ports)), 3, "ports")
    ids = {rig.run("-p", port, "get", "hardware_id").out
           for port in served.ports}
    same(len(ids), 3, "hardware ids")
    served.stop()
    same([row["name"] for row in rig.sim("list", "--json").json["collars"]],
         ["rack1", "rack2", "rack3"], "names")


@test
def serving_needs_exactly_one_kind_of_port(rig):
    for words in (["unit"], ["unit", "--pty", "--tcp", "0"], ["--pty"],
                  ["unit", "--tcp", "99999"], ["unit", "--pty", "--noise",
                                               "2"],
                  ["unit", "--pty", "--baud", "0"],
                  ["unit", "--usbip", "0", "--pty"],
                  ["unit", "--usbip", "0", "--baud", "9600"],
                  ["unit", "--usbip", "0", "--noise", "0.1"],
                  ["unit", "--usbip", "0", "--optical"]):
        rig.sim("serve", *words, status=EX_USAGE)


@test
def usb_devices_are_told_with_what_attaches_them(rig):
    rig.collar().provision()
    with open(rig.path("err"), "wb") as err:
        child = rig.start("sim", "serve", "unit", "other,history=0", "--usbip",
                          "127.0.0.1:0", stdout=subprocess.PIPE, stderr=err)
    lines = [child.stdout.readline().decode() for _ in range(2)]
    same(lines[0], "usb:SIM0001\n", "port of the unit with a serial number")
    matches(lines[1], r"^usb:hw:[0-9a-f]{16,32}$")
    with open(rig.path("err"), encoding="utf-8") as err:
        said = err.read()
    port = matches(said, r"^unit: usbip -t (\d+) attach -r 127\.0\.0\.1"
                   r" -b 1-1$").group(1)
    matches(said, rf"^other: usbip -t {port} attach -r 127\.0\.0\.1"
            r" -b 1-2$")
    same(len(said.splitlines()), 2, "lines")
    result = rig.sim("serve", "third,history=0", "--usbip", port, "--json",
                     status=EX_TRY_AGAIN)
    same(result.error["code"], "port_busy", "code")
    child.send_signal(signal.SIGINT)
    same(child.wait(10), 0, "exit status")


def knows_ipv6():
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


@test
def usb_devices_are_on_this_computer_alone_unless_it_is_said(rig):
    for where, address, warning in (
            ("0", r"127\.0\.0\.1", ""), ("[::1]:0", r"\[::1\]", ""),
            ("0.0.0.0:0", r"0\.0\.0\.0", "whoever reaches this address")):
        if where[0] == "[" and not knows_ipv6():
            continue
        with open(rig.path("err"), "w+", encoding="utf-8") as err:
            child = rig.start("--json", "sim", "serve", "unit,history=0",
                              "--usbip", where, stdout=subprocess.PIPE,
                              stderr=err)
            text = b"".join(iter(child.stdout.readline, b"}\n")) + b"}"
            child.send_signal(signal.SIGINT)
            same(child.wait(10), 0, "exit status")
            err.seek(0)
            said = err.read()
        row = json.loads(text)["ports"][0]
        same(list(row), ["name", "port", "address", "busid"], "keys")
        matches(row["address"], rf"^{address}:\d+$")
        same(row["busid"], "1-1", "busid")
        check(warning in said and bool(said) == bool(warning), said)
    for address in ("", ":", ":1", "1:", "x", "-1", "65536", "127.0.0.1:65536",
                    "127.0.0.1:x", "::1:0", "[::1]", "[]:0", "localhost:0",
                    "127.0.0.1:+1", "300.0.0.1:0", "1.2.3.4:5:6",
                    "9" * 70 + ":0"):
        rig.sim("serve", "unit", "--usbip", address, status=EX_USAGE)
    rig.sim("serve", "unit", "--usbip", "192.0.2.1:0", status=EX_USAGE)


@test
def list_with_a_port_asks_who_is_there(rig):
    rig.collar().provision()
    served = rig.serve("unit", "--tcp", "0")
    row = rig.run("-p", served.port, "list", "--probe",
                  "--json").json["collars"][0]
    same((row["serial"], row["transport"], row["usable"]),
         ("SIM0001", "tcp", True), "row")
    served.stop()
    row = rig.run("-p", served.port, "list", "--probe", "--json",
                  status=EX_NO_COLLAR).json["collars"][0]
    same(row["usable"], False, "gone")
    check(row["why"], "no reason")


@test
def a_slow_line_is_slow_and_right(rig):
    collar = rig.collar(history="1d").provision()
    whole = collar.run("data", "dump").out
    served = rig.serve("unit", "--pty", "--baud", "9600")
    begin = time.monotonic()
    got = rig.run("-p", served.port + "@9600", "data", "dump").out
    took_s = time.monotonic() - begin
    same(got, whole, "bytes")
    check(3 < took_s < 15, f"3 KiB at 960 bytes a second take {took_s} s")


@test
def noise_is_overcome_or_owned_up_to(rig):
    collar = rig.collar(history="1d").provision()
    whole = collar.run("data", "dump").out
    right = 0
    for seed, noise in enumerate(("0.00005", "0.0002", "0.0005", "0.002")):
        served = rig.serve("unit", "--unix", rig.path(f"s{seed}"), "--noise",
                           noise)
        result = rig.run("-p", served.port, "data", "dump", status=None)
        check(result.status in (0, EX_TRY_AGAIN), result)
        if result.status == 0:
            same(result.out, whole, f"bytes at {noise}")
            right += 1
        result = rig.run("-p", served.port, "set", f"description={noise}",
                         status=None)
        check(result.status in (0, EX_TRY_AGAIN, EX_UNKNOWN), result)
        served.stop()
        kept = collar.run("get", "description").out == f"{noise}\n"
        if result.status != EX_UNKNOWN:
            same(kept, result.status == 0, f"kept at {noise}")
    check(right >= 2, f"only {right} of 4 dumps came through")


def cut_during(rig, collar, cut_after, *words):
    """A change over a line that is cut after so many bytes."""
    served = rig.serve("unit", "--unix", rig.path("cut"), "--cut-after",
                       str(cut_after))
    result = rig.run("-p", served.port, "--json", "--timeout", "1s", "-s",
                     "SIM0001", "-y", *words, status=None)
    served.stop()
    if result.status:
        same(result.error["outcome"],
             "unknown" if result.status == EX_UNKNOWN else "not_done",
             f"outcome after {cut_after} bytes")
    return result


def told(collar, result, was, now, old, new):
    """Whether what was said is what is so: the exit status and the unit."""
    check(now in (old, new), f"neither old nor new: {now}")
    if result.status == 0:
        same(now, new, "said to be done")
    elif result.status == EX_UNKNOWN:
        ident = matches(result.err, r"outcome ([0-9a-f]{16})").group(1)
        same(result.error["detail"]["id"], ident, "id")
        answer = collar.json("outcome", ident)
        check(answer["outcome"] in ("done", "not_seen"), answer)
        same(now, new if answer["outcome"] == "done" else old, was)
    else:
        same(result.status, EX_TRY_AGAIN, was)
        same(now, old, "said not to be done")


@test
def a_line_cut_anywhere_during_a_set_leaves_the_old_or_the_new(rig):
    collar = rig.collar().provision()
    seen = set()
    for cut_after in range(40, 900, 11):
        old = collar.run("get", "description").out
        result = cut_during(rig, collar, cut_after, "set",
                            f"description=after {cut_after}")
        told(collar, result, cut_after, collar.run("get", "description").out,
             old, f"after {cut_after}\n")
        seen.add(result.status)
    check(0 in seen and EX_TRY_AGAIN in seen, f"only {seen}")


@test
def a_line_cut_anywhere_during_a_move_never_lies_about_the_contacts(rig):
    collar = rig.collar().provision()
    seen = set()
    for cut_after in range(48, 900, 13):
        collar.advance("20s")
        old = collar.status()["relay"]["feedback"]
        new = "shut" if old == "open" else "open"
        result = cut_during(rig, collar, cut_after, "relay",
                            "shut" if new == "shut" else "open")
        told(collar, result, cut_after, collar.status()["relay"]["feedback"],
             old, new)
        seen.add(result.status)
    check(EX_UNKNOWN in seen or 0 in seen, f"only {seen}")


@test
def changes_over_a_noisy_line_are_what_they_are_said_to_be(rig):
    collar = rig.collar().provision()
    old, seen = "\n", []
    for count in range(8):
        served = rig.serve("unit", "--unix", rig.path(f"n{count}"), "--noise",
                           "0.002")
        result = rig.run("-p", served.port, "--json", "set",
                         f"description=n{count}", status=None)
        served.stop()
        now = collar.run("get", "description").out
        told(collar, result, count, now, old, f"n{count}\n")
        old = now
        seen.append(result.status)
    check(seen.count(0) >= 4, f"too few came through: {seen}")


@test
def the_outcome_of_a_lost_answer_can_be_asked_for_later(rig):
    collar = rig.collar().provision()
    for cut_after in range(200, 900, 8):
        result = cut_during(rig, collar, cut_after, "set",
                            f"description=cut {cut_after}")
        check(result.status != 0, "no cut hit the answer")
        if result.status == EX_UNKNOWN:
            ident = result.error["detail"]["id"]
            answer = collar.json("outcome", ident)
            if answer["outcome"] == "done":
                break
    same(answer["result"]["changed"], True, "result")
    collar.cut()
    same(collar.json("outcome", ident)["outcome"], "done", "after a restart")
    holds(collar.run("outcome", ident).out, "done")


@test
def killing_the_server_is_a_power_cut_that_keeps_record_and_schedule(rig):
    collar = rig.collar().provision()
    served = rig.serve("unit", "--unix", rig.path("socket"))
    unit = collar.at(served.port)
    unit.run("set", "city=Shelby")
    unit.relay("shut")
    unit.relay("open", "--at", "top-of-hour")
    before = len(collar.at(served.port).events("restart"))
    served.stop(signal.SIGKILL)
    same(collar.run("get", "city").out, "Shelby\n", "city")
    relay = collar.status()["relay"]
    same((relay["feedback"], relay["pending"]["action"]), ("shut", "open"),
         "relay")
    same(len(collar.events("restart")), before + 1, "restarts")


@test
def killing_the_server_at_any_moment_keeps_all_that_was_answered(rig):
    collar = rig.collar().provision()
    path, count, answered = rig.path("socket"), 0, 0
    collar.run("set", "description=n0")
    for delay_ms in range(0, 60, 4):
        served = rig.serve("unit", "--unix", path)
        killer = threading.Timer(delay_ms / 1000, served.child.kill)
        killer.start()
        for _ in range(40):
            count += 1
            result = rig.run("-p", served.port, "--timeout", "1s", "set",
                             f"description=n{count}", status=None)
            if result.status:
                break
            answered = count
        killer.join()
        served.stop()
        kept = collar.run("get", "description").out
        check(kept in (f"n{answered}\n", f"n{count}\n"), answered, count,
              kept)
        answered = int(kept[1:])


@test
def ending_the_server_in_good_order_is_no_power_cut(rig):
    collar = rig.collar().provision()
    before = len(collar.events("restart"))
    served = rig.serve("unit", "--pty")
    collar.at(served.port).run("-s", "SIM0001", "-y", "test", "start")
    served.stop()
    same(len(collar.events("restart")), before, "restarts")
    same(collar.status()["test"]["active"], True, "test mode goes on")


@test
def killing_the_program_in_the_middle_of_a_move_leaves_a_known_state(rig):
    collar = rig.collar().provision()
    for delay_ms in (0, 1, 2, 3, 5, 8):
        child = rig.start("-p", collar.port, "-s", "SIM0001", "-y", "relay",
                          "shut", stdout=-1, stderr=-1)
        time.sleep(delay_ms / 1000)
        child.kill()
        child.communicate()
        relay = collar.status()["relay"]
        same(relay["state"], relay["feedback"], f"after {delay_ms} ms")
        same(collar.run("get", "city").out, "Springfield\n", "city")
        collar.relay("open")
        collar.advance("10s")


@test
def garbage_before_and_between_does_not_disturb_a_unit(rig):
    collar = rig.collar().provision()
    served = rig.serve("unit", "--tcp", "0")
    for garbage in (b"\0" * 500, b"AT+CSQ\r\n" * 50, bytes(range(256)) * 8,
                    b"\xff" * 3000 + b"\0"):
        link = raw_connection(served.port)
        link.sendall(garbage)
        link.close()
        same(collar.at(served.port).run("get", "serial").out, "SIM0001\n",
             "afterwards")


@test
def a_client_that_hangs_up_half_way_does_not_end_the_server(rig):
    collar = rig.collar(history="30d").provision()
    served = rig.serve("unit", "--tcp", "0")
    for _ in range(5):
        child = rig.start("-p", served.port, "data", "dump", stdout=-1)
        time.sleep(0.02)
        child.kill()
        child.communicate()
    collar.at(served.port).status()
    same(served.child.poll(), None, "the server runs")


@test
def a_socket_left_by_a_killed_server_is_taken_over(rig):
    rig.collar()
    path = rig.path("socket")
    rig.serve("unit", "--unix", path).stop(signal.SIGKILL)
    check(os.path.exists(path), "nothing was left")
    served = rig.serve("unit", "--unix", path)
    rig.run("-p", served.port, "status")


@test
def a_file_that_is_no_socket_is_not_overwritten(rig):
    rig.collar()
    path = rig.write("notes", "mine")
    result = rig.sim("serve", "unit", "--unix", path, status=None)
    check(result.status not in (0, 70), result)
    with open(path, encoding="utf-8") as file:
        same(file.read(), "mine", "file")


@test
def tcp_is_served_to_this_computer_only(rig):
    rig.collar()
    served = rig.serve("unit", "--tcp", "0")
    number = int(served.port.rsplit(":", 1)[1])
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split()[1] for line in table if f":{number:04X} " in line]
    check("0100007F:%04X" % number in rows, rows)
    check("00000000:%04X" % number not in rows, rows)


@test
def a_server_follows_the_clock_on_the_wall(rig):
    collar = rig.collar().provision()
    served = rig.serve("unit", "--unix", rig.path("socket"))
    unit = collar.at(served.port)
    unit.relay("shut", "--hold", "2s")
    same(unit.status()["relay"]["feedback"], "shut", "at once")
    until(lambda: unit.status()["relay"]["feedback"] == "open",
          "the hold never ran out", 10)


@test
def a_move_too_soon_is_waited_for_in_real_time_too(rig):
    collar = rig.collar().provision()
    served = rig.serve("unit", "--unix", rig.path("socket"))
    unit = collar.at(served.port)
    unit.relay("shut")
    begin = time.monotonic()
    unit.relay("open")
    check(time.monotonic() - begin < 2, "an OPEN waited")
    unit.relay("shut")
    check(3 < time.monotonic() - begin < 10, "a SHUT did not wait")


@test
def a_stuck_relay_is_told_over_a_socket_too(rig):
    collar = rig.collar(relay="stuck").provision()
    served = rig.serve("unit", "--unix", rig.path("socket"))
    time.sleep(0.1)
    same(collar.at(served.port).relay("--json", "shut", status=EX_REFUSED)
         .error["code"], "relay_fault", "code")


@test
def two_clients_of_a_socket_do_not_mix(rig):
    collar = rig.collar().provision()
    served = rig.serve("unit", "--unix", rig.path("socket"))
    first = socket.socket(socket.AF_UNIX)
    first.connect(rig.path("socket"))
    result = collar.at(served.port).run("status", "--timeout", "1s",
                                        status=None)
    check(result.status in (0, EX_TRY_AGAIN), result)
    first.close()
    collar.at(served.port).status()
