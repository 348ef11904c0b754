"""Message events on the straight way: kept, answered, and dealt with afterwards.

Law: nothing but the commit stands between an event and its answer: no look-up, no question to Slack, no listener.
"""

from __future__ import annotations

import time
from typing import Any

import structlog

from bot.listeners.afterwards import Afterwards
from bot.listeners.delivery import REPEATED_WITHIN, ignorable, key_of
from bot.listeners.desk import Desk
from bot.store import StoreDown

log = structlog.get_logger("ingress")
_HEADERS = {"content-type": "application/json"}


class Ingress:
    """An `EventsDoor` for events that were checked: signed, of this app, in this workspace."""

    def __init__(self, desk: Desk, afterwards: Afterwards) -> None:
        self._desk, self._afterwards = desk, afterwards
        outcomes = desk.tally.deliveries
        self._kept, self._repeated = outcomes.labels("slack", "kept"), outcomes.labels("slack", "repeated")
        self._not_kept, self._seconds = outcomes.labels("slack", "not_kept"), desk.tally.seconds.labels("slack")

    async def __call__(self, content: dict[str, Any], body: bytes) -> tuple[int, str]:
        """Status and text of the answer: 200 once it is committed, or where it can never matter."""
        desk = self._desk
        if ignorable(content, desk.identity.bot_user_id):
            return 200, ""
        began = time.perf_counter()
        try:
            kept = await desk.store.deliveries.keep("slack", key_of(content), body, _HEADERS)
        except StoreDown as down:
            log.error("delivery_not_kept", source="slack", error=str(down)[:200])
            self._not_kept.inc()
            return 503, "try again later"
        self._seconds.observe(time.perf_counter() - began)
        if not kept.new and (kept.done or kept.age < REPEATED_WITHIN or kept.id in desk.in_flight):
            self._repeated.inc()
            return 200, ""
        self._kept.inc()
        self._afterwards.put(kept.id, content)
        return 200, ""
