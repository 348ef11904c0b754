"""The app's home tab: what is going on, and how to ask."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import facts, text
from bot.cards.answers import help_words
from bot.cards.blocks import Block, context, header, section
from bot.cards.card import card
from bot.cards.frame import state_line
from bot.domain.change import Change
from bot.domain.rules import Rules

MAX_SHOWN = 15


def home(changes: Sequence[Change], rules: Rules, bot_user_id: str, *, scripted: bool, now: float) -> dict[str, object]:
    """Return a home view: the latest changes first, then how to ask."""
    blocks: list[Block] = [header("Shipmate")]
    for change in changes[:MAX_SHOWN]:
        blocks += _one(change, now)
    if not changes:
        blocks += section("Nothing is going on yet.")
    blocks += [{"type": "divider"}, *help_words(rules, bot_user_id, scripted=scripted).blocks]
    return {"type": "home", "blocks": blocks}


def _one(change: Change, now: float) -> list[Block]:
    thread = text.link(change.place.permalink, "open the thread") if change.place.permalink else ""
    where = [facts.where(change), facts.who(change), f"{facts.lasted(now - change.updated_at)} ago", thread]
    return [
        *section(f"*{text.line(facts.title(change), 150)}*\n{state_line(card(change, now))}"),
        *context(" · ".join(one for one in where if one), facts.labels(change)),
    ]
