"""The one way in: whatever Slack delivers, by HTTP or Socket Mode, is kept, answered, and dealt with afterwards.

Law: nothing but the commit stands between a delivery and its answer: no look-up, no question to Slack, no listener.
None of our answers has content of its own: forms and refusals go through Slack's Web API.
"""

from __future__ import annotations

import json
import time

import structlog

from bot.listeners.delivery import REPEATED_WITHIN, Body, ignorable, key_of, needs_row
from bot.listeners.dispatch import Dispatcher
from bot.listeners.services import Services
from bot.store import Kept, StoreDown

log = structlog.get_logger("intake")
_HEADERS = {"content-type": "application/json"}
OK = (200, "")


class Intake:
    """Takes deliveries that were checked: signed, of this app, in this workspace."""

    def __init__(self, services: Services, dispatcher: Dispatcher) -> None:
        self._services, self._dispatcher = services, dispatcher
        outcomes = services.metrics.deliveries
        self._kept, self._repeated = outcomes.labels("slack", "kept"), outcomes.labels("slack", "repeated")
        self._not_kept, self._seconds = outcomes.labels("slack", "not_kept"), services.metrics.seconds.labels("slack")

    async def __call__(self, content: Body, raw: bytes | None = None) -> tuple[int, str]:
        """Return status and text of the answer: 200 once the delivery is committed, or where it can never matter.

        `raw` is `content` as JSON, where it arrived as such.
        """
        services = self._services
        if not services.identity.known:
            return 503, "not ready yet"
        if ignorable(content, services.identity.bot_user_id):
            return OK
        if not needs_row(content):
            self._dispatcher.put(None, content)
            return OK
        began = time.perf_counter()
        try:
            body = raw or json.dumps(content).encode()
            kept = await services.store.deliveries.keep("slack", key_of(content), body, _HEADERS)
        except StoreDown as down:
            log.error("delivery_not_kept", source="slack", error=str(down)[:200])
            self._not_kept.inc()
            return 503, "try again later"
        self._seconds.observe(time.perf_counter() - began)
        if self._in_hand(kept):
            self._repeated.inc()
            return OK
        self._kept.inc()
        self._dispatcher.put(kept.id, content)
        return OK

    def _in_hand(self, kept: Kept) -> bool:
        """Return whether a delivery was here before and is done, or is being dealt with."""
        return not kept.new and (kept.done or kept.age < REPEATED_WITHIN or kept.id in self._services.in_flight)
