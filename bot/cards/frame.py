"""The frame that every card has: title, state, details, small print, buttons.

Law: a card says the same things in the same order in every phase, so that a thumb finds them again.
"""

from __future__ import annotations

import re

from bot.cards import Words, facts, text
from bot.cards.blocks import Block, context, header, section
from bot.domain.change import Change

_EMOJI = re.compile(r":[a-z0-9_+-]+: ?")


def frame(
    change: Change,
    state: str,
    *details: list[Block],
    buttons: list[Block] | None = None,
    small: tuple[str, ...] = (),
) -> Words:
    """Return the card of a change. `state` is mrkdwn of ours; its first line also stands in notifications."""
    title = facts.title(change)
    asked = " · ".join(one for one in (facts.where(change), facts.who(change)) if one)
    blocks = [
        header(title),
        *section(state),
        *(block for detail in details for block in detail),
        *context(asked, *small, facts.labels(change)),
        *(buttons or []),
    ]
    said = _EMOJI.sub("", state.split("\n", 1)[0]).replace("*", "")
    label = f" ({facts.SCRIPTED})" if change.scripted else ""
    return Words(text=f"{text.line(title, 150)}: {said}{label}", blocks=tuple(blocks))


def state_line(card: Words) -> str:
    """Return the sentence of a card that says where it stands, with its emoji: the second block."""
    return str(card.blocks[1]["text"]["text"]).split("\n", 1)[0]
