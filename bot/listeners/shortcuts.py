"""The message shortcut "Make this change": somebody else's words become a request of whoever pressed.

Law: the requester is the person who pressed, never the author of the message.
"""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.cards.answers import not_here
from bot.domain.change import Place
from bot.domain.commands import read
from bot.domain.events import Asked, NoteAdded
from bot.domain.rules import Refusal
from bot.listeners.delivery import Heard, attended, whisper_to
from bot.listeners.desk import Desk
from bot.listeners.events import channel_name
from bot.listeners.pictures import pictures

MAKE_CHANGE = "make_change"


def register(app: AsyncApp, desk: Desk) -> None:
    """Register the one shortcut."""
    app.message_shortcut(MAKE_CHANGE)(attended(desk, make_change))


async def make_change(heard: Heard) -> None:
    """Ask for a change in the message's thread; in a thread that has a change, add a note to it."""
    desk, body = heard.desk, heard.body
    message, channel = body.get("message") or {}, str((body.get("channel") or {}).get("id") or "")
    whisper = whisper_to(body)
    ts = str(message.get("ts") or body.get("message_ts") or "")
    if whisper is None or not channel or not ts:
        return
    actor, conversation = await desk.people.actor(whisper.user), await desk.people.conversation(channel)
    if not (conversation.known and conversation.member):
        await whisper.say(desk.client, not_here())
        return
    root = str(message.get("thread_ts") or ts)
    ours = message.get("user") == desk.identity.bot_user_id or message.get("bot_id") == desk.identity.bot_id
    told = "" if ours else read(str(message.get("text") or ""), desk.identity.bot_user_id).text
    images = () if ours else pictures(message)
    team = desk.identity.team_id
    change = await desk.change_of(channel, root)
    if change is None:
        place = Place(team=team, channel=channel, thread_ts=root, message_ts=ts, direct=channel.startswith("D"))
        name = await channel_name(desk, channel)
        asked = Asked(by=actor, place=place, text=told, channel_name=name, images=images)
        recorded = await desk.open(asked, f"shortcut:{body.get('trigger_id')}")
    elif ts == change.place.message_ts or not told.strip():
        await desk.refuse(Refusal(code="already" if told else "empty_request"), change, whisper)
        return
    else:
        recorded = await desk.record(
            change, NoteAdded(by=actor, text=told, images=images), f"message:{team}:{channel}:{ts}"
        )
        if recorded.repeated:
            await desk.refuse(Refusal(code="already"), change, whisper)
    if recorded.refusal:
        await desk.refuse(recorded.refusal, recorded.change, whisper)
