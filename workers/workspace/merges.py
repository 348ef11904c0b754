"""What a merge brought to a branch, and taking it back: trees of real commits, compared and merged.

A forge says where a pull request ended up, but not how: by a merge commit, squashed into one, rebased into several, in
a group of a merge queue, or pushed by hand. Taking back more or less than that is worse than taking back nothing.

Law: what cannot be shown from the commits themselves is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

from workers.workspace import revert as reverts
from workers.workspace.contents import Contents
from workers.workspace.git import Git, require_sha
from workers.workspace.steps import Commit, NotExactly, Step

MOST = 200
"""Commits that are looked through."""


class Merges(Contents):
    """A mirror that compares what was merged with what was asked to be merged."""

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the newest commit that two commits have in common, or None where they share none."""
        code, out, _ = self._git.run("merge-base", require_sha(one), require_sha(other), ok=(0, 1))
        return require_sha(out.decode().strip()) if code == 0 else None

    def commits(self, goal: str, *, since: str) -> tuple[Commit, ...]:
        """Return the commits of `goal` that `since` lacks, newest first, at most `MOST`."""
        return _commits(self._git, require_sha(goal), f"^{require_sha(since)}")

    def contains(self, tip: str, commit: str) -> bool:
        """Return whether `commit` is `tip` or one of its ancestors."""
        if not self.has(commit):
            return False
        code, _, _ = self._git.run("merge-base", "--is-ancestor", require_sha(commit), require_sha(tip), ok=(0, 1))
        return code == 0

    def replay(self, step: Step, onto: str) -> str | None:
        """Return the tree of `onto` with a step applied, or None where they conflict. Raises `RemoteRefused`."""
        start, goal, tip = (self.tree(one) for one in (step.before, step.after, onto))
        if self.partial:
            self.gather_changed(reverts.needed(self.changed(start, goal), self.changed(start, tip)))
        return reverts.replay(self._git, start, goal, tip, partial=self.partial)

    def landed(self, merged: str, head: str, since: str) -> Step:
        """Return the step of a branch that brought the pull request `head` to it.

        `merged` is where the forge says that it ended up, `since` the commit that it was begun from. Raises
        `NotExactly` where the commits do not show that the step brought all of `head` and nothing else,
        `RemoteRefused`.
        """
        self.fetch_commit(head)
        line = _commits(self._git, require_sha(merged), "--first-parent")
        step = _by_hand(line, head, self.commits(head, since=since), since) or _merge_commit(line, head)
        if step is None:
            first = line[0]
            if len(first.parents) != 1:
                raise NotExactly("it was merged together with something else")
            step = _alone(line, self.commits(head, since=first.parents[0]))
        elif step.after == head:
            return step
        code, out, _ = self._git.run("merge-base", require_sha(step.before), require_sha(head), ok=(0, 1))
        if code != 0 or self.replay(Step(out.decode().strip(), head), step.before) != self.tree(step.after):
            raise NotExactly("it was merged with other edits")
        return step


def _by_hand(line: Sequence[Commit], head: str, own: Sequence[Commit], since: str) -> Step | None:
    """Return the step where the branch was moved forward to the very commits of the pull request."""
    if all(commit.sha != head for commit in line):
        return None
    parents = [commit.parents for commit in own]
    if parents != [(commit.sha,) for commit in own[1:]] + [(since,)]:
        raise NotExactly("it came together with other commits")
    return Step(since, head)


def _merge_commit(line: Sequence[Commit], head: str) -> Step | None:
    """Return the step of the merge commit of `head`; others of its group may stand before and after it."""
    found = (commit for commit in line if len(commit.parents) == 2 and commit.parents[1] == head)
    return next((Step(commit.parents[0], commit.sha) for commit in found), None)


def _alone(line: Sequence[Commit], own: Sequence[Commit]) -> Step:
    """Return the step of one squashed commit, or of as many rebased ones as the pull request had.

    A rebase keeps author, date and message of each commit, and drops merges; a squash has a date of its own.
    """
    own = [commit for commit in own if len(commit.parents) == 1]
    last = line[0]
    if len(own) < 2 or not _same(last, own[0]):
        return Step(last.parents[0], last.sha)
    rebased = line[: len(own)]
    if len(rebased) < len(own) or not all(map(_same, rebased, own)) or len(rebased[-1].parents) != 1:
        raise NotExactly("only some of its commits are there")
    return Step(rebased[-1].parents[0], last.sha)


def _same(one: Commit, other: Commit) -> bool:
    return (one.author, one.message.strip()) == (other.author, other.message.strip())


def _commits(git: Git, *args: str) -> tuple[Commit, ...]:
    shas = git.text("rev-list", f"--max-count={MOST}", "--topo-order", *args).split()
    _, out, _ = git.run("cat-file", "--batch", input="".join(f"{sha}\n" for sha in shas).encode())
    found, at = [], 0
    while at < len(out):
        end = out.index(b"\n", at)
        sha, _kind, size = out[at:end].decode().split()
        at = end + 1 + int(size)
        found.append(_commit(sha, out[end + 1 : at]))
        at += 1
    return tuple(found)


def _commit(sha: str, raw: bytes) -> Commit:
    head, _, message = raw.decode("utf-8", "replace").partition("\n\n")
    fields = [line.partition(" ")[::2] for line in head.split("\n")]
    (tree,) = (value for name, value in fields if name == "tree")
    (author,) = (value for name, value in fields if name == "author")
    return Commit(sha, tree, tuple(value for name, value in fields if name == "parent"), author, message)
