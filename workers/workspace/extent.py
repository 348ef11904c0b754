"""Describe which part of a tree a workspace has; the rest stays as it is.

Law: what a workspace never had cannot be lost in it. A path that is not there is neither deleted nor replaced by an
export, whatever was done to the folders above it.
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
from workers.workspace.proposal import LargeFile, Work, no_large_file

ABSENT = "000000"
_NOTED = "outside"


def _nothing(_blobs: Iterable[str]) -> None:
    """Do nothing: the default of `obtain`, where all contents are here."""


@dataclass(frozen=True)
class Extent:
    """The folders `sparse` (without any, all) and the paths `also`; `obtain` sees that contents are on this host.

    `large_file` knows what was brought in the place of pointers, `modules` what was of submodules.
    """

    sparse: tuple[str, ...] = ()
    also: frozenset[str] = frozenset()
    obtain: Callable[[Iterable[str]], None] = _nothing
    large_file: LargeFile = no_large_file
    modules: ModuleFiles = NOTHING

    def has(self, path: str) -> bool:
        """Return whether the workspace began with what the tree has at `path`."""
        return within(path, self.sparse) or path in self.also


def refuse_outside(work: Work, extent: Extent) -> None:
    """Blame what was written over something that the workspace does not have."""
    if not extent.sparse:
        return
    for _, path in work.changed:
        if work.base.entry(path) is not None and not extent.has(path):
            work.blame(path, "is a file of the repository that is not brought here, and cannot be changed")
        elif work.base.is_folder(path) and not any(f"{path}/".startswith(f"{one}/") for one in extent.sparse):
            work.blame(path, "takes the place of a folder whose files are not all brought here")
        elif any(work.base.entry(above) is not None and not extent.has(above) for above in folders([path])):
            work.blame(path, "takes the place of a file that is not brought here")


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
    """Of a difference what is not written in a workspace: what lies outside the folders `sparse`, and submodules."""
    return [one for one in changes if GITLINK in {one.old_mode, one.new_mode} or not within(one.path, sparse)]


def note(place: Path, tree: str, changes: Sequence[Changed]) -> None:
    """Remember, beside a workspace in `place`, that it begins with `changes` outside its folders, which make `tree`."""
    noted = place / _NOTED
    noted.unlink(missing_ok=True)
    if changes:
        also = [os.fsencode(one.path).hex() for one in changes if one.new_mode != ABSENT]
        noted.write_text(json.dumps({"tree": tree, "also": also}))


def noted(place: Path) -> tuple[str, frozenset[str]] | None:
    """Return what `note` remembered."""
    try:
        found = json.loads((place / _NOTED).read_text())
    except FileNotFoundError:
        return None
    return found["tree"], frozenset(os.fsdecode(bytes.fromhex(one)) for one in found["also"])
