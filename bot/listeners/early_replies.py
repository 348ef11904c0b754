"""Replies that overtook the request they belong to: Slack promises no order, and a "stop" must not get lost.

Law: only a short memory of this process; it is bounded, and what it forgets was never spoken to us.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

_MOST_THREADS = 1_000
_MOST_IN_A_THREAD = 20
_KEEP_SECONDS = 600.0
Body = dict[str, Any]


class EarlyReplies:
    """Replies by thread, until a change is opened there."""

    def __init__(self) -> None:
        self._threads: OrderedDict[tuple[str, str], list[tuple[float, Body]]] = OrderedDict()

    def remember(self, channel: str, root: str, body: Body, now: float) -> bool:
        """Keep a reply, unless too many of its thread wait already; the oldest threads go first."""
        waiting = self._threads.setdefault((channel, root), [])
        room = len(waiting) < _MOST_IN_A_THREAD
        if room:
            waiting.append((now, body))
        self._threads.move_to_end((channel, root))
        while len(self._threads) > _MOST_THREADS:
            self._threads.popitem(last=False)
        return room

    def forget(self, channel: str, root: str, body: Body) -> bool:
        """Forget a reply that found its change; return whether it was still waiting, or was taken along already."""
        waiting = self._threads.get((channel, root), [])
        left = [one for one in waiting if one[1] is not body]
        there = len(left) < len(waiting)
        if left:
            self._threads[channel, root] = left
        elif waiting:
            del self._threads[channel, root]
        return there

    def take(self, channel: str, root: str, now: float) -> list[Body]:
        """Return the replies of a thread in the order in which they were written; they are forgotten here."""
        waiting = self._threads.pop((channel, root), [])
        fresh = [body for at, body in waiting if now - at < _KEEP_SECONDS]
        return sorted(fresh, key=lambda body: float(body["event"]["ts"]))
