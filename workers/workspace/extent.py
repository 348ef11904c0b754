"""Describe which part of a tree a workspace has. An export keeps the rest as it is.

Law: an export never deletes or replaces a path that the workspace did not have, even if the folders above it were
changed or removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workers.workspace import Changed
from workers.workspace.checkout import GITLINK, within
from workers.workspace.module_files import NOTHING, ModuleFiles
from workers.workspace.proposal import ExportProgress, LargeFile, no_large_file

ABSENT = "000000"
_NOTED = "outside"


def _nothing(_blobs: Iterable[str]) -> None:
    """Do nothing: the default of `obtain`, where all contents are here."""


@dataclass(frozen=True)
class Extent:
    """The folders `sparse` (without any: all) and the paths `also`; `obtain` fetches contents that this host lacks.

    `large_file` returns the contents that replaced a Git LFS pointer, `modules` the files of submodules.
    """

    sparse: tuple[str, ...] = ()
    also: frozenset[str] = frozenset()
    obtain: Callable[[Iterable[str]], None] = _nothing
    large_file: LargeFile = no_large_file
    modules: ModuleFiles = NOTHING

    def has(self, path: str) -> bool:
        """Return whether the workspace began with what the tree has at `path`."""
        return within(path, self.sparse) or path in self.also


def refuse_outside(work: ExportProgress, extent: Extent) -> None:
    """Refuse files that were written over something that the workspace does not have."""
    if not extent.sparse:
        return
    for _, path in work.changed:
        if work.base.entry(path) is not None and not extent.has(path):
            work.blame(path, "is outside the checked-out folders and cannot be changed")
        elif work.base.is_folder(path) and not any(f"{path}/".startswith(f"{one}/") for one in extent.sparse):
            work.blame(path, "takes the place of a folder that is not checked out completely")
        elif any(work.base.entry(above) is not None and not extent.has(above) for above in folders([path])):
            work.blame(path, "takes the place of a file that is not checked out")


def folders(paths: Iterable[str]) -> set[str]:
    """Return every folder above some paths, but the root."""
    found: set[str] = set()
    for path in paths:
        folder = os.path.dirname(path)
        while folder and folder not in found:
            found.add(folder)
            folder = os.path.dirname(folder)
    return found


def outside(changes: Sequence[Changed], sparse: Sequence[str]) -> list[Changed]:
    """Return the part of a difference that no workspace can hold: paths outside `sparse`, and submodules."""
    return [one for one in changes if GITLINK in {one.old_mode, one.new_mode} or not within(one.path, sparse)]


def note(place: Path, tree: str, changes: Sequence[Changed]) -> None:
    """Save beside the workspace `place` the `changes` outside its folders, which its beginning `tree` includes."""
    noted = place / _NOTED
    noted.unlink(missing_ok=True)
    if changes:
        also = [os.fsencode(one.path).hex() for one in changes if one.new_mode != ABSENT]
        noted.write_text(json.dumps({"tree": tree, "also": also}))


def noted(place: Path) -> tuple[str, frozenset[str]] | None:
    """Return what `note` saved."""
    try:
        found = json.loads((place / _NOTED).read_text())
    except FileNotFoundError:
        return None
    return found["tree"], frozenset(os.fsdecode(bytes.fromhex(one)) for one in found["also"])
