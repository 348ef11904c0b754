"""List the paths of a tree, or of some of its folders.

Law: a listing of some folders reads only these folders, however many files the rest of the repository has.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from workers.workspace.checkout import GITLINK, TreeEntry, entries
from workers.workspace.git import Git
from workers.workspace.trees import TREE, Trees


def listed(git: Git, tree: str, sparse: Sequence[str] = ()) -> tuple[TreeEntry, ...]:
    """Return every path of a tree in git's order. With `sparse`, only those in, beside and above these folders.

    Submodules are entries of mode 160000.
    """
    if not sparse:
        return entries(git, tree)
    found: dict[str, TreeEntry] = {}
    with Trees(git, tree) as trees:
        for folder in {"", *(above for wanted in sparse for above in _above(wanted))}:
            for name, entry in trees.children(folder).items():
                if entry.mode != TREE:
                    path = f"{folder}/{name}" if folder else name
                    found[path] = TreeEntry(entry.mode, entry.sha, path)
        for wanted in sparse:
            found |= {entry.name: entry for entry in trees.below(wanted)}
    return tuple(sorted(found.values(), key=lambda one: os.fsencode(one.name)))


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


@lru_cache(maxsize=2)
def all_paths(gitdir: Path, tree: str) -> tuple[str, ...]:
    """Return every path of a tree except submodules. The last few trees are cached, since stages ask repeatedly."""
    return tuple(entry.name for entry in entries(Git(gitdir), tree) if entry.mode != GITLINK)
