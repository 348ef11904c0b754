"""The cards of a change that ended without a merge: stopped during the work, or discarded later."""

from __future__ import annotations

from bot.cards import Words, buttons, facts, text
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.cards.phases import heading
from bot.domain.change import Change, Phase

_AGAIN = "To try again, mention me in a new message."


def stopped(change: Change, _now: float) -> Words:
    by = f" by {text.name(change.stopped_by)}" if change.stopped_by else ""
    return frame(
        change,
        f"{heading(Phase.STOPPED, by)}\nNothing was merged. {_AGAIN}",
        buttons=actions(buttons.view_pull(change)),
    )


def declined(change: Change, _now: float) -> Words:
    by = f" by {text.name(change.stopped_by)}" if change.stopped_by else " on GitHub"
    return frame(
        change,
        f"{heading(Phase.DECLINED, by)}\nNothing was merged. {_AGAIN}",
        section(facts.left_out(change).strip()),
        section(text.quote(change.summary, 600, 5)),
        buttons=actions(buttons.view_pull(change)),
    )
