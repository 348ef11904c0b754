"""Misbehaviour of the Web API on demand: rate limits, errors, slowness and dropped connections.

Law: a fault is used up by the call it hits; with none set, nothing here changes an answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Receive, Scope, Send

KINDS = ("ratelimited", "error", "slow", "drop_before", "drop_after")


@dataclass
class Fault:
    """The next `times` calls of `method` (`*`: any) fail in this `kind`; `retry_after` is seconds."""

    method: str
    kind: str
    times: int = 1
    retry_after: int = 1
    status: int = 500
    ms: int = 0


class Dropped(Exception):
    """The connection is to be cut instead of answered."""


class Faults:
    def __init__(self) -> None:
        self.set: list[Fault] = []

    def add(self, **fields: Any) -> Fault:
        """Raises ValueError for an unknown kind, TypeError for an unknown field."""
        fault = Fault(**fields)
        if fault.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        self.set.append(fault)
        return fault

    def take(self, method: str) -> Fault | None:
        """Return the fault for this call, used up."""
        for fault in self.set:
            if fault.method in (method, "*"):
                fault.times -= 1
                if fault.times <= 0:
                    self.set.remove(fault)
                return fault
        return None

    async def before(self, fault: Fault | None) -> None:
        """Break the call before it has an effect. Raises Dropped."""
        if fault and fault.ms:
            await asyncio.sleep(fault.ms / 1000)
        if fault and fault.kind == "drop_before":
            raise Dropped

    async def after(self, fault: Fault | None) -> None:
        """Break the call after its effect, in place of the answer. Raises Dropped."""
        if fault and fault.kind == "drop_after":
            raise Dropped


class Cut:
    """An answer that is none: the TCP connection is reset. Law: it needs the server's own `send`, kept in the scope."""

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        transport = getattr(getattr(scope.get("server_send"), "__self__", None), "transport", None)
        if transport is not None:
            transport.abort()
            return
        start: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9999")]}
        await send(start)
        raise ConnectionResetError("dropped on purpose")
