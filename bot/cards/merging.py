"""Approved, and on its way into the base branch."""

from __future__ import annotations

from bot.cards import Words, buttons, facts, text
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.cards.phases import heading
from bot.domain.change import Change, Phase


def merging(change: Change, _now: float) -> Words:
    by = " and ".join(text.name(one.by) for one in change.approvals) or "a person on GitHub"
    return frame(
        change,
        f"{heading(Phase.MERGING)}\nApproved by {by}.",
        section(facts.tests(change.evidence), facts.ci(change.ci)),
        buttons=actions(buttons.view_pull(change)),
    )
