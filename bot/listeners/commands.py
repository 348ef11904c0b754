"""`/shipmate`: help and status. A request needs a message, since a command leaves none to hang a thread on."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.cards.answers import help_words, say_it_in_a_message
from bot.domain.commands import read
from bot.listeners.delivery import Heard, attended, whisper_to
from bot.listeners.desk import Desk
from bot.listeners.events import own_changes

COMMAND = "/shipmate"


def register(app: AsyncApp, desk: Desk) -> None:
    """Register the one command."""
    app.command(COMMAND)(attended(desk, command))


async def command(heard: Heard) -> None:
    """Answer only the person who typed it."""
    desk, whisper = heard.desk, whisper_to(heard.body)
    if whisper is None:
        return
    me = desk.identity.bot_user_id
    kind = read(str(heard.body.get("text") or ""), me).kind
    if kind == "status":
        words = await own_changes(desk, whisper.user)
    elif kind in {"help", "empty"}:
        words = help_words(desk.rules, me, scripted=desk.scripted)
    else:
        words = say_it_in_a_message(me)
    await whisper.say(desk.client, words)
