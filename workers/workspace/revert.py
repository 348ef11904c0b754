"""Taking back what one merge brought, from a tree that went on meanwhile: a merge of three trees.

Law: git merges objects alone. What it will read is known beforehand, since a partial mirror fetches nothing by itself.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from workers.workspace import Changed
from workers.workspace.git import Git, GitFailed, require_sha

MOST_RENAMES = 20_000
"""Files that came or went since, in a partial mirror, among which renamed ones are still looked for."""
_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "shipmate"), ("EMAIL", "shipmate@localhost"), ("DATE", "@0 +0000"))
}


def needed(back: Sequence[Changed], since: Sequence[Changed]) -> tuple[Changed, ...]:
    """Return what is read to merge `back`, what has to be undone, with `since`, all that happened meanwhile.

    Contents are merged where both touched a path. Renamed files are looked for among those that came and went, where
    something went that `back` touches, or from a folder that it puts files into.
    """
    touched = {one.path for one in back}
    folders = {os.path.dirname(one.path) for one in back if one.status == "A"}
    both = [one for one in since if one.path in touched]
    moved = [one for one in since if one.status in "AD" and one.path not in touched]
    gone = [one.path for one in since if one.status == "D"]
    looked_for = any(path in touched or os.path.dirname(path) in folders for path in gone)
    return (*back, *both, *(moved if looked_for and len(moved) <= MOST_RENAMES else ()))


def revert(git: Git, merged: str, tip: str, before: str, *, partial: bool = False) -> str | None:
    """Return the tree `tip` with the step from the tree `merged` back to `before`, or None where they conflict.

    `git merge-tree` finds its merge base itself, so the three trees are given to it as commits of a made-up history:
    what was merged, and from there on one side the tip and on the other the state before. In a `partial` mirror None
    is also the answer where too much was moved about to be fetched.
    """

    def commit(tree: str, *parents: str) -> str:
        return git.text("commit-tree", require_sha(tree), *parents, input=b"side", env=_WHO)

    middle = commit(merged)
    ours, theirs = (commit(tree, "-p", middle) for tree in (tip, before))
    try:
        code, out, _ = git.run("merge-tree", "--write-tree", "--no-messages", ours, theirs, ok=(0, 1), timeout=600)
    except GitFailed as failure:
        if partial and "unable to read" in failure.said:
            return None
        raise
    return require_sha(out.decode().split("\n", 1)[0].strip()) if code == 0 else None
