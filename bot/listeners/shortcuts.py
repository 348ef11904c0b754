"""The message shortcut "Make this change": a message becomes a request of the person who chose the shortcut.

Law: the requester is the person who pressed, never the author of the message.
"""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.cards.answers import not_here
from bot.domain.change import Place
from bot.domain.commands import read
from bot.domain.events import Asked, NoteAdded
from bot.domain.rules import Refusal
from bot.listeners.delivery import Incoming, attended, ephemeral_reply_to
from bot.listeners.events import channel_name
from bot.listeners.pictures import pictures
from bot.listeners.services import Services

MAKE_CHANGE = "make_change"


def register(app: AsyncApp, services: Services) -> None:
    """Register the one shortcut."""
    app.message_shortcut(MAKE_CHANGE)(attended(services, make_change))


async def make_change(incoming: Incoming) -> None:
    """Ask for a change in the message's thread; in a thread that has a change, add a note to it."""
    services, body = incoming.services, incoming.body
    message, channel = body.get("message") or {}, str((body.get("channel") or {}).get("id") or "")
    reply = ephemeral_reply_to(body)
    ts = str(message.get("ts") or body.get("message_ts") or "")
    if reply is None or not channel or not ts:
        return
    actor, conversation = await services.people.actor(reply.user), await services.people.conversation(channel)
    if not (conversation.known and conversation.member):
        await reply.say(services.client, not_here())
        return
    root = str(message.get("thread_ts") or ts)
    ours = message.get("user") == services.identity.bot_user_id or message.get("bot_id") == services.identity.bot_id
    told = "" if ours else read(str(message.get("text") or ""), services.identity.bot_user_id).text
    images = () if ours else pictures(message)
    team = services.identity.team_id
    change = await services.change_of(channel, root)
    if change is None:
        place = Place(team=team, channel=channel, thread_ts=root, message_ts=ts, direct=channel.startswith("D"))
        name = await channel_name(services, channel)
        asked = Asked(by=actor, place=place, text=told, channel_name=name, images=images)
        recorded = await services.open(asked, f"shortcut:{body.get('trigger_id')}")
    elif ts == change.place.message_ts or not told.strip():
        await services.refuse(Refusal(code="already" if told else "empty_request"), change, reply)
        return
    else:
        recorded = await services.record(
            change, NoteAdded(by=actor, text=told, images=images), f"message:{team}:{channel}:{ts}"
        )
        if recorded.repeated:
            await services.refuse(Refusal(code="already"), change, reply)
    if recorded.refusal:
        await services.refuse(recorded.refusal, recorded.change, reply)
