"""Misbehaviour on demand: the next calls that match fail, drop their connection, or are slow.

Law: a fault is used up by the call it hits, so that a test says exactly how many calls suffer.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from dataclasses import asdict, dataclass
from typing import Any, Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Drop = Literal["", "before", "after"]


@dataclass
class Fault:
    """`path` is a regular expression searched in the path. `drop` cuts the connection before or after the effect."""

    method: str
    path: str
    times: int = 1
    status: int = 0
    message: str = "We couldn't respond to your request in time."
    retry_after: int | None = None
    drop: Drop = ""
    slow_ms: int = 0
    skip: int = 0

    def matches(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in {"*", method} and re.search(self.path, path) is not None


class Faults:
    """The waiting faults, oldest first; `hits` counts what was done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self.hits = 0

    def add(self, fault: Fault) -> None:
        re.compile(fault.path)
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def take(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self._waiting:
                if fault.matches(method, path):
                    if fault.skip > 0:
                        fault.skip -= 1
                        return None
                    fault.times -= 1
                    self.hits += 1
                    self._waiting = [it for it in self._waiting if it.times > 0]
                    return fault
        return None


class FaultMiddleware:
    """Stands in front of everything but the controls."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self.app = app
        self.faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        exempt = scope["type"] != "http" or path.startswith("/_control")
        fault = None if exempt else self.faults.take(scope["method"], path)
        if fault is None:
            await self.app(scope, receive, send)
            return
        await asyncio.sleep(fault.slow_ms / 1000)
        if fault.drop == "before":
            await _cut(receive)
        elif fault.drop == "after":
            await self.app(scope, receive, _swallow)
            await _cut(receive)
        elif fault.status:
            await _refuse(send, fault)
        else:
            await self.app(scope, receive, send)


async def _swallow(message: Message) -> None:
    """Lose the answer."""


async def _cut(receive: Receive) -> None:
    """Close the TCP connection without an answer. The server keeps its transport on the bound `receive`."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionAbortedError("connection dropped on request")
    transport.abort()
    for _ in range(1000):
        if (await receive())["type"] == "http.disconnect":
            return


async def _refuse(send: Send, fault: Fault) -> None:
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    if fault.retry_after is not None:
        headers.append((b"retry-after", str(fault.retry_after).encode()))
    if fault.status in {403, 429} and "rate limit" in fault.message:
        headers += [(b"x-ratelimit-remaining", b"0"), (b"x-ratelimit-limit", b"5000")]
    body = json.dumps({"message": fault.message, "documentation_url": "https://docs.github.com/rest"}).encode()
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
