"""The bot on a real socket with a real store, before the stand-in for Slack; no workers.

Law: tests act through the phone and look at the store, the bell and the phone, never into the bot.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette

from bot.cards.card import card
from bot.domain.change import Change, Phase
from bot.domain.events import Asked
from bot.domain.rules import Rules
from bot.listeners.app import create_bolt, identify, web_client
from bot.listeners.dispatch import Dispatcher
from bot.listeners.intake import Intake
from bot.listeners.people import People
from bot.listeners.replay import replay_for_ever
from bot.listeners.services import Identity, Services
from bot.record import Door
from bot.store import Store
from bot.web.app import create_web
from bot.web.github import hint
from playground.slack import SlackPhone, SlackStandInConfig
from tests.playground.slack.serving import Served
from tests.stored_story import StoredStory
from tests.story import WAYS, Step

Found = TypeVar("Found")
CHANNEL = "C0TILL0001"
WEBHOOK_SECRET = "webhook-secret"


@dataclass
class Bell:
    """Remembers what was rung."""

    rung: list[tuple[str, str]] = field(default_factory=list)

    def ring_lanes(self, change_id: str, lanes: dict[Any, float]) -> None:
        self.rung += [(change_id, lane) for lane in lanes]


@dataclass
class World:
    """A workspace with our bot in it."""

    slack: Served
    store: Store
    services: Services
    url: str
    bell: Bell

    @property
    def phone(self) -> SlackPhone:
        return self.slack.phone

    def ask(self, text: str = "@Shipmate make the total include tax", by: str = "ana") -> Change:
        """A change, asked for on the phone."""
        said = self.phone.say(by, CHANNEL, text)
        return self.soon(lambda: self.change_at(said["ts"]))

    def change_at(self, thread_ts: str, channel: str = CHANNEL) -> Change | None:
        return self.store.changes.by_thread(self.services.identity.team_id, channel, thread_ts)

    def fresh(self, change: Change) -> Change:
        found = self.store.changes.get(change.id)
        assert found is not None
        return found

    def lives(self, change: Change, *steps: Step) -> Change:
        """What the workers would have recorded."""
        request = Asked(by=change.requester, place=change.place, text=change.request)
        stored = StoredStory(self.store, self.services.rules, request)
        for step in steps:
            # Effects only: nobody talks here.
            recorded = stored.hears(step)
            assert recorded.refusal is None
        return self.fresh(change)

    def reaches(self, phase: Phase, change: Change | None = None) -> Change:
        """A change at a phase, its card in its thread."""
        return self.lives(change or self.ask(), *WAYS[phase][1:])

    def shows(self, change: Change, channel: str | None = None, thread_ts: str | None = None) -> str:
        """The card of a change, posted by the bot; its ts."""
        words = card(change, time.time())
        made = self.slack.web().chat_postMessage(
            channel=channel or change.place.channel,
            thread_ts=thread_ts or change.place.thread_ts,
            text=words.text,
            blocks=list(words.blocks),
        )
        return str(made["ts"])

    def press(self, person: str, change: Change, action_id: str) -> dict[str, Any]:
        """Show the card as it is, and tap a button of it."""
        return self.phone.press(person, change.place.channel, self.shows(change), action_id)

    @contextlib.contextmanager
    def whispers(self, person: str) -> Iterator[Callable[[], str]]:
        """What is whispered to a person from here on: call it to wait for the first."""
        before = len(self.phone.ephemerals(person))
        yield lambda: str(self.soon(lambda: self.phone.ephemerals(person)[before:])[0]["text"])

    def silent(self, person: str, act: Callable[[], Any]) -> None:
        """Doing it is answered with nothing at all."""
        before, posted = len(self.phone.ephemerals(person)), self.posted()
        act()
        self.settled()
        assert self.phone.ephemerals(person)[before:] == []
        assert self.posted() == posted

    def posted(self) -> int:
        return self.phone.calls().count("chat.postMessage")

    def settled(self) -> None:
        """Everything delivered, and every listener done."""
        self.phone.wait_idle()
        self.soon(lambda: not self.services.in_flight)

    def soon(self, look: Callable[[], Found | None]) -> Found:
        return self.phone.wait_for(look, 60)

    def journal(self, change: Change) -> list[str]:
        return [line.outcome.split(":")[0] for line in self.store.journal.of(change.id)]


@contextlib.contextmanager
def world(database: str, folder: Path, rules: Rules, **slack_changes: Any) -> Iterator[World]:
    """A running world; `database` is the URL of a migrated database."""
    bot_listening = socket.create_server(("127.0.0.1", 0))
    slack_listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{bot_listening.getsockname()[1]}"
    config = SlackStandInConfig(
        state_path=folder / "slack.db",
        public_url=f"http://127.0.0.1:{slack_listening.getsockname()[1]}",
        **{"events_url": f"{url}/slack/events", "retry_delays": (0.0, 0.1, 0.2), **slack_changes},
    )
    served = Served(config, slack_listening)
    served.start()
    store = Store(database)
    bell = Bell()
    services = make_services(store, rules, config, bell)
    server = uvicorn.Server(uvicorn.Config(make_app(services, config), log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bot_listening]}, daemon=True)
    thread.start()
    made = World(served, store, services, url, bell)
    made.soon(lambda: services.identity.known)
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join(60)
        served.stop()
        store.close()
        bot_listening.close()
        slack_listening.close()


def make_services(store: Store, rules: Rules, config: SlackStandInConfig, bell: Bell) -> Services:
    client = web_client(config.bot_token, f"{config.public_url}/api/")
    identity = Identity()
    return Services(
        door=Door(store, rules),
        store=store,
        bell=bell,
        rules=rules,
        client=client,
        identity=identity,
        people=People(client, lambda: identity.team_id),
        scripted=True,
    )


def make_app(services: Services, config: SlackStandInConfig) -> Starlette:
    dispatcher = Dispatcher(create_bolt(services), services)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async def background() -> None:
            await identify(services.client, services.identity, pause=0.05)
            await replay_for_ever(dispatcher, services, partial(_hint, services), every=0.2)

        services.store.deliveries.start()
        running = asyncio.create_task(background())
        yield
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running

    return create_web(
        services,
        Intake(services, dispatcher),
        signing_secret=config.signing_secret,
        webhook_secret=WEBHOOK_SECRET,
        lifespan=lifespan,
    )


async def _hint(services: Services, body: bytes) -> None:
    await hint(services, body)
