"""A person has to decide: what was done, what was proven, where to try it, and the four ways on."""

from __future__ import annotations

import re

from bot.cards import Words, buttons, checks, facts, proven, text
from bot.cards.approvers import yes_from
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.cards.phases import WORDS, heading
from bot.domain import ci
from bot.domain.change import Change, Phase
from bot.domain.verdict import Verdict

_NO_RISK = re.compile(r"\s*(none|nothing|n/a|-|)( known| to speak of)?[.\s]*", re.IGNORECASE)


def ready(change: Change, _now: float) -> Words:
    """Return the approval message. Approving is only offered where the checks on GitHub are not red."""
    red = change.ci is not None and bool(ci.blocking(change.ci))
    if red:
        state = ":x: *Not ready: a check on GitHub failed*\nAsk for changes, or discard it."
    else:
        state = f"{heading(Phase.READY, label=_ready(change), emoji=sign(change))}\n{_who(change)}"
    sha = facts.short(change.pull.head_sha) if change.pull else ""
    return frame(
        change,
        state,
        section(facts.void(change), checks.objections(change)),
        section(text.quote(change.summary, 900, 8)),
        section(facts.tests(change.evidence), proven.proven(change.evidence), checks.ci(change.ci)),
        section(proven.review(change.opinion, change.vetoes), facts.findings(change)),
        section(proven.holds(change)),
        section("" if _NO_RISK.fullmatch(change.risks) else f"*Worth knowing*\n{text.quote(change.risks, 500, 4)}"),
        small=(f"{text.counted(len(change.files), 'file')} changed · version {sha}",),
        buttons=[
            *actions(*buttons.open_builds(change), buttons.view_pull(change)),
            *actions(
                None if red or facts.unseen(change) else buttons.approve(change),
                buttons.ask_changes(change),
                buttons.close(change),
            ),
        ],
    )


def sign(change: Change) -> str:
    """Return green for a change that is proven, and amber for one that is not: a colour is a promise."""
    evidence = change.evidence
    proven_here = evidence is not None and evidence.verdict is Verdict.GREEN
    doubted = evidence is not None and evidence.proof is not None and evidence.proof.state == "unproven"
    red = change.ci is not None and change.ci.state == "red"
    return "" if proven_here and not doubted and not red else ":large_yellow_circle:"


def _ready(change: Change) -> str:
    if not change.holds or facts.unseen(change):
        return WORDS[Phase.READY].label if not sign(change) else "Ready, but not proven"
    return f"Needs two approvals ({len(change.approvals)} of 2)"


def _who(change: Change) -> str:
    if facts.unseen(change):
        who = (
            "Two colleagues have to look at it, and one of them merges" if change.holds else "A colleague has to merge"
        )
        return f"Only you see this chat. {who} it on GitHub; in a channel, a tap is enough."
    return f"Waiting for {yes_from(change)}."
