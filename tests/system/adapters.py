# SPDX-License-Identifier: BSD-2-Clause
"""Serial ports as the system lists them: on adapters that umockdev puts below
/sys and /dev."""

import json
import subprocess

from config import configure
from rig import LIMIT_S, EX_NO_COLLAR, check, same, test

PCI = "/devices/pci0000:00/0000:00:14.0/usb1"
BY_PATH = "serial/by-path/pci-0000:00:14.0-usb-0:{number}:1.0-port0"


def adapter(number, vid, pid, product, serial):
    """What umockdev makes /dev/ttyUSBn of, on its socket of the root hub."""
    usb = f"{PCI}/1-{number}"
    port = f"{usb}/1-{number}:1.0/ttyUSB{number}"
    by_path = BY_PATH.format(number=number)
    return f"""P: {usb}
N: bus/usb/001/{number:03}
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb
A: idVendor={vid}\\n
A: idProduct={pid}\\n
A: product={product}\\n
A: serial={serial}\\n
A: busnum=1\\n
A: devnum={number}\\n

P: {usb}/1-{number}:1.0
E: DEVTYPE=usb_interface
E: SUBSYSTEM=usb

P: {port}
E: SUBSYSTEM=usb-serial

P: {port}/tty/ttyUSB{number}
N: ttyUSB{number}
L: device=../../../ttyUSB{number}
S: {by_path}
E: DEVNAME=/dev/ttyUSB{number}
E: SUBSYSTEM=tty

"""


def rows_of(rig, devices, *words, status=EX_NO_COLLAR):
    """The rows of list --json with these devices."""
    file = rig.write("devices", devices)
    # what umockdev preloads comes before what a sanitizer needs
    env = {**rig.env, "ASAN_OPTIONS": "verify_asan_link_order=0"}
    run = subprocess.run(
        ["umockdev-run", "--device", file, "--", rig.binary, "list", "--json",
         *words], env=env, cwd=rig.home, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=LIMIT_S, check=False)
    same(run.returncode, status, f"exit status: {run.stderr.decode()}")
    return json.JSONDecoder().raw_decode(run.stdout.decode())[0]["collars"]


def listed(*args, **more):
    """The same, by the adapter's serial number."""
    return {row["adapter"]["serial"]: row for row in rows_of(*args, **more)}


def is_asked(row):
    """Whatever came of it: umockdev 0.17 writes beyond the end of what
    realpath() gives, so nobody there can be talked to for long."""
    return row["why"] != "not asked: try --probe"


def board_port(name, kind):
    """One of the board's own, of a type as /sys tells it; its node is missing,
    so that it cannot be opened."""
    place = f"serial8250-{name}"
    port = f"/devices/platform/{place}/tty/{name}"
    return f"""P: /devices/platform/{place}
E: SUBSYSTEM=platform

P: {port}
L: device=../../../{place}
A: type={kind}\\n
E: SUBSYSTEM=tty

"""


@test
def a_port_of_the_board_is_listed_without_opening_it(rig):
    rows = rows_of(rig, board_port("ttyS5", 4) + board_port("ttyS6", 0))
    same([row["port"] for row in rows], ["serial:/dev/ttyS5"], "ports")
    same(is_asked(rows[0]), False, "asked")


@test
def a_port_is_listed_with_its_adapter_and_not_talked_to(rig):
    rows = listed(rig, adapter(1, "0403", "6001", "FT232R USB UART", "A9001") +
                  adapter(2, "10c4", "ea60", "CP2102 USB to UART", "0001"))
    row = rows["A9001"]
    same(row["port"], "serial:/dev/ttyUSB1", "port")
    same(row["by_path"], "/dev/" + BY_PATH.format(number=1), "by_path")
    same(row["adapter"], {"vid": "0403", "pid": "6001", "serial": "A9001",
                          "product": "FT232R USB UART"}, "adapter")
    for row in rows.values():
        same((is_asked(row), row["usable"], row["name"]),
             (False, False, None), "row")
    same(len(rows), 2, "rows")


@test
def a_port_named_by_its_path_is_one_row_and_asked(rig):
    by_path = "serial:/dev/" + BY_PATH.format(number=2)
    configure(rig, f"port left = {by_path}@9600\n")
    rows = listed(rig, adapter(1, "0403", "6001", "FT232R USB UART", "A9001") +
                  adapter(2, "0403", "6001", "FT232R USB UART", "A9002"))
    same((rows["A9002"]["name"], rows["A9002"]["port"]),
         ("left", by_path + "@9600"), "left")
    same([is_asked(row) for row in rows.values()], [True, False], "asked")


@test
def known_optical_probes_are_asked_as_such(rig):
    for pid in ("e700", "f458"):
        rows = listed(rig, adapter(1, "0403", pid, "Probe", "A9001"))
        same((rows["A9001"]["port"], rows["A9001"]["transport"]),
             ("optical:/dev/ttyUSB1", "optical"), pid)
        check(is_asked(rows["A9001"]), rows)


@test
def with_probe_every_port_is_asked(rig):
    rows = listed(rig, adapter(1, "0403", "6001", "FT232R USB UART", "A9001"),
                  "--probe")
    check(is_asked(rows["A9001"]), rows)
