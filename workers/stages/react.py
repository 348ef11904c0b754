"""react: a reaction on the message that asked, the quickest sign that it was heard."""

from __future__ import annotations

from bot.domain.effects import React
from workers.stages.context import StageContext


def react(context: StageContext) -> None:
    """Add a reaction. A second run finds it there, which is fine."""
    effect, place = context.claim.effect, context.change.place
    assert isinstance(effect, React)
    context.tools.chat.react(place.channel, place.message_ts, effect.name)
