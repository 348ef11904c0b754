"""publish: commit the checked tree, push the branch, open the pull request or update it."""

from __future__ import annotations

from bot.cards.pull import commit_message, pull_body, pull_title
from bot.domain.effects import Publish
from bot.domain.events import HeadMoved, Published, StageResult
from bot.domain.frozen import revised
from workers import GiveUp
from workers.stages import ours
from workers.stages.checkpoints import fetch_tree
from workers.stages.context import StageContext
from workers.stages.provision import fetch_missing, unreachable
from workers.stages.pull_head import head_moved
from workers.stages.read_ci import ended
from workers.workspace import Mirror, RemoteRefused


def publish(context: StageContext) -> StageResult:
    """Publish the branch. A second run makes the same commit, finds it pushed, and adopts the pull request that has
    it. A branch that only has our name is left alone. Nothing is pushed to a pull request that was merged or closed
    while the work was under way.
    """
    effect, change = context.claim.effect, context.change
    assert isinstance(effect, Publish)
    if not context.tools.rules.may_leave(change):
        raise GiveUp("No one has allowed this version to be pushed to GitHub.", "Try again, and I'll ask.")
    base = context.need(change.base_sha, "base")
    branch = context.need(change.branch, "branch")
    if change.pull and (over := ended(context.tools.forge.pull(context.repository, change.pull.number))):
        return over
    mirror = context.mirror()
    fetch_missing(mirror, context, base, *((change.pull.head_sha,) if change.pull else ()))
    parent = change.pull.head_sha if change.pull else base
    fetch_tree(context, mirror, effect.tree)
    seal = ours.seal(context, "change")
    message = seal.sign(commit_message(change), effect.tree, parent)
    title, body = pull_title(change), pull_body(change)
    context.tools.confidential.require_none(branch, title, body, message)
    commit = mirror.commit(effect.tree, (parent,), message, context.tools.author, int(change.created_at))
    if change.pull is None:
        return _opened(context, mirror, ours.Mine(seal, commit, change.base_branch or "main"), branch)
    expected = change.pull.head_sha
    try:
        there = mirror.remote_sha(branch) if context.claim.again else expected
        if there != commit:
            if there != expected:
                return _foreign(context, there)
            context.secure()
            mirror.push(commit, branch, expected)
    except RemoteRefused as refused:
        return _refused(context, mirror, expected, refused)
    context.secure()
    forge, name, number = context.tools.forge, context.repository, change.pull.number
    forge.edit_pull(name, number, title=title, body=pull_body(change, commit))
    return Published(pull=revised(forge.pull(name, number).pull, head_sha=commit))


def _opened(context: StageContext, mirror: Mirror, mine: ours.Mine, wanted: str) -> Published:
    """Open the pull request; where the branch's name was taken by something else, from the next free one."""
    change = context.change
    try:
        branch = ours.pushed(context, mirror, mine, wanted)
    except RemoteRefused as refused:
        raise unreachable(context.repository, refused) from refused
    context.secure()
    state = ours.pull_of(context, mine, branch, pull_title(change), pull_body(change, mine.commit))
    return Published(pull=revised(state.pull, head_sha=mine.commit), instead_of="" if branch == wanted else wanted)


def _refused(context: StageContext, mirror: Mirror, expected: str, refused: RemoteRefused) -> HeadMoved:
    """Tell a push that another author overtook from one that was refused: then the branch did not move."""
    if refused.again:
        raise unreachable(context.repository, refused) from refused
    try:
        there = mirror.remote_sha(context.change.branch or "")
    except RemoteRefused as again:
        raise unreachable(context.repository, again) from again
    if there in {None, expected}:
        raise GiveUp(
            f"GitHub refused the push: {refused.reason}",
            "Shipmate's operator has to check its rights. Then try again.",
        ) from refused
    return _foreign(context, there)


def _foreign(context: StageContext, there: str | None) -> HeadMoved:
    """Return a commit that we did not make is on our branch: it is kept, never pushed over."""
    pull = context.change.pull
    if there is None or pull is None:
        raise GiveUp(f"The branch {context.change.branch} is gone.", "Restore that branch, then try again.")
    return head_moved(context, there, "")
