"""Slack's deliveries become events of a change: messages, presses, forms, shortcuts, commands.

Law: a listener decides nothing. It finds the change and the person, records the event, and tells what came back.
"""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.listeners import actions, commands, events, home, shortcuts, views
from bot.listeners.desk import Desk

__all__ = ["Desk", "register"]


def register(app: AsyncApp, desk: Desk) -> None:
    """Put every listener into the app."""
    events.register(app, desk)
    actions.register(app, desk)
    views.register(app, desk)
    shortcuts.register(app, desk)
    commands.register(app, desk)
    home.register(app, desk)
