"""Contents of files that a partial mirror lacks, fetched many at once: those of folders, and those of a difference.

Law: what a stage is going to read is gathered first. A single file that is read later costs a talk with the remote.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workers.workspace import Changed
from workers.workspace import checkout as checkouts
from workers.workspace.lfs import LONGEST, LargeFiles, pointer
from workers.workspace.proposal import kept_in_lfs
from workers.workspace.upstream import LARGE, Upstream

_FILES = frozenset({*checkouts.REGULAR, checkouts.LINK})


class Contents(Upstream):
    """A mirror that knows what to fetch. None of this does anything where all contents are here."""

    def gather(self, treeish: str, sparse: Sequence[str] = ()) -> None:
        """See that what files of the folders `sparse` (all files, without any) hold is here. Raises `RemoteRefused`."""
        if self.partial:
            found = checkouts.entries(self._git, treeish)
            self.obtain(one.sha for one in found if one.mode in _FILES and checkouts.within(one.name, sparse))

    def gather_changed(self, changed: Sequence[Changed]) -> None:
        """See that what stands on both sides of a difference is here. Raises `RemoteRefused`."""
        if self.partial:
            old = [one.old_sha for one in changed if one.old_mode in _FILES]
            self.obtain([*old, *(one.new_sha for one in changed if one.new_mode in _FILES)])

    @property
    def _large(self) -> LargeFiles:
        return LargeFiles(self.gitdir / LARGE, self.remote)

    def _bring_large(self, treeish: str, into: Path, sparse: Sequence[str]) -> None:
        """Replace pointers to Git LFS in a checkout that only we have seen. Raises `RemoteRefused`, OSError."""
        there = [one for one in checkouts.entries(self._git, treeish) if checkouts.within(one.name, sparse)]
        regular = {one.name: one for one in there if one.mode in checkouts.REGULAR}
        attributes = [one for name, one in regular.items() if os.path.basename(name) == ".gitattributes"]
        with tempfile.TemporaryDirectory(dir=self.gitdir, prefix="export-") as place:
            kept = kept_in_lfs(self._git, regular, attributes, f"{place}/index") if attributes else []
        found = {}
        for name in kept:
            if (into / name).lstat().st_size < LONGEST and (points := pointer((into / name).read_bytes())):
                found[name] = points
        named = {points: name for name, points in found.items()}
        self._large.obtain({regular[name].sha: points for name, points in found.items()}, named)
        for name, points in found.items():
            self._large.write(points, into / name)

    def submodules(self, treeish: str) -> tuple[str, ...]:
        """The paths of other repositories in a commit or tree."""
        return tuple(one.name for one in checkouts.entries(self._git, treeish) if one.mode == checkouts.GITLINK)
