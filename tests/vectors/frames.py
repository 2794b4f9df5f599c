# SPDX-License-Identifier: BSD-2-Clause
"""Frames as PROTOCOL.md describes them, made with tests/interop/wire.py, whose
CRC and stuffing are first held against the published examples.

A vector is a line of tab-separated columns: what becomes of the frame, its
payload, the line's bytes, and what is special about it:

    frame     it is written so, and read
    taken     it is read, but written in another way
    dropped   it is not read; the next one is
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))

import wire  # noqa: E402

LONGEST = wire.CONSTANTS["PAYLOAD_TO_HOST_MAX"]


def published(name):
    """The rows of a file of published examples, in bytes but for the source."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            first, second, source = line.split("\t")
            yield bytes.fromhex(first), bytes.fromhex(second), source


def hold_against_published():
    for data, crc, source in published("crc32c.txt"):
        assert wire.crc32c(data) == int.from_bytes(crc, "big"), source
    for data, stuffed, source in published("cobs.txt"):
        assert wire.stuff(data) == stuffed, source
        assert wire.unstuff(stuffed) == data, source


def crc_bytes(payload):
    return wire.crc32c(payload).to_bytes(4, "little")


def found(length, fits):
    """A payload of that length, without zeros, whose CRC fits."""
    for number in range(2 ** 24):
        payload = b"\x55" * (length - 4) + bytes(
            1 + number // 255 ** place % 255 for place in range(4))
        if fits(crc_bytes(payload)):
            return payload
    raise AssertionError("no such payload")


def good():
    for data, _, source in published("cobs.txt"):
        yield data, source
    for place in range(4):
        yield found(5, lambda crc: [at for at in range(4) if not crc[at]]
                    == [place]), f"byte {place} of the CRC is zero"
    yield found(5, lambda crc: not crc[0] and not crc[3]), \
        "first and last byte of the CRC are zero"
    for run in (253, 254, 255, 256, 507, 508, 509, 762, 763):
        yield found(run - 4, all), f"{run} bytes without zero, CRC included"
        yield b"\0" + found(run - 4, lambda crc: True)[1:], \
            "a zero, then a long run"
    for length in (1, 2, 256, 448, LONGEST):
        yield bytes(length), f"{length} zeros"
        yield b"\xff" * length, f"{length} bytes ff"
        yield bytes(at & 255 for at in range(length)), f"{length} bytes rising"


def taken():
    short, full = b"\x84\x00\x07\x01\xa0", found(250, all)
    yield full, wire.frame(full, closing=True), "a full last piece, closed"
    yield short, wire.frame(short, lead=False), "no zero in front"
    yield short, b"\0" * 5 + wire.frame(short), "zeros in front"
    yield short, wire.frame(short) + b"\0\0", "zeros behind"


def dropped():
    payload = b"\x84\x00\x07\x01\xa0"
    crc, whole = crc_bytes(payload), wire.frame(payload)
    yield wire.stuff(b"\0\0\0\0"), "a CRC without a payload"
    for length in (0, 1, 2, 3):
        yield wire.stuff(b"\x55" * length) or b"\x01", f"{length} bytes"
    for at in range(4):
        wrong = bytearray(crc)
        wrong[at] ^= 0x80
        yield wire.stuff(payload + wrong), f"CRC, byte {at} is wrong"
    yield wire.stuff(payload + crc[::-1]), "CRC, most significant byte first"
    yield wire.stuff(payload), "without a CRC"
    yield whole[1:-2], "the last byte is missing"
    yield whole[2:-1], "the first code is missing"
    yield b"\xff" + whole[2:-1], "a code beyond the end"
    yield bytes([whole[1] + 1]) + whole[2:-1], "the first code is too high"
    yield bytes([whole[1] + 1]) + b"\x55" + whole[2:-1], "a byte too many"
    yield whole[1:-1] + b"\x01", "a zero behind the CRC"
    yield whole[1:-1] + b"\x05", "a code and nothing behind it"
    long = b"\x55" * (LONGEST + 1)
    yield wire.stuff(long + crc_bytes(long)), "one byte too long"
    yield b"\x02\x55" * 3000, "much too long"


def lines():
    hold_against_published()
    yield "# SPDX-License-Identifier: BSD-2-Clause"
    yield "# Made by make.py from frames.py, which says what the columns are."
    for payload, why in good():
        yield f"frame\t{payload.hex()}\t{wire.frame(payload).hex()}\t{why}"
    for payload, line, why in taken():
        yield f"taken\t{payload.hex()}\t{line.hex()}\t{why}"
    for line, why in dropped():
        yield f"dropped\t\t00{line.hex()}00\t{why}"
