"""Slack's deliveries become events of a change: messages, presses, forms, shortcuts, commands.

Law: a listener decides nothing. It finds the change and the person, records the event, and tells what came back.
"""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.listeners import actions, commands, events, home, shortcuts, views
from bot.listeners.services import Services

__all__ = ["Services", "register"]


def register(app: AsyncApp, services: Services) -> None:
    """Put every listener into the app."""
    events.register(app, services)
    actions.register(app, services)
    views.register(app, services)
    shortcuts.register(app, services)
    commands.register(app, services)
    home.register(app, services)
