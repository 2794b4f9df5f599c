# SPDX-License-Identifier: BSD-2-Clause
"""Items that are not of the profile of PROTOCOL.md, section "CBOR", written
byte by byte from RFC 8949: what a receiver must refuse.

An entry is (hex, reason, offset, place, why).  The reason is `short` (the input
ends inside the item) or `form`; the offset is that of the offending byte: of
the head that may not stand there, of a character that is not UTF-8, of a key
that does not follow the one before it, of what stands behind the item.  place
says where in a message the item does its harm: `any`: wherever it stands, for
the same reason; `moves`: wherever it stands, but maybe earlier or later; `end`:
only if the input ends with it.
"""

import pathlib

MAJOR = ("uint", "negative", "bytes", "text", "array", "map", "tag", "simple")
UINT, NEGATIVE, BYTES, TEXT, ARRAY, MAP = range(6)
LEAST_OF_WIDTH = {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}
DEPTH = 8


def head(major, value, width=None):
    """A head; of the shortest form unless the argument's width is given."""
    if width is None:
        width = next((w for w in (8, 4, 2, 1) if value >= LEAST_OF_WIDTH[w]), 0)
    if width == 0:
        return bytes([major << 5 | value])
    info = {1: 24, 2: 25, 4: 26, 8: 27}[width]
    return bytes([major << 5 | info]) + value.to_bytes(width, "big")


def content(major, count):
    """What a container or string of that count holds, plainly."""
    if major == MAP:
        return b"".join(head(UINT, key) + b"\0" for key in range(count))
    return b"\0" * count if major in (BYTES, ARRAY) else b"a" * count


def counts_past_the_end():
    values = (24, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1,
              2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 63 - 1, 2 ** 63,
              2 ** 63 + 1, 2 ** 64 - 1)
    for major in (BYTES, TEXT, ARRAY, MAP):
        for have in (0, 2):
            item = head(major, have + 1) + content(major, have)
            yield item, "short", 0, "end", \
                f"{MAJOR[major]} of {have + 1} with {have}"
        for value in values:
            item = head(major, value) + content(major, 1)
            place = "any" if value >= 65535 else "end"
            yield item, "short", 0, place, f"{MAJOR[major]} of {value} with 1"
    yield b"\x83\x00\x82\x00", "short", 2, "end", "inner array takes the end"
    yield b"\x82\x82\x00\x00", "short", 4, "end", "outer array lacks its second"
    yield b"\xa2\x00\x00\x01\x81", "short", 4, "end", "last value lacks an item"


def heads_cut_short():
    for major in (UINT, NEGATIVE, BYTES, TEXT, ARRAY, MAP):
        for width in (2, 4, 8):
            whole = head(major, LEAST_OF_WIDTH[width])
            yield whole[:-1], "short", 0, "end", \
                f"{MAJOR[major]} head, {width - 1} of {width} bytes"
    yield b"", "short", 0, "end", "nothing"
    yield b"\x82\x00\x19\x01", "short", 2, "end", "last item's head is cut"


def heads_too_long():
    for major in (UINT, NEGATIVE):
        for width, values in ((1, (0, 23)), (2, (0, 23, 24, 255)),
                              (4, (0, 24, 256, 65535)),
                              (8, (0, 24, 256, 65536, 2 ** 32 - 1))):
            for value in values:
                yield head(major, value, width), "form", 0, "any", \
                    f"{MAJOR[major]} {value} in {1 + width} bytes"
    for major in (BYTES, TEXT, ARRAY, MAP):
        for width in (1, 2, 4, 8):
            for value in (0, 1, 23) if width == 1 else (0, 2, 24):
                item = head(major, value, width) + content(major, value)
                yield item, "form", 0, "any", \
                    f"{MAJOR[major]} of {value}, head of {1 + width} bytes"
    yield bytes.fromhex("82001817"), "form", 2, "any", "long head in an array"
    yield bytes.fromhex("a1180000"), "form", 1, "any", "long head as a key"
    yield bytes.fromhex("a100190000"), "form", 2, "any", "long head as a value"


# Ascending by their bytes; the order of cbor2's canonical form is another.
KEYS = """00 01 17 1818 18ff 190100 19ffff 1a00010000 1b0000000100000000
    20 37 3818 390100 3a00010000 40 4100 4101 420000 60 6161 6162 626161 80
    8100 8101 820000 a0 a10000 a10001 a10100 f4 f5 f6""".split()


def keys_out_of_order():
    keys = [bytes.fromhex(key) for key in KEYS]
    assert keys == sorted(keys)
    for key in keys:
        yield pairs(key, key), "form", 2 + len(key), "any", \
            f"key {key.hex()} twice"
    for first, second in zip(keys, keys[1:]):
        yield pairs(second, first), "form", 2 + len(second), "any", \
            f"key {second.hex()} before {first.hex()}"
    for short, long in (("20", "1818"), ("6161", "1903e8"), ("f4", "1818"),
                        ("80", "4100"), ("f6", "626161"), ("a0", "8100")):
        yield pairs(bytes.fromhex(short), bytes.fromhex(long)), "form", \
            2 + len(short) // 2, "any", f"keys length first: {short}, {long}"
    for text, offset, why in (
            ("a3000002000100", 5, "third key of three before the second"),
            ("a3000001000100", 5, "third key of three is the second"),
            ("a3000001000000", 5, "third key of three is the first"),
            ("a100a201000000", 5, "disorder in a value"),
            ("81a201000000", 4, "disorder in an array"),
            ("a1a20100000000", 4, "disorder in a key"),
            ("a181a20100000000", 5, "disorder in an array in a key"),
            ("a200a201000000" "0100", 5, "disorder before a good key"),
            ("a2018000" "80", 3, "disorder, an array behind"),
            ("a2a0a0a0a0", 3, "an empty map as key twice"),
            ("a2818000818000", 4, "a nested array as key twice"),
            ("a2a1010200a1010100", 5, "map keys that differ in their values")):
        yield bytes.fromhex(text), "form", offset, "any", why


def pairs(*keys):
    return head(MAP, len(keys)) + b"".join(key + b"\0" for key in keys)


def not_utf8():
    for text, offset, why in UTF8:
        data = bytes.fromhex(text)
        yield head(TEXT, len(data)) + data, "form", 1 + offset, "any", why
    for byte in (0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0,
                 0xF4, 0xF5, 0xF7, 0xF8, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF):
        yield b"\x61" + bytes([byte]), "form", 1, "any", f"byte {byte:02x} alone"
    yield b"\x78\x18" + b"a" * 23 + b"\xc3", "form", 25, "any", \
        "the last byte of a longer text"
    yield b"\x82\x61\xc3\x61\xa9", "form", 2, "any", \
        "a character across two texts"
    yield b"\xa1\x61\xff\x00", "form", 2, "any", "in a key"


UTF8 = (
    ("c080", 0, "U+0000 in two bytes"), ("c1bf", 0, "U+007F in two bytes"),
    ("e08080", 0, "U+0000 in three bytes"),
    ("e09fbf", 0, "U+07FF in three bytes"),
    ("f0808080", 0, "U+0000 in four bytes"),
    ("f08fbfbf", 0, "U+FFFF in four bytes"),
    ("eda080", 0, "U+D800"), ("edafbf", 0, "U+DBFF"), ("edb080", 0, "U+DC00"),
    ("edbfbf", 0, "U+DFFF"), ("eda081edb08f", 0, "a pair of surrogates"),
    ("f4908080", 0, "U+110000"), ("f5808080", 0, "U+140000"),
    ("f7bfbfbf", 0, "U+1FFFFF"), ("f888808080", 0, "five bytes"),
    ("fc8480808080", 0, "six bytes"),
    ("8080", 0, "continuations alone"), ("c3a980", 2, "one continuation more"),
    ("e6b0b480", 3, "one more after three"),
    ("f090859180", 4, "one more after four"),
    ("e6b0", 0, "two of three bytes"), ("f090", 0, "two of four bytes"),
    ("f09085", 0, "three of four bytes"),
    ("c361", 0, "a letter for the second of two"),
    ("e661b4", 0, "a letter for the second of three"),
    ("e6b061", 0, "a letter for the third of three"),
    ("f0618591", 0, "a letter for the second of four"),
    ("f0906191", 0, "a letter for the third of four"),
    ("f0908561", 0, "a letter for the fourth of four"),
    ("c3c3a9", 0, "a first byte for the second"),
    ("61ff", 1, "behind a letter"), ("c3a9e6b0b4fe", 5, "behind two characters"),
    ("efbbbfff", 3, "behind a byte order mark"),
    ("fffe6100", 0, "UTF-16"), ("00c080", 1, "behind a zero"),
)


def too_deep():
    for more in (1, 2, 12, 100):
        deep = DEPTH + more
        yield b"\x81" * (deep - 1) + b"\x80", "form", DEPTH, "moves", \
            f"{deep} arrays"
        yield b"\x81" * deep + b"\x00", "form", DEPTH, "moves", \
            f"{deep} arrays around a number"
        yield b"\xa1\x00" * (deep - 1) + b"\xa0", "form", 2 * DEPTH, "moves", \
            f"{deep} maps"
        yield b"\xa1" * (deep - 1) + b"\xa0" + b"\x00" * (deep - 1), "form", \
            DEPTH, "moves", f"{deep} maps, each the key of another"
    mixed = b"\x81\xa1\x00" * 4
    yield mixed + b"\x80", "form", 12, "moves", "arrays and maps in turn"
    yield mixed + b"\xa0", "form", 12, "moves", "arrays and maps, a map last"
    yield b"\x82" + b"\x81" * 7 + b"\x80" + b"\x81" * 7 + b"\x80", "form", 8, \
        "moves", "nine deep in the first of two"
    yield b"\x82\x80" + b"\x81" * 7 + b"\x80", "form", 9, "moves", \
        "nine deep in the second of two"
    yield b"\xa1" + b"\x81" * 7 + b"\x80\x00", "form", 8, "moves", \
        "arrays in a key"


def trailing():
    for text in ("00", "1818", "20", "40", "4100", "60", "6161", "80", "8100",
                 "a0", "a10000", "f4", "f6"):
        item = bytes.fromhex(text)
        for more in sorted({"00", "f6", "80", text}):
            yield item + bytes.fromhex(more), "form", len(item), "moves", \
                f"{more} behind {text}"
    yield b"\x80\xff", "form", 1, "moves", "a break behind an array"
    yield b"\xa0" + b"\x00" * 20, "form", 1, "moves", "twenty zeros behind"


def not_of_the_profile():
    for text, why in (
            ("c000", "tag 0"), ("c11a65000000", "tag 1"), ("d700", "tag 23"),
            ("d81800", "tag 24"), ("d9010000", "tag 256"),
            ("da0001000000", "tag 65536"),
            ("db000000010000000000", "tag 2^32"),
            ("d9d9f700", "self-described CBOR"), ("c24101", "a bignum"),
            ("c1c000", "two tags"), ("c0a0", "a tagged map"),
            ("f90000", "0.0, half"), ("f98000", "-0.0, half"),
            ("f97c00", "infinity, half"), ("f97e00", "NaN, half"),
            ("fa3f800000", "1.0, single"), ("fa7fc00000", "NaN, single"),
            ("fb3ff0000000000000", "1.0, double"),
            ("fb7ff8000000000000", "NaN, double"),
            ("5fff", "indefinite bytes, empty"), ("5f4100ff", "indefinite bytes"),
            ("7fff", "indefinite text, empty"), ("7f6161ff", "indefinite text"),
            ("9fff", "indefinite array, empty"), ("9f00ff", "indefinite array"),
            ("bfff", "indefinite map, empty"), ("bf0000ff", "indefinite map"),
            ("ff", "a break"), ("f820", "simple value 32"),
            ("f87f", "simple value 127"), ("f8fe", "simple value 254")):
        item = bytes.fromhex(text)
        yield item, "form", 0, "any", why
        yield b"\x81" + item, "form", 1, "any", f"{why}, in an array"
        yield b"\xa1" + item + b"\x00", "form", 1, "any", f"{why}, as a key"
        yield b"\xa1\x00" + item, "form", 2, "any", f"{why}, as a value"
    for value in range(32):
        yield bytes([0xF8, value]), "form", 0, "any", \
            f"simple value {value} in two bytes"
    for major in range(8):
        for info in (28, 29, 30):
            yield bytes([0x81, major << 5 | info]), "form", 1, "any", \
                f"{MAJOR[major]}, additional information {info}, in an array"
    for byte in (0x1F, 0x3F, 0xDF):
        yield bytes([0x81, byte]), "form", 1, "any", \
            f"{MAJOR[byte >> 5]}, additional information 31, in an array"


ALL = (counts_past_the_end, heads_cut_short, heads_too_long, keys_out_of_order,
       not_utf8, too_deep, trailing, not_of_the_profile)


def published(name):
    text = pathlib.Path(__file__).with_name(name).read_text(encoding="utf-8")
    return {bytes.fromhex(line.split("\t")[0])
            for line in text.splitlines() if not line.startswith("#")}


def lines():
    yield "# SPDX-License-Identifier: BSD-2-Clause"
    yield "# Made by make.py from hostile.py, which says what the columns are."
    yield "# None of them is an example of the RFC."
    seen = published("rfc8949-appendix-a.txt") | \
        published("rfc8949-not-well-formed.txt")
    for group in ALL:
        yield f"# {group.__name__.replace('_', ' ')}"
        for item, reason, offset, place, why in group():
            if item in seen:
                continue
            seen.add(item)
            yield f"{item.hex()}\t{reason}\t{offset}\t{place}\t{why}"
