# SPDX-License-Identifier: BSD-2-Clause
"""A host of USB/IP, written from the Linux kernel's description of its messages
(Documentation/usb/usbip_protocol.rst) alone: lists, imports, and submits and
unlinks transfers.  And a link over the bulk pair of what it has imported."""

import select
import socket
import struct
import threading

LIMIT_S = 10
OUT, IN = 0, 1
SUBMIT, UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
NOT_ISOCHRONOUS = 0xFFFFFFFF
SHORT_NOT_OK, ZERO_PACKET = 0x01, 0x40

REQ_DEVLIST = bytes.fromhex("0111 8005 00000000")
REQ_IMPORT = bytes.fromhex("0111 8003 00000000")


class Closed(Exception):
    """The server has ended the connection."""


def import_request(busid):
    return REQ_IMPORT + busid.encode().ljust(32, b"\0")


def setup(kind, request, value=0, index=0, length=0):
    return struct.pack("<BBHHH", kind, request, value, index, length)


def submit(seqnum, devid, direction, ep, length, *, flags=0, packets=None,
           start_frame=0, interval=0, request=bytes(8), data=b""):
    return struct.pack(
        ">IIIIIIIIII8s", SUBMIT, seqnum, devid, direction, ep, flags, length,
        start_frame, NOT_ISOCHRONOUS if packets is None else packets, interval,
        request) + data


def unlink(seqnum, devid, unlinked):
    return struct.pack(">IIIIII24x", UNLINK, seqnum, devid, 0, 0, unlinked)


class Connection:
    """Bytes to and from the server."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host.strip("[]"), int(port)),
                                               LIMIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data):
        self.socket.sendall(data)

    def take(self, length):
        data = b""
        while len(data) < length:
            try:
                part = self.socket.recv(length - len(data))
            except ConnectionResetError:
                part = b""
            if not part:
                raise Closed(data)
            data += part
        return data

    def rest(self):
        """All that comes until the server closes."""
        data = b""
        while True:
            try:
                data += self.take(1)
            except Closed:
                return data

    def silent(self, wait_s=0.1):
        return not select.select([self.socket], [], [], wait_s)[0]

    def close(self):
        self.socket.close()


def listed(address):
    """The bytes of the reply to a request for the list."""
    connection = Connection(address)
    connection.send(REQ_DEVLIST)
    reply = connection.rest()
    connection.close()
    return reply


class Reply:
    """Of a submit or an unlink; direction: of the submit, data: what came."""

    def __init__(self, head, direction, data):
        self.head, self.direction, self.data = head, direction, data
        self.command, self.seqnum = struct.unpack_from(">II", head)
        self.status, self.length = struct.unpack_from(">iI", head, 20)


class Device(Connection):
    """An imported one.  Replies may come in another order than was asked."""

    def __init__(self, address, busid="1-1"):
        super().__init__(address)
        self.seqnum, self.asked, self.replies = 0, {}, {}
        self.send(import_request(busid))
        self.described = self.take(8)
        if self.described[4:] != bytes(4):
            self.described += self.rest()
            self.devid = None
            return
        self.described += self.take(312)
        busnum, devnum = struct.unpack_from(">II", self.described, 0x128)
        self.devid = busnum << 16 | devnum

    def next(self):
        self.seqnum += 1
        return self.seqnum

    def submit(self, direction, ep, data=b"", length=None, **more):
        """Returns its seqnum; data goes OUT, length is asked IN."""
        seqnum = self.next()
        length = len(data) if length is None else length
        self.asked[seqnum] = direction
        self.send(submit(seqnum, self.devid, direction, ep, length, data=data,
                         **more))
        return seqnum

    def unlink(self, unlinked):
        seqnum = self.next()
        self.send(unlink(seqnum, self.devid, unlinked))
        return seqnum

    def reply(self):
        head = self.take(48)
        command, seqnum = struct.unpack_from(">II", head)
        direction = None
        length = 0
        if command == RET_SUBMIT:
            direction = self.asked.pop(seqnum)
        if direction == IN:
            length = struct.unpack_from(">I", head, 24)[0]
        return Reply(head, direction, self.take(length))

    def wait(self, seqnum):
        while seqnum not in self.replies:
            reply = self.reply()
            self.replies[reply.seqnum] = reply
        return self.replies.pop(seqnum)

    def control(self, kind, request, value=0, index=0, length=0, data=b""):
        direction = IN if kind & 0x80 and length else OUT
        length = length or len(data)
        return self.wait(self.submit(
            direction, 0, data, length,
            request=setup(kind, request, value, index, length)))

    def descriptor(self, kind, index=0, language=0, length=255):
        return self.control(0x80, 6, kind << 8 | index, language, length).data

    def configure(self):
        return self.control(0x00, 9, 1).status

    def bulk_out(self, data, **more):
        return self.wait(self.submit(OUT, 1, data, **more))

    def bulk_in(self, length=4096, **more):
        return self.wait(self.submit(IN, 1, length=length, **more))


class BulkLink:
    """The bulk pair as a link for the client: one transfer IN is always under
    way, and what it brings can be read from a socket."""

    def __init__(self, place):
        self.device = Device(*place.split("/"))
        self.device.configure()
        self.near, self.far = socket.socketpair()
        self.lock = threading.Lock()
        self.submit(IN, length=4096)
        self.thread = threading.Thread(target=self.pump, daemon=True)
        self.thread.start()

    def submit(self, direction, data=b"", length=None):
        with self.lock:
            self.device.submit(direction, 1, data, length)

    def pump(self):
        with self.far:
            try:
                while reply := self.device.reply():
                    self.far.sendall(reply.data)
                    if reply.direction == IN:
                        self.submit(IN, length=4096)
            except (OSError, Closed):
                return

    def fileno(self):
        return self.near.fileno()

    def send(self, data):
        self.submit(OUT, data)

    def receive(self, most=4096):
        return self.near.recv(most)

    def close(self):
        if self.near.fileno() >= 0:
            self.device.socket.shutdown(socket.SHUT_RDWR)
            self.thread.join()
            self.device.close()
            self.near.close()
