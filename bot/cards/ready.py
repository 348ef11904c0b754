"""A person has to decide: what was done, what was proven, where to try it, and the four ways on."""

from __future__ import annotations

import re

from bot.cards import Words, buttons, facts, proven, text
from bot.cards.blocks import actions, section
from bot.cards.frame import frame
from bot.cards.phases import WORDS, heading
from bot.domain.change import Change, Phase

_NO_RISK = re.compile(r"\s*(none|nothing|n/a|-|)( known| to speak of)?[.\s]*", re.IGNORECASE)


def ready(change: Change, _now: float) -> Words:
    """The approval message. Approving is only offered where the checks on GitHub are not red."""
    red = change.ci is not None and change.ci.state == "red"
    if red:
        state = ":x: *Not ready: a check on GitHub failed*\nAsk for changes, or close it."
    else:
        state = f"{heading(Phase.READY, label=_ready(change))}\n{_who(change)}"
    sha = facts.short(change.pull.head_sha) if change.pull else ""
    return frame(
        change,
        state,
        section(facts.void(change)),
        section(text.quote(change.summary, 900, 8)),
        section(facts.tests(change.evidence), proven.proven(change.evidence), facts.ci(change.ci)),
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


def _ready(change: Change) -> str:
    if not change.holds or facts.unseen(change):
        return WORDS[Phase.READY].label
    return "Ready, and needs one more yes" if change.approvals else "Ready, and needs a yes from two people"


def _who(change: Change) -> str:
    asker = text.name(change.requester)
    if facts.unseen(change):
        who = (
            "two colleagues have to look at it, and one of them merges it"
            if change.holds
            else "a colleague has to merge it"
        )
        return f"Nobody else sees this conversation: {who} on GitHub. In a channel, a tap is enough."
    if change.holds:
        given = [text.name(one.by) for one in change.approvals]
        return f"{given[0]} has approved it; one more person has to." if given else "Why two: see below."
    who = f"{asker} or anybody else" if change.self_approval else f"Somebody other than {asker}"
    return f"{who} has to approve it."
