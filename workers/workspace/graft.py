"""Apply some paths of one tree to another, to run the tests of a change without the change.

Law: only modes and object names are copied. No file is written, and no file of the two trees is opened.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workers.workspace import Changed
from workers.workspace.git import Git, require_sha

_ABSENT = "000000"


def graft(git: Git, base: str, changes: Sequence[Changed]) -> str:
    """Return the tree `base` with `changes` applied, a part of a raw difference from it. Raises `GitFailed`."""
    if not changes:
        return base
    lines = [
        f"0 {'0' * 40}\t{one.path}\0" if one.new_mode == _ABSENT else f"{one.new_mode} {one.new_sha}\t{one.path}\0"
        for one in sorted(
            changes, key=lambda one: one.new_mode != _ABSENT
        )  # removals first: a file may take the place of a folder
    ]
    with tempfile.TemporaryDirectory(dir=git.gitdir, prefix="export-") as place:
        env = {"GIT_INDEX_FILE": str(Path(place) / "index")}
        git.run("read-tree", require_sha(base), env=env)
        git.run("update-index", "-z", "--index-info", input=os.fsencode("".join(lines)), env=env)
        return git.text("write-tree", "--missing-ok", env=env)
