"""Forms that were sent."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.cards.modals import ASK_CHANGES, asked_text
from bot.domain import ids
from bot.domain.commands import readable
from bot.domain.events import ChangesAsked
from bot.domain.rules import Refusal
from bot.listeners.delivery import Incoming, attended
from bot.listeners.services import EphemeralReply, Services


def register(app: AsyncApp, services: Services) -> None:
    """Register the one form."""
    app.view(ASK_CHANGES)(attended(services, changes_asked))


async def changes_asked(incoming: Incoming) -> None:
    """Asking for changes, with the words of the form."""
    services, view = incoming.services, incoming.body.get("view") or {}
    user = str((incoming.body.get("user") or {}).get("id") or "")
    named = ids.read_press_value(str(view.get("private_metadata") or ""))
    change = await services.change(named[0]) if named else None
    if named is None or change is None:
        await services.refuse(Refusal(code="outdated"), None, EphemeralReply("", user))
        return
    actor = await services.people.presser(user, change.place.channel, decides=True)
    event = ChangesAsked(by=actor, text=readable(asked_text(view)), seen=named[1])
    recorded = await services.record(change, event, f"view:{view.get('id')}:{user}")
    if recorded.refusal:
        reply = EphemeralReply(change.place.channel, user, change.place.thread_ts)
        await services.refuse(recorded.refusal, recorded.change, reply)
