# SPDX-License-Identifier: BSD-2-Clause
"""Lines as they may be between a collar and its host, and collars as they may
frame and time what they say: nothing here changes what a host makes of it."""

import time

from wire import CONSTANTS, CREDIT, PART, REQUEST, RESPONSE, decode, encode, \
    frame

GARBAGE = b"\x07garbage\0\0\xff" + b"z" * 40 + b"\0\x01\0\x05ab\0"
PAUSE_S, PAUSE_BYTES = 0.001, 16


class Clean:
    def heard(self, link, data):
        """What came from the host, before it is looked at."""

    def say(self, link, payload):
        link.send(frame(payload))


class Noisy(Clean):
    def say(self, link, payload):
        link.send(GARBAGE + frame(payload) + GARBAGE)


class Zeros(Clean):
    """Lone zeros before, behind, and on their own."""

    def say(self, link, payload):
        link.send(b"\0" * 3)
        link.send(b"\0" + frame(payload) + b"\0" * 5)


class Closing(Clean):
    """A last piece of 254 bytes closed by 0x01; no zero in front."""

    def say(self, link, payload):
        link.send(frame(payload, closing=True))


class Echo(Clean):
    """An optical probe: the host hears itself."""

    def heard(self, link, data):
        link.send(data)


class Bytewise(Clean):
    def say(self, link, payload):
        for at, byte in enumerate(frame(payload)):
            link.send(bytes([byte]))
            if at % PAUSE_BYTES == 0:
                time.sleep(PAUSE_S)


class Late(Clean):
    """As late as a collar may be."""

    def __init__(self, seconds=0.24):
        self.seconds = seconds

    def say(self, link, payload):
        if payload[1] == RESPONSE:
            time.sleep(self.seconds)
        link.send(frame(payload))


class Doubled(Clean):
    """Twice, in one write."""

    def say(self, link, payload):
        link.send(frame(payload) + frame(payload, lead=False))


class Stale(Clean):
    """What was said before comes once more, in one write with what is new."""

    last = b""

    def say(self, link, payload):
        link.send(self.last + frame(payload))
        self.last = frame(payload)


class Strangers(Clean):
    """Before each message others that are not for this host, or none at all,
    but look much like its own."""

    def say(self, link, payload):
        seq = decode(payload)[1]
        tag = b"stranger"
        older = max(seq, 1) - 1
        no = {1: 1, 4: 9}
        others = [encode(message) for message in (
            [RESPONSE, older, 30, no], [RESPONSE, older, 0, {}],
            [RESPONSE, seq + 1, 30, no], [RESPONSE, seq, 30, no, tag],
            [RESPONSE, seq, 0, {}, tag], [PART, older, 0, b"old"],
            [PART, seq, 0, b"tagged", tag], [REQUEST, seq, 1, {}],
            [CREDIT, seq, 9, {1: 9}], [4, seq, 30, no], [RESPONSE, seq, 30],
            [RESPONSE, seq, 30, no, tag, tag], [RESPONSE, seq, 30, []],
            [RESPONSE, seq, 2**32, no], [RESPONSE, seq, -1, no],
            [RESPONSE, seq, 30, no, tag[1:]], {1: seq}, seq, "x", None)]
        refusal = encode([RESPONSE, seq, 30, no])
        others += [refusal + b"\0", refusal[:-1], b"\x84\x18\x01" +
                   refusal[2:], b"\x9f" + refusal[1:] + b"\xff"]
        others.append(encode([RESPONSE, seq, 30, {1: 1, 200: bytes(
            CONSTANTS["PAYLOAD_TO_HOST_MAX"])}]))
        wrong = bytearray(frame(refusal))
        wrong[-3] ^= 0x40
        link.send(b"".join(map(frame, others)) + bytes(wrong))
        link.send(frame(payload))


# Orders of the parts of a stream: each takes what a collar would send in one
# go, [(index, bytes)...] with (None, None) for the closing response.


def as_it_is(batch):
    return batch


def backwards(batch):
    parts = [entry for entry in batch if entry[0] is not None]
    return parts[::-1] + batch[len(parts):]


def in_pairs(batch):
    """Each part twice, and the one before once more."""
    told, last = [], []
    for entry in batch:
        told += [entry, *last, entry] if entry[0] is not None else [entry]
        last = [entry]
    return told


def end_first(batch):
    """The closing response overtakes the last parts."""
    parts = [entry for entry in batch if entry[0] is not None]
    return parts[:-2] + batch[len(parts):] + parts[-2:]


class Delayed:
    """One part stays away until it has been asked for again, then comes
    twice, behind the others."""

    def __init__(self, index=1):
        self.index, self.kept, self.over = index, None, False

    def __call__(self, batch):
        if self.kept:
            late, self.kept, self.over = self.kept, None, True
            return batch + [late]
        if not self.over:
            self.kept = next((entry for entry in batch
                              if entry[0] == self.index), None)
        return [entry for entry in batch if entry is not self.kept]
