"""Requests whose headers are exactly what a test wrote."""

from __future__ import annotations

import contextlib
import socket
from urllib.parse import urlsplit

from tests.listeners.world import World


def raw(here: World, head: list[str], body: bytes = b"", path: str = "/slack/events") -> int:
    """The status of a request whose headers are exactly these."""
    parts = urlsplit(here.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as link:
        lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{parts.port}", "Connection: close", *head, "", ""]
        with contextlib.suppress(ConnectionError):  # it may have answered, and hung up, before it read all
            link.sendall("\r\n".join(lines).encode("utf-8") + body)
        answer = link.makefile("rb").readline()
    return int(answer.split()[1])
