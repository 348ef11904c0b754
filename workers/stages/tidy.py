"""tidy: leave nothing behind that nobody needs: workspaces, branches, and an abandoned pull request."""

from __future__ import annotations

from bot.domain import ids
from bot.domain.effects import Tidy
from workers import TryAgain
from workers.stages.context import StageContext

SECOND_LOOK = 15.0
"""Seconds: a pull request that was being opened while the change was stopped has appeared by then."""


def tidy(context: StageContext) -> None:
    """Tidy up after a change. A second run finds less to do. After a Stop there is always one: something may just have
    been on its way.
    """
    change, tools, effect = context.change, context.tools, context.claim.effect
    assert isinstance(effect, Tidy)
    tools.workspaces.tidy(change.id)
    if change.repository is None or change.base_sha is None:
        return
    if effect.abandon:
        _abandon(context, change.repository, change.branch or "")
        if not context.claim.again:
            raise TryAgain(SECOND_LOOK, "looking once more for what was on its way")
    elif change.merge_sha and change.branch:
        branch = ids.undo_branch(change) if change.phase == "undone" else change.branch
        tools.forge.delete_branch(change.repository, branch)


def _abandon(context: StageContext, repository: str, branch: str) -> None:
    forge = context.tools.forge
    found = forge.find_pull(repository, branch)
    if found is not None and found.open:
        forge.close_pull(repository, found.pull.number)
    forge.delete_branch(repository, branch)
