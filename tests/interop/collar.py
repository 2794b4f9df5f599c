# SPDX-License-Identifier: BSD-2-Clause
"""The collar's end of the line, written from PROTOCOL.md alone.  Every message
that passes is held against collar.cddl, in both directions."""

import threading

import lines
import links
import seen
from model import Model, Refusal
from wire import (CHANGES, CONSTANTS, CREDIT, OPS, REQUEST, PART, RESPONSE,
                  Receiver, WireError, conform_message, decode, encode)

NAMES = {number: name for name, number in OPS.items()}
DEFAULTS = {
    "versions": (1, 1), "version": 1, "receive_max": 448, "send_max": 1056,
    "serial": "PYTHON-1", "status": 0, "brief": False, "hello": None,
    "blocks": [], "events": [], "test_answers": 2,
    "answers": {}, "statuses": {}, "briefly": {}, "unheard": {}, "once": {},
    "overdue": (), "works": {}, "fates": {}, "extra": {}, "newer": False,
    "wrong": {}, "foreign_nonces": 0, "lost": (), "deaf_credits": 0,
    "unreadable": (), "order": lines.as_it_is}


class Collar:
    """Options that are told by the name of a request: `answers`, result maps
    instead of its own; `statuses`, refusals as (status, detail), and
    `briefly`, the same but once; `unheard`, how many are not heard; `once`,
    how many are carried out, but their answers lost; `overdue`, whose first
    answers come after the next ones; `works`, accepted, and running for so
    many polls; `fates`, accepted, and the `outcome` of it then.
    Others: `extra`, entries put into every map; `newer`, numbers that this
    version does not know name things; `wrong`, entries that no answer may
    have; `foreign_nonces`, hellos answered to somebody else first; `lost`,
    indices of parts lost the first time, None for the closing response;
    `unreadable`, indices of blocks that cannot be read;
    `deaf_credits`, credits that are; `order`, of what is sent in one go."""

    def __init__(self, path, kind="unix", line=None, **options):
        self.options = {**DEFAULTS, **options}
        self.line = line or lines.Clean()
        self.model = Model(self.options)
        self.seen = []
        self.credits = 0
        self.gaps = []  # asked for, by credits
        self.kept = self.held = None
        self.seq = None
        self.errors = []
        self.lost = set(self.options["lost"])
        self.overdue = set(self.options["overdue"])
        self.deaf_credits = self.options["deaf_credits"]
        self.stream = None
        self.door = links.Door(kind, path)
        self.port = self.door.port
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def close(self):
        self.door.end()
        self.thread.join(5)
        self.door.close()
        if self.errors:
            raise self.errors[0]

    def run(self):
        while (link := self.door.accept()) is not None:
            try:
                self.talk(link)
            except OSError:
                pass  # the host has gone
            except Exception as error:  # told by close()
                self.errors.append(error)
            link.close()

    def talk(self, link):
        self.link = link
        receiver = Receiver(self.options["receive_max"])
        while self.door.ready(link.fileno()):
            data = link.receive()
            if not data:
                return
            self.line.heard(link, data)
            for payload in receiver.feed(data):
                self.take(payload)
            if receiver.dropped:
                raise WireError("the host sent a frame that is none, or one"
                                " longer than this unit takes")

    def send(self, op, message):
        if not self.options["wrong"]:
            conform_message(op, message, self.options["newer"])
        payload = encode(message)
        if len(payload) > self.options["send_max"]:
            if message[0] == PART:
                return  # lost
            payload = encode([RESPONSE, message[1], 3, {}])
        self.line.say(self.link, payload)

    # Messages

    def take(self, payload):
        message = decode(payload)
        if message[0] == CREDIT:
            conform_message(None, message)
            self.credits += 1
            self.gaps += message[3].get(2, [])
            if self.deaf_credits > 0:
                self.deaf_credits -= 1
            else:
                self.grant(message)
            return
        if message[0] != REQUEST or len(message) != 4:
            raise WireError(f"no request: {message!r}")
        seq, op = message[1], NAMES[message[2]]
        conform_message(op, message)
        if op == "hello" and len(payload) > CONSTANTS["PAYLOAD_FIRST_MAX"]:
            raise WireError("a hello longer than may be before hello")
        self.seen.append((op, message[3], payload))
        for key in message[3]:
            seen.note("sent", op, key)
        if self.options["unheard"].get(op, 0) > 0:
            self.options["unheard"][op] -= 1
            return
        if op != "hello" and self.seq is not None and seq <= self.seq[0]:
            if seq < self.seq[0] or payload != self.seq[1]:
                raise WireError(f"seq {seq} after {self.seq[0]}")
            if op in CHANGES:
                self.line.say(self.link, self.kept)
                return
        self.seq = (seq, payload)
        self.stream = None
        self.answer(op, seq, message[3])

    def answer(self, op, seq, args):
        if op in ("data-read", "events-read") and \
                op not in self.options["statuses"]:
            self.stream = {"op": op, "seq": seq, "next": args[2],
                           "last": args[3], "through": args[4], "n": 0,
                           "gaps": [], "headers": args.get(5, False)}
            self.pump()
            return
        try:
            message = [RESPONSE, seq, 0, self.model.result(op, args)]
        except Refusal as refusal:
            message = [RESPONSE, seq, refusal.status,
                       {**refusal.detail, **self.options["extra"]}]
        self.kept = encode(message)
        if self.options["once"].get(op, 0) > 0:
            self.options["once"][op] -= 1  # done, but the answer is lost
            return
        if op in self.overdue:
            self.overdue.remove(op)
            self.held = (op, message)
            return
        if op == "hello" and self.options["foreign_nonces"] > 0:
            self.options["foreign_nonces"] -= 1
            self.send(op, [*message[:3], {**message[3], 1: bytes(16)}])
        self.send(op, message)
        if self.held:
            self.send(*self.held)
            self.held = None

    # Streams

    def entries(self):
        return self.options["blocks" if self.stream["op"] == "data-read"
                            else "events"]

    def unreadable(self):
        """Indices of blocks that cannot be had in the form asked for."""
        if self.stream["op"] == "data-read" and self.stream["headers"]:
            return list(self.options["unreadable"])
        return [index for index, data in enumerate(self.entries())
                if len(data) + 20 > self.options["send_max"]
                or index in self.options["unreadable"]]

    def grant(self, message):
        stream = self.stream
        if stream is None or message[1] != stream["seq"] or \
                message[2] <= stream["n"]:
            return
        stream["n"] = message[2]
        stream["through"] = max(stream["through"], message[3][1])
        stream["gaps"] = message[3].get(2, [])
        self.pump()

    def batch(self):
        """What may be sent now: parts, and the end if it is reached."""
        stream, entries = self.stream, self.entries()
        gaps = iter(stream["gaps"])
        for first, last in zip(gaps, gaps):
            for index in range(first, min(last, stream["next"] - 1) + 1):
                yield index, entries[index]
        stream["gaps"] = []
        end = min(stream["last"], len(entries) - 1)
        while stream["next"] <= min(end, stream["through"]):
            yield stream["next"], entries[stream["next"]]
            stream["next"] += 1
        if stream["next"] > end:
            yield None, None

    def pump(self):
        for index, data in self.options["order"](list(self.batch())):
            if index in self.lost:
                self.lost.remove(index)
            elif index in self.options["unreadable"]:
                continue
            elif index is None:
                self.end()
            else:
                self.part(index, data)

    def part(self, index, data):
        if self.stream["headers"] and self.stream["op"] == "data-read" and \
                len(data) > 96:
            data = data[:64] + data[-32:]
        self.send(self.stream["op"], [PART, self.stream["seq"], index, data])

    def end(self):
        result = {1: 0, **self.options["extra"]}
        if lost := self.unreadable():
            result[2] = [lost[0], lost[-1]]
        self.send(self.stream["op"], [RESPONSE, self.stream["seq"], 0,
                                      result])

    def asked(self, op):
        """The arguments of every request of that op, in their order."""
        return [args for name, args, _ in self.seen if name == op]

    def asked_once(self, op):
        """The same without repeats, whose bytes are those of the first: a host
        repeats what a busy machine is slow to answer."""
        return list({payload: args for name, args, payload in self.seen
                     if name == op}.values())
