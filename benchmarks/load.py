"""The load generator, a process of its own: `python -m benchmarks.load < job.json > found.json`.

Law: in an open loop, latency counts from the moment an event was due, not from when a connection was free for it, so
that a slow server cannot slow its own measurement down. Everything is signed and encoded before the first is sent.
"""

from __future__ import annotations

import asyncio
import json
import selectors
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks import deliveries

GRACE_SECONDS = 6.0
"""How long unanswered events are waited for after the last was sent."""

MOST_CLOSED = 40_000


@dataclass
class Job:
    """`rate` is events per second (0: closed loop, every connection sends again as soon as it was answered)."""

    port: int
    secret: str
    prefix: str
    kind: str
    rate: float
    seconds: float
    connections: int
    path: str = "/slack/events"


@dataclass
class Found:
    """`latencies` in seconds of the events answered 200; `errors` by status; `per_second` of the 200s in the time."""

    sent: int = 0
    ok: int = 0
    unanswered: int = 0
    per_second: float = 0.0
    errors: dict[str, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    late_sends: list[float] = field(default_factory=list)


class Line(asyncio.Protocol):
    """One keep-alive connection with at most one request on its way."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._due = 0.0
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._load.free(self)

    def send(self, due: float, request: bytes) -> None:
        self._due, self.busy = due, True
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(rest) < length:
            return
        self._buffer, self.busy = b"", False
        self._load.answered(self._due, head[9:12].decode())
        if b"connection: close" not in lowered:
            self._load.free(self)

    def connection_lost(self, _fault: Exception | None) -> None:
        if self.busy:
            self.busy = False
            self._load.answered(self._due, "cut")
        self._load.lost()


class Load:
    def __init__(self, job: Job) -> None:
        self.job = job
        count = min(MOST_CLOSED, int((job.rate or 6000) * job.seconds))
        make = deliveries.mention if job.kind == "mention" else deliveries.reply
        host = f"127.0.0.1:{job.port}"
        self._requests = [
            deliveries.request(make(job.prefix, number), job.secret, host, job.path) for number in range(count)
        ]
        self.found = Found()
        self._free: deque[Line] = deque()
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._began = 0.0
        self._until = 0.0
        self._in_time = 0

    async def run(self) -> Found:
        loop = asyncio.get_running_loop()
        for _ in range(self.job.connections):
            await loop.create_connection(lambda: Line(self), "127.0.0.1", self.job.port)
        self._began = time.perf_counter() + 0.05
        self._until = self._began + self.job.seconds
        await (self._open() if self.job.rate else self._closed())
        deadline = time.perf_counter() + GRACE_SECONDS
        while self._on_their_way() and time.perf_counter() < deadline:
            await asyncio.sleep(0.02)
        self.found.unanswered = self._on_their_way()
        self.found.per_second = self._in_time / self.job.seconds
        return self.found

    async def _open(self) -> None:
        for number, request in enumerate(self._requests):
            due = self._began + number / self.job.rate
            while (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            self.found.late_sends.append(time.perf_counter() - due)
            self.found.sent += 1
            self._waiting.append((due, request))
            self._pair()

    async def _closed(self) -> None:
        await asyncio.sleep(self._began - time.perf_counter())
        self._requests.reverse()
        while self._free:
            self._again(self._free.popleft())
        while time.perf_counter() < self._until:
            await asyncio.sleep(0.01)

    def _again(self, line: Line) -> None:
        if self._requests and time.perf_counter() < self._until:
            self.found.sent += 1
            line.send(time.perf_counter(), self._requests.pop())

    def free(self, line: Line) -> None:
        """Take note of a connection that can take the next request."""
        if self.job.rate == 0 and self._began and time.perf_counter() > self._began:
            self._again(line)
            return
        self._free.append(line)
        self._pair()

    def _pair(self) -> None:
        while self._waiting and self._free:
            due, request = self._waiting.popleft()
            self._free.popleft().send(due, request)

    def answered(self, due: float, status: str) -> None:
        now = time.perf_counter()
        if status == "200":
            self.found.ok += 1
            self._in_time += now <= self._until
            self.found.latencies.append(now - due)
        else:
            self.found.errors[status] = self.found.errors.get(status, 0) + 1

    def lost(self) -> None:
        """Replace a connection that the server closed."""
        if time.perf_counter() < self._until + GRACE_SECONDS:
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(loop.create_connection(lambda: Line(self), "127.0.0.1", self.job.port))

    def _on_their_way(self) -> int:
        return self.found.sent - self.found.ok - sum(self.found.errors.values())


def main() -> None:
    """Read a job, do it, and print what was found."""
    job = Job(**json.load(sys.stdin))

    async def run() -> dict[str, Any]:
        return asdict(await Load(job).run())

    # select() waits to the microsecond, where epoll rounds up to whole milliseconds.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        json.dump(runner.run(run()), sys.stdout)


if __name__ == "__main__":
    main()
