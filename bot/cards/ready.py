"""The card that asks for a decision: what was done, what proves it, where to try it, and the buttons."""

from __future__ import annotations

import re

from bot.cards import Words, buttons, checks, facts, proven, text
from bot.cards.approvers import yes_from
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.cards.phases import WORDS, heading
from bot.domain.assurance import Assurance, assurance
from bot.domain.change import Change, Phase
from bot.domain.verdict import Verdict

_NO_RISK = re.compile(r"\s*(none|nothing|n/a|-|)( known| to speak of)?[.\s]*", re.IGNORECASE)


def ready(change: Change, _now: float) -> Words:
    """Return the approval message. Approving is only offered where the checks on GitHub are not red."""
    sure = assurance(change)
    red = sure.level == "failed"
    if red:
        state = f":x: *{_failed(change, sure)}*\nAsk for changes, or discard it."
    else:
        state = f"{heading(Phase.READY, label=_ready(change), emoji=sign(change))}\n{_who(change)}"
    sha = facts.short(change.pull.head_sha) if change.pull else ""
    return frame(
        change,
        state,
        section(facts.void(change), checks.objections(change)),
        section(text.quote(change.summary, 900, 8)),
        section(proven.blocks(change)),
        section(facts.tested(change, sure), proven.proven(change.evidence), checks.ci(change.ci)),
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


SIGNS = {"proven": "", "in_ci": "", "unproven": ":large_yellow_circle:", "failed": ":x:"}
LABELS = {
    "proven": WORDS[Phase.READY].label,
    "in_ci": "Ready to merge: passed in CI",
    "unproven": "Ready, but not proven",
    "failed": "Not ready",
}


def sign(change: Change) -> str:
    """Return green (""), amber or red: a colour is a promise, and the same on the card and in its notice."""
    return SIGNS[assurance(change).level]


def _failed(change: Change, sure: Assurance) -> str:
    """Say in a few words what failed; the details follow."""
    if change.blocks:
        return "Not ready: it holds something that must not be merged"
    if change.evidence is not None and change.evidence.verdict is Verdict.RED:
        return "Not ready: its tests fail"
    return f"Not ready: {text.line(sure.why[0], 100)[:1].lower()}{text.line(sure.why[0], 100)[1:].rstrip('.')}"


def _ready(change: Change) -> str:
    if not change.holds or facts.unseen(change):
        return LABELS[assurance(change).level]
    return f"Needs two approvals ({len(change.approvals)} of 2)"


def _who(change: Change) -> str:
    if facts.unseen(change):
        who = (
            "Two colleagues have to look at it, and one of them merges" if change.holds else "A colleague has to merge"
        )
        return f"Only you see this chat. {who} it on GitHub; in a channel, a tap is enough."
    return f"Waiting for {yes_from(change)}."
