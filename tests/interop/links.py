# SPDX-License-Identifier: BSD-2-Clause
"""Links that both ends are put on: unix sockets, TCP and pseudo-terminals, and
for the client the bulk pair of a USB device, too: usbip:HOST:PORT/BUSID.  A
link has send, receive and close; a door is what a collar waits behind."""

import contextlib
import os
import pty
import select
import socket
import termios
import time
import tty

import usbip
from wire import CONSTANTS

TURN_S = 0.002  # on half duplex
KINDS = ("unix", "tcp", "pty")


class Link:
    """A descriptor that bytes go in and out of."""

    def __init__(self, descriptor):
        self.descriptor = descriptor

    def fileno(self):
        return self.descriptor

    def send(self, data):
        time.sleep(self.turn_s)
        while data:
            data = data[os.write(self.descriptor, data):]

    def receive(self, most=4096):
        """What has come; b"" at the end."""
        try:
            return os.read(self.descriptor, most)
        except OSError:
            return b""

    turn_s = 0  # that must pass before it talks

    def set_baud(self, baud):
        """Of a terminal."""
        modes = termios.tcgetattr(self.descriptor)
        modes[4] = modes[5] = getattr(termios, f"B{baud}")
        termios.tcsetattr(self.descriptor, termios.TCSANOW, modes)

    def close(self):
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.descriptor = -1


def connect(port):
    """The link to a port as `sim serve` prints it."""
    kind, _, place = port.partition(":")
    if kind == "usbip":
        return usbip.BulkLink(place)
    if kind == "serial":
        descriptor = os.open(place, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(descriptor)
        return Link(descriptor)
    if kind == "optical":
        device, _, baud = place.partition("@")
        descriptor = os.open(device, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(descriptor)
        link = Link(descriptor)
        link.turn_s = TURN_S
        link.set_baud(int(baud or CONSTANTS["RATE_OPTICAL"]))
        return link
    if kind == "unix":
        link = socket.socket(socket.AF_UNIX)
        link.connect(place)
    else:
        host, _, number = place.rpartition(":")
        link = socket.create_connection((host, int(number)))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Link(link.detach())


class Door:
    """`port` is its name; `accept` gives the next link, None once it is
    closed; `ready` says whether there is something to read before that."""

    def __init__(self, kind, path):
        self.kind = kind
        self.ended, self.ending = os.pipe()
        self.slave = None
        if kind in ("pty", "optical"):
            self.descriptor, self.slave = pty.openpty()
            tty.setraw(self.slave)
            transport = "serial:" if kind == "pty" else "optical:"
            self.port = transport + os.ttyname(self.slave)
            return
        if kind == "unix":
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(path)
            self.port = "unix:" + path
        else:
            listener = socket.create_server(("127.0.0.1", 0))
            self.port = f"tcp:127.0.0.1:{listener.getsockname()[1]}"
        listener.listen()
        self.descriptor = listener.detach()

    def ready(self, descriptor):
        some = select.select([descriptor, self.ended], [], [])[0]
        return self.ended not in some

    def accept(self):
        if not self.ready(self.descriptor):
            return None
        if self.slave is not None:
            return Link(os.dup(self.descriptor))
        with socket.socket(fileno=os.dup(self.descriptor)) as listener:
            link, _ = listener.accept()
        if self.kind == "tcp":
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Link(link.detach())

    def end(self):
        os.write(self.ending, b"x")

    def close(self):
        for descriptor in (self.descriptor, self.slave, self.ended,
                           self.ending):
            if descriptor is not None:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
        if self.kind == "unix":
            os.unlink(self.port.partition(":")[2])
