"""Apply one step of a branch elsewhere, forwards or backwards, by merging three trees.

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


def needed(step: Sequence[Changed], since: Sequence[Changed]) -> tuple[Changed, ...]:
    """Return the changes whose contents a merge of `step` with `since` (everything else) reads.

    Contents are merged if both touched a path. Git looks for renames among added and removed files, if a file was
    removed that `step` touches, or from a folder that `step` adds files to.
    """
    touched = {one.path for one in step}
    folders = {os.path.dirname(one.path) for one in step if one.status == "A"}
    both = [one for one in since if one.path in touched]
    moved = [one for one in since if one.status in "AD" and one.path not in touched]
    gone = [one.path for one in since if one.status == "D"]
    looked_for = any(path in touched or os.path.dirname(path) in folders for path in gone)
    return (*step, *both, *(moved if looked_for and len(moved) <= MOST_RENAMES else ()))


def replay(git: Git, start: str, goal: str, onto: str, *, partial: bool = False) -> str | None:
    """Return the tree `onto` with the step from the tree `start` to `goal` applied, or None if they conflict.

    `git merge-tree` finds the merge base by itself, so it gets the three trees as commits of a made-up history:
    `start` is the parent of both `onto` and `goal`. In a `partial` mirror the answer is also None if too many files
    were moved.
    """

    def commit(tree: str, *parents: str) -> str:
        return git.text("commit-tree", require_sha(tree), *parents, input=b"side", env=_WHO)

    middle = commit(start)
    ours, theirs = (commit(tree, "-p", middle) for tree in (onto, goal))
    try:
        code, out, _ = git.run("merge-tree", "--write-tree", "--no-messages", ours, theirs, ok=(0, 1), timeout=600)
    except GitFailed as failure:
        if partial and "unable to read" in failure.said:
            return None
        raise
    return require_sha(out.decode().split("\n", 1)[0].strip()) if code == 0 else None
