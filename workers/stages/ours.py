"""What at the forge is ours: a commit that our key has signed, or exactly the one that we would make.

Anybody with push rights can make a branch with the name that we would choose, and open a pull request from it. A name
therefore proves nothing. After a restored backup we may also meet commits of ours that the database knows nothing of;
they are known by a signature over the change and over the commit's own tree and parents, so that copying it helps
nobody.

Law: what is not ours is left alone, whatever it is called.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from workers import GiveUp, TryAgain
from workers.forge import PullState
from workers.stages.context import StageContext
from workers.stages.provision import unreachable
from workers.workspace import Mirror, RemoteRefused
from workers.workspace.steps import Commit

TRAILER = "Shipmate-Signature"
MOST_NAMES = 20
Purpose = Literal["change", "undo"]


@dataclass(frozen=True)
class Seal:
    """Signs the commits of one change, and knows them again. `purpose` tells its undo from the change itself."""

    key: bytes
    change_id: str
    purpose: Purpose

    def sign(self, message: str, tree: str, *parents: str) -> str:
        """Return the message of a commit, with the signature as its last trailer."""
        return f"{message.rstrip()}\n{TRAILER}: {self._signature(tree, parents)}\n"

    def holds(self, commit: Commit) -> bool:
        """Return whether a commit carries our signature over itself."""
        name, _, given = commit.message.rstrip().rpartition("\n")[2].partition(": ")
        made = self._signature(commit.tree, commit.parents)
        return name == TRAILER and hmac.compare_digest(given.encode(), made.encode())

    def _signature(self, tree: str, parents: tuple[str, ...]) -> str:
        said = "\0".join(("shipmate-commit", self.purpose, self.change_id, tree, *parents))
        return hmac.new(self.key, said.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Mine:
    """What we have, or would have, at the forge: a commit ("" for none) that is to be merged into the branch `into`."""

    seal: Seal
    commit: str
    into: str

    def among(self, mirror: Mirror, heads: Mapping[str, str], wanted: str) -> dict[str, str]:
        """Return those branches with the name `wanted`, or one of the next, whose commits are all ours."""
        if heads:
            mirror.fetch()
        return {name: heads[name] for name in _names(wanted) if name in heads and self._is_ours(mirror, heads[name])}

    def _is_ours(self, mirror: Mirror, head: str) -> bool:
        tip = mirror.sha(self.into)
        if head == self.commit or tip is None or not mirror.has(head):
            return head == self.commit
        there = mirror.commits(head, since=tip)
        made = mirror.commits(self.commit, since=tip) if self.commit and mirror.has(self.commit) else ()
        same = [(one.tree, one.parents) for one in there[:1]] == [(one.tree, one.parents) for one in made[:1]]
        return bool(there) and (same or all(map(self.seal.holds, there)))


def seal(context: StageContext, purpose: Purpose) -> Seal:
    """Return what signs the commits of a change, or of its undo."""
    return Seal(context.tools.store.keys.commits(), context.change.id, purpose)


def pushed(context: StageContext, mirror: Mirror, mine: Mine, wanted: str) -> str:
    """Push to the branch `wanted`, or to the next name where that one is not ours; return the branch's name.

    A second run finds the branch of the first one. Raises `RemoteRefused` for what a later try can help.
    """
    heads = mirror.remote_heads(wanted)
    ours = mine.among(mirror, heads, wanted)
    free = (name for name in _names(wanted) if not any(one == name or one.startswith(f"{name}/") for one in heads))
    branch = next(iter(ours), None) or next(free, None)
    if branch is None:
        raise GiveUp(f"There are already {MOST_NAMES} branches called {wanted}, and none is mine.",
                     "Delete those branches, then try again.")  # fmt: skip
    if ours.get(branch) != mine.commit:
        context.secure()
        try:
            mirror.push(mine.commit, branch, ours.get(branch))
        except RemoteRefused as refused:
            raise refused_push(context, mirror, branch, ours.get(branch), refused) from refused
    return branch


def pull_of(context: StageContext, mine: Mine, branch: str, title: str, body: str) -> PullState:
    """Return the open pull request of exactly our commit into exactly our base; open one where there is none."""
    forge, name = context.tools.forge, context.repository
    if context.claim.again and (found := forge.find_pull(name, branch, head=mine.commit, into=mine.into)):
        return found
    return forge.open_pull(name, branch=branch, head=mine.commit, into=mine.into, title=title, body=body)


def refused_push(
    context: StageContext, mirror: Mirror, branch: str, expected: str | None, refused: RemoteRefused
) -> TryAgain | GiveUp:
    """Return what follows a refused push: another look where it lost against another one, else a person is asked."""
    if refused.again:
        return unreachable(context.repository, refused)
    try:
        moved = mirror.remote_sha(branch) != expected
    except RemoteRefused as again:
        return unreachable(context.repository, again)
    if moved:
        return TryAgain(1, f"another push to {branch} was faster", counts=True)
    return GiveUp(
        f"GitHub refused the push: {refused.reason}", "Shipmate's operator has to check its rights. Then try again."
    )


def _names(wanted: str) -> tuple[str, ...]:
    return (wanted, *(f"{wanted}-{number}" for number in range(2, MOST_NAMES + 1)))
