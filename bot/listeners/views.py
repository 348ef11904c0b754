"""Forms that were sent."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.cards.modals import ASK_CHANGES, asked_text
from bot.domain import ids
from bot.domain.commands import readable
from bot.domain.events import ChangesAsked
from bot.domain.rules import Refusal
from bot.listeners.delivery import Heard, attended
from bot.listeners.desk import Desk, Whisper


def register(app: AsyncApp, desk: Desk) -> None:
    """Register the one form."""
    app.view(ASK_CHANGES)(attended(desk, changes_asked))


async def changes_asked(heard: Heard) -> None:
    """Asking for changes, with the words of the form."""
    desk, view = heard.desk, heard.body.get("view") or {}
    user = str((heard.body.get("user") or {}).get("id") or "")
    named = ids.read_press_value(str(view.get("private_metadata") or ""))
    change = await desk.change(named[0]) if named else None
    if named is None or change is None:
        await desk.refuse(Refusal(code="outdated"), None, Whisper("", user))
        return
    actor = await desk.people.decider(user, change.place.channel)
    event = ChangesAsked(by=actor, text=readable(asked_text(view)), seen=named[1])
    recorded = await desk.record(change, event, f"view:{view.get('id')}:{user}")
    if recorded.refusal:
        whisper = Whisper(change.place.channel, user, change.place.thread_ts)
        await desk.refuse(recorded.refusal, recorded.change, whisper)
