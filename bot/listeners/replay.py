"""Deliveries that were kept but not finished (a crash, a database that was away) are dealt with again.

Law: only rows of our own database are replayed; the flag that skips keeping them travels outside of any request.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from slack_bolt.request.internals import parse_body

from bot.listeners.delivery import Body
from bot.listeners.dispatch import Dispatcher
from bot.listeners.services import Services
from bot.store import Delivery, StoreDown

log = structlog.get_logger("replay")
OLDER_THAN = 5.0
EVERY = 5.0
MOST_AT_ONCE = 100
"""Deliveries that one look takes; where there were as many, the next look follows as soon as half are dealt with."""
_PATIENCE = 10.0
Hint = Callable[[bytes], Awaitable[None]]


async def replay_for_ever(dispatcher: Dispatcher, services: Services, hint: Hint, every: float = EVERY) -> None:
    """Replay until cancelled. `hint` deals with the body of a GitHub delivery."""
    while True:
        try:
            while await replay(dispatcher, services, hint) >= MOST_AT_ONCE:
                await _room(services)
        except StoreDown as down:
            log.warning("replay_waits_for_store", error=str(down)[:200])
        except Exception:
            log.exception("replay_failed")
        await asyncio.sleep(every)


async def _room(services: Services) -> None:
    deadline = time.monotonic() + _PATIENCE
    while len(services.in_flight) > MOST_AT_ONCE // 2 and time.monotonic() < deadline:
        await asyncio.sleep(0.05)


async def replay(dispatcher: Dispatcher, services: Services, hint: Hint, older_than: float = OLDER_THAN) -> int:
    """Once; how many deliveries were dealt with again."""
    if not services.identity.known:
        return 0
    undone = await asyncio.to_thread(services.store.deliveries.undone, older_than, MOST_AT_ONCE)
    again = [one for one in undone if one.id not in services.in_flight]
    for delivery in again:
        services.metrics.deliveries.labels(delivery.source, "replayed").inc()
        try:
            if delivery.source == "slack":
                dispatcher.put(delivery.id, _content(delivery))
            else:
                await _github(services, delivery, hint)
        except StoreDown:
            raise
        except Exception:  # one delivery that cannot even be read must not stop the others
            log.exception("delivery_given_up", delivery=delivery.id, source=delivery.source)
            services.store.deliveries.done(delivery.id)
    return len(again)


def _content(delivery: Delivery) -> Body:
    """Return what was delivered; rows of earlier versions may hold a form."""
    return parse_body(delivery.body.decode(), delivery.headers.get("content-type", "application/json"))


async def _github(services: Services, delivery: Delivery, hint: Hint) -> None:
    await hint(delivery.body)
    services.store.deliveries.done(delivery.id)
