"""A workspace whose deliveries reach nobody, and bots that start and look around in it.

Law: one round is one bot that starts: the database is all it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.listeners.app import create_bolt, identify
from bot.listeners.backfill import Backfill
from bot.listeners.dispatch import Dispatcher
from bot.listeners.services import Services
from tests.listeners.world import Bell, World, make_services, world
from tests.story import TILL


async def _nothing(_body: bytes) -> None:
    return


async def restarted(here: World, clock: Callable[[], float] = time.time, **settings: Any) -> Backfill:
    """What a bot that starts now has: the database, and nothing remembered."""
    services: Services = replace(make_services(here.store, TILL, here.slack.config, Bell()), clock=clock)
    await identify(services.client, services.identity)
    return Backfill(Dispatcher(create_bolt(services), services), services, _nothing, **settings)


def looks(here: World, clock: Callable[[], float] = time.time, **settings: Any) -> bool:
    """One round of a bot that starts now."""

    async def once() -> bool:
        backfill = await restarted(here, clock, **settings)
        done = await backfill.round()
        await backfill._until(lambda: not backfill.services.in_flight)
        return done

    return asyncio.run(once())


def given_up(here: World) -> None:
    """Slack has tried everything, and given up."""
    here.phone.wait_idle()
    assert here.phone.deliveries("delivered", "waiting", "sending", "held") == []


@contextlib.contextmanager
def deaf_world(template: Path, folder: Path) -> Iterator[World]:
    """As if no bot had been up since the last one looked. `template` is a migrated database."""
    shutil.copy(template, folder / "shipmate.db")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/slack/events"
    database = f"sqlite:///{folder / 'shipmate.db'}"
    with world(database, folder, TILL, events_url=address, retry_delays=(0.0, 0.01)) as running:
        assert looks(running)
        yield running
