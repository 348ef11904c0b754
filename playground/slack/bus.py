"""What happens in the workspace, pushed to every open phone page.

Law: a slow or gone listener never holds up the workspace; it is dropped, and reads everything again when it is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

QUEUE_SIZE = 1000


class Bus:
    """One queue per listener. A None in a queue says: you fell behind, start over."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[dict[str, Any] | None]] = set()

    def publish(self, kind: str, to: str | None = None, **fields: Any) -> None:
        """Tell everybody, or one person (`to`, a user id)."""
        for queue in list(self._queues):
            try:
                queue.put_nowait({"type": kind, "to": to, **fields})
            except asyncio.QueueFull:
                self._queues.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)

    def close(self) -> None:
        for queue in list(self._queues):
            self._queues.discard(queue)
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[dict[str, Any] | None]]:
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(QUEUE_SIZE)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)
