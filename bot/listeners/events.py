"""Messages: a mention, a direct message, a reply in the thread of a change.

Law: one message is one key, whether it arrives as a mention, as a message, or twice.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.cards import Words
from bot.cards.answers import help_words, open_changes, status
from bot.domain.change import Change, Image, Phase, Place
from bot.domain.commands import Command, read
from bot.domain.events import Asked, NoteAdded, RetryPressed, StopPressed
from bot.domain.frozen import revised
from bot.domain.rules import Refusal
from bot.domain.transitions import ENDED
from bot.listeners.delivery import Heard, attended
from bot.listeners.desk import Desk, Whisper
from bot.listeners.pictures import pictures

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
    """Of the two deliveries of a mention, the one that answers in words: what is only said cannot be journaled."""

    @property
    def spoken_to(self) -> bool:
        """Return whether it was meant for us at all."""
        return self.direct or self.command.mentioned

    def key(self, team: str) -> str:
        """Return the message's one key."""
        return f"message:{team}:{self.channel}:{self.ts}"

    def whisper(self) -> Whisper:
        return Whisper(self.channel, self.user, self.root if self.in_thread else None)


def register(app: AsyncApp, desk: Desk) -> None:
    """Register one listener for mentions and messages."""
    listener = attended(desk, message)
    app.event("app_mention")(listener)
    for subtype in (None, "file_share", "thread_broadcast", "me_message"):
        app.event({"type": "message", "subtype": subtype})(listener)


async def message(heard: Heard) -> None:
    """Turn a message into a request, a note, a stop, an answer in words, or nothing."""
    desk, event = heard.desk, heard.body["event"]
    said = understood(event, desk.identity.bot_user_id)
    # Remembered before the look-up: whatever opens a change here after it takes the reply along.
    waits = not said.spoken_to and desk.early.remember(said.channel, said.root, heard.body, desk.clock())
    change = await desk.change_of(said.channel, said.root)
    if not said.spoken_to and change is None:
        return
    if waits and not desk.early.forget(said.channel, said.root, heard.body):
        return
    if change is None:
        await _first_words(desk, said)
        await _overtaken(desk, said.channel, said.root)
        return
    if said.command.kind in {"help", "status"} and said.spoken_to:
        await _answer(desk, said, change)
    elif said.command.kind != "empty" and (said.command.mentioned or change.phase not in _OVER):
        await _reply(desk, said, change)


def understood(event: dict[str, Any], bot_user_id: str) -> Said:
    """Return the parts of a message event."""
    direct = event.get("channel_type") == "im" or event["channel"].startswith("D")
    command = read(str(event.get("text") or ""), bot_user_id)
    files = [str(one.get("name") or "file")[:100] for one in event.get("files") or () if isinstance(one, dict)]
    if files and command.kind in {"ask", "empty"}:
        told = "\n".join((command.text, *(f"[attached file: {name}]" for name in files[:10]))).strip()
        command = revised(command, kind="ask", text=told)
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


async def _overtaken(desk: Desk, channel: str, root: str) -> None:
    """Deal with replies that came before their request."""
    if await desk.change_of(channel, root):
        for body in desk.early.take(channel, root, desk.clock()):
            await message(Heard(body, desk))


async def _first_words(desk: Desk, said: Said) -> None:
    """Spoken to in a thread that has no change yet."""
    if said.command.kind in {"help", "status", "empty"}:
        await _answer(desk, said, None)
        return
    if said.command.kind in {"stop", "retry"}:
        if said.first:
            await desk.refuse(Refusal(code="not_now"), None, said.whisper())
        return
    actor = await desk.people.actor(said.user)
    place = Place(
        team=desk.identity.team_id, channel=said.channel, thread_ts=said.root, message_ts=said.ts, direct=said.direct
    )
    name = await channel_name(desk, said.channel)
    asked = Asked(by=actor, place=place, text=said.command.text, channel_name=name, images=said.images)
    recorded = await desk.open(asked, said.key(desk.identity.team_id))
    if recorded.refusal and said.first:
        await desk.refuse(recorded.refusal, recorded.change, said.whisper())


async def _reply(desk: Desk, said: Said, change: Change) -> None:
    """Record a reply in the thread of a change: the domain decides its meaning."""
    actor = await desk.people.actor(said.user)
    event: StopPressed | RetryPressed | NoteAdded
    if said.command.kind == "stop":
        event = StopPressed(by=actor)
    elif said.command.kind == "retry" and change.phase is Phase.STUCK:
        event = RetryPressed(by=actor)
    else:
        event = NoteAdded(by=actor, text=said.command.text, images=said.images)
    recorded = await desk.record(change, event, said.key(desk.identity.team_id))
    if recorded.refusal and said.first:
        await desk.refuse(recorded.refusal, recorded.change, said.whisper())


async def _answer(desk: Desk, said: Said, change: Change | None) -> None:
    if not said.first:
        return
    words: Words
    if said.command.kind != "status":
        words = help_words(desk.rules, desk.identity.bot_user_id, scripted=desk.scripted)
    elif change is not None:
        words = status(change, desk.clock())
    else:
        words = await own_changes(desk, said.user)
    await said.whisper().say(desk.client, words)


async def own_changes(desk: Desk, user: str) -> Words:
    """Return what a person asked for last."""
    return open_changes(await asyncio.to_thread(desk.store.changes.recent, 5, user), desk.clock())


async def channel_name(desk: Desk, channel: str) -> str:
    """Return the name, where a rule is written for one; nobody else needs the question to Slack."""
    if all(key.isupper() and key.isalnum() for key in desk.rules.channels):
        return ""
    return (await desk.people.conversation(channel)).name
