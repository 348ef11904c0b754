"""tidy: leave nothing behind that nobody needs: workspaces, branches, and an abandoned pull request."""

from __future__ import annotations

from bot.domain.change import Change
from bot.domain.effects import Tidy
from workers import TryAgain
from workers.stages import ours
from workers.stages.context import StageContext
from workers.stages.provision import unreachable
from workers.workspace import RemoteRefused

SECOND_LOOK = 15.0
"""Seconds: a pull request that was being opened while the change was stopped has appeared by then."""


def tidy(context: StageContext) -> None:
    """Tidy up after a change. A second run finds less to do. After a Stop there is always one: something may just have
    been on its way. What is not ours is left alone, as is a branch that moved on.
    """
    change, tools, effect = context.change, context.tools, context.claim.effect
    assert isinstance(effect, Tidy)
    tools.workspaces.tidy(change.id)
    if change.repository is None or change.base_sha is None:
        return
    if effect.abandon:
        _abandon(context, change)
        if not context.claim.again:
            raise TryAgain(SECOND_LOOK, "looking once more for what was on its way")
        return
    pull = change.undo.pull if change.phase == "undone" and change.undo else change.pull
    if change.merge_sha and pull:
        tools.forge.delete_branch(change.repository, pull.branch, head=pull.head_sha)


def _abandon(context: StageContext, change: Change) -> None:
    """Close the pull request that we know of, and remove every branch that holds commits of ours alone."""
    forge, name, pull = context.tools.forge, context.repository, change.pull
    if pull and forge.pull(name, pull.number).open:
        forge.close_pull(name, pull.number)
    wanted, into = change.instead_of or change.branch or "", change.base_branch or "main"
    mine = ours.Mine(ours.seal(context, "change"), pull.head_sha if pull else "", into)
    try:
        mirror = context.mirror()
        there = mine.among(mirror, mirror.remote_heads(wanted), wanted)
    except RemoteRefused as refused:
        raise unreachable(name, refused) from refused
    for branch, head in there.items():
        if found := forge.find_pull(name, branch, head=head, into=into):
            forge.close_pull(name, found.pull.number)
        forge.delete_branch(name, branch, head=head)
