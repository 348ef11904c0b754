"""A relay before the GitHub stand-in's git: counts the HTTP requests that git makes, and changes nothing.

Law: it counts, it never parses more than the first line of what a client begins to send; git waits for each answer
before its next request, so that every request begins a piece of its own.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from contextlib import suppress

_FIRST = re.compile(rb"(GET|POST) \S*?\.git/(\S+) HTTP/1\.1\r\n")


class Relay:
    """Listens on a port of 127.0.0.1 from a thread of its own; a context manager."""

    def __init__(self, port: int, target_port: int) -> None:
        self.port = port
        self.counts: Counter[str] = Counter()
        self._target = target_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Relay:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", self.port), self._loop
        ).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            ahead, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pass_on(reader, back, count=True), self._pass_on(ahead, writer, count=False))

    async def _pass_on(self, source: asyncio.StreamReader, goal: asyncio.StreamWriter, *, count: bool) -> None:
        with suppress(OSError):
            while piece := await source.read(65536):
                if count and (found := _FIRST.match(piece)):
                    name = found[2].decode().replace("?service=", " for ")
                    self.counts[f"{found[1].decode()} {name}"] += 1
                goal.write(piece)
                await goal.drain()
        with suppress(OSError):
            goal.close()
