# SPDX-License-Identifier: BSD-2-Clause
"""The client against a virtual collar on every kind of link that it can be
served on: what each kind might do to bytes is not done."""

import os

from acts import OPEN, SHUT, all_blocks, events, move, moved
from bench import check, done, fields, refused, same, test
from client import Client
from wire import encode, frame


def core(bench, kind):
    """Reads, changes, both streams, a repeat and a conflict."""
    unit = bench.unit(kind, history="3d")
    client = unit.in_service()
    check(unit.port.partition(":")[0] in (kind, "serial"), unit.port)
    done(client.call("status"))
    done(client.call("clock"))
    refused(client.change("set", fields("record", tags=["\x11", "x"])),
            "bad_value")
    text = fields("record", description="\u2713 \u00fc", tags=["x", "y"])
    done(client.change("set", text))
    info = done(client.call("info"))
    same({key: info[key] for key in text}, text, "record")
    ident = os.urandom(8)
    moved(move(client, SHUT, id=ident), True, SHUT)
    same(done(client.call("outcome", {1: ident}))[1], 0, "outcome")
    moved(move(client, OPEN), True, OPEN)
    _, blocks = all_blocks(client)
    check(len(blocks) >= 9, len(blocks))
    check(len(events(client)) > 3, "events")
    bytes_of_control(client)
    client.close()
    unit.client = Client(unit.port)
    done(unit.client.hello())
    done(unit.client.call("noop"))


def bytes_of_control(client):
    """Every byte, as it is: no XON, no carriage return, no end of file."""
    for first in range(0, 256, 32):
        every = bytes(range(first, first + 32)) * 3
        seq = client.next()
        payload = encode([0, seq, 1, {128: every, 129: every[::-1]}])
        client.send_bytes(frame(payload))
        done(client.answer("noop", seq))


@test
def a_collar_on_a_pseudo_terminal_is_the_same(bench):
    core(bench, "pty")


@test
def a_collar_on_tcp_is_the_same(bench):
    core(bench, "tcp")


@test
def a_collar_on_usb_is_the_same(bench):
    core(bench, "usbip")


@test
def a_collar_on_a_unix_socket_is_the_same(bench):
    core(bench, "unix")
