"""Fetch the file contents that a partial mirror lacks, many at once: those of folders, or those of a difference.

Law: a stage fetches everything it is going to read first. Each file that is missing later costs a request to the
remote.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from workers.workspace import Changed, Remote, RemoteRefused, Submodule, modules
from workers.workspace import checkout as checkouts
from workers.workspace.git import Git, require_sha
from workers.workspace.lfs import LARGE, LONGEST, LargeFiles, pointer
from workers.workspace.listing import listed
from workers.workspace.modules import Chosen, Module, SubmoduleSource
from workers.workspace.proposal import kept_in_lfs
from workers.workspace.upstream import Upstream

_held: set[tuple[str, int, str]] = set()
_MOST_HELD = 10_000
_FILES = frozenset({*checkouts.REGULAR, checkouts.LINK})


class Contents(Upstream):
    """A mirror that knows what it holds and what to fetch.

    `others` are the mirrors that submodules are taken from.
    """

    def __init__(
        self,
        gitdir: Path,
        remote: Remote,
        *,
        partial: bool = False,
        others: Callable[[Remote], Contents] | None = None,
    ) -> None:
        super().__init__(gitdir, remote, partial=partial)
        self._others = others

    def has(self, commit: str) -> bool:
        """Return whether the mirror holds this commit."""
        return self._holds(f"{require_sha(commit)}^{{commit}}")

    def holds(self, tree: str) -> bool:
        """Return whether the mirror holds this tree (or this commit's)."""
        return self._holds(f"{require_sha(tree)}^{{tree}}")

    def _holds(self, what: str) -> bool:
        """Return whether the mirror holds an object. A yes is remembered: nothing is ever garbage-collected."""
        try:
            known = (str(self.gitdir), self.gitdir.stat().st_ino, what)
        except OSError:
            return False
        if known not in _held:
            code, _, _ = self._git.run("cat-file", "-e", what, ok=(0, 1, 128))
            if code != 0:
                return False
            if len(_held) > _MOST_HELD:
                _held.clear()
            _held.add(known)
        return True

    def tree(self, commit: str) -> str:
        """Return the tree sha of a commit (or of a tree: itself)."""
        return _tree(self.gitdir, require_sha(commit))

    def changed(self, base: str, tree: str) -> tuple[Changed, ...]:
        """Return the raw difference of two trees or commits, renames as delete and add."""
        _, out, _ = self._git.run(
            "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--ignore-submodules=none",
            self.tree(base), self.tree(tree),
        )  # fmt: skip
        fields = out.split(b"\0")
        found = []
        for meta, path in zip(fields[0::2], fields[1::2], strict=False):
            old_mode, new_mode, old_sha, new_sha, status = meta.decode().lstrip(":").split(" ")
            name = path.decode("utf-8", "surrogateescape")
            found.append(Changed(name, status[0], old_mode, new_mode, old_sha, new_sha))
        return tuple(found)

    def gather(self, treeish: str, sparse: Sequence[str] = ()) -> None:
        """Fetch the missing contents of all files in the folders `sparse` (without any: of every file).

        Raises `RemoteRefused`.
        """
        if self.partial:
            found = listed(self._git, self.tree(treeish), sparse)
            self.obtain(one.sha for one in found if one.mode in _FILES)

    def gather_changed(self, changed: Sequence[Changed]) -> None:
        """Fetch the missing contents on both sides of a difference. Raises `RemoteRefused`."""
        if self.partial:
            old = [one.old_sha for one in changed if one.old_mode in _FILES]
            self.obtain([*old, *(one.new_sha for one in changed if one.new_mode in _FILES)])

    @property
    def _large(self) -> LargeFiles:
        return LargeFiles(self.gitdir / LARGE, self.remote)

    def _write_large(self, treeish: str, into: Path, sparse: Sequence[str]) -> None:
        """Replace Git LFS pointers in a checkout that no sandbox has seen. Raises `RemoteRefused`, OSError."""
        there = listed(self._git, self.tree(treeish), sparse)
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

    @property
    def source(self) -> SubmoduleSource:
        """Return this mirror, as one that submodules are taken from, or have their places in."""

        def near(remote: Remote) -> SubmoduleSource:
            if self._others is None:
                raise RemoteRefused("Submodules are not checked out here.", again=False)
            return self._others(remote).source

        return SubmoduleSource(self._git, self.remote, self.tree, self.has, self.fetch, self.gather, self.obtain, near)

    def submodules(self, treeish: str, chosen: Chosen = False, sparse: Sequence[str] = ()) -> tuple[Submodule, ...]:
        """Return the submodules in the folders `sparse` of a tree, and which of the `chosen` ones are checked out."""
        return modules.look(self.source, treeish, chosen, sparse)[1]

    def _modules(self, treeish: str, chosen: Chosen, sparse: Sequence[str]) -> tuple[Module, ...]:
        return modules.look(self.source, treeish, chosen, sparse)[0] if chosen else ()


@lru_cache(maxsize=4096)
def _tree(gitdir: Path, commit: str) -> str:
    """Return the tree of a commit. It never changes and is asked for often, so it is remembered."""
    return Git(gitdir).text("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}")
