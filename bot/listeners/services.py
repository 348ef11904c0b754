"""Hold what every listener uses, made once at start.

Law: listeners reach the database, the workers and Slack through `Services` and nowhere else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards import Words
from bot.cards.refusals import refusal
from bot.domain.change import Change
from bot.domain.effects import Lane
from bot.domain.events import Asked, Press
from bot.domain.rules import Refusal, Rules
from bot.listeners import slack_errors
from bot.listeners.early_replies import EarlyReplies
from bot.listeners.metrics import Metrics
from bot.listeners.people import People
from bot.record import Door, Recorded
from bot.store import DiskSpace, Store

log = structlog.get_logger("listeners")


class Bell(Protocol):
    """Rings the workers; never raises, never blocks."""

    def ring_lanes(self, change_id: str, lanes: dict[Lane, float]) -> None: ...


@dataclass
class Identity:
    """Who we are, learned from Slack at start; until `known`, deliveries are answered "later"."""

    team_id: str = ""
    bot_user_id: str = ""
    bot_id: str = ""
    app_id: str = ""

    @property
    def known(self) -> bool:
        """Return whether Slack has said who we are."""
        return bool(self.team_id and self.bot_user_id)


@dataclass(frozen=True)
class Services:
    """`scripted`: the model is a stand-in, and the help says so."""

    door: Door
    store: Store
    bell: Bell
    rules: Rules
    client: AsyncWebClient
    identity: Identity
    people: People
    scripted: bool = False
    metrics: Metrics = field(default_factory=Metrics)
    clock: Callable[[], float] = time.time
    disk: DiskSpace = field(default_factory=DiskSpace)
    early: EarlyReplies = field(default_factory=EarlyReplies)
    in_flight: set[int] = field(default_factory=set)
    """Deliveries that this process is dealing with right now."""

    async def open(self, asked: Asked, key: str) -> Recorded:
        """Open a change, and ring the workers."""
        return self._rung(await asyncio.to_thread(self.door.open, asked, key))

    async def record(self, change: Change, event: Press, key: str) -> Recorded:
        """Record what a person did, and ring the workers."""
        return self._rung(await asyncio.to_thread(self.door.record, change.id, event, key))

    async def change(self, change_id: str) -> Change | None:
        """Return the change with this id."""
        return await asyncio.to_thread(self.store.changes.get, change_id)

    async def change_of(self, channel: str, thread_ts: str) -> Change | None:
        """Return the change of a thread."""
        return await asyncio.to_thread(self.store.changes.by_thread, self.identity.team_id, channel, thread_ts)

    async def refuse(self, refused: Refusal, change: Change | None, told: EphemeralReply) -> None:
        """Send the refusal to the person who asked, visible to nobody else."""
        self.metrics.refusals.labels(refused.code).inc()
        log.info(
            "refused", code=refused.code, user=told.user, channel=told.channel, change=change.id if change else None
        )
        await told.say(self.client, refusal(refused, change))

    def _rung(self, recorded: Recorded) -> Recorded:
        if recorded.change is not None and recorded.lanes:
            self.bell.ring_lanes(recorded.change.id, recorded.lanes)
        return recorded


@dataclass(frozen=True)
class EphemeralReply:
    """Where to answer one person so that nobody else sees it.

    `thread_ts` is set only if the thread has replies: in other threads Slack does not show ephemeral messages.
    """

    channel: str
    user: str
    thread_ts: str | None = None
    response_url: str | None = None

    async def say(self, client: AsyncWebClient, words: Words) -> None:
        """Say it ephemerally in the conversation, else through the interaction's response_url, else in a direct
        message.
        """
        body: dict[str, Any] = {"text": words.text, "blocks": list(words.blocks) or None}
        if self.channel:
            try:
                await client.chat_postEphemeral(channel=self.channel, user=self.user, thread_ts=self.thread_ts, **body)
            except SlackApiError as error:
                log.info("ephemeral_refused", channel=self.channel, error=slack_errors.code(error))
            else:
                return
        if self.response_url:
            from slack_sdk.webhook.async_client import AsyncWebhookClient

            answer = await AsyncWebhookClient(self.response_url).send(
                text=words.text, blocks=list(words.blocks) or None, response_type="ephemeral", replace_original=False
            )
            if answer.status_code < 300:
                return
        await client.chat_postMessage(channel=self.user, unfurl_links=False, unfurl_media=False, **body)

    async def take_back(self) -> None:
        """Remove the ephemeral message whose button was pressed; what can't be removed stays, and does no harm."""
        if self.response_url:
            from slack_sdk.webhook.async_client import AsyncWebhookClient

            try:
                await AsyncWebhookClient(self.response_url).send(delete_original=True)
            except (aiohttp.ClientError, TimeoutError) as error:
                log.info("ephemeral_stays", channel=self.channel, error=repr(error)[:200])
