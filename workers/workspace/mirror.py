"""The mirror: a bare repository of one remote on this host, and everything that git does for us there.

Law: only we write the folder. A sandbox sees nothing of it except the fetched packs, read-only. The remote's branches
live under `refs/remotes/origin`. Our own objects need no ref, because nothing is ever garbage-collected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from workers.workspace import (
    Changed,
    History,
    Remote,
    Workspace,
    bundles,
    extent,
    layer,
    modules,
    overlay,
    places,
)  # fmt: skip
from workers.workspace import checkout as checkouts
from workers.workspace import export as exports
from workers.workspace import graft as grafts
from workers.workspace.bases import Bases
from workers.workspace.git import require_sha
from workers.workspace.listing import all_paths, listed
from workers.workspace.merges import Merges
from workers.workspace.module_files import ModuleFiles
from workers.workspace.modules import Chosen
from workers.workspace.remote import disk_full
from workers.workspace.removal import remove
from workers.workspace.trees import Trees
from workers.workspace.upstream import REFS

Layers = Callable[[Path], bool]
"""Says whether a workspace in this folder may be an overlay over a shared checkout."""
_AT = "at"
"""A file that names the tree of a workspace, as long as nothing has run there."""


class BareMirror(Merges):
    """Implements `Mirror` in the folder `gitdir`. Safe to use from several threads and processes."""

    def __init__(
        self,
        gitdir: Path,
        remote: Remote,
        bases: Bases | None = None,
        *,
        layers: Layers,
        partial: bool = False,
        others: Callable[[Remote], BareMirror] | None = None,
    ) -> None:
        """Take the parts. `bases` keeps the shared checkouts; if `layers` says no, a workspace is a copy of one.

        `others` are the mirrors that submodules are taken from.
        """
        super().__init__(gitdir, remote, partial=partial, others=others)
        self._bases = bases or Bases(gitdir.parent / "bases" / gitdir.stem)
        self._layers = layers

    # reading

    def sha(self, ref: str) -> str | None:
        """Return the commit a branch pointed to at the last fetch, or None."""
        code, out, _ = self._git.run(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{REFS}{self._branch(ref)}^{{commit}}",
            ok=(0, 1, 128),
        )
        return out.decode().strip() if code == 0 else None

    def files(self, commit: str, sparse: Sequence[str] = ()) -> tuple[str, ...]:
        """Return every path of a commit or tree. With `sparse`, only those in, beside and above these folders."""
        if not sparse:
            return all_paths(self.gitdir, self.tree(commit))
        found = listed(self._git, self.tree(commit), sparse)
        return tuple(entry.name for entry in found if entry.mode != checkouts.GITLINK)

    def read(self, commit: str, path: str, limit: int = 1 << 20) -> bytes | None:
        """Return a regular file's bytes (at most `limit`), or None where there is none."""
        return self._content(commit, path, checkouts.REGULAR, limit)

    def link(self, commit: str, path: str) -> bytes | None:
        """Return where a symbolic link points to, or None where there is none."""
        return self._content(commit, path, frozenset({checkouts.LINK}), 1 << 16)

    def _content(self, commit: str, path: str, modes: frozenset[str], limit: int) -> bytes | None:
        with Trees(self._git, self.tree(commit)) as trees:
            found = trees.entry(path)
            if found is None or found.mode not in modes:
                return None
            self.obtain([found.sha])
            return trees.read(found.sha, limit=limit)

    def diff(self, base: str, tree: str, limit: int = 1 << 20) -> str:
        """Return a unified diff for reading: `--text`, so that no attribute can hide bytes; cut at `limit` bytes."""
        if self.partial:
            self.gather_changed(self.changed(base, tree))
        out = self._git.limited(
            "diff-tree", "-r", "-p", "--text", "--no-textconv", "--no-ext-diff", "--no-renames", "--full-index",
            "--no-color", "--ignore-submodules=none", self.tree(base), self.tree(tree), limit=limit,
        )  # fmt: skip
        return out.decode("utf-8", "replace")

    def graft(self, base: str, changes: Sequence[Changed]) -> str:
        """Return the tree of `base` with `changes` applied. They are part of a raw difference from `base`."""
        return grafts.graft(self._git, self.tree(base), changes)

    # plain files

    def checkout(
        self, treeish: str, into: Path, sparse: Sequence[str] = (), *, lfs: bool = False, submodules: Chosen = False
    ) -> None:
        """Write the files of a tree, or those of the folders `sparse`, into a new or empty folder."""
        try:
            self.gather(treeish, sparse)
            checkouts.write(self._git, listed(self._git, self.tree(treeish), sparse), into)
            if lfs:
                self._write_large(treeish, into, sparse)
            modules.check_out(self._modules(treeish, submodules, sparse), into)
        except OSError as error:
            raise disk_full(error) or error from error

    def workspace(
        self, place: Path, base: str, *, tree: str | None = None, sparse: Sequence[str] = (), history: bool = False,
        lfs: bool = False, submodules: Chosen = False,
    ) -> Workspace:  # fmt: skip
        """Return a workspace in the empty folder `place`, over the shared checkout of `base`."""
        below = self.tree(base)
        key = below if not sparse else f"{below}-{hashlib.sha256(repr(sorted(sparse)).encode()).hexdigest()[:12]}"
        key += "-lfs" if lfs else ""
        if named := "\n".join(one.name for one in self._modules(below, submodules, sparse)):
            key += f"-modules-{hashlib.sha256(named.encode(errors='surrogateescape')).hexdigest()[:12]}"
        try:
            lower, hold = self._bases.take(
                key, lambda into: self.checkout(below, into, sparse, lfs=lfs, submodules=submodules)
            )
            if self._layers(place):
                made = places.layered(place, below, lower, hold, sparse)
            else:  # nothing of the shared checkout is needed any more once it is copied
                made = places.copied(place, below, lower, sparse)
            made = replace(made, lfs=lfs, submodules=submodules)
            if tree is not None and self.tree(tree) != below:
                self._fill(made, tree)
        except OSError as error:
            raise disk_full(error) or error from error
        (place / _AT).write_text(self.tree(tree or base))
        packs = self.gitdir / "objects" / "pack"
        return replace(made, history=History(base, packs, tuple(sparse))) if history else made

    def restore(self, workspace: Workspace, tree: str) -> None:
        """Make a workspace equal to `tree`. No sandbox may show it at that moment."""
        mark = workspace.place / _AT
        if mark.exists():  # nothing ran there since it was made
            at = mark.read_text()
            mark.unlink()
            if at == self.tree(tree):
                return
        try:
            self._fill(workspace, tree)
        except OSError as error:
            raise disk_full(error) or error from error

    def _fill(self, workspace: Workspace, tree: str) -> None:
        remove(workspace.written)
        changes = self.changed(workspace.base, tree)
        beyond = extent.outside(changes, workspace.sparse)
        extent.note(workspace.place, self.graft(workspace.base, beyond), beyond)
        self.obtain(one.new_sha for one in changes if set(one.new_sha) != {"0"} and one.new_mode != checkouts.GITLINK)
        if workspace.lower is None:
            self.checkout(tree, workspace.written, workspace.sparse, lfs=workspace.lfs, submodules=workspace.submodules)
            there = [one for one in beyond if one.new_mode != extent.ABSENT]
            checkouts.put(
                self._git,
                [checkouts.TreeEntry(one.new_mode, one.new_sha, one.path) for one in there],
                workspace.written,
            )
            return
        remove(workspace.place / overlay.WORK)
        overlay.lay_out(workspace.place, workspace.lower)
        if changes:
            places.overlay_from(
                self._git, workspace.written, workspace.base, changes, self.tree(tree), workspace.sparse
            )

    def export(self, folder: Path | Workspace, base: str) -> str:
        """Hash what an agent wrote into a tree sha. Raises `ExportRefused`."""
        tree = self.tree(base)
        try:
            if isinstance(folder, Path):
                return exports.export(self._git, folder, tree)
            if folder.base != tree:
                raise ValueError("a workspace is exported over the tree that it began with")
            tree, also = extent.noted(folder.place) or (tree, frozenset())
            below = tree if folder.lower is None else folder.base
            submodules = ModuleFiles(self._modules(below, folder.submodules, folder.sparse))
            had = extent.Extent(folder.sparse, also, self.obtain, self._large.expanded, submodules)
            export = exports.export if folder.lower is None else layer.export
            return export(self._git, folder.written, tree, extent=had)
        except OSError as error:
            raise disk_full(error) or error from error

    # objects for other hosts

    def bundle(self, base: str, tree: str) -> bytes:
        """Return the objects of `tree` that `base` lacks."""
        return bundles.pack(self._git, self.tree(base), self.tree(tree))

    def unbundle(self, data: bytes) -> str:
        """Add the objects of a bundle, and return the tree's sha. Raises `BundleRefused`."""
        return bundles.unpack(self._git, data, partial=self.partial)

    # writing objects

    def commit(self, tree: str, parents: tuple[str, ...], message: str, author: tuple[str, str], at: int) -> str:
        """Write a commit; the same arguments give the same sha."""
        name, email = author
        args = [piece for parent in parents for piece in ("-p", require_sha(parent))]
        who: dict[str, str] = {}
        for role in ("AUTHOR", "COMMITTER"):
            who |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": email, f"GIT_{role}_DATE": f"@{at} +0000"}
        return self._git.text(
            "commit-tree", require_sha(tree), *args, input=message.encode("utf-8", "replace"), env=who
        )
