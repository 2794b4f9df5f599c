# SPDX-License-Identifier: BSD-2-Clause
"""Collars that lie, and files that are not what they should be."""

import contextlib
import os
import signal
import socket
import struct
import threading
import time

from rig import (EX_CANNOT_CREATE, EX_INTERRUPTED, EX_PROTOCOL, EX_REFUSED,
                 EX_TRY_AGAIN, EX_USAGE, check, holds, lacks, same, test)

TERMINAL = "\x1b[31mX\x07\x7f\n\u009b2J"
HARDWARE_ID = bytes.fromhex("0102a3b4c5d6e7f8")
LOG_ID = b"a log id"
HELLO, STATUS, INFO = 0x00, 0x02, 0x03
FLIPPED = 16  # a status that refuses
DATA_INFO, DATA_READ, EVENTS_INFO, EVENTS_READ = 0x40, 0x41, 0x48, 0x49


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for code, form in ((24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q")):
        with contextlib.suppress(struct.error):
            return bytes([major << 5 | code]) + struct.pack(form, number)
    raise ValueError(number)


def encode(value):
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    pairs = sorted((encode(key), encode(value[key])) for key in value)
    return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)


def decode(data, at=0):
    """The item there, and where the next one begins."""
    major, number = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        return number == 21, at
    if number >= 24:
        size = 1 << number - 24
        number = int.from_bytes(data[at:at + size], "big")
        at += size
    if major < 2:
        return (number if major == 0 else -1 - number), at
    if major < 4:
        piece = data[at:at + number]
        return (piece if major == 2 else piece.decode()), at + number
    items = []
    for _ in range(number * (major - 3)):
        item, at = decode(data, at)
        items.append(item)
    if major == 5:
        return dict(zip(items[::2], items[1::2])), at
    return items, at


def framed(payload):
    data = payload + struct.pack("<I", crc32c(payload))
    line = b""
    for piece in data.split(b"\0"):
        while len(piece) >= 254:
            line += b"\xff" + piece[:254]
            piece = piece[254:]
        line += bytes([len(piece) + 1]) + piece
    return b"\0" + line + b"\0"


def unstuffed(line):
    data, at = b"", 0
    while at < len(line):
        code = line[at]
        data += line[at + 1:at + code]
        at += code
        if code < 255 and at < len(line):
            data += b"\0"
    return data[:-4]


class Liar:
    """A collar at a socket that answers op with answers[op]: a map, a status
    and a map, or a function of (send, seq, args) that says what it likes."""

    def __init__(self, rig, answers):
        self.rig = rig
        self.answers = {HELLO: self.hello(), **answers}
        self.port = "unix:" + rig.path("liar")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(rig.path("liar"))
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    @staticmethod
    def hello(**lies):
        answer = {2: b"u" * 16, 3: 1, 4: 1, 5: 1, 6: 448, 7: 1056, 8: 0,
                  9: HARDWARE_ID, 10: "SIM0001", 12: "1.0.0", 13: False, 14: 7}
        return {**answer, **{int(key[1:]): lies[key] for key in lies}}

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                link, _ = self.listener.accept()
                self.talk(link)

    def talk(self, link):
        buffer = b""
        with contextlib.suppress(OSError):
            while True:
                piece = link.recv(4096)
                if not piece:
                    return
                *lines, buffer = (buffer + piece).split(b"\0")
                for line in filter(None, lines):
                    self.answer(link, decode(unstuffed(line))[0])

    def answer(self, link, message):
        def send(*item):
            link.sendall(framed(encode(list(item))))

        direction, seq, op, args = message[:4]
        answer = self.answers.get(op, (3, {})) if direction == 0 else None
        if callable(answer):
            answer = answer(send, seq, args)
        if answer is None:
            return
        status, result = answer if isinstance(answer, tuple) else (0, answer)
        if op == HELLO:
            result = {1: args[1], **result}
        send(1, seq, status, result)

    def run(self, *args, **options):
        return self.rig.run("-p", self.port, *args, limit_s=40, **options)


def announced(first, last):
    return {1: LOG_ID, 2: first, 3: last, 4: 8, 7: 15, 8: 400}


def parts_for_ever(index, seq_off):
    def answer(send, seq, _):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            send(2, seq + seq_off, index, b"part")
            time.sleep(0.005)
    return answer


@test
def what_a_collar_says_never_commands_the_terminal(rig):
    state = {1: 4, 2: 0, 3: False, 4: 0, 5: 1, 10: 1, 14: TERMINAL,
             15: TERMINAL, 16: 1, 17: TERMINAL, 18: False, 22: [TERMINAL] * 8}
    record = {key: TERMINAL for key in (3, 8, 9, 15, 16, 19, 25, 27)}
    event = {1: 1795273200, 2: 200, 3: 99, 4: TERMINAL, 5: TERMINAL,
             6: TERMINAL, 7: TERMINAL}
    liar = Liar(rig, {
        HELLO: Liar.hello(_11=TERMINAL, _12=TERMINAL), STATUS: state,
        INFO: {**record, 18: [TERMINAL]}, EVENTS_INFO: announced(0, 0),
        EVENTS_READ: lambda send, seq, args:
            send(2, seq, 0, encode(event)) or {}})
    for words in ("status", "info", "lcd", "relay", "events", "get address"):
        for form in ([], ["--json"]):
            result = liar.run(*form, *words.split(), status=None)
            for evil in ("\x1b", "\x07", "\x7f", "\u009b"):
                lacks(result.out + result.err, evil)


@test
def a_serial_number_of_another_form_is_refused(rig):
    liar = Liar(rig, {HELLO: Liar.hello(_10=TERMINAL)})
    liar.run("data", "dump", status=EX_PROTOCOL)


@test
def a_kind_of_collar_not_known_yet_is_shown_as_its_number(rig):
    liar = Liar(rig, {HELLO: Liar.hello(_8=9), INFO: {6: 15}})
    holds(liar.run("info").out, "9")
    same(liar.run("--json", "info").json["kind"], 9, "kind")


@test
def parts_without_end_that_bring_nothing_are_given_up(rig):
    liar = Liar(rig, {DATA_INFO: announced(0, 3),
                      DATA_READ: parts_for_ever(0, -1)})
    liar.run("data", "dump", status=EX_TRY_AGAIN)


@test
def a_log_of_four_billion_entries_is_no_work(rig):
    whole = announced(0, 0xffffffff)
    liar = Liar(rig, {
        DATA_INFO: whole, EVENTS_INFO: whole,
        EVENTS_READ: lambda send, seq, args: {2: [args[2], args[3]]}})
    liar.run("data", "dump", status=EX_PROTOCOL)
    liar.run("data", "info", status=EX_PROTOCOL)
    begin = time.monotonic()
    holds(liar.run("events").err, "4294967295")
    check(time.monotonic() - begin < 10, "the lost events take long")


@test
def the_last_block_of_a_part_is_asked_for_anew(rig):
    asked = []
    liar = Liar(rig, {DATA_INFO: announced(0, 3),
                      DATA_READ: lambda send, seq, args:
                          asked.append(args[2]) or (FLIPPED, {})})
    part = b"collarctl interval blocks 1\n" + LOG_ID
    for index in (0, 1):  # 1 may have been open, and have grown since
        entry = struct.pack("<IH", index, 4) + b"part"
        part += entry + struct.pack("<I", crc32c(entry))
    with open(rig.path("out.csv.part"), "wb") as file:
        file.write(part)
    liar.run("data", "dump", "-o", rig.path("out.csv"), status=EX_REFUSED)
    same(asked, [1], "first blocks asked for")


@test
def a_pipe_in_the_place_of_the_part_is_not_waited_on(rig):
    collar = rig.collar()
    os.mkfifo(rig.path("out.csv.part"))
    collar.run("data", "dump", "-o", rig.path("out.csv"),
               status=EX_CANNOT_CREATE, limit_s=10)


@test
def advancing_ends_on_interrupt_and_where_the_clock_does(rig):
    collar = rig.collar()
    rig.sim("advance", collar.name, "36500d", status=EX_USAGE)
    child = rig.start("sim", "advance", collar.name, "20000d")
    time.sleep(1)
    child.send_signal(signal.SIGINT)
    begin = time.monotonic()
    same(child.wait(20), EX_INTERRUPTED, "exit status")
    check(time.monotonic() - begin < 10, "the interrupt takes long")
    collar.status()
