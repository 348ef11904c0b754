"""Approved, and on its way into the base branch."""

from __future__ import annotations

from bot.cards import Words, buttons, checks, facts, text
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.cards.phases import heading
from bot.domain.change import Change, Phase


def merging(change: Change, _now: float) -> Words:
    """Return the card while it goes in, with the names of the checks that it waits for."""
    by = " and ".join(text.name(one.by) for one in change.approvals) or "a person on GitHub"
    waiting = checks.waiting_for(change.ci)
    now = f" Waiting for {waiting}." if waiting else f" {text.line(change.progress, 200)}" if change.progress else ""
    return frame(
        change,
        f"{heading(Phase.MERGING)}\nApproved by {by}.{now}",
        section(facts.tests(change.evidence), checks.ci(change.ci)),
        buttons=actions(buttons.view_pull(change)),
    )
