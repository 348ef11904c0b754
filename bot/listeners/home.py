"""The app's home tab, drawn when somebody opens it."""

from __future__ import annotations

import asyncio

from slack_bolt.async_app import AsyncApp

from bot.cards.home import MAX_SHOWN, home
from bot.listeners.delivery import Heard, attended
from bot.listeners.desk import Desk


def register(app: AsyncApp, desk: Desk) -> None:
    """Answer the opening of Home alone; the messages tab needs no answer."""
    app.event("app_home_opened")(attended(desk, opened))


async def opened(heard: Heard) -> None:
    """Show the home tab: members see what is going on; others see how to ask, and nothing of the work."""
    desk, event = heard.desk, heard.body.get("event") or {}
    if event.get("tab") != "home":
        return
    user = str(event.get("user") or "")
    actor = await desk.people.actor(user)
    changes = await asyncio.to_thread(desk.store.changes.recent, MAX_SHOWN) if actor.standing == "member" else ()
    view = home(changes, desk.rules, desk.identity.bot_user_id, scripted=desk.scripted, now=desk.clock())
    await desk.client.views_publish(user_id=user, view=view)
