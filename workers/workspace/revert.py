"""Undo one merge on a branch that has moved on, by merging three trees.

Law: git merges objects only, never a checkout. A partial mirror fetches nothing by itself, so every object that the
merge reads is fetched beforehand.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from workers.workspace import Changed
from workers.workspace.git import Git, GitFailed, require_sha

MOST_RENAMES = 20_000
"""The most added or removed files among which a partial mirror still looks for renames."""
_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "shipmate"), ("EMAIL", "shipmate@localhost"), ("DATE", "@0 +0000"))
}


def needed(back: Sequence[Changed], since: Sequence[Changed]) -> tuple[Changed, ...]:
    """Return the changes whose contents a merge of `back` (the undo) with `since` (everything later) reads.

    Contents are merged if both touched a path. Git looks for renames among added and removed files, if a file was
    removed that `back` touches, or from a folder that `back` adds files to.
    """
    touched = {one.path for one in back}
    folders = {os.path.dirname(one.path) for one in back if one.status == "A"}
    both = [one for one in since if one.path in touched]
    moved = [one for one in since if one.status in "AD" and one.path not in touched]
    gone = [one.path for one in since if one.status == "D"]
    looked_for = any(path in touched or os.path.dirname(path) in folders for path in gone)
    return (*back, *both, *(moved if looked_for and len(moved) <= MOST_RENAMES else ()))


def revert(git: Git, merged: str, tip: str, before: str, *, partial: bool = False) -> str | None:
    """Return the tree `tip` with the step from `merged` back to `before` applied, or None if they conflict.

    `git merge-tree` finds the merge base by itself, so it gets the three trees as commits of a made-up history:
    `merged` is the parent of both `tip` and `before`. In a `partial` mirror the answer is also None if too many files
    were moved.
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
