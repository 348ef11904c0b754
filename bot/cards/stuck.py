"""The card of a change that needs help: why, what a person can do, and the reference for the operator."""

from __future__ import annotations

from bot.cards import Words, buttons, checks, facts, proven, text
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.cards.phases import heading
from bot.domain.change import Change, Phase


def stuck(change: Change, _now: float) -> Words:
    failure = change.failure
    why = text.quote(failure.reason, 900, 8) if failure else ""
    advice = text.line(failure.advice, 400) if failure and failure.advice else "Reply with a hint, or tap *Try again*."
    found = text.line(failure.reference, 60) if failure else ""
    reference = f"Reference for Shipmate's operator: {found}" if found else ""
    return frame(
        change,
        heading(Phase.STUCK),
        section(why),
        section(advice),
        section(facts.tests(change.evidence), proven.proven(change.evidence), checks.ci(change.ci)),
        section(proven.review(change.opinion)),
        small=(reference,),
        buttons=actions(buttons.retry(change), buttons.close(change), buttons.view_pull(change)),
    )
