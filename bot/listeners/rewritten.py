"""Requests that their author edits or deletes after they were heard.

Without this an edit would look like silence, and a deleted request would be worked on for nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.cards.answers import edit_came_late, request_deleted
from bot.domain.change import Phase
from bot.domain.commands import read
from bot.domain.events import NoteAdded, StopPressed
from bot.domain.transitions import stoppable
from bot.listeners.delivery import REWRITTEN, Incoming
from bot.listeners.services import EphemeralReply

HEARD = frozenset({Phase.RECEIVED, Phase.PREPARING, Phase.EDITING, Phase.CHECKING, Phase.JUDGING, Phase.PUBLISHING})
"""While it is still being made, an edited request is one more note."""


@dataclass(frozen=True)
class Rewritten:
    """A person's message after its edit at `at`; `text` is None where it was deleted."""

    channel: str
    ts: str
    root: str
    text: str | None
    at: str


def rewritten(event: dict[str, Any], bot_user_id: str) -> Rewritten | None:
    """Return what became of a message, or None where no person changed its words: link previews, our own cards."""
    if event.get("subtype") not in REWRITTEN:
        return None
    before, now = _dict(event.get("previous_message")), _dict(event.get("message"))
    ts, channel = str(before.get("ts") or ""), str(event.get("channel") or "")
    if not (ts and channel) or before.get("bot_id") or before.get("user") in {None, bot_user_id}:
        return None
    gone = event["subtype"] == "message_deleted" or now.get("subtype") == "tombstone"
    edited = _dict(now.get("edited"))
    if not gone and (not edited or now.get("text") == before.get("text")):
        return None
    text = None if gone else str(now.get("text") or "")
    return Rewritten(channel, ts, str(before.get("thread_ts") or ts), text, str(edited.get("ts") or ""))


async def request_rewritten(incoming: Incoming) -> None:
    """Take an edited request as a note while that is early enough, and ask its author about a deleted one."""
    services = incoming.services
    me = services.identity.bot_user_id
    found = rewritten(incoming.body["event"], me)
    change = await services.change_of(found.channel, found.root) if found else None
    if found is None or change is None or found.ts != change.place.message_ts:
        return
    reply = EphemeralReply(found.channel, change.requester.id, change.place.thread_ts)
    if found.text is None:
        if stoppable(change.phase):
            await reply.say(services.client, request_deleted(change))
        return
    said = read(found.text, me)
    if not (stoppable(change.phase) and said.text):
        return
    if said.kind != "stop" and change.phase not in HEARD:
        await reply.say(services.client, edit_came_late())
        return
    actor = await services.people.actor(change.requester.id)
    note = NoteAdded(by=actor, text=f"I edited my request. It now says:\n{said.text}")
    event = StopPressed(by=actor) if said.kind == "stop" else note
    key = f"edit:{services.identity.team_id}:{found.channel}:{found.ts}:{found.at}"
    recorded = await services.record(change, event, key)
    if recorded.refusal:
        await services.refuse(recorded.refusal, recorded.change, reply)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
