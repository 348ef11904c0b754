"""Draw the app's home tab when a person opens it."""

from __future__ import annotations

import asyncio

from slack_bolt.async_app import AsyncApp

from bot.cards.home import MAX_SHOWN, home
from bot.listeners.delivery import Incoming, attended
from bot.listeners.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Answer the opening of Home alone; the messages tab needs no answer."""
    app.event("app_home_opened")(attended(services, opened))


async def opened(incoming: Incoming) -> None:
    """Show the home tab: members see what is going on; others see how to ask, and nothing of the work."""
    services, event = incoming.services, incoming.body.get("event") or {}
    if event.get("tab") != "home":
        return
    user = str(event.get("user") or "")
    actor = await services.people.actor(user)
    changes = await asyncio.to_thread(services.store.changes.recent, MAX_SHOWN) if actor.standing == "member" else ()
    view = home(
        changes, services.rules, services.identity.bot_user_id, scripted=services.scripted, now=services.clock()
    )
    await services.client.views_publish(user_id=user, view=view)
