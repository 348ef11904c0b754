"""The pull request as it stands at the forge: its head, and the difference that it brings to its base branch.

The difference is taken from the newest commit that head and base branch have in common, as the forge takes it: where a
person merged the base branch into ours, the base branch's own changes are no part of the change.
"""

from __future__ import annotations

from bot.domain.events import HeadMoved
from workers import GiveUp
from workers.stages.checkpoints import keep
from workers.stages.context import StageContext
from workers.stages.provision import fingerprint, unreachable
from workers.workspace import RemoteRefused


def head_moved(context: StageContext, head: str, into: str) -> HeadMoved:
    """Return what is at the forge: the commit `head`, to be merged into the branch `into` ("": as it was).

    The tree is kept for other hosts: after a force push the forge may not have it any more. Raises `GiveUp`,
    `TryAgain`.
    """
    change = context.change
    by: tuple[str, ...] = ()
    if change.pull is not None and head != change.pull.head_sha:
        by = context.tools.forge.pushed_by(context.repository, change.pull.number, since=change.pull.head_sha)
    mirror, branch = context.mirror(), into or change.base_branch or "main"
    try:
        mirror.fetch()
        tip = mirror.sha(branch)
        if tip is None or not mirror.has(head):
            raise GiveUp(
                f"GitHub has no branch {branch} any more, or not the commits of this pull request.", "Try again."
            )
        base = mirror.merge_base(head, tip) or tip
        tree = mirror.tree(head)
        mark, files = fingerprint(mirror, base, tree)
        keep(context, mirror, base, tree)
    except RemoteRefused as refused:
        raise unreachable(context.repository, refused) from refused
    return HeadMoved(head_sha=head, tree=tree, fingerprint=mark, by=by, files=files, base_branch=branch, base_sha=base)
