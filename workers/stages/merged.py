"""Find out what a merged change added to its branch, and whether it is still there.

What is said of an undo rests on this: it takes out what the merge brought, no more and no less, and is called done only
when the branch has the tree that it must have then.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.change import Undo
from bot.domain.events import UndoFailed, Undone
from workers import TryAgain
from workers.stages.context import StageContext
from workers.workspace import Mirror
from workers.workspace.steps import NotExactly, Step

PATIENCE = 60.0
"""Seconds in which a merge has reached the git server, too."""
_BY_HAND = "An engineer has to revert it by hand."


@dataclass(frozen=True)
class MergedChange:
    """`step` is what a merge brought to the branch `into`, which is at the commit `tip` now."""

    mirror: Mirror
    into: str
    tip: str
    step: Step

    def without(self, commit: str) -> str | None:
        """Return the tree of a commit of the branch without the change, or None where others built upon it."""
        return self.mirror.replay(self.step.back, commit)


def merged_change(context: StageContext) -> MergedChange | UndoFailed:
    """Look up what the merge of a change brought, in a mirror just fetched. Raises `RemoteRefused`."""
    change, forge = context.change, context.tools.forge
    merged, base = context.need(change.merge_sha, "merge"), context.need(change.base_sha, "base")
    mirror = context.mirror()
    mirror.fetch()
    pull = forge.pull(context.repository, change.pull.number) if change.pull else None
    # A branch may have got another name since.
    for name in (pull.into if pull else "", change.base_branch, forge.repository(context.repository).default_branch):
        tip = mirror.sha(name) if name else None
        if name and tip and mirror.contains(tip, merged):
            break
    else:
        return UndoFailed(reason=f"I can't find this change's merge on any branch that I know. {_BY_HAND}")
    try:
        head = pull.pull.head_sha if pull else merged
        return MergedChange(mirror, name, tip, mirror.landed(merged, head, base))
    except NotExactly as unclear:
        return UndoFailed(reason=f"I can't tell exactly what this change brought: {unclear.reason}. {_BY_HAND}")


def undone(context: StageContext, undo: Undo, merge_sha: str, head: str, by: str = "") -> Undone | UndoFailed:
    """Call a change undone where its branch shows that the merge of the undo, of the commit `head`, took it out.

    Raises `RemoteRefused`.
    """
    change = merged_change(context)
    if isinstance(change, UndoFailed):
        return UndoFailed(reason=f"The undo was merged, but I can't check it. {change.reason}")
    if not change.mirror.contains(change.tip, merge_sha):
        if context.claim.age < PATIENCE:
            raise TryAgain(2, f"the merge of the undo has not reached {change.into}")
        return UndoFailed(reason=f"The undo was merged, but not into {change.into}, so the change is still there.")
    try:
        back = change.mirror.landed(merge_sha, head, undo.base_sha or change.step.after)
    except NotExactly as unclear:
        return UndoFailed(reason=f"The undo wasn't merged as it was: {unclear.reason}. An engineer has to look.")
    if change.mirror.tree(back.after) != change.without(back.before):
        return UndoFailed(
            reason=f"The undo was changed before it was merged: {change.into} isn't as it was without this change. "
            "An engineer has to look."
        )
    return Undone(merge_sha=merge_sha, by=by)
