"""Ports on this machine for the bot and the stand-ins.

Law: ports are chosen below the range from which the kernel takes outgoing ones, so that one chosen today is not taken
by a passing connection tomorrow.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Sequence

USUAL = {"bot": 8030, "slack": 8031, "github": 8032, "claude": 8033}
_LOW, _HIGH = 20000, 31999


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def choose(names: Sequence[str], *, usual: bool, avoid: frozenset[int] = frozenset()) -> dict[str, int]:
    """Return a free port for each name; with `usual`, the documented ones where all of those asked for are free."""
    if usual and all(is_free(USUAL[name]) and USUAL[name] not in avoid for name in names):
        return {name: USUAL[name] for name in names}
    chosen: dict[str, int] = {}
    for _ in range(2000):
        if len(chosen) == len(names):
            return chosen
        port = _LOW + secrets.randbelow(_HIGH - _LOW)
        if port not in avoid and port not in chosen.values() and is_free(port):
            chosen[names[len(chosen)]] = port
    raise OSError(f"no free port between {_LOW} and {_HIGH} on 127.0.0.1")
