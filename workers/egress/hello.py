"""The server name in a TLS client's first message.

Law: what is cut short, not TLS or without a name has no name, nor has what names two hosts or keeps a name encrypted
beside the one that is read here; nothing here raises on any bytes.
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
    """Return the name the client asks for, in lower case; None where there is none."""
    try:
        return _server_name(data)
    except (IndexError, ValueError):
        return None


class _Reader:
    """Bytes taken from the front; raises `IndexError` when there are too few."""

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
        """Return a part that is preceded by its length in `size` bytes."""
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
