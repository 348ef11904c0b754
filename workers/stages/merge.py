"""merge: exactly the head that a person approved."""

from __future__ import annotations

from bot.cards.pull import merge_message
from bot.domain.effects import Merge
from bot.domain.events import Finding, Merged, MergeWasRefused
from workers import GiveUp, TryAgain
from workers.forge import MergeRefused
from workers.stages.errand import Errand
from workers.stages.read_ci import happened


def merge(errand: Errand) -> Finding:
    """A second run finds the pull request merged and reports that merge; the sha keeps any other head out."""
    change, forge, effect = errand.change, errand.tools.forge, errand.claim.effect
    assert isinstance(effect, Merge)
    if change.pull is None or not any(yes.head_sha == effect.head_sha for yes in change.approvals):
        raise GiveUp("Nobody approved this version.", "Approve it again.")
    state = forge.pull(errand.repository, change.pull.number)
    if moved := happened(errand, state, effect.head_sha):
        return moved
    if state.mergeable is None and errand.claim.age < 60:
        raise TryAgain(1, "GitHub is still working out whether it can be merged")
    errand.secure()
    title, message = merge_message(change)
    try:
        merged = forge.merge(errand.repository, change.pull.number, sha=effect.head_sha, title=title, message=message)
    except MergeRefused as refused:
        again = forge.pull(errand.repository, change.pull.number)
        return happened(errand, again, effect.head_sha) or MergeWasRefused(reason=refused.reason)
    return Merged(merge_sha=merged)
