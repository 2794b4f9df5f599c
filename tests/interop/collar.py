# SPDX-License-Identifier: BSD-2-Clause
"""The collar's end of the line, written from PROTOCOL.md alone: a unit without
physics that says whatever a test puts into its mouth.  Every message that
passes is held against collar.cddl, in both directions."""

import contextlib
import os
import socket
import threading
import time

from wire import (CHANGES, CREDIT, KEYS, OPS, PART, REQUEST, RESPONSE, STATUS,
                  Receiver, WireError, conform_message, decode, encode, frame)

NAMES = {number: name for name, number in OPS.items()}
HARDWARE_ID = bytes.fromhex("c011a200000000001122334455667788")


class Collar:
    """`answers`: result maps by name of the request, instead of its own.
    `statuses`: refusals by name, as (status, detail).  `extra`: entries put
    into every answer's map.  `deaf`: requests not heard at first; `unheard`:
    the same by name; `once`: carried out, but their first answers are lost.
    `late_s`: before each answer.  `noise`: bytes between frames.  `lost`:
    indices of parts that are lost the first time."""

    def __init__(self, path, **options):
        self.options = {"versions": (1, 1), "receive_max": 448,
                        "send_max": 1056, "answers": {}, "statuses": {},
                        "extra": {}, "deaf": 0, "late_s": 0.0, "noise": b"",
                        "lost": (), "blocks": [], "events": [], "serial":
                        "PYTHON-1", "once": {}, "unheard": {}, **options}
        self.record = {KEYS["record"]["hardware_id"]: HARDWARE_ID,
                       KEYS["record"]["firmware_version"]: "9.9",
                       KEYS["record"]["sample_minutes"]: 15,
                       KEYS["record"]["serial"]: self.options["serial"]}
        self.relay = 0
        self.seen = []
        self.outcomes = {}
        self.kept = None
        self.seq = None
        self.errors = []
        self.lost = set(self.options["lost"])
        self.deaf = self.options["deaf"]
        self.stream = None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)
        if self.errors:
            raise self.errors[0]

    def run(self):
        while True:
            try:
                self.link, _ = self.listener.accept()
            except OSError:
                return
            with self.link:
                try:
                    self.talk()
                except OSError:
                    pass
                except Exception as error:  # told by close()
                    self.errors.append(error)

    def talk(self):
        receiver = Receiver(self.options["receive_max"])
        while True:
            data = self.link.recv(4096)
            if not data:
                return
            for payload in receiver.feed(data):
                self.take(payload)
            if receiver.dropped:
                raise WireError("the host sent a frame that is none, or one"
                                " longer than this unit takes")

    def send(self, op, message):
        if not self.options["extra"]:
            conform_message(op, message)
        payload = encode(message)
        if len(payload) > self.options["send_max"]:
            raise WireError(f"{len(payload)} bytes are too many to test with")
        self.link.sendall(self.options["noise"] + frame(payload))
        return payload

    # Messages

    def take(self, payload):
        message = decode(payload)
        if message[0] == CREDIT:
            conform_message(None, message)
            self.grant(message)
            return
        if message[0] != REQUEST:
            raise WireError(f"no request: {message!r}")
        seq, op = message[1], NAMES[message[2]]
        conform_message(op, message)
        if self.deaf > 0:
            self.deaf -= 1
            return
        self.seen.append((op, message[3], payload))
        if self.options["unheard"].get(op, 0) > 0:
            self.options["unheard"][op] -= 1
            return
        if self.options["late_s"]:
            time.sleep(self.options["late_s"])
        if op != "hello" and self.seq is not None and seq <= self.seq[0]:
            if seq < self.seq[0] or payload != self.seq[1]:
                raise WireError(f"seq {seq} after {self.seq[0]}")
            if op in CHANGES:
                self.link.sendall(frame(self.kept))
                return
        self.seq = (seq, payload)
        self.stream = None
        self.answer(op, seq, message[3])

    def answer(self, op, seq, args):
        if op in self.options["statuses"]:
            status, detail = self.options["statuses"][op]
            self.send(op, [RESPONSE, seq, STATUS.get(status, status), detail])
            return
        if op in ("data-read", "events-read"):
            self.stream = {"op": op, "seq": seq, "next": args[2],
                           "last": args[3], "through": args[4], "n": 0,
                           "gaps": [], "headers": args.get(5, False)}
            self.pump()
            return
        result = self.options["answers"].get(op)
        if result is None:
            result = getattr(self, "on_" + op.replace("-", "_"))(args)
        result = {**result, **self.options["extra"]}
        if op in CHANGES:
            self.outcomes[args[62]] = (OPS[op], result)
        self.kept = encode([RESPONSE, seq, 0, result])
        if op in self.options["once"] and self.options["once"][op] > 0:
            self.options["once"][op] -= 1  # done, but the answer is lost
            return
        self.send(op, [RESPONSE, seq, 0, result])

    # Streams

    def entries(self):
        return self.options["blocks" if self.stream["op"] == "data-read"
                            else "events"]

    def grant(self, message):
        stream = self.stream
        if stream is None or message[1] != stream["seq"] or \
                message[2] <= stream["n"]:
            return
        stream["n"] = message[2]
        stream["through"] = max(stream["through"], message[3][1])
        stream["gaps"] = message[3].get(2, [])
        self.pump()

    def pump(self):
        stream, entries = self.stream, self.entries()
        gaps = iter(stream["gaps"])
        for first, last in zip(gaps, gaps):
            for index in range(first, min(last, stream["next"] - 1) + 1):
                self.part(index)
        stream["gaps"] = []
        end = min(stream["last"], len(entries) - 1)
        while stream["next"] <= min(end, stream["through"]):
            self.part(stream["next"])
            stream["next"] += 1
        if stream["next"] > end:
            self.send(stream["op"], [RESPONSE, stream["seq"], 0,
                                     {1: 0, **self.options["extra"]}])

    def part(self, index):
        if index in self.lost:
            self.lost.remove(index)
            return
        data = self.entries()[index]
        if self.stream["headers"] and len(data) > 96:
            data = data[:64] + data[-32:]
        self.send(self.stream["op"], [PART, self.stream["seq"], index, data])

    # Requests

    def on_hello(self, args):
        low, high = self.options["versions"]
        self.seq = None
        answer = {1: args[1], 2: os.urandom(16), 3: low, 4: high, 5: 1,
                  6: self.options["receive_max"],
                  7: self.options["send_max"], 8: 0, 9: HARDWARE_ID,
                  12: self.record[5], 13: False, 14: 7}
        if self.options["serial"]:
            answer[10] = self.options["serial"]
        return answer

    def on_noop(self, _):
        return {}

    def on_status(self, _):
        return {1: 4, 2: 1 << 16, 3: False, 4: self.relay, 5: self.relay}

    def on_info(self, _):
        return self.record

    def on_outcome(self, args):
        if args[1] not in self.outcomes:
            return {1: 1}
        op, result = self.outcomes[args[1]]
        return {1: 0, 2: op, 3: 0, 4: encode(result)}

    def on_set(self, args):
        fields = {key: value for key, value in args.items() if key < 60}
        changed = any(self.record.get(key) != value
                      for key, value in fields.items())
        self.record.update(fields)
        return {1: changed, 2: 4}

    def on_provision(self, args):
        return {1: self.on_set(args)[1], 2: 1}

    def on_unprovision(self, _):
        return {1: True, 2: 0}

    def on_relay_move(self, args):
        changed, self.relay = self.relay != args[1], args[1]
        return {1: changed, 2: self.relay, 3: self.relay}

    def on_data_info(self, _):
        return self.log_info(self.options["blocks"])

    def on_events_info(self, _):
        return self.log_info(self.options["events"])

    @staticmethod
    def log_info(entries):
        if not entries:
            return {1: b"PYTHON-1", 4: 0}
        return {1: b"PYTHON-1", 2: 0, 3: len(entries) - 1, 4: len(entries),
                5: 1795186800, 6: 1795273200}

    def on_clock(self, _):
        return {1: int(time.time() * 1000), 2: True}

    def on_clock_set(self, args):
        return {1: args[1], 2: True}
