"""The bot's plug board: settings, store, Slack, web. `python -m bot.main`.

Law: the only place that chooses; inner code gets finished parts. This process never imports the hands.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections.abc import AsyncIterator
from functools import partial

import structlog
import uvicorn
from starlette.applications import Starlette

from bot.doorbell import Doorbell
from bot.listeners.app import create_bolt, identify, web_client
from bot.listeners.backfill import Backfill
from bot.listeners.dispatch import Dispatcher
from bot.listeners.intake import Intake
from bot.listeners.people import People
from bot.listeners.replay import replay_for_ever
from bot.listeners.services import Identity, Services
from bot.listeners.socket_mode import SocketMode
from bot.log import configure
from bot.record import Door
from bot.settings import BotSettings, load
from bot.settings.sources import SettingsInvalid
from bot.store import Store, StoreDown
from bot.store.disk_space import disk_space_of
from bot.web.app import create_web
from bot.web.github import hint

GRACE_SECONDS = 10
log = structlog.get_logger("bot")


def main() -> int:
    """Serve until a signal stops it. Exit code 2 for wrong settings."""
    try:
        settings = load(BotSettings)
    except SettingsInvalid as invalid:
        print(invalid, file=sys.stderr)
        return 2
    configure(settings.log_level)
    config = uvicorn.Config(
        create(settings),
        host=settings.web.host,
        port=settings.web.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        # Addresses in the log are those of the connection; nobody's header can claim another one.
        proxy_headers=False,
        lifespan="on",
    )
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


def create(settings: BotSettings) -> Starlette:
    """Yield the whole bot as one web application; its background work lives between start-up and shutdown."""
    store = Store(settings.storage.database_url.get_secret_value())
    client = web_client(settings.slack.bot_token.get_secret_value(), settings.slack.api_url)
    identity = Identity()
    bell = Doorbell(settings.storage.redis_url.get_secret_value())
    services = Services(
        door=Door(store, settings.rules),
        store=store,
        bell=bell,
        rules=settings.rules,
        client=client,
        identity=identity,
        people=People(client, lambda: identity.team_id),
        scripted="claude" in settings.stand_ins,
        disk=disk_space_of(
            settings.home,
            settings.storage.database_url.get_secret_value(),
            reserve=settings.storage.reserve_mb * 1_000_000,
        ),
    )
    secret = settings.slack.signing_secret.get_secret_value() if settings.slack.signing_secret else None
    webhook = settings.web.webhook_secret.get_secret_value() if settings.web.webhook_secret else None
    dispatcher = Dispatcher(create_bolt(services), services)
    take_in = Intake(services, dispatcher)
    app_token = settings.slack.app_token.get_secret_value() if settings.slack.app_token else None

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        store.deliveries.start()
        running = asyncio.create_task(_background(services, dispatcher, take_in, settings.rules.team, app_token))
        try:
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await _finish(services)
            await asyncio.to_thread(bell.close)
            await asyncio.to_thread(store.close)

    return create_web(services, take_in, signing_secret=secret, webhook_secret=webhook, lifespan=lifespan)


async def _background(
    services: Services, dispatcher: Dispatcher, take_in: Intake, team: str, app_token: str | None
) -> None:
    """Migrate, learn who we are, then replay what was left, find what was not delivered, and listen on the socket."""
    await _migrate(services.store)
    await identify(services.client, services.identity, team)
    gc.collect()
    gc.freeze()  # what is here now stays: looking through it again and again would hold up answers for tens of ms
    socket = SocketMode(take_in, app_token, services.client) if app_token else None
    try:
        if socket is not None:
            await socket.connect()
        told = partial(_hint, services)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(replay_for_ever(dispatcher, services, told))
            tasks.create_task(Backfill(dispatcher, services, told).for_ever())
    finally:
        if socket is not None:
            await socket.close()


async def _hint(services: Services, body: bytes) -> None:
    await hint(services, body)


async def _migrate(store: Store) -> None:
    while True:
        try:
            await asyncio.to_thread(store.migrate)
            store.ballast.keep()
        except StoreDown as down:
            log.warning("database_down", error=str(down)[:200])
            await asyncio.sleep(1)
        else:
            return


async def _finish(services: Services) -> None:
    """Let listeners that are at work end; what they cannot end is replayed at the next start."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS / 2):
            while services.in_flight:
                await asyncio.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
