# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of the virtual collar do again and again."""

import time

from bench import LIMIT_S, done, fields, same
from wire import EVENTS, Block, WireError, decode

OPEN, SHUT = 0, 1
NOW, TOP, AT = 0, 1, 2


def move(client, position, **more):
    header = {name: more.pop(name) for name in ("id", "holder", "unit")
              if name in more}
    return client.change("relay-move", fields(
        "relay-move", position=position, **more), **header)


def moved(answer, changed, state):
    result = done(answer)
    same((result[1], result[2], result[3]), (changed, state, state),
         "changed, state, feedback")
    return {key: value for key, value in result.items() if key > 3}


def state(client):
    return done(client.call("status"))


def now_s(client):
    return done(client.call("clock"))[1] // 1000


def events(client):
    info = done(client.call("events-info"))
    parts, end = client.read("events-read", info[1], info[2], info[3])
    done(end)
    same([index for index, _ in parts],
         list(range(info[2], info[3] + 1)), "indices of the events")
    return [decode(data) for _, data in parts]


def kinds(client):
    names = {number: name for name, number in EVENTS.items()}
    return [names[event[2]] for event in events(client)]


def settled(client, ident):
    """The outcome of a change that was accepted, once it is done."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        outcome = done(client.call("outcome", {1: ident}))
        if outcome[1] != 3:
            return outcome
        time.sleep(0.2)
    raise WireError("running for ever")


def all_blocks(client):
    info = done(client.call("data-info"))
    parts, end = client.read("data-read", info[1], info[2], info[3])
    done(end)
    return info, [Block(data) for _, data in parts]


def detail(field, low=None, high=None):
    return {1: field} if low is None else {1: field, 2: low, 3: high}


def item(text):
    return bytes.fromhex(text.replace(" ", ""))
