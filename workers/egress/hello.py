"""Read the server name in a TLS client's first message.

Without it, a client could ask the proxy for an allowed host and then reach another host at the same address.

Law: there is no name in a message that is incomplete, not TLS, names two hosts, or also has an encrypted name. Invalid
bytes never raise an exception.
"""

from __future__ import annotations

LARGEST = 16 << 10
_HANDSHAKE, _CLIENT_HELLO, _SERVER_NAME = 22, 1, 0
_ENCRYPTED_HELLO = 0xFE0D


def complete(data: bytes) -> bool:
    """Return whether `data` holds the whole first record, or can never become one."""
    if data and data[0] != _HANDSHAKE:
        return True
    return len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big")


def server_name(data: bytes) -> str | None:
    """Return the host that the client asks for, in lower case; None if there is none."""
    try:
        return _server_name(data)
    except (IndexError, ValueError):
        return None


class _Reader:
    """Takes bytes from the front; raises `IndexError` if there are too few."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def take(self, count: int) -> bytes:
        if count > len(self.data):
            raise IndexError
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> _Reader:
        """Return a part whose length stands before it, in `size` bytes."""
        return _Reader(self.take(self.number(size)))


def _server_name(data: bytes) -> str | None:
    record = _Reader(data)
    if record.number(1) != _HANDSHAKE:
        return None
    record.take(2)
    handshake = record.vector(2)
    if handshake.number(1) != _CLIENT_HELLO:
        return None
    hello = handshake.vector(3)
    hello.take(34)
    for size in (1, 2, 1):  # session id, cipher suites, compression methods
        hello.vector(size)
    extensions = hello.vector(2)
    found: list[str] = []
    while extensions.data:
        kind, body = extensions.number(2), extensions.vector(2)
        if kind == _ENCRYPTED_HELLO:
            return None
        if kind == _SERVER_NAME:
            names = body.vector(2)
            while names.data:
                if names.number(1) != 0:
                    return None
                found.append(names.vector(2).data.decode("ascii").lower())
    return found[0] if len(found) == 1 else None
