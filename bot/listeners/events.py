"""Messages: a mention, a direct message, a reply in the thread of a change.

Law: one message is one key, whether it arrives as a mention, as a message, or twice.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.cards import Words
from bot.cards.answers import help_words, meant_to_stop, open_changes, status
from bot.domain.change import Change, Image, Phase, Place
from bot.domain.commands import Command, read
from bot.domain.events import Asked, NoteAdded, RetryPressed, StopPressed
from bot.domain.frozen import revised
from bot.domain.rules import Refusal
from bot.domain.transitions import ENDED, stoppable
from bot.listeners.delivery import REWRITTEN, Incoming, attended
from bot.listeners.pictures import pictures
from bot.listeners.rewritten import request_rewritten
from bot.listeners.services import EphemeralReply, Services

_OVER = ENDED | {Phase.MERGED}


@dataclass(frozen=True)
class Said:
    """A message that a person wrote, and what it says to us."""

    channel: str
    ts: str
    root: str
    user: str
    in_thread: bool
    direct: bool
    command: Command
    images: tuple[Image, ...]
    first: bool
    """Which of a mention's two deliveries is answered: an ephemeral answer is not journaled, so both would be."""

    @property
    def spoken_to(self) -> bool:
        """Return whether it was meant for us at all."""
        return self.direct or self.command.mentioned

    def key(self, team: str) -> str:
        """Return the message's one key."""
        return f"message:{team}:{self.channel}:{self.ts}"

    def ephemeral_reply(self) -> EphemeralReply:
        return EphemeralReply(self.channel, self.user, self.root if self.in_thread else None)


def register(app: AsyncApp, services: Services) -> None:
    """Register one listener for mentions and messages."""
    listener = attended(services, message)
    app.event("app_mention")(listener)
    for subtype in (None, "file_share", "thread_broadcast", "me_message"):
        app.event({"type": "message", "subtype": subtype})(listener)
    for subtype in sorted(REWRITTEN):
        app.event({"type": "message", "subtype": subtype})(attended(services, request_rewritten))


async def message(incoming: Incoming) -> None:
    """Turn a message into a request, a note, a stop, an ephemeral answer, or nothing."""
    services, event = incoming.services, incoming.body["event"]
    said = understood(event, services.identity.bot_user_id)
    # Remembered before the look-up: whatever opens a change here after it takes the reply along.
    waits = not said.spoken_to and services.early.remember(said.channel, said.root, incoming.body, services.clock())
    change = await services.change_of(said.channel, said.root)
    if not said.spoken_to and change is None:
        return
    if waits and not services.early.forget(said.channel, said.root, incoming.body):
        return
    if change is None:
        await _first_words(services, said)
        await _overtaken(services, said.channel, said.root)
        return
    if said.command.kind in {"help", "status"} and said.spoken_to:
        await _answer(services, said, change)
    elif said.command.kind != "empty" and (said.command.mentioned or change.phase not in _OVER):
        await _reply(services, said, change)


def understood(event: dict[str, Any], bot_user_id: str) -> Said:
    """Return the parts of a message event."""
    direct = event.get("channel_type") == "im" or event["channel"].startswith("D")
    command = read(str(event.get("text") or ""), bot_user_id)
    files = [str(one.get("name") or "file")[:100] for one in event.get("files") or () if isinstance(one, dict)]
    if files and command.kind in {"ask", "may_stop", "empty"}:
        told = "\n".join((command.text, *(f"[attached file: {name}]" for name in files[:10]))).strip()
        command = revised(command, kind="ask" if command.kind == "empty" else command.kind, text=told)
    return Said(
        channel=event["channel"],
        ts=event["ts"],
        root=str(event.get("thread_ts") or event["ts"]),
        user=event["user"],
        in_thread=bool(event.get("thread_ts")),
        direct=direct,
        command=command,
        images=pictures(event),
        first=direct or event["type"] == "app_mention" or not command.mentioned,
    )


async def _overtaken(services: Services, channel: str, root: str) -> None:
    """Deal with replies that came before their request."""
    if await services.change_of(channel, root):
        for body in services.early.take(channel, root, services.clock()):
            await message(Incoming(body, services))


async def _first_words(services: Services, said: Said) -> None:
    """Spoken to in a thread that has no change yet."""
    if said.command.kind in {"help", "status", "empty"}:
        await _answer(services, said, None)
        return
    if said.command.kind in {"stop", "retry"}:
        if said.first:
            await services.refuse(Refusal(code="not_now"), None, said.ephemeral_reply())
        return
    actor = await services.people.actor(said.user)
    place = Place(
        team=services.identity.team_id,
        channel=said.channel,
        thread_ts=said.root,
        message_ts=said.ts,
        direct=said.direct,
    )
    name = await channel_name(services, said.channel)
    asked = Asked(by=actor, place=place, text=said.command.text, channel_name=name, images=said.images)
    recorded = await services.open(asked, said.key(services.identity.team_id))
    if recorded.refusal and said.first:
        await services.refuse(recorded.refusal, recorded.change, said.ephemeral_reply())


async def _reply(services: Services, said: Said, change: Change) -> None:
    """Record a reply in the thread of a change: the domain decides its meaning."""
    actor = await services.people.actor(said.user)
    event: StopPressed | RetryPressed | NoteAdded
    if said.command.kind == "stop":
        event = StopPressed(by=actor)
    elif said.command.kind == "retry" and change.phase is Phase.STUCK:
        event = RetryPressed(by=actor)
    else:
        event = NoteAdded(by=actor, text=said.command.text, images=said.images)
    recorded = await services.record(change, event, said.key(services.identity.team_id))
    if recorded.refusal and said.first:
        await services.refuse(recorded.refusal, recorded.change, said.ephemeral_reply())
    elif said.command.kind == "may_stop" and said.first and recorded.change and may_ask_to_stop(recorded.change):
        await said.ephemeral_reply().say(services.client, meant_to_stop(recorded.change))


def may_ask_to_stop(change: Change) -> bool:
    """Return whether to ask "did you mean stop?"; an open question already has its own buttons."""
    return stoppable(change.phase) and change.question is None


async def _answer(services: Services, said: Said, change: Change | None) -> None:
    if not said.first:
        return
    words: Words
    if said.command.kind != "status":
        words = help_words(services.rules, services.identity.bot_user_id, scripted=services.scripted)
    elif change is not None:
        words = status(change, services.clock())
    else:
        words = await own_changes(services, said.user)
    await said.ephemeral_reply().say(services.client, words)


async def own_changes(services: Services, user: str) -> Words:
    """Return what a person asked for last."""
    return open_changes(await asyncio.to_thread(services.store.changes.recent, 5, user), services.clock())


async def channel_name(services: Services, channel: str) -> str:
    """Return the name, where a rule is written for one; nobody else needs the question to Slack."""
    if all(key.isupper() and key.isalnum() for key in services.rules.channels):
        return ""
    return (await services.people.conversation(channel)).name
