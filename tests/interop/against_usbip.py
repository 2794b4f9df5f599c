# SPDX-License-Identifier: BSD-2-Clause
"""Virtual collars served as USB devices, byte for byte, to a host that keeps to
the protocol and to hosts that do not."""

import contextlib
import os
import select
import shutil
import struct
import subprocess

import usbip
from bench import (LIMIT_S, MODEL, SITE, check, done, fields, first_object,
                   same, test)
from client import Client
from usbip import (IN, OUT, SHORT_NOT_OK, ZERO_PACKET, Connection, Device,
                   import_request, listed, setup, submit, unlink)
from wire import OPS, Receiver, decode, encode, frame

ENOMEM, EPIPE, EPROTO, EOVERFLOW = -12, -32, -71, -75
EMSGSIZE, ECONNRESET, ESHUTDOWN, EREMOTEIO = -90, -104, -108, -121

DEVICE = bytes.fromhex(
    "12 01 1002 00 00 00 40 0912 0100 0001 01 02 03 01")
CONFIGURATION = bytes.fromhex(
    "09 02 2000 01 01 00 c0 00  09 04 00 00 02 ff 4d 01 00"
    "07 05 81 02 4000 00  07 05 01 02 4000 00")
BOS = bytes.fromhex(
    "05 0f 2100 01  1c 10 05 00 df60ddd88945c74c9cd2659d9e648a9f"
    "00000306 a200 4d 00")
MS_OS = bytes.fromhex(
    "0a00 0000 00000306 a200  1400 0300 57494e5553420000 0000000000000000"
    "8400 0400 0700 2a00") + \
    "DeviceInterfaceGUIDs\0".encode("utf-16-le") + bytes.fromhex("5000") + \
    "{09015559-20AB-440A-8343-2C141E7FAB77}\0\0".encode("utf-16-le")


def hello(nonce=bytes(range(16))):
    return frame(encode([0, 1, 0, {1: nonce, 2: 1, 3: 1, 4: 1056}]))


def noop(seq, length=0):
    return frame(encode([0, seq, 1, {128: bytes(length)} if length else {}]))


def text(string):
    data = string.encode("utf-16-le")
    return bytes([len(data) + 2, 3]) + data


def told(name, number):
    """What a list says of the device of that number."""
    return (f"/collarctl/sim/{name}".encode().ljust(256, b"\0") +
            f"1-{number}".encode().ljust(32, b"\0") +
            struct.pack(">III", 1, number + 1, 2) +
            bytes.fromhex("1209 0001 0100 00 00 00 01 01 01"))


class Exported:
    """A running server, and what it says."""

    def __init__(self, bench, *words):
        self.errors = bench.path(f"errors{bench.count()}")
        self.bench = bench
        with open(self.errors, "wb") as errors:
            self.child = subprocess.Popen(
                [bench.binary, "--json", "sim", "serve", *words, "--usbip",
                 "0"], env=bench.env, cwd=bench.home, stderr=errors,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                start_new_session=True)
        bench.children.append(self.child)
        check(select.select([self.child.stdout], [], [], LIMIT_S)[0],
              "sim serve tells no port")
        self.ports = first_object(self.child.stdout)["ports"]
        self.address = self.ports[0]["address"]

    def said(self):
        with open(self.errors, encoding="utf-8") as errors:
            return errors.read()

    def device(self, busid="1-1", configured=True):
        device = Device(self.address, busid)
        if configured:
            same(device.configure(), 0, "status of SET_CONFIGURATION")
        return device

    def end(self):
        self.bench.end(self.child)
        return self.child.returncode


def answered(device, request, length=4096):
    """What the collar answers to a frame, taken with one transfer."""
    same(device.bulk_out(request).length, len(request), "bytes taken")
    reply = device.bulk_in(length)
    same(reply.status, 0, "status of the transfer IN")
    payloads = Receiver(1056).feed(reply.data)
    same(len(payloads), 1, "answers")
    return decode(payloads[0])


def greeted(device):
    same(answered(device, hello())[:3], [1, 1, 0], "answer to hello")


@test
def usbip_lists_all_devices_byte_for_byte(bench):
    exported = Exported(bench, "rack,history=0", "--count", "3")
    head = bytes.fromhex("0111 0005 00000000 00000003")
    interface = bytes.fromhex("ff 4d 01 00")
    wanted = head + b"".join(told(f"rack{number}", number) + interface
                             for number in (1, 2, 3))
    same(listed(exported.address), wanted, "list")
    same([(port["name"], port["busid"], port["port"][:7])
          for port in exported.ports],
         [("rack1", "1-1", "usb:hw:"), ("rack2", "1-2", "usb:hw:"),
          ("rack3", "1-3", "usb:hw:")], "ports")
    device = exported.device("1-2", configured=False)
    same(listed(exported.address), wanted, "list while one is imported")
    device.close()
    slow = Connection(exported.address)
    for byte in usbip.REQ_DEVLIST:
        slow.send(bytes([byte]))
    same(slow.rest(), wanted, "list asked for byte by byte")
    same((exported.end(), exported.said()), (0, ""), "end")


@test
def usbip_exports_a_device_to_one_importer_at_a_time(bench):
    exported = Exported(bench, "unit,history=0", "other,history=0")
    first = exported.device("1-1")
    same(first.described,
         bytes.fromhex("0111 0003 00000000") + told("unit", 1), "import")
    greeted(first)
    same(Device(exported.address, "1-1").described,
         bytes.fromhex("0111 0003 00000002"), "a second import")
    for busid in ("1-3", "1-11", "2-1", "", "x" * 31):
        same(Device(exported.address, busid).described,
             bytes.fromhex("0111 0003 00000004"), f"import of {busid!r}")
    second = exported.device("1-2")
    greeted(second)
    same(answered(first, noop(2))[:3], [1, 2, 0], "the first goes on")
    first.close()
    again = exported.device("1-1", configured=False)
    same(again.control(0x80, 8, length=1).data, b"\0", "as plugged in anew")
    again.configure()
    greeted(again)
    same((exported.end(), exported.said()), (0, ""), "end")


@test
def usbip_answers_control_requests_from_the_tables(bench):
    unit = bench.unit()
    done(unit.client.change("provision", fields(
        "record", serial="INT0001", model=MODEL, **SITE)))
    unit.stop()
    exported = Exported(bench, unit.name, "blank,history=0")
    same([port["port"] for port in exported.ports][0], "usb:INT0001", "port")
    device = exported.device(configured=False)
    for name, kind, wanted in (("device", 1, DEVICE), ("BOS", 15, BOS),
                               ("configuration", 2, CONFIGURATION)):
        same(device.descriptor(kind), wanted, name)
        for length in (1, 8, 9, len(wanted) - 1, len(wanted)):
            same(device.descriptor(kind, length=length), wanted[:length],
                 f"{name}, {length} bytes")
    same(device.descriptor(3), bytes.fromhex("04 03 0904"), "languages")
    for index, string in enumerate(("Open Meter Collar", "meter collar",
                                    "INT0001"), 1):
        same(device.descriptor(3, index, 0x0409), text(string), string)
    same(device.control(0xc0, 0x4d, 0, 7, 0xFFFF).data, MS_OS, "MS OS 2.0")
    blank = exported.device("1-2", configured=False)
    serial = exported.ports[1]["port"].removeprefix("usb:")
    same(blank.descriptor(3, 3, 0x0409), text(serial), serial)
    state_of_the_device(device)
    refusals(device)
    same((exported.end(), exported.said()), (0, ""), "end")


def state_of_the_device(device):
    def state():
        return (device.control(0x80, 8, length=1).data,
                device.control(0x80, 0, length=2).data)

    same(state(), (b"\0", b"\1\0"), "as plugged in")
    same(device.configure(), 0, "SET_CONFIGURATION")
    same(state(), (b"\1", b"\1\0"), "configured")
    same(device.control(0x81, 10, length=1).data, b"\0", "GET_INTERFACE")
    same(device.control(0x23, 3, 4, 1).status, 0, "reset of the port")
    same(state(), (b"\0", b"\1\0"), "after a reset")
    device.configure()


def refusals(device):
    for kind, request, value, index, length in (
            (0x80, 6, 0x0600, 0, 10), (0x80, 6, 0x0304, 0x0409, 255),
            (0x80, 6, 0x0301, 0x0407, 255), (0x00, 9, 2, 0, 0),
            (0x40, 1, 0, 0, 0), (0xa1, 0x21, 0, 0, 7), (0x00, 7, 0x100, 0, 18),
            (0x23, 3, 8, 1, 0)):
        reply = device.control(kind, request, value, index, length,
                               b"" if kind & 0x80 else bytes(length))
        same((reply.status, reply.length, reply.data), (EPIPE, 0, b""),
             f"request {kind:#x} {request}")
    # a request without data may say either direction
    for direction in (IN, OUT):
        seqnum = device.submit(direction, 0, request=setup(0, 9, 1))
        same(device.wait(seqnum).status, 0, "no data, either direction")


@test
def usbip_replies_are_what_the_protocol_says(bench):
    exported = Exported(bench, "unit,history=0")
    device = Connection(exported.address)
    device.send(import_request("1-1"))
    device.take(320)
    devid = 0x10002
    device.send(submit(7, devid, IN, 0, 18, request=setup(0x80, 6, 0x100, 0,
                                                          18)))
    same(device.take(66), bytes.fromhex(
        "00000003 00000007 00000000 00000000 00000000 00000000 00000012"
        "00000000 ffffffff 00000000 0000000000000000") + DEVICE, "control IN")
    device.send(submit(8, devid, OUT, 0, 0, request=setup(0, 9, 1)))
    same(device.take(48), bytes.fromhex(
        "00000003 00000008 00000000 00000000 00000000 00000000 00000000"
        "00000000 ffffffff 00000000 0000000000000000"), "control OUT")
    device.send(submit(9, devid, OUT, 1, 3, data=bytes(3)))
    same(device.take(48), bytes.fromhex(
        "00000003 00000009 00000000 00000000 00000000 00000000 00000003"
        "00000000 ffffffff 00000000 0000000000000000"), "bulk OUT")
    device.send(submit(0xFFFFFFFF, devid, IN, 1, 64))
    check(device.silent(), "a transfer IN ends without data")
    device.send(unlink(10, devid, 0xFFFFFFFF))
    same(device.take(48), bytes.fromhex(
        "00000004 0000000a 00000000 00000000 00000000 ffffff98") + bytes(24),
         "unlink of one under way")
    device.send(unlink(11, devid, 9))
    same(device.take(48), bytes.fromhex(
        "00000004 0000000b 00000000 00000000 00000000 00000000") + bytes(24),
         "unlink of one that is over")
    check(device.silent(), "the unlinked one is answered, too")
    # as some kernels write it: no packets, and a start_frame of no meaning
    device.send(submit(12, devid, IN, 0, 1, packets=0, interval=4,
                       start_frame=0xFFFFFFFF, request=setup(0x80, 8, 0, 0,
                                                             1)))
    same(device.take(49)[20:28] + b"\1", bytes.fromhex(
        "00000000 00000001 01"), "without packets")
    for byte in submit(13, devid, OUT, 1, 5, data=bytes(5)):
        device.send(bytes([byte]))
    same(device.take(48)[4:8], bytes.fromhex("0000000d"), "byte by byte")
    same((exported.end(), exported.said()), (0, ""), "end")


@test
def usbip_transfers_end_as_those_of_a_controller(bench):
    exported = Exported(bench, "unit,history=0")
    device = exported.device()
    greeted(device)
    # whatever the boundaries of packets and transfers
    request = noop(2, 200)
    for byte in request:
        same(device.bulk_out(bytes([byte])).status, 0, "a byte")
    same(Receiver(1056).feed(device.bulk_in(64).data)[0],
         encode([1, 2, 0, {}]), "answer")
    # an answer of several packets: its first one fills a transfer
    device.bulk_out(frame(encode([0, 3, OPS["status"], {}])))
    first, rest = device.bulk_in(64), device.bulk_in(1 << 20)
    same((first.status, first.length, rest.status), (0, 64, 0), "both")
    status = decode(Receiver(1056).feed(first.data + rest.data)[0])
    same(status[:3], [1, 3, 0], "answer of both together")
    # the packet that does not fit is lost
    device.bulk_out(noop(4))
    reply = device.bulk_in(3)
    same((reply.status, reply.length), (EOVERFLOW, 0), "3 bytes of room")
    device.bulk_out(noop(5))
    reply = device.bulk_in(4096, flags=SHORT_NOT_OK)
    same(reply.status, EREMOTEIO, "short, and that is not ok")
    same(Receiver(1056).feed(reply.data)[0], encode([1, 5, 0, {}]), "its data")
    for length in (0, 1, 63, 64, 65, 128, 5000, 1 << 20):
        for flags in (0, ZERO_PACKET):
            reply = device.bulk_out(bytes(length), flags=flags)
            same((reply.status, reply.length), (0, length), "zeros")
    over = (1 << 20) + 1
    same(device.bulk_out(bytes(over)).status, EMSGSIZE, "too long OUT")
    same(device.bulk_in(over).status, EMSGSIZE, "too long IN")
    for direction, ep in ((IN, 2), (OUT, 2), (IN, 15)):
        seqnum = device.submit(direction, ep, length=0)
        same(device.wait(seqnum).status, EPROTO, f"end point {ep}")
    same(answered(device, noop(6))[:3], [1, 6, 0], "and it goes on")
    same((exported.end(), exported.said()), (0, ""), "end")


@test
def usbip_unlinks_what_waits(bench):
    exported = Exported(bench, "unit,history=0")
    device = exported.device()
    greeted(device)
    ins = [device.submit(IN, 1, length=64) for _ in range(3)]
    same(device.wait(device.unlink(ins[1])).status, ECONNRESET, "IN")
    same(device.wait(device.unlink(ins[1])).status, 0, "the same again")
    device.bulk_out(noop(2))
    same(device.wait(ins[0]).length, len(frame(encode([1, 2, 0, {}]))),
         "the first one has its answer")
    device.bulk_out(noop(3))
    check(device.wait(ins[2]).length > 0, "the third one follows it")
    # the collar takes no further request before its answer is fetched
    outs = [device.submit(OUT, 1, noop(seq)) for seq in range(4, 10)]
    device.wait(outs[0])
    same(device.wait(device.unlink(outs[4])).status, ECONNRESET, "OUT")
    got = b""
    while b"".join(Receiver(1056).feed(got)[-1:]) != encode([1, 9, 0, {}]):
        got += device.bulk_in().data
    seqs = [decode(payload)[1] for payload in Receiver(1056).feed(got)]
    same(seqs, [4, 5, 6, 7, 9], "seqs of the answers")
    for seqnum in outs[1:4] + outs[5:]:
        same(device.wait(seqnum).status, 0, "the others went out")
    same((exported.end(), exported.said()), (0, ""), "end")


@test
def usbip_keeps_no_more_than_it_says(bench):
    exported = Exported(bench, "unit,history=0")
    device = exported.device()
    greeted(device)
    ins = [device.submit(IN, 1, length=1 << 20) for _ in range(260)]
    refused = [device.wait(seqnum).status for seqnum in ins[256:]]
    same(refused, [ENOMEM] * 4, "beyond 256")
    same([device.wait(device.unlink(seqnum)).status
          for seqnum in ins[:256]], [ECONNRESET] * 256, "unlinked")
    # with an answer unfetched, OUT waits: up to 4 MiB
    for seq in (2, 3, 4):
        device.submit(OUT, 1, noop(seq))
    outs = [device.submit(OUT, 1, bytes(1 << 20)) for _ in range(5)]
    same(device.wait(outs[4]).status, ENOMEM, "beyond 4 MiB")
    for seqnum in outs[:4]:
        same(device.wait(device.unlink(seqnum)).status, ECONNRESET, "OUT")
    same((exported.end(), exported.said()), (0, ""), "end")


@test
def usbip_halted_pipes_stall_until_they_are_cleared(bench):
    exported = Exported(bench, "unit,history=0")
    device = exported.device(configured=False)
    same((device.bulk_out(hello()).status, device.bulk_in().status),
         (EPIPE, EPIPE), "before it is configured")
    device.configure()
    greeted(device)
    waiting = device.submit(IN, 1, length=64)
    for index in (0x81, 0x01):
        same(device.control(0x02, 3, 0, index).status, 0, "SET_FEATURE")
        same(device.control(0x82, 0, 0, index, 2).data, b"\1\0", "GET_STATUS")
    same(device.wait(waiting).status, EPIPE, "what was under way")
    same((device.bulk_out(noop(2)).status, device.bulk_in().status),
         (EPIPE, EPIPE), "halted")
    for index in (0x81, 0x01):
        same(device.control(0x02, 1, 0, index).status, 0, "CLEAR_FEATURE")
        same(device.control(0x82, 0, 0, index, 2).data, b"\0\0", "GET_STATUS")
    same(answered(device, noop(3))[:3], [1, 3, 0], "cleared")
    same((exported.end(), exported.said()), (0, ""), "end")


# What is said before an import, or behind one: the message, and what is said
# of it.
BEFORE = (
    ("0110 8005 00000000", "OP request: its version is not 0x0111"),
    ("0112 8003 00000000", "OP request: its version is not 0x0111"),
    ("0111 0005 00000000", "OP request: its code is neither"),
    ("0111 8004 00000000", "OP request: its code is neither"),
    ("0111 8005 00000001", "OP request: its status is not 0"),
    ("0111 8003 00000000" + "31" * 32, "OP_REQ_IMPORT: no zero closes"),
    (b"GET / HTTP/1.1\r\n\r\n".hex(), "OP request: its version"),
)


def commands(devid):
    def sent(*args, **more):
        return submit(5, devid, *args, **more)

    good = sent(IN, 1, 64)
    return (
        (good[:3] + b"\0" + good[4:], "command 0: it is neither"),
        (good[:3] + b"\3" + good[4:], "command 3: it is neither"),
        (submit(5, devid + 1, IN, 1, 64), "CMD_SUBMIT 5: its devid is not"),
        (submit(5, 0, IN, 1, 64), "CMD_SUBMIT 5: its devid is not"),
        (unlink(6, devid + 1, 5), "CMD_UNLINK 6: its devid is not"),
        (sent(2, 1, 64), "CMD_SUBMIT 5: its direction is neither"),
        (sent(IN, 16, 64), "CMD_SUBMIT 5: its end point is not 0 to 15"),
        (sent(IN, 1, 0x80000000), "CMD_SUBMIT 5: its length is negative"),
        (sent(OUT, 1, 0xFFFFFFFF), "CMD_SUBMIT 5: its length is negative"),
        (sent(IN, 1, 64, packets=1), "CMD_SUBMIT 5: it is isochronous"),
        (sent(IN, 0, 18, request=setup(0, 6, 0x100, 0, 18)),
         "CMD_SUBMIT 5: its setup goes the other way"),
        (sent(OUT, 0, 18, request=setup(0x80, 6, 0x100, 0, 18)),
         "CMD_SUBMIT 5: its setup goes the other way"),
        (sent(IN, 0, 17, request=setup(0x80, 6, 0x100, 0, 18)),
         "CMD_SUBMIT 5: wLength of its setup is not its length"),
        (good + good, "CMD_SUBMIT 5: its seqnum is that of one under way"),
    )


@test
def usbip_closes_on_what_is_malformed_and_says_why(bench):
    exported = Exported(bench, "unit,history=0", "other,history=0")
    other = exported.device("1-2")
    greeted(other)
    count = 0
    for message, why in BEFORE:
        host = Connection(exported.address)
        host.send(bytes.fromhex(message))
        same(host.rest(), b"", why)
        count = said_once_more(exported, host, why, count)
    for message, why in commands(0x10002):
        host = exported.device()
        host.send(submit(1, 0x10002, IN, 0, 1,
                         request=setup(0x80, 8, 0, 0, 1)) + message)
        same(len(host.rest()), 49, "what was good before is answered")
        count = said_once_more(exported, host, why, count)
    same(answered(other, noop(2))[:3], [1, 2, 0], "the other one")
    same(exported.end(), 0, "exit status")


def said_once_more(exported, host, why, count):
    """One more line, naming the host and why."""
    place = "%s:%d" % host.socket.getsockname()
    host.close()
    lines = exported.said().splitlines()
    same(len(lines), count + 1, "lines")
    check(lines[-1].startswith(f"collarctl: {place}: {why}"), lines[-1])
    check(lines[-1].endswith(": connection closed"), lines[-1])
    return len(lines)


@test
def usbip_hosts_may_go_away_in_the_middle_of_anything(bench):
    exported = Exported(bench, "unit,history=0")
    whole = submit(5, 0x10002, OUT, 1, 100, data=hello().ljust(100, b"\0"))
    for length in (1, 47, 48, 49, 147):
        host = exported.device()
        host.submit(IN, 1, length=1 << 20)
        host.send(whole[:length])
        host.close()
    for part in (b"\1", usbip.REQ_IMPORT[:7], import_request("1-1")[:39]):
        host = Connection(exported.address)
        host.send(part)
        host.close()
    host = exported.device()
    host.submit(IN, 1, length=64)
    host.bulk_out(hello() + noop(2))  # and nobody fetches the answers
    host.close()
    greeted_after_all(exported.device())
    same((exported.end(), exported.said()), (0, ""), "end")
    bench.run("-p", "sim:unit", "status")


def greeted_after_all(device):
    """Behind what the host before did not fetch."""
    nonce = bytes(range(100, 116))
    device.submit(OUT, 1, hello(nonce))
    receiver, payloads = Receiver(1056), []
    while not any(nonce in payload for payload in payloads):
        payloads += receiver.feed(device.bulk_in().data)


@test
def usbip_serves_several_hosts_at_once(bench):
    exported = Exported(bench, "rack,history=1h", "--count", "4")
    clients = [Client(f"usbip:{exported.address}/{port['busid']}")
               for port in exported.ports]
    with contextlib.ExitStack() as ends:
        for client in clients:
            ends.callback(client.close)
            done(client.hello())
        for turn in range(5):
            for client in clients:
                done(client.call("status"))
        ids = {client.unit["hardware_id"] for client in clients}
        same(len(ids), 4, "hardware ids")
    same((exported.end(), exported.said()), (0, ""), "end")


@test
def usbip_pulls_the_cable_after_so_many_bytes(bench):
    exported = Exported(bench, "unit,history=0", "other,history=0",
                        "--cut-after", "200")
    device, other = exported.device(), exported.device("1-2")
    greeted(device)
    cut = device.submit(OUT, 1, bytes(200))
    same(device.wait(cut).status, ESHUTDOWN, "what was under way")
    same(device.rest(), b"", "after the cut")
    same(listed(exported.address)[8:12], bytes.fromhex("00000001"), "devices")
    same(Device(exported.address).described,
         bytes.fromhex("0111 0003 00000004"), "an import of it")
    cut = other.submit(OUT, 1, bytes(300))
    same(other.wait(cut).status, ESHUTDOWN, "the other one, too")
    same(exported.child.wait(LIMIT_S), 0, "it ends by itself")
    bench.run("-p", "sim:unit", "status")


@test
def usbip_of_the_kernel_lists_them(bench):
    program = shutil.which("usbip", path=os.environ.get("PATH", "") +
                           ":/usr/sbin:/sbin")
    if program is None:
        print("# this system has no package of usbip")
        return
    exported = Exported(bench, "rack,history=0", "--count", "2")
    port = exported.address.rpartition(":")[2]
    listing = subprocess.run(
        [program, "-t", port, "list", "-r", "127.0.0.1"],
        capture_output=True, timeout=LIMIT_S, check=True, text=True).stdout
    for part in ("1-1: ", "1-2: ", "(1209:0001)", ": /collarctl/sim/rack2",
                 "0 - Vendor Specific Class", "(ff/4d/01)"):
        check(part in listing, f"{part!r} is not in {listing!r}")
    same((exported.end(), exported.said()), (0, ""), "end")
