"""react: a reaction on the message that asked, the quickest sign that it was heard."""

from __future__ import annotations

from bot.domain.effects import React
from workers.stages.errand import Errand


def react(errand: Errand) -> None:
    """A second run finds the reaction there, which is fine."""
    effect, place = errand.claim.effect, errand.change.place
    assert isinstance(effect, React)
    errand.tools.chat.react(place.channel, place.message_ts, effect.name)
