"""How sure we are of the version that a card shows: proven, passed in CI, not proven, or failed.

Law: cards, notices, dialogs and the decision itself ask here and nowhere else, so that all of them say the same word.
What could not be judged is no footnote of green.
"""

from __future__ import annotations

from typing import Literal

from bot.domain import ci as rules
from bot.domain.change import Change
from bot.domain.ci import CiReading
from bot.domain.frozen import Frozen
from bot.domain.shown import shown
from bot.domain.verdict import Evidence, Verdict

MANY = 0.05
"""Share of a suite that may fail on the old code too before the suite says too little about the new code."""
NO_RED_TO_GREEN = "No test was shown to fail on the old code."


class Assurance(Frozen):
    """`why` are sentences: what is missing, or what failed; empty for what is proven. They hold outside text."""

    level: Literal["proven", "in_ci", "unproven", "failed"]
    why: tuple[str, ...] = ()


def assurance(change: Change) -> Assurance:
    """Return how sure we are of `change.tree`, by what was found out about exactly that tree and its commit."""
    change = shown(change)
    evidence, ci = change.evidence, change.ci
    if failed := _failures(change):
        return Assurance(level="failed", why=failed)
    missing = _missing(evidence)
    if ci is not None and ci.state == "red":  # past which GitHub would merge: a person decides
        missing = (*missing, f"{', '.join(run.name for run in rules.failing(ci)[:3]) or 'A check'} failed on GitHub.")
    if not missing:
        return Assurance(level="proven")
    # What a test of the change itself failed to show, CI cannot show either: it runs the new code alone.
    doubted = evidence is not None and evidence.proof is not None and evidence.proof.state == "unproven"
    uncovered = evidence is not None and bool(evidence.uncovered)
    if not doubted and not uncovered and ci is not None and _tested_by(ci):
        return Assurance(level="in_ci", why=(*missing, NO_RED_TO_GREEN))
    return Assurance(level="unproven", why=missing)


def _failures(change: Change) -> tuple[str, ...]:
    evidence = change.evidence
    if change.blocks:
        return change.blocks
    if evidence is not None and evidence.verdict is Verdict.RED:
        return evidence.reasons or ("Its tests fail.",)
    return ("A check on GitHub failed.",) if change.ci is not None and rules.blocking(change.ci) else ()


def _tested_by(ci: CiReading) -> bool:
    """Return whether tests passed in the CI of exactly this commit, reported by an app that also ran on the base."""
    return ci.state == "green" and ci.counts.passed > 0 and any(run.before or run.required for run in rules.proving(ci))


def _missing(evidence: Evidence | None) -> tuple[str, ...]:
    if evidence is None:
        return ("No tests were run on this version.",)
    if evidence.verdict is Verdict.UNPROVEN:
        return evidence.reasons[:2] or ("No tests ran.",)
    doubt = evidence.proof.why if evidence.proof is not None and evidence.proof.state == "unproven" else ""
    unjudged, total = evidence.counts.failed, evidence.counts.total
    many = f"{unjudged} of {total} tests can't be judged here: they fail on the old code too."
    return (*((doubt,) if doubt else ()), *((many,) if unjudged > total * MANY else ()))
