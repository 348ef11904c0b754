"""Send and receive frames on the runner's socket: a JSON header and raw data, with their lengths before them.

Law: a length is checked before anything is read, and a frame that has begun must end in time.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from pathlib import Path

from workers.egress.addresses import address

LONGEST_HEADER = 256 << 10
LONGEST_DATA = 200 << 20
"""Of an answer: three bytes of UTF-8 for each undecodable byte of `LONGEST_OUTPUT`."""
LONGEST_OUTPUT = 64 << 20
LONGEST_ORDER = 64 << 20
FRAME_SECONDS = 20.0
"""How long a frame may take from its first byte to its last."""
_LENGTHS = struct.Struct("!II")
_PIECE = 1 << 16
_SEND_SECONDS = 30.0


class Broken(Exception):
    """The other side is gone or sent something invalid; the connection cannot be used any more."""


class Connection:
    """One connection. A connection belongs to one thread at a time, but any thread may `shut` it."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        link.setblocking(False)

    def send(self, header: bytes, data: bytes = b"") -> None:
        """Send one frame. Raises `Broken`, also if the other side does not read."""
        if len(header) > LONGEST_HEADER or len(data) > LONGEST_DATA:
            raise Broken("a message is too long")
        rest = memoryview(_LENGTHS.pack(len(header), len(data)) + header + data)
        deadline = time.monotonic() + _SEND_SECONDS
        while rest:
            try:
                rest = rest[self._link.send(rest) :]
            except BlockingIOError:
                if not self._wait(select.POLLOUT, deadline - time.monotonic()):
                    raise Broken("the other side does not read") from None
            except OSError as error:
                raise Broken("the other side is gone") from error

    def receive(self, seconds: float | None = None, longest_data: int = LONGEST_DATA) -> tuple[bytes, bytes] | None:
        """Return the next frame as (header, data); None where none has begun within `seconds`. Raises `Broken`."""
        if not self.waiting(seconds):
            return None
        deadline = time.monotonic() + FRAME_SECONDS
        header, data = _LENGTHS.unpack(self._exactly(_LENGTHS.size, deadline))
        if header > LONGEST_HEADER or data > longest_data:
            raise Broken("a message is too long")
        return self._exactly(header, deadline), self._exactly(data, deadline)

    def waiting(self, seconds: float | None) -> bool:
        """Return whether a frame, or the end, has begun to arrive within `seconds` (None: wait as long as it takes)."""
        return self._wait(select.POLLIN, seconds)

    def peer(self) -> tuple[int, int]:
        """Return (pid, uid) of the other side, as the kernel knows them."""
        pid, uid, _ = struct.unpack("3i", self._link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return pid, uid

    def shut(self) -> None:
        """End the connection for both sides, even if a thread waits on it."""
        with contextlib.suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket. Only the thread that owns the connection may call this."""
        self._link.close()

    def _exactly(self, length: int, deadline: float) -> bytes:
        found = bytearray()
        while len(found) < length:
            try:
                piece = self._link.recv(min(_PIECE, length - len(found)))
            except BlockingIOError:
                if not self._wait(select.POLLIN, deadline - time.monotonic()):
                    raise Broken("a message did not end in time") from None
                continue
            except OSError as error:
                raise Broken("the other side is gone") from error
            if not piece:
                raise Broken("the other side is gone")
            found += piece
        return bytes(found)

    def _wait(self, what: int, seconds: float | None) -> bool:
        poll = select.poll()
        try:
            poll.register(self._link, what)
        except ValueError as closed:
            raise Broken("the connection is closed") from closed
        return bool(poll.poll(None if seconds is None else max(0.0, seconds) * 1000))


def connect(path: Path) -> Connection:
    """Return a connection to the socket at `path`. Raises OSError."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        with address(path) as place:
            link.connect(place)
    except BaseException:
        link.close()
        raise
    return Connection(link)
