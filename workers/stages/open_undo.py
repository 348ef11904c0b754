"""open_undo: a commit that takes back what the merge brought, on a branch and pull request of its own."""

from __future__ import annotations

from bot.cards.pull import undo_body, undo_message, undo_title
from bot.domain import ids
from bot.domain.effects import OpenUndo
from bot.domain.events import StageResult, UndoFailed, UndoOpened
from bot.domain.frozen import revised
from workers.stages.context import StageContext
from workers.stages.provision import unreachable
from workers.workspace import Mirror, RemoteRefused


def open_undo(context: StageContext) -> StageResult:
    """Open the undo. A second run adopts the branch and pull request that the first one left, found by the branch's
    name.
    """
    change, forge, effect = context.change, context.tools.forge, context.claim.effect
    assert isinstance(effect, OpenUndo)
    branch = ids.undo_branch(change)
    found = forge.find_pull(context.repository, branch)
    if found is not None and found.open:
        return UndoOpened(pull=found.pull)
    base = change.base_branch or "main"
    try:
        mirror = context.mirror()
        mirror.fetch()
        tip = context.need(mirror.sha(base), "base branch")
        tree = mirror.revert(tip, effect.merge_sha)
        if tree is None:
            return UndoFailed(
                reason="Later changes touch the same lines, so I can't take this one out by myself. "
                "An engineer has to revert it by hand."
            )
        if tree == mirror.tree(tip):
            return UndoFailed(reason="Nothing of this change is left on the branch, so there is nothing to undo.")
        commit = mirror.commit(tree, (tip,), undo_message(change), context.tools.author, int(change.updated_at))
        _push(context, mirror, commit, branch)
    except RemoteRefused as refused:
        raise unreachable(context.repository, refused) from refused
    context.secure()
    opened = forge.open_pull(
        context.repository, branch=branch, into=base, title=undo_title(change), body=undo_body(change)
    )
    return UndoOpened(pull=revised(opened.pull, head_sha=commit))


def _push(context: StageContext, mirror: Mirror, commit: str, branch: str) -> None:
    """Look for our own earlier attempt, which may be on the branch; its name holds the change's id, so that nobody
    else's is.
    """
    there = mirror.remote_sha(branch)
    if there != commit:
        context.secure()
        mirror.push(commit, branch, there)
