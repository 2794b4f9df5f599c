# SPDX-License-Identifier: BSD-2-Clause
"""The host's end of the line, written from PROTOCOL.md alone.  Every message
that passes is held against collar.cddl, in both directions."""

import os
import random
import select
import time

import links
import seen
from wire import (CHANGES, CONSTANTS, CREDIT, KEYS, OPS, PART, REQUEST,
                  RESPONSE, STATUS, Receiver, WireError, conform_message,
                  decode, encode, frame)

NAMES = {number: name for name, number in STATUS.items()}
ANSWER_S = 3.0
SILENCE_S = 0.35


class Answer:
    def __init__(self, status, result, payload):
        self.status, self.result, self.payload = status, result, payload
        self.name = NAMES.get(status, str(status))

    def __repr__(self):
        return f"{self.name} {self.result!r}"


class Client:
    def __init__(self, port):
        self.link = links.connect(port)
        self.receiver = Receiver(CONSTANTS["PAYLOAD_FIRST_MAX"])
        self.waiting = []
        self.seq = None
        self.unit = {}
        self.holder = "Interop"
        self.slowest_s = 0.0

    def close(self):
        self.link.close()

    # Bytes and messages

    def send_bytes(self, data):
        self.link.send(data)

    def send(self, message, op=None):
        """op: name of the request, to check the message against; None: do
        not, it is meant to be wrong."""
        if op:
            conform_message(op, message)
        payload = encode(message)
        self.send_bytes(frame(payload))
        return payload

    def receive(self, wait_s=ANSWER_S):
        """The next message of the collar's, as (value, payload), or None."""
        end = time.monotonic() + wait_s
        while not self.waiting:
            left = end - time.monotonic()
            if left < 0 or not select.select([self.link], [], [], left)[0]:
                return None
            data = self.link.receive()
            if not data:
                raise WireError("the line was closed")
            for payload in self.receiver.feed(data):
                value = decode(payload)
                if value[0] not in (RESPONSE, PART) or len(value) != 4:
                    raise WireError(f"no message of a collar: {value!r}")
                self.waiting.append((value, payload))
        return self.waiting.pop(0)

    def answer(self, op, seq, wait_s=ANSWER_S):
        """The response to a request, checked; None for silence."""
        begin = time.monotonic()
        got = self.receive(wait_s)
        if got is None:
            return None
        self.slowest_s = max(self.slowest_s, time.monotonic() - begin)
        value, payload = got
        if value[0] != RESPONSE or value[1] != seq:
            raise WireError(f"no response to {seq}: {value!r}")
        conform_message(op, value)
        return self.noted(op, value, payload)

    @staticmethod
    def noted(op, value, payload):
        """The answer; what it shows of the protocol is noted."""
        answer = Answer(value[2], value[3], payload)
        seen.note("status", answer.name)
        if answer.status:
            for key in answer.result:
                seen.note("detail", key)
            return answer
        for key in answer.result:
            seen.note("answer", op, key)
        if op == "status":
            for bit in range(32):
                if answer.result[2] >> bit & 1:
                    seen.note("condition", bit)
        if op == "outcome":
            seen.note("outcome", answer.result[1])
            if 3 in answer.result:
                seen.note("status", NAMES[answer.result[3]])
        return answer

    def silent(self):
        """Nothing comes."""
        return self.receive(SILENCE_S) is None

    # Requests

    def next(self):
        self.seq += 1
        return self.seq

    def call(self, op, args=None, seq=None, wrong=False):
        """A request and its answer.  wrong: it is not meant to conform."""
        seq = self.next() if seq is None else seq
        message = [REQUEST, seq, OPS[op], args or {}]
        self.send(message, None if wrong else op)
        answer = self.answer(op, seq)
        if answer and answer.name in ("ok", "accepted"):
            seen.note("op", op)
            for key, value in message[3].items():
                seen.note("field", op, key)
                if isinstance(value, int):
                    seen.note("value", op, key, value)
        elif answer:
            for key in message[3]:
                seen.note("refused", op, key, answer.name)
        return answer

    def raw(self, payload, op="noop", wait_s=ANSWER_S, seq=None):
        """Any payload at all, under the seq counted last."""
        self.send_bytes(frame(payload))
        return self.answer(op, self.seq if seq is None else seq, wait_s)

    def header(self, **other):
        """A change header; other: unit, hardware_id, id, holder."""
        fields = {"id": os.urandom(8), "holder": self.holder, **self.unit,
                  **other}
        return {KEYS["plain-change"][name]: value
                for name, value in fields.items() if value is not None}

    def change(self, op, args=None, wrong=False, seq=None, **header):
        assert op in CHANGES
        return self.call(op, {**(args or {}), **self.header(**header)}, seq,
                         wrong)

    def hello(self, low=1, high=1, receive_max=None, seq=None, nonce=None):
        if receive_max is None:
            receive_max = CONSTANTS["PAYLOAD_TO_HOST_MAX"]
        if seq is None:
            seq = random.randrange(1 << 31)
        nonce = nonce or os.urandom(CONSTANTS["NONCE_LEN"])
        answer = self.call("hello", {1: nonce, 2: low, 3: high,
                                     4: receive_max}, seq)
        if answer is None:
            return None
        self.seq = seq
        if answer.status:
            return answer
        if answer.result[1] != nonce:
            raise WireError("not the answer to this hello")
        keys = KEYS["hello-answer"]
        self.receiver.limit = min(receive_max, answer.result[keys["send_max"]])
        if keys["serial"] in answer.result:
            self.unit = {"unit": answer.result[keys["serial"]]}
        else:
            self.unit = {"hardware_id": answer.result[keys["hardware_id"]]}
        return answer

    # Streams

    def begin_stream(self, op, log_id, first, last, through, headers=None):
        args = {1: log_id, 2: first, 3: last, 4: through}
        if headers is not None:
            args[5] = headers
        seq = self.next()
        self.send([REQUEST, seq, OPS[op], args], op)
        self.credits, self.asked = 0, args
        return seq

    def credit(self, through, gaps=None, seq=None, number=None):
        self.credits += 1
        args = {1: through} if gaps is None else {1: through, 2: gaps}
        self.send([CREDIT, self.seq if seq is None else seq,
                   self.credits if number is None else number, args],
                  "data-read")
        for key in args:
            seen.note("field", "credit", key)

    def parts(self, op, count=None):
        """What comes until the closing response, or, with a count, so many
        parts and then silence: a list of (index, bytes), and the Answer or
        None."""
        got = []
        while True:
            message = self.receive(SILENCE_S if len(got) == count
                                   else ANSWER_S)
            if message is None:
                return got, None
            value, payload = message
            if value[1] != self.seq:
                raise WireError(f"not of this stream: {value!r}")
            conform_message(op, value)
            if value[0] == RESPONSE:
                if value[2] == 0:
                    seen.note("op", op)
                    for key in self.asked:
                        seen.note("field", op, key)
                return got, self.noted(op, value, payload)
            if op == "events-read":
                for key in decode(value[3]):
                    seen.note("answer", "event", key)
                seen.note("event", decode(value[3])[2])
            got.append((value[2], value[3]))

    def read(self, op, log_id, first, last, headers=None):
        """All of it in one go."""
        self.begin_stream(op, log_id, first, last, last, headers)
        return self.parts(op)
