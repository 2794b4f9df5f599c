# SPDX-License-Identifier: BSD-2-Clause
"""Who may include whom: every #include is held against the house's rules.

usage: layers.py [ROOT]
Prints TAP; exits 1 if a rule is broken.
"""

import os
import re
import sys

FREESTANDING = {"stdint.h", "stddef.h", "stdbool.h", "limits.h", "string.h"}

# Room: (rooms whose headers it may include, system headers it may not name;
# None: only the freestanding ones).
RULES = {
    "proto": (["proto"], None),
    "devices/board.h": ([], None),
    "devices/collar": (["proto", "devices/collar", "devices/board.h"], None),
    "devices/virtual": (
        ["proto", "devices/collar", "devices/virtual", "devices/board.h"],
        ["libusb", "libserialport", "readline"]),
    "cli/link": (
        ["cli/link", "cli/failure.h", "devices/virtual", "proto/errors.h",
         "proto/line.h", "proto/usb.h"],
        ["readline", "jansson"]),
    "cli/client": (
        ["cli/client", "cli/link", "cli/failure.h", "proto"],
        ["libusb", "libserialport", "readline", "termios", "jansson"]),
    "cli/out": (
        ["cli/out", "cli/failure.h", "proto"],
        ["libusb", "libserialport", "readline", "termios", "sys/socket"]),
    "cli/usbip": (
        ["cli/usbip", "cli/serve.h", "cli/failure.h", "cli/link/link.h",
         "devices/virtual", "proto/errors.h", "proto/usb.h"],
        ["libusb", "libserialport", "readline", "termios", "jansson"]),
    "cli/cmd": (
        ["cli", "proto", "devices/virtual"],
        ["libusb", "libserialport", "termios", "sys/socket"]),
    "cli": (
        ["cli", "proto", "devices/virtual"],
        ["libusb", "libserialport"]),
}

# The proto headers that the link layer must stay below.
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)


def room_of(path):
    """The longest rule that path lies under, or None."""
    rooms = [r for r in RULES if path == r or path.startswith(r + "/")]
    return max(rooms, key=len) if rooms else None


def lies_in(path, room):
    return path == room or path.startswith(room + "/")


def check_file(root, path):
    """Yields a line for each include of path that breaks a rule."""
    room = room_of(path)
    if room is None:
        yield f"{path}: lies in no room"
        return
    allowed, forbidden = RULES[room]
    with open(os.path.join(root, path), encoding="utf-8") as file:
        text = file.read()
    for match in INCLUDE.finditer(text):
        line = text[:match.start()].count("\n") + 1
        own, system = match.groups()
        if own:
            target = os.path.normpath(os.path.join(os.path.dirname(path), own))
            if not any(lies_in(target, room) for room in allowed):
                yield f"{path}:{line}: may not include {target}"
        elif forbidden is None:
            if system not in FREESTANDING:
                yield f"{path}:{line}: may not include <{system}>"
        elif any(word in system for word in forbidden):
            yield f"{path}:{line}: may not include <{system}>"


def sources(root):
    for room in ("proto", "devices", "cli"):
        for folder, _, names in os.walk(os.path.join(root, room)):
            for name in sorted(names):
                if name.endswith((".c", ".h", ".def")):
                    yield os.path.relpath(os.path.join(folder, name), root)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    failed = False
    for path in sources(root):
        broken = list(check_file(root, path))
        print(f"{'not ok' if broken else 'ok'} - layers: {path}")
        for line in broken:
            print(f"# {line}")
        failed = failed or bool(broken)
    # The check itself must be able to fail.
    for text, path in (('#include "../cli/out/out.h"', "proto/x.h"),
                       ("#include <stdio.h>", "devices/collar/x.c"),
                       ("#include <libserialport.h>", "cli/cmd/x.c")):
        seeded = list(check_text(path, text))
        print(f"{'ok' if seeded else 'not ok'} - layers: {text} in {path} "
              "would be found")
        failed = failed or not seeded
    sys.exit(failed)


def check_text(path, text):
    """check_file on a text that is not on the disk."""
    import tempfile
    with tempfile.TemporaryDirectory() as root:
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full))
        with open(full, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        yield from check_file(root, path)


if __name__ == "__main__":
    main()
