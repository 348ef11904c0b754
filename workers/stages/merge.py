"""merge: exactly the head that a person approved."""

from __future__ import annotations

from bot.cards.pull import merge_message
from bot.domain.effects import Merge
from bot.domain.events import Merged, MergeWasRefused, RightsMissing, StageResult
from workers import GiveUp, TryAgain
from workers.forge import MergeRefused
from workers.stages.context import StageContext
from workers.stages.read_ci import happened


def merge(context: StageContext) -> StageResult:
    """Merge. A second run finds the pull request merged and reports that merge; the sha keeps any other head out."""
    change, forge, effect = context.change, context.tools.forge, context.claim.effect
    assert isinstance(effect, Merge)
    if change.pull is None or not any(yes.head_sha == effect.head_sha for yes in change.approvals):
        raise GiveUp("Nobody approved this version.", "Approve it again.")
    state = forge.pull(context.repository, change.pull.number)
    if moved := happened(context, state, effect.head_sha):
        return moved
    if state.mergeable is None and context.claim.age < 60:
        raise TryAgain(1, "GitHub is still working out whether it can be merged")
    if barred := _without_right(context):
        return RightsMissing(people=barred)
    context.secure()
    title, message = merge_message(change)
    try:
        merged = forge.merge(context.repository, change.pull.number, sha=effect.head_sha, title=title, message=message)
    except MergeRefused as refused:
        again = forge.pull(context.repository, change.pull.number)
        return happened(context, again, effect.head_sha) or MergeWasRefused(reason=refused.reason)
    return Merged(merge_sha=merged)


def _without_right(context: StageContext) -> tuple[str, ...]:
    """Return those who approved and may not push themselves, where we know who they are on GitHub (Slack ids)."""
    logins = {yes.by.id: context.tools.rules.people.get(yes.by.id) for yes in context.change.approvals}
    may_push = context.tools.forge.may_push
    return tuple(one for one, login in logins.items() if login and not may_push(context.repository, login))
