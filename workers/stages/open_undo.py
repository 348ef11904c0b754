"""open_undo: a commit that takes back what the merge brought, on a branch and pull request of its own."""

from __future__ import annotations

from bot.cards.pull import undo_body, undo_message, undo_title
from bot.domain import ids
from bot.domain.effects import OpenUndo
from bot.domain.events import StageResult, UndoFailed, UndoOpened
from bot.domain.frozen import revised
from workers.stages import ours
from workers.stages.context import StageContext
from workers.stages.merged import MergedChange, merged_change
from workers.stages.provision import unreachable
from workers.workspace import RemoteRefused


def open_undo(context: StageContext) -> StageResult:
    """Open the undo. A second run makes the same commit while the branch stands still, and adopts the branch and pull
    request that have it. What only has their names is left alone.
    """
    assert isinstance(context.claim.effect, OpenUndo)
    try:
        change = merged_change(context)
        return change if isinstance(change, UndoFailed) else _opened(context, change)
    except RemoteRefused as refused:
        raise unreachable(context.repository, refused) from refused


def _opened(context: StageContext, merged: MergedChange) -> StageResult:
    change, mirror, tip = context.change, merged.mirror, merged.tip
    tree = merged.without(tip)
    if tree is None:
        return UndoFailed(
            reason="Later changes touch the same lines, so I can't take this one out by myself. "
            "An engineer has to revert it by hand."
        )
    if tree == mirror.tree(tip):
        return UndoFailed(reason="Nothing of this change is left on the branch, so there is nothing to undo.")
    seal, wanted = ours.seal(context, "undo"), ids.undo_branch(change)
    message = seal.sign(undo_message(change), tree, tip)
    commit = mirror.commit(tree, (tip,), message, context.tools.author, int(change.updated_at))
    mine = ours.Mine(seal, commit, merged.into)
    branch = ours.pushed(context, mirror, mine, wanted)
    context.secure()
    opened = ours.pull_of(context, mine, branch, undo_title(change), undo_body(change))
    return UndoOpened(
        pull=revised(opened.pull, head_sha=commit),
        into=merged.into,
        base_sha=tip,
        instead_of="" if branch == wanted else wanted,
    )
