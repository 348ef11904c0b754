"""`/shipmate`: help and status. A request needs a message, since a command leaves none to hang a thread on."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.cards.answers import help_words, say_it_in_a_message
from bot.domain.commands import read
from bot.listeners.delivery import Incoming, attended, ephemeral_reply_to
from bot.listeners.events import own_changes
from bot.listeners.services import Services

COMMAND = "/shipmate"


def register(app: AsyncApp, services: Services) -> None:
    """Register the one command."""
    app.command(COMMAND)(attended(services, command))


async def command(incoming: Incoming) -> None:
    """Answer only the person who typed it."""
    services, reply = incoming.services, ephemeral_reply_to(incoming.body)
    if reply is None:
        return
    me = services.identity.bot_user_id
    kind = read(str(incoming.body.get("text") or ""), me).kind
    if kind == "status":
        words = await own_changes(services, reply.user)
    elif kind in {"help", "empty"}:
        words = help_words(services.rules, me, scripted=services.scripted)
    else:
        words = say_it_in_a_message(me)
    await reply.say(services.client, words)
